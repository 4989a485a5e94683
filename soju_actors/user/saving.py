"""What waits for an answer: of the database, of the hasher, of the registry.

Settings are stored before anybody is told of them. What follows when they are is
named state, a :class:`Pending`, and a function in a table: nothing that could not
be moved to another node with its actor.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import msgspec

from actors import Turn
from soju_actors.model.records import Channel, Flags, Marker, Network
from soju_actors.ports import database
from soju_actors.user.feed import Frame

if TYPE_CHECKING:
    from soju_actors.user.state import NetworkState, UserState

SettingsJob = (
    database.SaveUser
    | database.DeleteUser
    | database.SaveNetwork
    | database.DeleteNetwork
    | database.SaveChannel
    | database.DeleteChannel
    | database.SaveClient
    | database.SaveMarker
    | database.PurgeHistory
    | database.SaveFlags
    | database.SaveSts
)


class Pending(msgspec.Struct, frozen=True):
    """What is to be done when a request is answered, and for whom.

    ``then`` is a key of :data:`CONTINUATIONS`, empty where nothing follows;
    ``client`` the serial of the client that asked, 0 for none. ``asker`` is the path
    of an actor that has a command run for an admin, and ``request`` is its number.
    """

    then: str = ""
    client: int = 0
    asker: str = ""
    request: int = 0
    network: Network | None = None
    channel: Channel | None = None
    marker: Marker | None = None
    flags: Flags | None = None
    words: tuple[str, ...] = ()
    named: database.SaveClient | None = None
    ends: dict[str, int] | None = None
    """The first number of each target, by name, that is not purged."""
    frame: Frame | None = None
    """The answer with a label that it belongs to."""


Continuation = Callable[["UserState", Pending, Any, Turn], None]
"""Is given the answer: Saved, WriteFailed, CertificateMade, PasswordHashed, AdminDone ..."""

CONTINUATIONS: dict[str, Continuation] = {}


def continuation(function: Continuation) -> Continuation:
    """Make a function known under its name."""
    CONTINUATIONS[function.__name__] = function
    return function


def expect(user: "UserState", request: int, pending: Pending) -> None:
    """Note what follows an answer; the label of the command that is handled waits for it too."""
    frame = user.frame
    if frame is not None and pending.then and pending.client == frame.client:
        frame.waits += 1
        pending = msgspec.structs.replace(pending, frame=frame)
    user.pending[request] = pending


def save(user: "UserState", job: SettingsJob, turn: Turn, pending: Pending | None = None) -> None:
    """Store a setting; ``pending`` says what follows, and keeps the record until it is stored."""
    request = user.new_request()
    pending = pending or Pending()
    if isinstance(job, database.SaveNetwork):
        pending = msgspec.structs.replace(pending, network=job.network)
    elif isinstance(job, database.SaveChannel):
        pending = msgspec.structs.replace(pending, channel=job.channel)
    elif isinstance(job, database.SaveMarker):
        pending = msgspec.structs.replace(pending, marker=job.marker)
    elif isinstance(job, database.SaveFlags):
        pending = msgspec.structs.replace(pending, flags=job.flags)
    expect(user, request, pending)
    turn.perform("writer", msgspec.structs.replace(job, request=request, mandate=user.mandate))


def newest(user: "UserState", record: Network) -> Network:
    """Return a network's settings as they will be when all that is being stored is.

    A change that began with less would undo the one before it.
    """
    for pending in reversed(user.pending.values()):
        if pending.network is not None and pending.network.id == record.id:
            return pending.network
    return record


def change_now(user: "UserState", network: "NetworkState", turn: Turn, **fields: Any) -> None:  # noqa: ANN401 - as they are
    """Change settings of a network that count at once, and store them with those that are being stored."""
    network.record = msgspec.structs.replace(network.record, **fields)
    save(user, database.SaveNetwork(msgspec.structs.replace(newest(user, network.record), **fields)), turn)
