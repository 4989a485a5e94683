"""What an account of the bouncer may be called."""

import re

LONGEST = 64
"""Characters of a name: it has to leave room for a network and a client in one word of USER."""

_NAME = re.compile(r"[^\0-\x20\x7f/@:!*]+")


def valid_account(name: str) -> bool:
    """Whether a name can be an account's: a login adds ``/network`` and ``@client`` to it (row USR-01)."""
    return len(name) <= LONGEST and _NAME.fullmatch(name) is not None
