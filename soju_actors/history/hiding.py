"""Whose messages are kept from a client: those of senders whom the user has blocked (row MET-03)."""

import msgspec

from soju_actors.irc.casemap import Casemapping
from soju_actors.irc.filtering import sender_of
from soju_actors.model.entry import Entry

COMMANDS = frozenset({"PRIVMSG", "NOTICE", "TAGMSG"})
"""What is hidden; that somebody joins or takes back what was said before is not."""


class Hidden(msgspec.Struct, frozen=True):
    """Nicks, folded, and how they are compared."""

    nicks: frozenset[str]
    casemapping: Casemapping

    def hides(self, nick: str) -> bool:
        """Whether what somebody says is hidden."""
        return self.casemapping.fold(nick) in self.nicks

    def hides_entry(self, entry: Entry) -> bool:
        """Whether a stored message is hidden."""
        return entry.command in COMMANDS and self.hides(entry.sender)

    def hides_line(self, line: str) -> bool:
        """Whether a line of talk is hidden."""
        return self.hides(sender_of(line))
