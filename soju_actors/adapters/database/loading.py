"""Reading settings."""

from sqlalchemy import bindparam, select

from soju_actors.adapters.database.packing import unpack
from soju_actors.adapters.database.query import Rows
from soju_actors.adapters.database.records import records_of
from soju_actors.adapters.database.session import Session
from soju_actors.adapters.database.tables import (
    APP_PASSWORDS,
    CHANNELS,
    CLIENTS,
    CURSORS,
    DEVICE_CERTIFICATES,
    FLAGS,
    MARKERS,
    NETWORKS,
    SERVER_SECRETS,
    STS_POLICIES,
    TARGETS,
    USERS,
)
from soju_actors.adapters.database.targets import NEWEST_ID, end_of, recent_ends
from soju_actors.model.credentials import AppPassword, DeviceCertificate
from soju_actors.model.records import Channel, Flags, Marker, Network, NetworkId, StsPolicy, Target, User, UserSettings
from soju_actors.ports.database import LoadSettings, LoadUsers, SettingsLoaded, UsersLoaded

_THEIRS = NETWORKS.c.user_id == bindparam("user_id")

_USERS = Rows(select(USERS).order_by(USERS.c.name))
_CERTIFICATES = Rows(select(DEVICE_CERTIFICATES).order_by(DEVICE_CERTIFICATES.c.id))
_PASSWORDS = Rows(select(APP_PASSWORDS).order_by(APP_PASSWORDS.c.id))
_SECRET = Rows(select(SERVER_SECRETS.c.value).where(SERVER_SECRETS.c.name == "scram"))
_USER = Rows(select(USERS).where(USERS.c.id == bindparam("user_id")))
_NETWORKS = Rows(select(NETWORKS).where(_THEIRS).order_by(NETWORKS.c.id))
_CHANNELS = Rows(select(CHANNELS).join(NETWORKS).where(_THEIRS).order_by(CHANNELS.c.network_id, CHANNELS.c.name))
_TARGETS = Rows(
    select(TARGETS.c.id, TARGETS.c.network_id, TARGETS.c.name, TARGETS.c.floor, NEWEST_ID)
    .join(NETWORKS)
    .where(_THEIRS)
    .order_by(TARGETS.c.id)
)
_CURSORS = Rows(select(CURSORS).select_from(CURSORS.join(TARGETS).join(NETWORKS)).where(_THEIRS))
_CLIENTS = Rows(select(CLIENTS).join(NETWORKS).where(_THEIRS).order_by(CLIENTS.c.network_id, CLIENTS.c.name))
_MARKERS = Rows(select(MARKERS).join(NETWORKS).where(_THEIRS))
_STS = Rows(select(STS_POLICIES).where(STS_POLICIES.c.user_id == bindparam("user_id")).order_by(STS_POLICIES.c.host))
_FLAGS = Rows(select(FLAGS).join(NETWORKS).where(_THEIRS).order_by(FLAGS.c.network_id, FLAGS.c.target))


def load_users(session: Session, job: LoadUsers) -> UsersLoaded:
    """Return all users, and what they log in with."""
    return UsersLoaded(
        records_of(User, USERS, session.rows(_USERS)),
        job.request,
        records_of(DeviceCertificate, DEVICE_CERTIFICATES, session.rows(_CERTIFICATES)),
        records_of(AppPassword, APP_PASSWORDS, session.rows(_PASSWORDS)),
        secret_for_salts(session),
    )


def secret_for_salts(session: Session) -> bytes:
    """Return what the salts of SCRAM follow from: made with the database, the same for ever."""
    [(value,)] = session.rows(_SECRET)
    return bytes.fromhex(value)


def load_settings(session: Session, job: LoadSettings) -> SettingsLoaded:
    """Return all that is stored of a user but the history."""
    users = records_of(User, USERS, session.rows(_USER, user_id=job.user_id))
    if not users:
        return SettingsLoaded(None, job.request)
    clients: dict[int, tuple[str, ...]] = {}
    for network_id, name in session.rows(_CLIENTS, user_id=job.user_id):
        clients[network_id] = (*clients.get(network_id, ()), unpack(name))
    settings = UserSettings(
        user=users[0],
        networks=records_of(Network, NETWORKS, session.rows(_NETWORKS, user_id=job.user_id)),
        channels=records_of(Channel, CHANNELS, session.rows(_CHANNELS, user_id=job.user_id)),
        targets=_targets(session, job.user_id),
        clients=clients,
        markers=records_of(Marker, MARKERS, session.rows(_MARKERS, user_id=job.user_id)),
        flags=records_of(Flags, FLAGS, session.rows(_FLAGS, user_id=job.user_id)),
        sts=records_of(StsPolicy, STS_POLICIES, session.rows(_STS, user_id=job.user_id)),
    )
    return SettingsLoaded(settings, job.request)


def _targets(session: Session, user_id: int) -> tuple[Target, ...]:
    cursors: dict[int, dict[str, int]] = {}
    for target, client, number in session.rows(_CURSORS, user_id=user_id):
        cursors.setdefault(target, {})[unpack(client)] = number
    recent = recent_ends(session)
    targets = []
    for target, network_id, name, floor, newest in session.rows(_TARGETS, user_id=user_id):
        end = max(recent.get(target, 0), end_of(floor, newest))
        targets.append(Target(NetworkId(network_id), unpack(name), end, cursors.get(target, {})))
    return tuple(targets)
