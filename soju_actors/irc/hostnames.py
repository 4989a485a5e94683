"""Names of servers.

Spec: https://modern.ircdocs.horse/#servers
"""

import re

_LONGEST = 253
_HOSTNAME = re.compile(
    r"(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)?", re.IGNORECASE
)


def valid_hostname(name: str) -> bool:
    """Whether a name can be a server's: a host name with at least one dot."""
    return len(name) <= _LONGEST and _HOSTNAME.fullmatch(name) is not None
