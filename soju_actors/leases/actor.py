"""The keeper of a node's leases."""

import logging
from collections.abc import Iterable

from actors import Actor, Returned, ServiceFailed, Turn, Undelivered, on
from soju_actors.leases.giving import Gift, Gifts, Stage
from soju_actors.leases.seeing import Sight
from soju_actors.messages.cluster import ActUntil
from soju_actors.messages.leases import (
    AskSession,
    GiveAgain,
    GiveUser,
    LeaseArrived,
    LeasesArgs,
    LeasesHeld,
    LeasesLost,
    LeasesSeen,
    ListNow,
    LookNow,
    ReleaseUsers,
    SessionTold,
    UserGiven,
    WantUsers,
)
from soju_actors.messages.store import AllStored, AwaitStored
from soju_actors.model.lease import Lease
from soju_actors.policy.keeping import RETRY, Begin, Claim, Held, Keeper, Lost, Moment, Ready, Renew, Step
from soju_actors.ports.database import ActFor, Barrier, BarrierPassed
from soju_actors.ports.leases import (
    BeginSession,
    ClaimLeases,
    EndSession,
    LeaseFailed,
    LeaseRefused,
    LeasesClaimed,
    LeasesListed,
    LeasesReleased,
    LeasesSame,
    LeaseTaken,
    ListLeases,
    ReleaseLeases,
    RenewSession,
    SessionBegun,
    SessionEnded,
    SessionRenewed,
    TakeLease,
)
from soju_actors.ports.protocols import ToLeases

log = logging.getLogger(__name__)

LIST_EVERY = 1.0
"""Seconds between two looks at who acts for whom."""
STORED = 2.0
"""Seconds for all of a user to be stored, before it is given away."""
AWAY = "the lease of this node has ended"


class LeasesActor(Actor[ToLeases]):
    """Owns the session of a node: renews it, claims, gives and releases users, and says when to cease.

    Renewals are done by the service ``renewer``, all else in order by the one thread of the ``leaser``. Every
    handler lets the keeper see first whether its time is over.
    """

    __slots__ = ("args", "gifts", "keeper", "known", "listing", "numbers", "sight", "told")

    def __init__(self, args: LeasesArgs) -> None:
        self.args = args
        self.keeper = Keeper(args.terms)
        self.sight = Sight()
        self.gifts = Gifts()
        self.numbers = 0
        """Counts down for jobs of its own; those of the keeper count up."""
        self.listing = 0
        """The number of the list that was asked for."""
        self.known: tuple[Lease, ...] = ()
        """What was held when the list was asked for: what came since is not in it."""
        self.told = False
        """The holder knows all that was seen since the session began."""

    def started(self, turn: Turn) -> None:
        """Ask for a session."""
        self._do(self.keeper.look(_moment(turn)), turn)

    def stopping(self, turn: Turn) -> None:
        """End the session, once all that writes for its users has ended: they are free for others at once."""
        if self.keeper.session is not None:
            turn.perform("leaser", EndSession(self.keeper.session))

    @on(LookNow)
    def look_now(self, msg: LookNow, turn: Turn) -> None:  # noqa: ARG002 - a handler's shape
        """Do what is due."""
        self._do(self.keeper.look(_moment(turn)), turn)

    # --- the session

    @on(SessionBegun)
    def session_begun(self, msg: SessionBegun, turn: Turn) -> None:
        """Use a session."""
        self._do(self.keeper.begun(_moment(turn), msg.request, msg.session), turn)

    @on(SessionRenewed)
    def session_renewed(self, msg: SessionRenewed, turn: Turn) -> None:
        """Go on."""
        self._do(self.keeper.renewed(_moment(turn), msg.request, msg.session), turn)

    @on(SessionEnded)
    def session_ended(self, msg: SessionEnded, turn: Turn) -> None:
        """Begin anew."""
        self._do(self.keeper.ended(_moment(turn), msg.session), turn)

    @on(LeaseFailed)
    def lease_failed(self, msg: LeaseFailed, turn: Turn) -> None:
        """Ask again."""
        self._failed(msg.request, msg.reason, turn)

    @on(ServiceFailed)
    def service_failed(self, msg: ServiceFailed, turn: Turn) -> None:
        """Do the same where the database's own code has failed.

        Raises:
            RuntimeError: the writer does not know the session, and would refuse all that comes under it.
        """
        if isinstance(msg.job, ActFor):
            raise RuntimeError(f"the writer does not know the session: {msg.reason}")  # noqa: TRY004 - no matter of types
        self._failed(getattr(msg.job, "request", 0), msg.reason, turn)

    # --- users come and go

    @on(WantUsers)
    def want_users(self, msg: WantUsers, turn: Turn) -> None:
        """Claim users."""
        wanted = [user for user in msg.users if not self.gifts.has(user)]
        self._do(self.keeper.want(_moment(turn), wanted), turn)

    @on(LeasesClaimed)
    def leases_claimed(self, msg: LeasesClaimed, turn: Turn) -> None:
        """Act for the users."""
        self._do(self.keeper.claimed(_moment(turn), msg.request, msg.leases), turn)

    @on(ReleaseUsers)
    def release_users(self, msg: ReleaseUsers, turn: Turn) -> None:
        """Make users free, once all is stored that their actors have said."""
        self._do(self.keeper.look(_moment(turn)), turn)
        users = tuple(user for user in msg.users if user in self.keeper.held and not self.gifts.has(user))
        if users:
            self._begin(Gift(users), turn)

    @on(LeasesReleased)
    def leases_released(self, msg: LeasesReleased, turn: Turn) -> None:
        """Nothing: what could not be released is free when the session ends, or is wanted again."""

    @on(LeaseArrived)
    def lease_arrived(self, msg: LeaseArrived, turn: Turn) -> None:
        """Act for a user whose actors have come here; they have to end if the session is not what it was."""
        self._do(self.keeper.taken(_moment(turn), msg.lease), turn)
        if self.keeper.session != msg.lease.session:
            turn.send(self.args.holder, LeasesLost((msg.lease,)))

    # --- users are given to other nodes

    @on(GiveUser)
    def give_user(self, msg: GiveUser, turn: Turn) -> None:
        """Have all stored first that the user's actors have said."""
        if turn.sender is None:
            return
        self._do(self.keeper.look(_moment(turn)), turn)
        if msg.user_id not in self.keeper.held or self.gifts.has(msg.user_id):
            turn.send(turn.sender, UserGiven(msg.user_id, msg.request, "this node does not act for the user"))
        else:
            self._begin(Gift((msg.user_id,), msg.node, turn.sender, msg.request), turn)

    @on(AllStored)
    def all_stored(self, msg: AllStored, turn: Turn) -> None:
        """Let the writer do what it was given before."""
        gift = self.gifts.at(msg.request, Stage.STORE)
        if gift is not None:
            gift.stage = Stage.WRITER
            turn.perform("writer", Barrier(msg.request))

    @on(BarrierPassed)
    def barrier_passed(self, msg: BarrierPassed, turn: Turn) -> None:
        """Cease to act for the user, and give its lease away."""
        self._do(self.keeper.look(_moment(turn)), turn)
        gift = self.gifts.at(msg.request, Stage.WRITER)
        if gift is not None and gift.node and gift.to is None:
            gift.stage = Stage.NODE
        elif gift is not None:
            self._give(msg.request, gift, turn)

    @on(AskSession)
    def ask_session(self, msg: AskSession, turn: Turn) -> None:
        """Say under which session this node acts."""
        self._do(self.keeper.look(_moment(turn)), turn)
        if turn.sender is not None:
            turn.send(turn.sender, SessionTold(msg.request, self.keeper.session))

    @on(SessionTold)
    def session_told(self, msg: SessionTold, turn: Turn) -> None:
        """Give the user to this session."""
        self._do(self.keeper.look(_moment(turn)), turn)
        gift = self.gifts.at(msg.request, Stage.STORE, Stage.WRITER, Stage.NODE)
        if gift is None or turn.sender != gift.receiver:
            return
        gift.to = msg.session
        if gift.to is None:
            self._end(msg.request, f"node {gift.node} has no session", turn)
        elif gift.stage is Stage.NODE:
            self._give(msg.request, gift, turn)

    @on(Returned)
    def returned(self, msg: Returned, turn: Turn) -> None:
        """Keep a user whom nobody is there for."""
        asked = msg.message
        if isinstance(asked, AskSession):
            gift = self.gifts.at(asked.request, Stage.STORE, Stage.WRITER, Stage.NODE)
            if gift is not None:
                self._end(asked.request, f"node {gift.node} is not there", turn)

    def _give(self, request: int, gift: Gift, turn: Turn) -> None:
        """Cease to act for users of whom all is stored."""
        _, dropped = self.keeper.drop(_moment(turn), gift.users)
        if not dropped or self.keeper.session is None:
            self._end(request, AWAY, turn)
        elif gift.node:
            gift.lease, gift.stage = dropped[0], Stage.GIVEN
            self._ask(request, turn)
        else:
            self._end(request, "", turn)
            turn.perform("leaser", ReleaseLeases(self.keeper.session, gift.users, request))

    @on(GiveAgain)
    def give_again(self, msg: GiveAgain, turn: Turn) -> None:
        """Ask again who has a lease; wait no longer for what must be stored before."""
        self._do(self.keeper.look(_moment(turn)), turn)
        gift = self.gifts.at(msg.request, Stage.STORE, Stage.WRITER, Stage.NODE)
        if gift is None:
            self._ask(msg.request, turn)
            return
        self._end(msg.request, gift.stage.value, turn)
        if not gift.node:
            self._begin(Gift(gift.users), turn)

    @on(LeaseTaken)
    def lease_taken(self, msg: LeaseTaken, turn: Turn) -> None:
        """Tell the other node what it has; or act for the user again."""
        gift = self.gifts.at(msg.request, Stage.GIVEN, Stage.BACK)
        if gift is not None and gift.stage is Stage.GIVEN:
            turn.send(gift.receiver, LeaseArrived(msg.lease))
        else:
            self._do(self.keeper.taken(_moment(turn), msg.lease), turn)
        if gift is not None:
            self._end(msg.request, gift.reason, turn)

    @on(LeaseRefused)
    def lease_refused(self, msg: LeaseRefused, turn: Turn) -> None:
        """Take a lease back that was not given; it may be gone altogether."""
        self._do(self.keeper.look(_moment(turn)), turn)
        gift = self.gifts.at(msg.request, Stage.GIVEN, Stage.BACK)
        if gift is None:
            return
        if gift.stage is Stage.GIVEN:
            gift.stage, gift.reason = Stage.BACK, f"the session of node {gift.node} has ended"
            self._ask(msg.request, turn)
        else:
            turn.send(self.args.holder, LeasesLost((msg.lease,)))
            self._end(msg.request, AWAY, turn)

    # --- who has whom

    @on(ListNow)
    def list_now(self, msg: ListNow, turn: Turn) -> None:  # noqa: ARG002 - a handler's shape
        """Look who acts for whom."""
        self._list(turn)

    @on(LeasesSame)
    def leases_same(self, msg: LeasesSame, turn: Turn) -> None:  # noqa: ARG002 - a handler's shape
        """Nothing to tell."""
        self.listing = 0
        self._do(self.keeper.look(_moment(turn)), turn)

    @on(LeasesListed)
    def leases_listed(self, msg: LeasesListed, turn: Turn) -> None:
        """Tell the holder what has changed."""
        self.listing = 0
        keeper = self.keeper
        if keeper.session in msg.sessions:
            self._do(keeper.listed(_moment(turn), self.known, msg.leases), turn)
        changed = self.sight.look(msg, keeper.session, keeper.held, turn.now)
        if keeper.session is not None and not self.told:
            self.told = True
            turn.send(self.args.holder, LeasesSeen(self.sight.nodes, self.sight.places, whole=True))
        elif changed is not None:
            turn.send(self.args.holder, LeasesSeen(self.sight.nodes, changed))

    # ---

    def _do(self, steps: Iterable[Step], turn: Turn) -> None:
        for step in steps:
            match step:
                case Begin():
                    turn.perform("renewer", BeginSession(self.args.node, self.args.terms.lease, step.request))
                case Renew():
                    turn.perform("renewer", RenewSession(step.session, self.args.terms.lease, step.request))
                case Claim():
                    turn.perform("leaser", ClaimLeases(step.session, step.users, step.request))
                case Ready():
                    log.info("node %s has session %d", self.args.node, step.session)
                    turn.perform("writer", ActFor(step.session))
                    self._list(turn)
                case Held():
                    turn.send(self.args.holder, LeasesHeld(step.leases))
                case Lost():
                    log.warning("node %s must not act for %d of its users any more", self.args.node, len(step.leases))
                    turn.send(self.args.holder, LeasesLost(step.leases))
        if self.keeper.session is None:
            self._give_up(turn)
        else:
            until = turn.now + self.keeper.left(_moment(turn))
            turn.send(self.args.nodes, ActUntil(until, len(self.keeper.held), until + self.args.terms.margin))
        turn.after("look", self.keeper.wait(_moment(turn)), LookNow())

    def _give_up(self, turn: Turn) -> None:
        """Without a session, nobody knows who will have what is being given."""
        self.told = False
        lost = tuple(gift.lease for gift in self.gifts.under_way.values() if gift.lease is not None)
        if lost:
            turn.send(self.args.holder, LeasesLost(lost))
        for number in list(self.gifts.under_way):
            self._end(number, AWAY, turn)

    def _list(self, turn: Turn) -> None:
        turn.after("list", LIST_EVERY, ListNow())
        if not self.listing:
            self.listing = self._number()
            self.known = tuple(self.keeper.held.values())
            # An orphan becomes free though nothing changes.
            mark = self.sight.mark if self.told and not self.sight.orphans else ""
            turn.perform("leaser", ListLeases(self.listing, mark))

    def _failed(self, request: int, reason: str, turn: Turn) -> None:
        log.warning("leases: %s", reason)
        self._do(self.keeper.failed(_moment(turn), request), turn)
        if request == self.listing:
            self.listing = 0
        if request in self.gifts.under_way:
            turn.after(f"give {request}", RETRY, GiveAgain(request))

    def _begin(self, gift: Gift, turn: Turn) -> None:
        number = self._number()
        self.gifts.under_way[number] = gift
        if gift.node:
            turn.send(gift.receiver, AskSession(number), undelivered=Undelivered.RETURN)
        turn.send(self.args.store, AwaitStored(number))
        turn.after(f"give {number}", STORED, GiveAgain(number))

    def _ask(self, request: int, turn: Turn) -> None:
        """Have a lease given to who is to have it; the answer says who has it also if it was done before."""
        gift = self.gifts.at(request, Stage.GIVEN, Stage.BACK)
        session = None if gift is None else gift.to if gift.stage is Stage.GIVEN else self.keeper.session
        if gift is not None and gift.lease is not None and session is not None:
            turn.perform("leaser", TakeLease(gift.lease, session, request))

    def _end(self, number: int, reason: str, turn: Turn) -> None:
        gift = self.gifts.under_way.pop(number, None)
        turn.cancel(f"give {number}")
        if gift is not None and gift.asker is not None:
            turn.send(gift.asker, UserGiven(gift.users[0], gift.request, reason))

    def _number(self) -> int:
        self.numbers -= 1
        return self.numbers


def _moment(turn: Turn) -> Moment:
    return Moment(turn.now, turn.wall)
