"""One message of a target's history."""

import msgspec

MULTILINE = "MULTILINE"
"""The command of an entry that is a PRIVMSG or NOTICE of several lines, in one: see ``irc.multiline``."""


class Entry(msgspec.Struct, frozen=True, gc=False):
    """A message with its number within its target.

    ``time`` is in milliseconds since the epoch, UTC. ``sender`` is a nick.
    ``line`` is the raw line with its tags, without CRLF; bytes that are not
    UTF-8 are lone surrogates in it (``surrogateescape``).
    """

    number: int
    time: int
    sender: str
    command: str
    line: str
    msgid: str = ""
