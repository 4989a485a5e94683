"""What the user has noted of channels and nicks, shared by all clients of a network (section 5.17 of the reference).

Spec: https://ircv3.net/specs/extensions/metadata
"""

from collections.abc import Iterable, Iterator

import msgspec

from actors import Turn
from soju_actors.irc.errors import fail
from soju_actors.irc.message import Message
from soju_actors.irc.metadata import CAP, KEYS
from soju_actors.irc.numerics import Numeric
from soju_actors.irc.replies import reply_to, sayable
from soju_actors.model.records import Flags, NetworkId
from soju_actors.ports.database import Saved, WriteFailed
from soju_actors.user.blocking import note_blocked
from soju_actors.user.saving import Pending, continuation
from soju_actors.user.state import Client, NetworkState, UserState


def flags_of(network: NetworkState, target: str) -> Flags:
    """Return what is noted of a target."""
    return network.flags.get(target) or Flags(NetworkId(network.id), network.fold(target))


def newest_flags(user: UserState, network: NetworkState, target: str) -> Flags:
    """Return what will be noted of a target when all that is being stored is."""
    folded = network.fold(target)
    for pending in reversed(user.pending.values()):
        flags = pending.flags
        if flags is not None and (flags.network_id, flags.target) == (network.id, folded):
            return flags
    return flags_of(network, target)


def note(network: NetworkState, target: str, flags: Flags) -> None:
    """Take over what is stored of a target."""
    if flags.pinned or flags.muted or flags.blocked:
        network.flags[target] = flags
    else:
        network.flags.pop(target, None)
    note_blocked(network)


def value(flags: Flags, key: str) -> str:
    """Return the value of a key."""
    return "1" if getattr(flags, KEYS[key]) else "0"


def message(user: UserState, target: str, key: str, text: str) -> Message:
    """Return what tells a client the value of a key without having been asked."""
    return sayable(Message("METADATA", (target, key, "*", text), source=user.settings.hostname))


def reply(user: UserState, client: Client, target: str, key: str, text: str) -> Message:
    """Return the answer to a question for the value of a key."""
    return sayable(Message(Numeric.RPL_KEYVALUE, (client.nick, target, key, "*", text), user.settings.hostname))


def batched(user: UserState, target: str, lines: Iterable[Message], kind: str = "metadata") -> Iterator[str]:
    """Yield lines as a batch; a client that knows no batches gets what is in it alone."""
    name = f"metadata-{user.new_request()}"
    source = f":{user.settings.hostname}"
    yield f"{source} BATCH +{name} {kind} {target}".rstrip(" ")
    for line in lines:
        yield f"@batch={name} {line}"
    yield f"{source} BATCH -{name}"


def target_lines(user: UserState, network: NetworkState, target: str, keys: Iterable[str]) -> Iterator[Message]:
    """Yield the values of some keys of a target."""
    flags = flags_of(network, target)
    for key in keys:
        yield message(user, target, key, value(flags, key))


def noted_lines(user: UserState, network: NetworkState, keys: Iterable[str]) -> Iterator[str]:
    """Yield a batch for each target of which something is noted, limited to some keys."""
    wanted = [key for key in KEYS if key in keys]
    for target in network.flags if wanted else ():
        yield from batched(user, target, target_lines(user, network, target, wanted))


def attach_lines(user: UserState, network: NetworkState | None, client: Client) -> Iterator[str]:
    """Yield what a client that comes is told: nothing of itself, and what it has subscribed to (row ATT-04)."""
    if CAP not in client.caps:
        return
    yield from batched(user, client.nick, ())
    if network is not None:
        yield from noted_lines(user, network, client.subs)


def rekey(network: NetworkState) -> None:
    """Compare targets as the network does now; what was noted of two that are the same now holds for both."""
    for target, flags in network.flags.rekey(network.casemapping):
        other = network.flags[target]
        network.flags[target] = msgspec.structs.replace(
            other,
            pinned=flags.pinned or other.pinned,
            muted=flags.muted or other.muted,
            blocked=flags.blocked or other.blocked,
        )
    note_blocked(network)


@continuation
def flags_saved(user: UserState, pending: Pending, done: Saved | WriteFailed, turn: Turn) -> None:
    """Answer the client that has set a key or cleared all, and tell all of the network that follow (row MET-02)."""
    del turn
    flags = pending.flags
    network = user.networks.get(flags.network_id) if flags else None
    if flags is None or network is None:
        return
    target, *keys = pending.words
    client = network.with_serial(pending.client)
    if isinstance(done, WriteFailed):
        if client is not None:
            error = fail("METADATA", "INTERNAL_ERROR", target, f"It could not be stored: {done.reason}")
            network.feed.line_to(client, str(reply_to(error, user.settings.hostname, client.nick)))
        return
    before = flags_of(network, target)
    changed = [key for key in KEYS if value(before, key) != value(flags, key)]
    note(network, target, flags)
    if client is not None:
        network.feed.lines_to(client, answer(user, client, target, flags, keys or changed, cleared=not keys))
    for key in changed:
        network.feed.line_if(str(message(user, target, key, value(flags, key))), needs=CAP)


def answer(
    user: UserState, client: Client, target: str, flags: Flags, keys: Iterable[str], *, cleared: bool
) -> Iterator[str]:
    """Yield the answer to SET, or to CLEAR, which is a batch."""
    replies = [reply(user, client, target, key, value(flags, key)) for key in keys]
    return batched(user, target, replies) if cleared else map(str, replies)
