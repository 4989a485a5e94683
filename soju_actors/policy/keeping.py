"""When a node may act for its users, and when it must have ceased to.

A session's end in the database is put off by renewals. What the node knows of it is when it *asked* for the last
renewal that was granted: the database has counted from a later moment on, so the node may count from that one,
however late the answer came. It ceases :attr:`Terms.margin` before the end, which is the time that it takes to
close connections, here and, where they are on other nodes, until those notice that this one is silent.

A process that was stopped is past its time when it goes on. So nothing may be done for a user before
:meth:`Keeper.lapses` has been asked, by whoever runs the turns; each method of the keeper begins with that, too.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

import msgspec

from soju_actors.model.lease import Lease, SessionId
from soju_actors.model.records import UserId

AT_ONCE = 1000
"""Users that one claim is for: some 50 milliseconds of the database."""
CLOSING = 0.5
"""Seconds in which connections are closed."""
SHORTEST = 0.5
"""Seconds that a node must be able to act for its users without a further renewal."""
RETRY = 0.25
"""Seconds after which what has failed is asked for again."""


class Terms(msgspec.Struct, frozen=True):
    """How long a session lasts in the database, and how the node keeps to that; all in seconds.

    Renewing is one row, so it is done much more often than it must be: ``lease - margin - every`` is how long the
    database may be away before the node gives up its users. ``drift`` is by what part of the time either clock
    may go wrong.
    """

    lease: float = 8.0
    every: float = 1.0
    margin: float = 2.5
    drift: float = 0.01

    @property
    def span(self) -> float:
        """How long the node may act for its users, from when it asked for the renewal."""
        return self.lease * (1 - 2 * self.drift) - self.margin

    @classmethod
    def of(cls, lease: float, silence: float) -> "Terms":
        """Return the terms for a lease, where nodes notice after so much silence that one of them is gone.

        Raises:
            ValueError: the lease is too short for that.
        """
        terms = cls(lease=lease, margin=silence + CLOSING)
        if terms.span < SHORTEST:
            needed = (silence + CLOSING + SHORTEST) / (1 - 2 * terms.drift)
            raise ValueError(f"a lease of {lease:g} s is too short: {needed:.1f} s are the least")
        return cls(lease=lease, margin=silence + CLOSING, every=min(terms.every, terms.span / 4))


class Moment(NamedTuple):
    """A time on both clocks of a process.

    The monotonic one stands still while the machine sleeps; the other one goes on, but may be set. Of both the
    one counts by which more time has gone: to give up too early harms nobody but the own users.
    """

    now: float
    wall: float

    def since(self, earlier: "Moment") -> float:
        """Return how much time has gone."""
        return max(self.now - earlier.now, self.wall - earlier.wall)


NEVER = Moment(0.0, 0.0)


class Begin(msgspec.Struct, frozen=True):
    """Ask for a session."""

    request: int


class Renew(msgspec.Struct, frozen=True):
    """Ask that the session goes on."""

    session: SessionId
    request: int


class Claim(msgspec.Struct, frozen=True):
    """Ask for free users."""

    session: SessionId
    users: tuple[UserId, ...]
    request: int


class Ready(msgspec.Struct, frozen=True):
    """There is a session now: users can be claimed."""

    session: SessionId


class Held(msgspec.Struct, frozen=True):
    """Act for these users from now on."""

    leases: tuple[Lease, ...]


class Lost(msgspec.Struct, frozen=True):
    """Act for these users no longer, and close what is open for them, before anything else is done."""

    leases: tuple[Lease, ...]


Step = Begin | Renew | Claim | Ready | Held | Lost
"""What is to be done next, in order."""


class Asked(NamedTuple):
    """A question on its way."""

    request: int
    at: Moment


@dataclass(slots=True)
class Keeper:
    """The session of one node, and the users that it has."""

    terms: Terms
    session: SessionId | None = None
    granted: Moment = NEVER
    """When the renewal was asked for that counts now."""
    held: dict[UserId, Lease] = field(default_factory=dict)
    parted: dict[UserId, int] = field(default_factory=dict)
    """The epochs of leases that were dropped or lost: a late answer may tell of one from before."""
    wanted: dict[UserId, None] = field(default_factory=dict)
    """Users to claim, in the order in which they were wanted."""
    asked: Asked | None = None
    """The session, or its renewal, that has been asked for."""
    claim: Claim | None = None
    """What has been claimed."""
    requests: int = 0
    idle_since: Moment | None = None
    """When the last attempt to begin or renew a session failed."""

    def lapses(self, moment: Moment) -> bool:
        """Whether there are users that must not be acted for any more."""
        return self.session is not None and moment.since(self.granted) >= self.terms.span

    def left(self, moment: Moment) -> float:
        """Return for how many seconds the node may go on acting for its users without a further renewal."""
        return 0.0 if self.session is None else max(0.0, self.terms.span - moment.since(self.granted))

    def look(self, moment: Moment) -> list[Step]:
        """Do what is due; to be called at the times of :meth:`wait`, and gladly more often."""
        return [*self._lapse(moment), *self._go_on(moment)]

    def wait(self, moment: Moment) -> float:
        """Return the seconds until something is due."""
        due = [] if self.session is None else [self.left(moment)]
        if self.idle_since is not None:
            due.append(RETRY - moment.since(self.idle_since))
        elif self.asked is None:
            due.append(self.terms.every - moment.since(self.granted) if self.session is not None else 0.0)
        return max(0.0, min(due, default=self.terms.every))

    # --- what the database has answered

    def begun(self, moment: Moment, request: int, session: SessionId) -> list[Step]:
        """A session has begun, unless it is over by now."""
        steps = self._lapse(moment)
        if self.asked is None or self.asked.request != request or self.session is not None:
            return steps
        asked_at, self.asked, self.idle_since = self.asked.at, None, None
        if moment.since(asked_at) >= self.terms.span:
            self.idle_since = moment
            return steps
        self.session, self.granted = session, asked_at
        return [*steps, Ready(session), *self._go_on(moment)]

    def renewed(self, moment: Moment, request: int, session: SessionId) -> list[Step]:
        """The session goes on; if it was too late to hear that, it has been given up before."""
        steps = self._lapse(moment)
        if self.asked is not None and self.asked.request == request and session == self.session:
            self.granted, self.asked, self.idle_since = self.asked.at, None, None
        return [*steps, *self._go_on(moment)]

    def ended(self, moment: Moment, session: SessionId) -> list[Step]:
        """The database has ended a session."""
        steps = self._lapse(moment)
        if session == self.session:
            steps += self._end()
        return [*steps, *self._go_on(moment)]

    def failed(self, moment: Moment, request: int) -> list[Step]:
        """It is not known whether the database has done what was asked for: it is asked for again, later."""
        steps = self._lapse(moment)
        if self.asked is not None and self.asked.request == request:
            self.asked, self.idle_since = None, moment
        if self.claim is not None and self.claim.request == request:
            self.wanted = dict.fromkeys(self.claim.users) | self.wanted
            self.claim, self.idle_since = None, moment
        return steps

    def claimed(self, moment: Moment, request: int, leases: tuple[Lease, ...]) -> list[Step]:
        """Some of the claimed users are ours."""
        steps = self._lapse(moment)
        if self.claim is not None and self.claim.request == request:
            self.claim = None
        return [*steps, *self._hold(leases), *self._go_on(moment)]

    def taken(self, moment: Moment, lease: Lease) -> list[Step]:
        """A user has come from another node, or back from a move that failed."""
        return [*self._lapse(moment), *self._hold((lease,))]

    def listed(self, moment: Moment, known: Iterable[Lease], leases: Iterable[Lease]) -> list[Step]:
        """The database says who has whom; ``known`` was held when it was asked, and is lost if it is not there."""
        steps = self._lapse(moment)
        there = set(leases)
        gone = tuple(lease for lease in known if lease not in there and self.held.get(lease.user_id) == lease)
        self._part(lease.user_id for lease in gone)
        return [*steps, Lost(gone)] if gone else steps

    # --- what the node wants

    def want(self, moment: Moment, users: Iterable[UserId]) -> list[Step]:
        """Claim users as soon as there is a session."""
        claimed = self.claim.users if self.claim is not None else ()
        self.wanted |= dict.fromkeys(user for user in users if user not in self.held and user not in claimed)
        return self.look(moment)

    def drop(self, moment: Moment, users: Iterable[UserId]) -> tuple[list[Step], tuple[Lease, ...]]:
        """Cease to act for users, who are free or another's next; return their leases, as far as they were held."""
        steps = self._lapse(moment)
        for user in (users := tuple(users)):
            self.wanted.pop(user, None)
        return steps, self._part(user for user in users if user in self.held)

    # ---

    def _lapse(self, moment: Moment) -> list[Step]:
        return self._end() if self.lapses(moment) else []

    def _end(self) -> list[Step]:
        lost = tuple(self.held.values())
        self.session = self.asked = self.claim = self.idle_since = None
        self.held.clear()
        self.parted.clear()
        self.wanted.clear()
        return [Lost(lost)] if lost else []

    def _part(self, users: Iterable[UserId]) -> tuple[Lease, ...]:
        leases = tuple(self.held.pop(user) for user in list(users))
        self.parted |= {lease.user_id: lease.epoch for lease in leases}
        return leases

    def _hold(self, leases: Iterable[Lease]) -> list[Step]:
        new = tuple(lease for lease in leases if self._is_news(lease))
        self.held |= {lease.user_id: lease for lease in new}
        return [Held(new)] if new else []

    def _is_news(self, lease: Lease) -> bool:
        known = self.held.get(lease.user_id)
        newest = self.parted.get(lease.user_id, 0) if known is None else known.epoch
        return lease.session == self.session and lease.epoch > newest

    def _go_on(self, moment: Moment) -> Iterator[Step]:
        """Yield what can be asked for now."""
        if self.idle_since is not None:
            if moment.since(self.idle_since) < RETRY:
                return
            self.idle_since = None
        if self.session is None:
            if self.asked is None:
                yield Begin(self._ask(moment))
            return
        if self.asked is None and moment.since(self.granted) >= self.terms.every:
            yield Renew(self.session, self._ask(moment))
        if self.wanted and self.claim is None:
            users = tuple(self.wanted)[:AT_ONCE]
            for user in users:
                del self.wanted[user]
            self.requests += 1
            self.claim = Claim(self.session, users, self.requests)
            yield self.claim

    def _ask(self, moment: Moment) -> int:
        self.requests += 1
        self.asked = Asked(self.requests, moment)
        return self.requests
