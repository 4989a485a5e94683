"""Writing settings: one function for each job, inside of a transaction, which returns the record's id."""

from collections.abc import Callable, Mapping
from typing import Any

from sqlalchemy import bindparam, delete, insert, select, update

from soju_actors.adapters.database import accounts
from soju_actors.adapters.database.errors import ConflictError, StaleError
from soju_actors.adapters.database.packing import pack
from soju_actors.adapters.database.query import Kind, Rows, Statement, insert_new, upsert
from soju_actors.adapters.database.records import columns_of, save_record
from soju_actors.adapters.database.session import Session
from soju_actors.adapters.database.tables import (
    CHANNELS,
    CLIENTS,
    CURSORS,
    DELETIONS,
    FLAGS,
    MARKERS,
    NETWORKS,
    STS_POLICIES,
    USERS,
)
from soju_actors.adapters.database.targets import find_or_make
from soju_actors.model.records import Channel, Flags, Marker, Network, StsPolicy, User
from soju_actors.ports.database import (
    DeleteChannel,
    DeleteNetwork,
    DeleteUser,
    SaveChannel,
    SaveClient,
    SaveFlags,
    SaveMarker,
    SaveNetwork,
    SaveSts,
    SaveUser,
    UpdateUser,
)

_NETWORK = [column.name for column in NETWORKS.c if column.name != "id"]

_RAISE_REVISION = Statement(update(USERS).where(USERS.c.id == bindparam("which")).values(revision=USERS.c.revision + 1))
_DELETE_USER = Statement(delete(USERS).where(USERS.c.id == bindparam("which")))
_INSERT_NETWORK = Statement(insert(NETWORKS).returning(NETWORKS.c.id), _NETWORK)
_UPDATE_NETWORK = Statement(update(NETWORKS).where(NETWORKS.c.id == bindparam("which")), _NETWORK)
_DELETE_NETWORK = Statement(delete(NETWORKS).where(NETWORKS.c.id == bindparam("which")))
_COUNT_DELETION = Statement(update(DELETIONS).values(count=DELETIONS.c.count + 1))
_OWNER = Rows(select(NETWORKS.c.user_id).where(NETWORKS.c.id == bindparam("which")))
_SAVE_CHANNEL = Statement(upsert(CHANNELS), [column.name for column in CHANNELS.c])
_DELETE_CHANNEL = Statement(
    delete(CHANNELS).where(CHANNELS.c.network_id == bindparam("network_id"), CHANNELS.c.name == bindparam("name"))
)
_SAVE_CLIENT = Statement(insert_new(CLIENTS), ["network_id", "name"])
_BEGIN_CURSOR = Statement(insert_new(CURSORS), ["target_id", "client", "number"])
_SAVE_FLAGS = Statement(upsert(FLAGS), [column.name for column in FLAGS.c])
_DELETE_FLAGS = Statement(
    delete(FLAGS).where(FLAGS.c.network_id == bindparam("network_id"), FLAGS.c.target == bindparam("target"))
)
_SAVE_STS = Statement(upsert(STS_POLICIES), [column.name for column in STS_POLICIES.c])
_DELETE_STS = Statement(
    delete(STS_POLICIES).where(STS_POLICIES.c.user_id == bindparam("user_id"), STS_POLICIES.c.host == bindparam("host"))
)


def _move_marker(kind: Kind) -> object:
    inserted = kind.insert(MARKERS)
    later = inserted.excluded.time
    return inserted.on_conflict_do_update(
        index_elements=["network_id", "target"], set_={"time": later}, where=later > MARKERS.c.time
    )


_MOVE_MARKER = Statement(_move_marker, [column.name for column in MARKERS.c])


def save_network(session: Session, job: SaveNetwork) -> int:
    """Insert or update a network."""
    values = columns_of(job.network)
    values["connect_commands"] = "\n".join(map(pack, job.network.connect_commands))
    return save_record(session, job.network.id, values, (_INSERT_NETWORK, _UPDATE_NETWORK), "network")


def delete_user(session: Session, job: DeleteUser) -> int:
    """Delete a user; what is theirs goes by cascade, the messages when there is time."""
    return _delete(session, _DELETE_USER, job.user_id, "user")


def delete_network(session: Session, job: DeleteNetwork) -> int:
    """Delete a network; what is in it goes by cascade, the messages when there is time."""
    return _delete(session, _DELETE_NETWORK, job.network_id, "network")


def save_channel(session: Session, job: SaveChannel) -> int:
    """Insert or update a channel."""
    session.run(_SAVE_CHANNEL, **columns_of(job.channel))
    return 0


def delete_channel(session: Session, job: DeleteChannel) -> int:
    """Forget a channel."""
    session.run(_DELETE_CHANNEL, network_id=job.network_id, name=pack(job.name))
    return 0


def save_client(session: Session, job: SaveClient) -> int:
    """Make a client name known; a cursor that it has already stays where it is."""
    client = pack(job.client)
    session.run(_SAVE_CLIENT, network_id=job.network_id, name=client)
    for target, number in job.cursors.items():
        found = find_or_make(session, job.network_id, target)
        if found is not None:
            session.run(_BEGIN_CURSOR, target_id=found.id, client=client, number=number)
    return 0


def save_marker(session: Session, job: SaveMarker) -> int:
    """Move a read marker, but never back."""
    session.run(_MOVE_MARKER, **columns_of(job.marker))
    return 0


def save_flags(session: Session, job: SaveFlags) -> int:
    """Store the flags of a target, or forget it."""
    flags = job.flags
    if flags.pinned or flags.muted or flags.blocked:
        session.run(_SAVE_FLAGS, **columns_of(flags))
    else:
        session.run(_DELETE_FLAGS, network_id=flags.network_id, target=pack(flags.target))
    return 0


def save_sts(session: Session, job: SaveSts) -> int:
    """Remember a host's policy, or forget it."""
    policy = job.policy
    if policy.expires:
        session.run(_SAVE_STS, **columns_of(policy))
    else:
        session.run(_DELETE_STS, user_id=policy.user_id, host=pack(policy.host))
    return 0


JOBS: Mapping[type, Callable[[Session, Any], int | User]] = {
    SaveUser: accounts.save_user,
    UpdateUser: accounts.update_user,
    DeleteUser: delete_user,
    SaveNetwork: save_network,
    DeleteNetwork: delete_network,
    SaveChannel: save_channel,
    DeleteChannel: delete_channel,
    SaveClient: save_client,
    SaveMarker: save_marker,
    SaveFlags: save_flags,
    SaveSts: save_sts,
}


def do_and_raise_revision(session: Session, job: Any) -> int:  # noqa: ANN401 - any of the jobs
    """Do a job, and have a running bouncer see that another process has changed the user's settings."""
    user = _user_of(session, job)
    saved = JOBS[type(job)](session, job)
    record = saved.id if isinstance(saved, User) else saved
    session.run(_RAISE_REVISION, which=user or record)
    return record


def conflict_sentence(job: object, conflict: ConflictError) -> str:
    """Say to a person why a job contradicts what is stored."""
    match job:
        case SaveUser():
            return f"a user named {job.user.name} exists already"
        case SaveNetwork() if conflict.duplicate:
            return f"a network named {job.network.name} exists already"
        case SaveNetwork() | SaveSts():
            return "the user does not exist"
    return "the network does not exist"


def _delete(session: Session, statement: Statement, record: int, what: str) -> int:
    if not session.run(statement, which=record):
        raise StaleError(f"the {what} does not exist")
    session.run(_COUNT_DELETION)
    return record


def _user_of(session: Session, job: object) -> int:
    match job:
        case SaveUser(user=user) | UpdateUser(known=user):
            return user.id
        case (
            DeleteUser(user_id=user_id)
            | SaveNetwork(network=Network(user_id=user_id))
            | SaveSts(policy=StsPolicy(user_id=user_id))
        ):
            return user_id
        case (
            SaveChannel(channel=Channel(network_id=network_id))
            | SaveMarker(marker=Marker(network_id=network_id))
            | SaveFlags(flags=Flags(network_id=network_id))
        ):
            found = session.rows(_OWNER, which=network_id)
        case (
            DeleteNetwork(network_id=network_id)
            | DeleteChannel(network_id=network_id)
            | SaveClient(network_id=network_id)
        ):
            found = session.rows(_OWNER, which=network_id)
        case _:
            raise TypeError(f"not a settings job: {job!r}")
    return int(found[0][0]) if found else 0
