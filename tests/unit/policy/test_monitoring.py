"""What a server is asked to watch is what all clients together monitor, whatever they and the server do."""

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from soju_actors.irc.casemap import Casemapping
from soju_actors.irc.lists import packed
from soju_actors.irc.monitor import monitor_commands, parse_monitor
from soju_actors.policy.monitoring import OWN, Monitor

NICKS = st.sampled_from(["a", "b", "c", "D", "d", "[x]", "{x}", "long" * 30])
WATCHERS = st.sampled_from([OWN, 1, 2, 3])
LIMITS = st.sampled_from([None, 1, 2, 3, 4, 100])


class Server:
    """A server with MONITOR, as the specification has it."""

    def __init__(self, limit: int | None, casemapping: Casemapping) -> None:
        self.limit = limit
        self.casemapping = casemapping
        self.list: dict[str, str] = {}
        self.online: set[str] = set()
        self.answers: list[tuple[str, str]] = []
        """What it has said and nobody has heard yet: a numeric and a nick."""

    def hear(self, action: str, targets: tuple[str, ...]) -> None:
        if action == "C":
            self.list.clear()
        for nick in targets:
            folded = self.casemapping.fold(nick)
            if action == "-":
                self.list.pop(folded, None)
            elif folded not in self.list:
                if self.limit is not None and len(self.list) >= self.limit:
                    self.answers.append(("734", nick))
                    continue
                self.list[folded] = nick
                self.answers.append(("730" if folded in self.online else "731", nick))

    def come_or_go(self, nick: str) -> None:
        folded = self.casemapping.fold(nick)
        self.online ^= {folded}
        if folded in self.list:
            self.answers.append(("730" if folded in self.online else "731", nick))


class Shared(RuleBasedStateMachine):
    """Clients, the server and the network do as they like; now and then all that was said is heard."""

    def __init__(self) -> None:
        super().__init__()
        self.monitor = Monitor()
        self.lists: dict[int, dict[str, str]] = {}
        """What each one monitors: by folded nick."""
        self.server = Server(3, Casemapping.RFC1459)
        self.told: int | None = 3
        """The limit that the server has named in its 005, which may not be the true one."""
        self.lied = False
        self.quiet = True
        """All that was said is heard."""

    def fold(self, nick: str) -> str:
        return self.monitor.casemapping.fold(nick)

    @rule(nick=NICKS, watcher=WATCHERS)
    def add(self, nick: str, watcher: int) -> None:
        mine = self.lists.setdefault(watcher, {})
        assert (self.monitor.watch(nick, watcher) is None) == (self.fold(nick) in mine)
        mine.setdefault(self.fold(nick), nick)
        self.quiet = False

    @rule(nick=NICKS, watcher=WATCHERS)
    def remove(self, nick: str, watcher: int) -> None:
        had = self.lists.get(watcher, {}).pop(self.fold(nick), None)
        assert self.monitor.unwatch(nick, watcher) == (had is not None)
        self.quiet = False

    @rule(watcher=WATCHERS)
    def leave(self, watcher: int) -> None:
        assert self.monitor.leave(watcher) == bool(self.lists.pop(watcher, None))
        self.quiet = False

    @rule(nick=NICKS)
    def come_or_go(self, nick: str) -> None:
        self.server.come_or_go(nick)
        self.quiet = False

    @rule(limit=LIMITS, told=LIMITS, casemapping=st.sampled_from(Casemapping))
    def reconnect(self, limit: int | None, told: int | None, casemapping: Casemapping) -> None:
        self.server, self.told = Server(limit, casemapping), told
        self.lied = (told is None and limit is not None) or (told is not None and limit is not None and told > limit)
        self.monitor.reset()
        self.monitor.rekey(casemapping)
        for watcher, nicks in self.lists.items():
            # Of several that are the same now, any spelling may be kept.
            again = {self.fold(nick): nick for one in self.monitor.of(watcher) if (nick := one.watchers[watcher])}
            assert again.keys() == {self.fold(nick) for nick in nicks.values()}
            assert set(again.values()) <= set(nicks.values())
            self.lists[watcher] = again
        self.quiet = False

    @rule()
    def sync(self) -> None:
        changes = self.monitor.changes(self.monitor.forget(), self.told)
        if changes.clear:
            assert not changes.remove
            self.server.hear("C", ())
        for action, nicks in (("-", changes.remove), ("+", changes.add)):
            lines = monitor_commands(action, nicks)
            assert len(lines) == len(packed(nicks, 500, separator=","))
            for line in lines:
                assert len(str(line)) <= 510
                self.server.hear(*parse_monitor(line.params))

    @rule()
    def hear(self) -> None:
        for numeric, nick in self.server.answers:
            watched = self.monitor.find(nick)
            if numeric == "734":
                self.monitor.refuse([nick])
            elif watched is not None and watched.asked:
                watched.seen = nick if numeric == "730" else ""
        self.server.answers.clear()

    @rule()
    def settle(self) -> None:
        """Everything is said and heard, also what follows from that."""
        for _ in range(3):
            self.hear()
            self.sync()
        self.hear()
        self.quiet = True

    @invariant()
    def each_knows_its_own(self) -> None:
        for watcher in (OWN, 1, 2, 3):
            listed = [self.fold(watched.nick) for watched in self.monitor.of(watcher)]
            assert sorted(listed) == sorted(self.lists.get(watcher, {}))
            assert self.monitor.counts.get(watcher, 0) == len(listed)

    @invariant()
    def the_server_watches_what_all_monitor(self) -> None:
        if not self.quiet:
            return
        union = {nick for nicks in self.lists.values() for nick in nicks}
        limits = [limit for limit in (self.server.limit, self.told) if limit is not None]
        assert self.server.list.keys() <= union
        assert len(self.server.list) == min(len(union), *limits, 1000)
        asked = {self.fold(watched.nick) for watched in self.monitor.nicks.values() if watched.asked}
        assert asked == self.server.list.keys()
        for folded, watched in self.monitor.nicks.items():
            online = folded in self.server.online
            assert bool(watched.seen) == (online and folded in asked)
            assert (watched.seen is not None) == watched.asked == (not watched.told)

    @invariant()
    def the_wanted_nick_has_priority(self) -> None:
        wanted = self.lists.get(OWN, {})
        if self.quiet and len(wanted) == 1 and not self.lied and len(self.lists) == 1:
            assert wanted.keys() <= self.server.list.keys()


TestShared = Shared.TestCase
TestShared.settings = settings(max_examples=60, stateful_step_count=30, deadline=None)


def test_what_the_bouncer_wants_goes_first() -> None:
    """Row NCK-02: and then what was asked for first."""
    monitor = Monitor()
    for nick, watcher in (("a", 1), ("b", 2), ("wanted", OWN), ("c", 1)):
        monitor.watch(nick, watcher)
    changes = monitor.changes([], 2)
    assert changes.add == ["wanted", "a"]
    assert [watched.nick for watched in changes.left] == ["b", "c"]
    assert monitor.changes([], 2) == (False, [], [], []), "who was told once is not told again"
    monitor.unwatch("wanted", OWN)
    assert monitor.changes(monitor.forget(), 2) == (False, ["wanted"], ["b"], [])


def test_a_nick_that_somebody_else_monitors_is_not_asked_for_again() -> None:
    """Row CCH-04: nor removed while one is left, and the last one empties the list."""
    monitor = Monitor()
    monitor.watch("a", 1)
    assert monitor.changes([], None).add == ["a"]
    monitor.watch("A", 2)
    monitor.unwatch("a", 1)
    assert monitor.changes(monitor.forget(), None) == (False, [], [], [])
    monitor.unwatch("a", 2)
    monitor.watch("a", 3)
    assert monitor.changes(monitor.forget(), None) == (False, [], [], [])
    monitor.leave(3)
    assert monitor.changes(monitor.forget(), None) == (True, [], [], [])


def test_what_is_removed_makes_room_for_what_was_refused() -> None:
    monitor = Monitor()
    for nick in "abc":
        monitor.watch(nick, 1)
    monitor.changes([], None)
    assert [watched.nick for watched in monitor.refuse(["b", "c", "d"])] == ["b", "c"]
    assert monitor.changes([], None).add == []
    monitor.unwatch("a", 1)
    assert monitor.changes(monitor.forget(), None) == (True, [], ["b"], [])
    monitor.reset()
    assert monitor.changes([], None).add == ["b", "c"]
