"""A node acts for a user only while the database says so, whatever becomes of clocks, messages and processes."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from soju_actors.model.lease import Lease, SessionId
from soju_actors.model.records import UserId
from soju_actors.policy.keeping import RETRY, Begin, Claim, Held, Keeper, Lost, Moment, Ready, Renew, Step, Terms

ALICE, BOB = UserId(1), UserId(2)
S1, S2 = SessionId(1), SessionId(2)
TERMS = Terms(lease=10.0, every=1.0, margin=2.0, drift=0.0)


def at(now: float, wall: float | None = None) -> Moment:
    return Moment(now, 1000.0 + (now if wall is None else wall))


def begun(terms: Terms = TERMS) -> Keeper:
    """Return a keeper that asked for its session at 0, was told of it at 0.5, and has Alice."""
    keeper = Keeper(terms)
    assert keeper.look(at(0)) == [Begin(1)]
    assert keeper.begun(at(0.5), 1, S1) == [Ready(S1)]
    (claim,) = keeper.want(at(0.5), [ALICE])
    assert claim == Claim(S1, (ALICE,), 2)
    assert keeper.claimed(at(0.6), 2, (Lease(ALICE, S1, 4, 1),)) == [Held((Lease(ALICE, S1, 4, 1),))]
    return keeper


LOST = Lost((Lease(ALICE, S1, 4, 1),))


def test_it_counts_from_when_it_asked_and_ceases_before_the_end() -> None:
    keeper = begun()
    assert keeper.look(at(1)) == [Renew(S1, 3)]
    assert keeper.left(at(7.9)) == pytest.approx(0.1)
    assert not keeper.lapses(at(7.9))
    assert keeper.renewed(at(7.9), 3, S1) == [Renew(S1, 4)], "it counts from 1, and the next one is due"
    assert keeper.left(at(8.9)) == pytest.approx(0.1)
    assert keeper.lapses(at(9))
    assert keeper.look(at(9)) == [LOST, Begin(5)]
    assert keeper.left(at(9)) == 0
    assert keeper.renewed(at(9.1), 4, S1) == [], "it comes too late"
    assert keeper.begun(at(9.2), 5, S2) == [Ready(S2)]
    assert not keeper.held


def test_whatever_comes_first_after_a_stop_finds_that_the_time_is_over() -> None:
    """SIGSTOP and SIGCONT: an answer may be the first thing that is handled."""
    late = at(60)
    events: list[Callable[[Keeper], list[Step]]] = [
        lambda keeper: keeper.renewed(late, 3, S1),
        lambda keeper: keeper.claimed(late, 3, (Lease(BOB, S1, 1, 1),)),
        lambda keeper: keeper.taken(late, Lease(BOB, S1, 1, 1)),
        lambda keeper: keeper.failed(late, 3),
        lambda keeper: keeper.ended(late, S1),
        lambda keeper: keeper.listed(late, [], [Lease(ALICE, S1, 4, 1)]),
        lambda keeper: keeper.want(late, [BOB]),
        lambda keeper: keeper.drop(late, [ALICE])[0],
    ]
    for event in events:
        keeper = begun()
        keeper.look(at(1))
        assert event(keeper)[0] == LOST
        assert not keeper.held


def test_a_machine_that_slept_is_past_its_time_too() -> None:
    """Its monotonic clock stands still meanwhile; the other one tells."""
    keeper = begun()
    assert keeper.look(at(1, wall=30)) == [LOST, Begin(3)]


def test_a_clock_that_is_set_back_gives_no_time() -> None:
    keeper = begun()
    assert keeper.look(at(8, wall=-5000))[0] == LOST


def test_what_fails_is_asked_for_again_soon() -> None:
    keeper = Keeper(TERMS)
    keeper.look(at(0))
    assert keeper.failed(at(0.1), 1) == []
    assert keeper.look(at(0.2)) == []
    assert keeper.wait(at(0.2)) == pytest.approx(RETRY - 0.1)
    assert keeper.look(at(0.1 + RETRY)) == [Begin(2)]
    keeper.begun(at(0.5), 2, S1)
    assert keeper.want(at(0.6), [ALICE]) == [Claim(S1, (ALICE,), 3)]
    keeper.failed(at(0.7), 3)
    assert keeper.look(at(1)) == [Claim(S1, (ALICE,), 4)]


def test_a_session_that_is_over_when_it_is_told_of_is_not_used() -> None:
    keeper = Keeper(TERMS)
    keeper.look(at(0))
    assert keeper.begun(at(8), 1, S1) == []
    assert keeper.look(at(8 + RETRY)) == [Begin(2)]
    assert keeper.begun(at(9), 1, S1) == [], "the answer to a question that nobody asks any more"


def test_terms_leave_time_for_others_to_notice_and_for_some_renewals() -> None:
    terms = Terms.of(6.0, 2.0)
    assert terms.margin == 2.5
    assert terms.every == pytest.approx(0.845)
    assert Terms.of(20.0, 2.0).every == 1.0
    with pytest.raises(ValueError, match=r"a lease of 3 s is too short: 3\.1 s are the least"):
        Terms.of(3.0, 2.0)


def test_a_session_that_the_database_has_ended_is_given_up_at_once() -> None:
    keeper = begun()
    assert keeper.ended(at(1), S2) == [Renew(S1, 3)]
    assert keeper.ended(at(1.1), S1) == [LOST, Begin(4)]


def test_a_renewal_is_due_in_each_interval_and_one_at_a_time() -> None:
    keeper = begun()
    assert keeper.wait(at(0.6)) == pytest.approx(0.4)
    assert keeper.look(at(0.9)) == []
    assert keeper.look(at(1.2)) == [Renew(S1, 3)]
    assert keeper.look(at(2.5)) == []
    assert keeper.wait(at(2.5)) == pytest.approx(8 - 2.5), "until it must give up"
    assert keeper.renewed(at(2.6), 3, S1) == [Renew(S1, 4)]


def test_what_is_wanted_early_is_claimed_in_portions_once_there_is_a_session() -> None:
    keeper = Keeper(TERMS)
    users = [UserId(number) for number in range(1500)]
    assert keeper.want(at(0), users) == [Begin(1)]
    (ready, claim) = keeper.begun(at(0.1), 1, S1)
    assert (ready, claim) == (Ready(S1), Claim(S1, tuple(users[:1000]), 2))
    assert keeper.want(at(0.2), users[:3]) == [], "that is claimed already"
    got = tuple(Lease(user, S1, 1, 1) for user in users[5:1000])
    assert keeper.claimed(at(0.2), 2, got) == [Held(got), Claim(S1, tuple(users[1000:]), 3)]
    assert keeper.want(at(0.3), users[5:1000]) == []


def test_what_the_database_gives_to_somebody_else_is_lost() -> None:
    """Such as a user that was deleted."""
    keeper = begun()
    bobs = Lease(BOB, S1, 2, 1)
    known = tuple(keeper.held.values())
    keeper.taken(at(0.7), bobs)
    assert keeper.listed(at(0.8), known, [Lease(ALICE, S1, 4, 1)]) == [], "he came after that was asked"
    assert keeper.listed(at(0.9), (*known, bobs), [Lease(ALICE, S1, 5, 1), bobs]) == [LOST]
    assert keeper.held == {BOB: bobs}


def test_what_is_given_away_is_not_held_any_more() -> None:
    keeper = begun()
    assert keeper.drop(at(0.7), [ALICE, BOB]) == ([], (Lease(ALICE, S1, 4, 1),))
    assert keeper.taken(at(0.8), Lease(ALICE, S2, 5, 1)) == [], "that of another session"
    assert keeper.taken(at(0.9), Lease(ALICE, S1, 6, 1)) == [Held((Lease(ALICE, S1, 6, 1),))], "the move has failed"
    assert keeper.taken(at(0.9), Lease(ALICE, S1, 6, 1)) == []
    keeper.drop(at(1), [ALICE])
    assert keeper.taken(at(1), Lease(ALICE, S1, 5, 1)) == [], "an answer that comes behind later ones"


# --- all that can happen, in any order

FAST, SLOW = 1 + Terms().drift, 1 - Terms().drift
USERS = [ALICE, BOB]
EPSILON = 1e-6


@dataclass
class Model:
    """The database: leases and sessions by its own clock, one statement at a time."""

    rate: float
    time: float = 0.0
    sessions: dict[SessionId, float] = field(default_factory=dict)
    leases: dict[UserId, Lease | None] = field(default_factory=dict)
    epochs: dict[UserId, int] = field(default_factory=dict)
    made: int = 0

    def lives(self, session: SessionId) -> bool:
        return self.sessions.get(session, 0.0) > self.time

    def has(self, lease: Lease) -> bool:
        """Whether the session has the user, by this lease or a later one of its own."""
        found = self.leases.get(lease.user_id)
        return found is not None and found.session == lease.session and self.lives(lease.session)

    def begin(self, length: float) -> SessionId:
        self.made += 1
        session = SessionId(self.made)
        self.sessions[session] = self.time + length
        return session

    def renew(self, session: SessionId, length: float) -> bool:
        if self.lives(session):
            self.sessions[session] = self.time + length
        return self.lives(session)

    def give(self, user: UserId, session: SessionId) -> Lease:
        epoch = self.epochs[user] = self.epochs.get(user, 0) + 1
        lease = self.leases[user] = Lease(user, session, epoch, 1)
        return lease

    def claim(self, session: SessionId, users: tuple[UserId, ...]) -> tuple[Lease, ...]:
        if not self.lives(session):
            return ()
        held = {user: lease for user, lease in self.leases.items() if lease is not None and self.lives(lease.session)}
        free = [user for user in users if user not in held or held[user].session == session]
        return tuple(self.give(user, session) for user in free)

    def release(self, lease: Lease) -> None:
        if self.leases.get(lease.user_id) == lease:
            self.leases[lease.user_id] = None

    def take(self, lease: Lease, session: SessionId) -> Lease | None:
        if self.leases.get(lease.user_id) != lease or not self.lives(session):
            return None
        return self.give(lease.user_id, session)


class Node:
    """A keeper with its clocks, and what it has asked that is not done or not answered yet."""

    def __init__(self, rate: float) -> None:
        self.keeper = Keeper(Terms())
        self.rate = rate
        self.moment = Moment(0.0, 5000.0)
        self.jobs: list[Any] = []
        """Steps of the keeper, and leases to be taken, that have not reached the database."""
        self.answers: list[tuple[Any, Any]] = []

    def do(self, steps: list[Step]) -> None:
        self.jobs += [step for step in steps if isinstance(step, Begin | Renew | Claim)]

    def believes(self) -> tuple[Lease, ...]:
        """Return what it would act for if a turn began now: what runs the turns asks ``lapses`` before each."""
        return () if self.keeper.lapses(self.moment) else tuple(self.keeper.held.values())

    def answer(self, step: Any, answer: Any) -> None:  # noqa: ANN401 - of any step
        keeper, now = self.keeper, self.moment
        match step:
            case _ if answer is None:
                self.do(keeper.failed(now, getattr(step, "request", 0)))
            case Begin():
                self.do(keeper.begun(now, step.request, answer))
            case Renew():
                renewed = keeper.renewed(now, step.request, step.session) if answer else keeper.ended(now, step.session)
                self.do(renewed)
            case Claim():
                self.do(keeper.claimed(now, step.request, answer))
            case Lease():
                self.do(keeper.taken(now, answer))


numbers = st.integers(0, 5)
which = st.integers(0, 1)
lengths = st.sampled_from([0.01, 0.1, 0.5, 1.0, 1.0, 3.0, 5.0, 7.0, 8.0])


class Cluster(RuleBasedStateMachine):
    """Two nodes and a database whose clocks go as wrong as they may; every message may be late or lost."""

    @initialize(rates=st.lists(st.sampled_from([FAST, 1.0, SLOW]), min_size=3, max_size=3), sleepy=st.booleans())
    def start(self, rates: list[float], sleepy: bool) -> None:
        self.model = Model(rates[0])
        self.sleepy = sleepy
        """Machines sleep. Then no clock is set back: both at once may go unnoticed."""
        self.nodes = [Node(rate) for rate in rates[1:]]
        for node in self.nodes:
            node.do(node.keeper.want(node.moment, USERS))

    def _pass(self, length: float, asleep: Node | None = None) -> None:
        self.model.time += length * self.model.rate
        for node in self.nodes:
            awake = 0.0 if node is asleep else length * node.rate
            node.moment = Moment(node.moment.now + awake, node.moment.wall + length * node.rate)

    @rule(length=lengths)
    def time_passes(self, length: float) -> None:
        self._pass(length)

    @rule(length=lengths, number=which)
    def a_machine_sleeps(self, length: float, number: int) -> None:
        self._pass(length, self.nodes[number] if self.sleepy else None)

    @rule(number=which, step=st.sampled_from([-3600.0, -1.0, 1.0, 3600.0]))
    def a_clock_is_set(self, number: int, step: float) -> None:
        node = self.nodes[number]
        if step > 0 or not self.sleepy:
            node.moment = node.moment._replace(wall=node.moment.wall + step)

    @rule(number=which, job=numbers, answered=st.booleans())
    def a_job_is_done(self, number: int, job: int, answered: bool) -> None:
        """In any order; whether it was done may stay unknown."""
        node, model = self.nodes[number], self.model
        if job >= len(node.jobs):
            return
        step = node.jobs.pop(job)
        length = node.keeper.terms.lease
        match step:
            case Begin():
                answer: Any = model.begin(length)
            case Renew():
                answer = model.renew(step.session, length)
            case Claim():
                answer = model.claim(step.session, step.users)
            case Lease():
                session = node.keeper.session
                answer = None if session is None else model.take(step, session)
        node.answers.append((step, answer if answered else None))

    @rule(number=which, job=numbers)
    def a_job_is_lost(self, number: int, job: int) -> None:
        node = self.nodes[number]
        if job < len(node.jobs):
            node.answers.append((node.jobs.pop(job), None))

    @rule(number=which, answer=numbers)
    def an_answer_comes(self, number: int, answer: int) -> None:
        node = self.nodes[number]
        if answer < len(node.answers):
            node.answer(*node.answers.pop(answer))

    @rule(number=which)
    def all_goes_well(self, number: int) -> None:
        """What is usual would be rare by chance."""
        self.all_is_done_and_answered(number, 0.01)

    @rule(number=which, late=lengths)
    def all_is_done_and_answered(self, number: int, late: float) -> None:
        """What is asked for, and what follows from the answers, each of which takes so long."""
        node = self.nodes[number]
        node.do(node.keeper.want(node.moment, USERS))
        for _ in range(4):
            if node.jobs:
                self.a_job_is_done(number, 0, answered=True)
                self._pass(late)
                self.an_answer_comes(number, len(node.answers) - 1)

    @rule(number=which)
    def a_node_looks(self, number: int) -> None:
        node = self.nodes[number]
        node.do(node.keeper.want(node.moment, USERS))

    @rule(number=which, user=st.sampled_from(USERS))
    def a_node_releases(self, number: int, user: UserId) -> None:
        node = self.nodes[number]
        steps, dropped = node.keeper.drop(node.moment, [user])
        node.do(steps)
        for lease in dropped:
            self.model.release(lease)

    @rule(number=which, to=which, user=st.sampled_from(USERS))
    def a_user_moves(self, number: int, to: int, user: UserId) -> None:
        """The old owner ceases first; the new one, or the old one again, takes the lease at any later time."""
        node = self.nodes[number]
        steps, dropped = node.keeper.drop(node.moment, [user])
        node.do(steps)
        for lease in dropped:
            self.nodes[to].jobs.append(lease)
            node.jobs.append(lease)

    @invariant()
    def who_believes_to_act_for_a_user_does(self) -> None:
        believed: dict[UserId, int] = {}
        for number, node in enumerate(getattr(self, "nodes", ())):
            for lease in node.believes():
                assert self.model.has(lease), f"node {number} acts for {lease}"
                assert lease.user_id not in believed, f"{believed[lease.user_id]} and {number} act for {lease.user_id}"
                believed[lease.user_id] = number

    @invariant()
    def there_is_time_left_to_close_connections(self) -> None:
        for node in getattr(self, "nodes", ()):
            terms = node.keeper.terms
            if node.keeper.held and node.keeper.session is not None:
                gone = node.moment.since(node.keeper.granted)
                if gone < terms.span + terms.margin - EPSILON:
                    assert self.model.lives(node.keeper.session)


TestCluster = Cluster.TestCase
TestCluster.settings = settings(max_examples=150, stateful_step_count=60, deadline=None)
