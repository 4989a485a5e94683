"""How a message gets its number and reaches history."""

import msgspec

from actors import ChildSpec, Ref, Turn
from soju_actors.irc.filtering import View
from soju_actors.irc.message import Message
from soju_actors.irc.source import nick_of
from soju_actors.messages.buffer import Append, BufferArgs, NameClient, Subscribe
from soju_actors.messages.slots import Backlog, Ticket
from soju_actors.messages.upstream import Taken
from soju_actors.messages.user import LinesCommitted
from soju_actors.model.entry import Entry
from soju_actors.model.records import Target
from soju_actors.ports.protocols import ToBuffer
from soju_actors.user.state import Client, Handle, NetworkState, UserState

CREDIT = 2000
"""Lines of one buffer that may be on their way to one client."""
OTHERS = "*"
"""The target in which the messages of all targets beyond the limit are kept: no server has one of that name."""
MOST_SPELLINGS = 20_000
"""Spellings of names that are remembered; a server may think of many."""
UNCOMMITTED = 1000
"""Messages of a network that may wait for the database before its server is read no further."""


def record(  # noqa: PLR0917 - the hot path
    user: UserState, network: NetworkState, target: str, message: Message, stamp: tuple[int, str], turn: Turn
) -> Handle:
    """Give a message the next number of its target; ``stamp`` is its time in ms and its line with tags."""
    handle = network.spelled.get(target)
    if handle is None:
        handle = awake(user, network, target, turn)
        if len(network.spelled) >= MOST_SPELLINGS:
            network.spelled.clear()
        network.spelled[target] = handle
    time, line = stamp
    msgid = message.tag("msgid") if message.tags else None
    enter(user, network, handle, Entry(handle.end, time, nick_of(message.source), message.command, line, msgid or ""))
    return handle


def enter(user: UserState, network: NetworkState, handle: Handle, entry: Entry) -> None:
    """Have an entry, which has the next number of its target, sent to its buffer at the end of the turn."""
    if not handle.fresh:
        user.touched.append(handle)
    handle.fresh.append(entry)
    handle.end += 1
    network.uncommitted += 1


def append_fresh(user: UserState, turn: Turn) -> None:
    """Send what this turn has recorded to its buffers."""
    for handle in user.touched:
        turn.send(handle.ref, Append(tuple(handle.fresh), handle.redacted, handle.multiline))
        handle.fresh = []
        handle.redacted = ()
        handle.multiline = False
    user.touched = []


def committed(user: UserState, msg: LinesCommitted, turn: Turn) -> None:
    """Give back the credit that was held while messages waited for the database."""
    network, handle = user.handles.get(msg.buffer, (None, None))
    if network is None or handle is None:
        return
    network.uncommitted -= msg.end - handle.durable
    handle.durable = msg.end
    if network.owed and network.uncommitted <= UNCOMMITTED:
        turn.send(network.upstream, Taken(network.owed))
        network.owed = 0


def awake(user: UserState, network: NetworkState, target: str, turn: Turn) -> Handle:
    """Return the handle of a target, with its buffer started and its readers subscribed.

    Beyond the limit of targets all new ones share one.
    """
    known = target in network.handles or target in network.asleep
    if not known and len(network.handles) + len(network.asleep) >= user.settings.max_targets:
        target = OTHERS
    handle = network.handles.get(target)
    if handle is not None:
        return handle
    stored = network.asleep.pop(target, None)
    if stored is None:
        fresh = Target(network.record.id, network.fold(target), 0, dict.fromkeys(network.names, 0))
        handle = _start(user, network, fresh, turn, fresh=True)
    else:
        handle = _start(user, network, stored, turn, fresh=False)
    network.handles[target] = handle
    channel = network.saved.get(target)
    handle.shown = channel is None or not channel.detached
    handle.obey(channel)
    for client in network.clients if handle.shown else ():
        subscribe(network, client, handle, turn)
    return handle


def _start(user: UserState, network: NetworkState, target: Target, turn: Turn, *, fresh: bool) -> Handle:
    key = user.new_request()
    args = BufferArgs(
        user=turn.me,
        store=user.store,
        network_id=network.id,
        target=target.name,
        key=key,
        end=target.end,
        cursors=target.cursors,
        fresh=fresh,
        capacity=user.settings.ring,
        mandate=user.mandate,
    )
    spec = ChildSpec(f"buffer-{network.id}-{key}", "soju_actors.buffer.actor:BufferActor", args, intensity=0)
    ref: Ref[ToBuffer] = turn.spawn(spec)
    handle = Handle(key, ref, target.name, target.end, target.end)
    user.handles[key] = (network, handle)
    return handle


def subscribe(network: NetworkState, client: Client, handle: Handle, turn: Turn) -> None:
    """Let a client read a buffer from the next message on.

    One that asks for history itself is sent nothing of what waits for the database now, but what it asks waits
    too: the answer has all that was said before.
    """
    live = handle.end if client.keeps_cursor else handle.durable
    view = View.of(client.caps)
    turn.send(handle.ref, Subscribe(client.ref, handle.key, client.name, live, False, view, CREDIT))
    if live < handle.end:
        network.feed.slot_to(client, Ticket(handle.key, live - handle.end))


def catch_up(  # noqa: PLR0917 - all that is known of it
    network: NetworkState, client: Client, handle: Handle, live: int, turn: Turn, since: int = -1
) -> None:
    """Let a client read a buffer from number ``live`` on, and show it before that what it has missed.

    A client that keeps no cursor fetches that by itself, unless it was shown all up to ``since``.
    """
    view, talk, hidden = View.of(client.caps), client.keeps_cursor or since >= 0, network.blocked_for(client)
    turn.send(handle.ref, Subscribe(client.ref, handle.key, client.name, live, True, view, CREDIT, talk, hidden, since))
    network.feed.slot_to(client, Backlog(handle.key, live, handle.target))


def name_client(network: NetworkState, client: Client, turn: Turn) -> dict[str, int]:
    """Begin cursors at the end of all targets for a new name (row RCP-05); return them by target."""
    network.names.add(client.name)
    for handle in network.handles.values():
        turn.send(handle.ref, NameClient(client.name, handle.end))
    ends = {handle.target: handle.end for handle in network.handles.values()}
    for name, target in list(network.asleep.items()):
        network.asleep[name] = msgspec.structs.replace(target, cursors={**target.cursors, client.name: target.end})
        ends[target.name] = target.end
    return ends
