"""Which nicks a server is to watch for all clients of a network together, and what it has said of them.

Spec: https://ircv3.net/specs/extensions/monitor
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import NamedTuple

from soju_actors.irc.casemap import Casemapping

MOST = 1000
"""Nicks that one client may monitor (row LIM-18)."""
OWN = 0
"""Stands for the bouncer itself among those that monitor a nick; clients have numbers from 1 on."""


@dataclass(slots=True)
class Watched:
    """A nick that somebody monitors."""

    nick: str
    """As the server is asked for it."""
    watchers: dict[int, str] = field(default_factory=dict)
    """How those that do spell it, by their numbers; nobody any more until the server is told so."""
    asked: bool = False
    """The server was asked to watch it and has not refused."""
    seen: str | None = None
    """The source if it is online, empty if it is offline, None as long as that is not known."""
    told: bool = False
    """Its watchers know that the server's list has no room for it."""
    local: bool = False
    """No server need be asked: it is the bouncer's own, and always online."""


class Changes(NamedTuple):
    """What a server is to be told, and what it has no room for."""

    clear: bool
    """Empty the list; nothing is removed one by one then."""
    remove: list[str]
    add: list[str]
    left: list[Watched]
    """What did not fit and whose watchers do not know it yet."""


@dataclass(slots=True)
class Monitor:
    """The nicks of one network by who monitors them."""

    casemapping: Casemapping = Casemapping.RFC1459
    nicks: dict[str, Watched] = field(default_factory=dict)
    """By folded nick, in the order in which they were asked for."""
    counts: dict[int, int] = field(default_factory=dict)
    """How many nicks each one monitors."""
    full: int | None = None
    """How many the server has accepted before it refused one."""

    def find(self, nick: str) -> Watched | None:
        """Return what is known of a nick, None if nobody monitors it."""
        return self.nicks.get(self.casemapping.fold(nick)) if self.nicks else None

    def of(self, watcher: int) -> list[Watched]:
        """Return what one monitors, oldest first."""
        if watcher not in self.counts:
            return []
        return [watched for watched in self.nicks.values() if watcher in watched.watchers]

    def watch(self, nick: str, watcher: int) -> Watched | None:
        """Monitor a nick; None if that one has done so before."""
        watched = self.nicks.setdefault(self.casemapping.fold(nick), Watched(nick))
        if watcher in watched.watchers:
            return None
        watched.watchers[watcher] = nick
        self.counts[watcher] = self.counts.get(watcher, 0) + 1
        return watched

    def unwatch(self, nick: str, watcher: int) -> bool:
        """Monitor a nick no more; return whether that one did."""
        watched = self.find(nick)
        if watched is None or watcher not in watched.watchers:
            return False
        self._leave(watched, watcher)
        return True

    def leave(self, watcher: int) -> bool:
        """Monitor nothing any more; return whether that one did."""
        left = self.of(watcher)
        for watched in left:
            self._leave(watched, watcher)
        return bool(left)

    def refuse(self, nicks: Iterable[str]) -> list[Watched]:
        """Note that the server's list is full; return those of the nicks that are not on it."""
        refused = [watched for nick in nicks if (watched := self.find(nick)) is not None and watched.asked]
        for watched in refused:
            watched.asked, watched.seen, watched.told = False, None, True
        if refused:
            self.full = sum(watched.asked for watched in self.nicks.values())
        return refused

    def reset(self) -> None:
        """Begin anew: the server's list is empty, and nothing is known."""
        self.full = None
        for watched in self.nicks.values():
            watched.asked = watched.told = False
            if not watched.local:
                watched.seen = None

    def forget(self) -> list[Watched]:
        """Drop what nobody monitors any more, and return it."""
        gone = [watched for watched in self.nicks.values() if not watched.watchers]
        for watched in gone:
            del self.nicks[self.casemapping.fold(watched.nick)]
        return gone

    def changes(self, gone: Iterable[Watched], limit: int | None) -> Changes:
        """Return what makes the server's list of at most ``limit`` that of all, and note that it was told so.

        What the bouncer itself monitors has priority, then what was asked for first.
        """
        removed = [watched.nick for watched in gone if watched.asked]
        asked = sum(watched.asked for watched in self.nicks.values())
        wanted = [watched for watched in self.nicks.values() if not (watched.asked or watched.local)]
        wanted.sort(key=lambda watched: OWN not in watched.watchers)
        limits = [number for number in (limit, self.full) if number is not None]
        room = max(0, min(limits) - asked) if limits else len(wanted)
        for watched in wanted[:room]:
            watched.asked, watched.told = True, False
        left = [watched for watched in wanted[room:] if not watched.told]
        for watched in left:
            watched.told = True
        clear = bool(removed) and not asked
        return Changes(clear, [] if clear else removed, [watched.nick for watched in wanted[:room]], left)

    def rekey(self, casemapping: Casemapping) -> None:
        """Compare nicks by another rule from now on: some that were the same are not, or are now."""
        before, self.nicks, self.casemapping, self.counts = self.nicks, {}, casemapping, {}
        for old in before.values():
            watched = self.nicks.setdefault(casemapping.fold(old.nick), Watched(old.nick))
            watched.asked, watched.told, watched.local = watched.asked or old.asked, old.told, old.local
            watched.seen = watched.seen if old.seen is None else old.seen
        for old in before.values():
            for watcher, nick in old.watchers.items():
                self.watch(nick, watcher)

    def _leave(self, watched: Watched, watcher: int) -> None:
        del watched.watchers[watcher]
        self.counts[watcher] -= 1
        if not self.counts[watcher]:
            del self.counts[watcher]
