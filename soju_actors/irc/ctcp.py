"""Requests within a PRIVMSG, such as ACTION.

Spec: https://modern.ircdocs.horse/ctcp
"""

from typing import NamedTuple

_DELIMITER = "\x01"


class Ctcp(NamedTuple):
    """A request (in PRIVMSG) or an answer (in NOTICE); the command is in upper case."""

    command: str
    text: str = ""

    def __str__(self) -> str:
        """Return the text of the message."""
        return f"{_DELIMITER}{self.command} {self.text}".rstrip(" ") + _DELIMITER


def parse_ctcp(text: str) -> Ctcp | None:
    """Return what a message's text asks for, None if it is plain; the last delimiter may be missing."""
    if not text.startswith(_DELIMITER):
        return None
    command, _, rest = text[1:].removesuffix(_DELIMITER).partition(" ")
    return Ctcp(command.upper(), rest) if command else None


def plain_text(text: str) -> str:
    """Return what a person reads of a message: of an ACTION its words, of another request nothing."""
    ctcp = parse_ctcp(text)
    if ctcp is None:
        return text
    return ctcp.text if ctcp.command == "ACTION" else ""
