"""Whether a user is away from a network, and with which words (section 5.7 of the reference)."""

from collections.abc import Sequence

ABSENT = "*"
"""A client with this text counts as if it were not there. Spec: https://ircv3.net/specs/extensions/pre-away"""


def away_text(clients: Sequence[str | None], said: str, usual: str, *, auto: bool, forward: bool) -> str | None:
    """Return the text to be away with, None if the user is here (rows AWY-01, AWY-02).

    ``clients`` are the texts of the clients on the network, None for one whose user is
    there. With ``forward`` it is what the user ``said`` last on going away, else, with
    ``auto``, the usual one.
    """
    if None in clients:
        return None
    if forward and said:
        return said
    return usual if auto else None
