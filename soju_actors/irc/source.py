"""Who a message is from: a server, or a person as ``nick!user@host``.

Spec: https://modern.ircdocs.horse/#source
"""

import re

import msgspec

_PARTS = re.compile(r"([^!@]*)(?:!([^@]*))?(?:@(.*))?", re.DOTALL)


class Source(msgspec.Struct, frozen=True, gc=False):
    """The parts of a source; ``nick`` is a server's name if a server speaks."""

    nick: str
    user: str = ""
    host: str = ""

    def __str__(self) -> str:
        """Return the source as it stands in a line."""
        user = f"!{self.user}" if self.user else ""
        host = f"@{self.host}" if self.host else ""
        return f"{self.nick}{user}{host}"


def parse_source(text: str) -> Source:
    """Split a source; missing parts are empty."""
    found = _PARTS.fullmatch(text)
    return Source(found[1], found[2] or "", found[3] or "") if found else Source(text)


def nick_of(text: str) -> str:
    """Return the nick, or the server's name, of a source."""
    return text.partition("!")[0].partition("@")[0]
