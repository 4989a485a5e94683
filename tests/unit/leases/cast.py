"""Who acts for the users of a node, in tests: notes what it is told."""

import msgspec

from actors import Actor, Args, Down, Ref, Turn, on
from soju_actors.messages.leases import LeasesHeld, LeasesLost, LeasesSeen, UserGiven, WantUsers
from soju_actors.model.lease import Lease
from soju_actors.model.records import UserId
from soju_actors.ports.protocols import ToHolder, ToLeases


class HolderArgs(msgspec.Struct, Args, frozen=True, tag="test.holder"):
    """How many users there are; it wants all that nobody has, unless it is ``modest``."""

    leases: Ref[ToLeases]
    users: int
    modest: bool = False


class HolderActor(Actor[ToHolder]):
    """Wants whoever is free, and releases nobody by itself."""

    def __init__(self, args: HolderArgs) -> None:
        self.args = args
        self.held: dict[UserId, Lease] = {}
        self.places: dict[UserId, str] = {}
        self.nodes: tuple[str, ...] = ()
        self.told: list[LeasesHeld | LeasesLost | UserGiven] = []
        self.claims = 0
        """How often a user began with new actors here."""

    def started(self, turn: Turn) -> None:
        """See the keeper end."""
        turn.watch(self.args.leases)

    @on(Down)
    def down(self, msg: Down, turn: Turn) -> None:  # noqa: ARG002
        """Cease to act for anybody: the next keeper begins without users."""
        self.held.clear()

    @on(LeasesHeld)
    def leases_held(self, msg: LeasesHeld, turn: Turn) -> None:  # noqa: ARG002
        """Act for users."""
        self.told.append(msg)
        self.claims += sum(lease.epoch == lease.claim for lease in msg.leases)
        self.held |= {lease.user_id: lease for lease in msg.leases}

    @on(LeasesLost)
    def leases_lost(self, msg: LeasesLost, turn: Turn) -> None:  # noqa: ARG002
        """Cease to."""
        self.told.append(msg)
        for lease in msg.leases:
            self.held.pop(lease.user_id, None)

    @on(LeasesSeen)
    def leases_seen(self, msg: LeasesSeen, turn: Turn) -> None:
        """Want whoever is free."""
        self.nodes = msg.nodes
        self.places = msg.places if msg.whole else self.places | msg.places
        free = tuple(user for user in map(UserId, range(1, self.args.users + 1)) if not self.places.get(user))
        if free and not self.args.modest:
            turn.send(self.args.leases, WantUsers(free))

    @on(UserGiven)
    def user_given(self, msg: UserGiven, turn: Turn) -> None:  # noqa: ARG002
        """Note how a move has ended."""
        self.told.append(msg)
        if not msg.reason:
            self.held.pop(msg.user_id, None)
