"""Names of clients, each with its cursors, are stored when they come for the first time (row RCP-05)."""

import msgspec

from actors import Turn
from soju_actors.model.records import NetworkId
from soju_actors.ports.database import SaveClient, Saved, WriteFailed
from soju_actors.ports.protocols import ToUser
from soju_actors.user.recording import name_client
from soju_actors.user.saving import Pending, continuation, save
from soju_actors.user.state import Client, NetworkState, UserState

AGAIN = 15.0
"""Seconds after which a name that could not be stored is stored again."""


class NameAgain(msgspec.Struct, ToUser, frozen=True, tag="user.name-again"):
    """Alarm: the name of a client could not be stored."""

    job: SaveClient


def know(user: UserState, network: NetworkState, client: Client, turn: Turn) -> None:
    """Begin the cursors of a client's name, unless the network has seen it before."""
    if client.keeps_cursor and client.name not in network.names:
        ends = name_client(network, client, turn)
        store(user, SaveClient(NetworkId(network.id), client.name, ends), turn)


def store(user: UserState, job: SaveClient, turn: Turn) -> None:
    """Store a name; its cursors begin where they did when it came, however long that takes."""
    save(user, job, turn, Pending("client_named", named=job))


@continuation
def client_named(user: UserState, pending: Pending, done: Saved | WriteFailed, turn: Turn) -> None:
    """Try again later where it failed: nobody has asked for it, so nobody is told."""
    job = pending.named
    if job is not None and job.network_id in user.networks and isinstance(done, WriteFailed) and done.transient:
        turn.after(f"name {job.network_id} {job.client}", AGAIN, NameAgain(job))
