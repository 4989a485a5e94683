"""Messages for and from the keeper of a node's leases, and for whoever acts for the users of that node."""

import msgspec

from actors import Args, Ref
from soju_actors.model.lease import Lease, SessionId
from soju_actors.model.records import UserId
from soju_actors.policy.keeping import Terms
from soju_actors.ports.protocols import ToHolder, ToLeases, ToNodes, ToStore


class LeasesArgs(msgspec.Struct, Args, frozen=True, tag="leases.args"):
    """The keeper of a ``node``, whose ``holder`` acts for its users."""

    node: str
    holder: Ref[ToHolder]
    store: Ref[ToStore]
    terms: Terms = Terms()
    nodes: Ref[ToNodes] = Ref("nodes")
    """Who sees to it that nothing is done for users after their time, whatever waits."""


class WantUsers(msgspec.Struct, ToLeases, frozen=True, tag="leases.want"):
    """Claim these users as far as they are free, as soon as there is a session.

    ``LeasesHeld`` tells which of them are this node's now; of the others ``LeasesSeen`` tells whose they are. What is
    still wanted when the session ends is forgotten.
    """

    users: tuple[UserId, ...]


class ReleaseUsers(msgspec.Struct, ToLeases, frozen=True, tag="leases.release"):
    """Nothing acts for these users on this node any more: their actors have ended, their connections are closed."""

    users: tuple[UserId, ...]


class GiveUser(msgspec.Struct, ToLeases, frozen=True, tag="leases.give"):
    """The user's actors are frozen, to go on on another node: give that the lease. Answer: ``UserGiven``.

    The answer comes when all that they have written is stored and it is certain who acts for the user.
    """

    user_id: UserId
    node: str
    request: int = 0


class LeaseArrived(msgspec.Struct, ToLeases, frozen=True, tag="leases.arrived"):
    """The keeper of another node has given a lease to this one's session."""

    lease: Lease


class AskSession(msgspec.Struct, ToLeases, frozen=True, tag="leases.ask-session"):
    """To the keeper of a node that is to have a lease: under which session does it act? Answer: ``SessionTold``.

    The database may have other sessions under the name of that node, of one that is not let in or has ended; the
    others know by the connection who answers.
    """

    request: int


class SessionTold(msgspec.Struct, ToLeases, frozen=True, tag="leases.session-told"):
    """The session under which a node acts; none if it acts for nobody now."""

    request: int
    session: SessionId | None


class LookNow(msgspec.Struct, ToLeases, frozen=True, tag="leases.look"):
    """Alarm: something is due."""


class ListNow(msgspec.Struct, ToLeases, frozen=True, tag="leases.list"):
    """Alarm: look who acts for whom."""


class GiveAgain(msgspec.Struct, ToLeases, frozen=True, tag="leases.give-again"):
    """Alarm: it is not known whether a lease was given."""

    request: int


class LeasesHeld(msgspec.Struct, ToHolder, frozen=True, tag="leases.held"):
    """This node acts for these users from now on; where their claim is new, with new actors."""

    leases: tuple[Lease, ...]


class LeasesLost(msgspec.Struct, ToHolder, frozen=True, tag="leases.lost"):
    """This node must not act for these users: close what is open for them, before anything else is done."""

    leases: tuple[Lease, ...]


class LeasesSeen(msgspec.Struct, ToHolder, frozen=True, tag="leases.seen"):
    """Which node acts for whom, an empty name standing for nobody, as far as that has changed.

    ``whole``: there is a session now, and this is all: users that are not named are free. ``nodes`` are all that
    have a session.
    """

    nodes: tuple[str, ...]
    places: dict[UserId, str]
    whole: bool = False


class UserGiven(msgspec.Struct, ToHolder, frozen=True, tag="leases.given"):
    """The user is the other node's, or, for the reason, still this one's unless ``LeasesLost`` came before."""

    user_id: UserId
    request: int = 0
    reason: str = ""
