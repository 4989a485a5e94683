"""``history purge``: deleting what is stored."""

import hashlib
from collections.abc import Mapping

from actors import Ref, Turn
from soju_actors.messages.buffer import Purge
from soju_actors.messages.store import TidyUp
from soju_actors.model.records import NetworkId
from soju_actors.ports.database import PurgeHistory, Saved, WriteFailed
from soju_actors.ports.protocols import ToBuffer
from soju_actors.service.commands import Given
from soju_actors.service.errors import CommandError
from soju_actors.service.values import counted
from soju_actors.service.words import quoted
from soju_actors.user.saving import Pending, continuation
from soju_actors.user.service.errand import Errand, Handler, answer, network_and_name
from soju_actors.user.state import NetworkState, UserState

EVERYTHING = "*"
AT_ONCE = 500
"""Targets of one job of the writer, which a commit has to wait for."""


def purge(errand: Errand, given: Given) -> None:
    """Tell what would be deleted, or delete it if that was confirmed.

    It is what is stored now: what is said between the question and the answer goes
    too, what is still on its way to the database does not. Numbers and cursors stay.
    """
    network, name = network_and_name(errand, given)
    ends = _ends(network, name)
    what = f"of {name} on {network.record.name}" if name != EVERYTHING else f"of all targets on {network.record.name}"
    if not any(ends.values()):
        raise CommandError(f"nothing is stored {what}")
    token = _token(errand, network, name)
    if not given.param(1):
        again = f"history purge -network {quoted(network.record.name)} {quoted(name)} {token}"
        errand.say(f"This deletes all that is stored {what}, for ever:")
        errand.say(f"up to {counted(sum(ends.values()), 'message')}. Clients keep what they were shown.")
        errand.say(f"If you mean it, say: {again}")
        return
    if given.param(1).casefold() != token:
        raise CommandError("that is not the token: leave it out to be told")
    names = sorted(ends)
    for first in range(0, len(names), AT_ONCE):
        part = {target: ends[target] for target in names[first : first + AT_ONCE]}
        done = f"What was stored {what} is deleted" if first + AT_ONCE >= len(names) else ""
        errand.save(
            PurgeHistory(NetworkId(network.id), part), "history_purged", words=(str(network.id), done), ends=part
        )


HANDLERS: Mapping[str, Handler] = {"history purge": purge}


@continuation
def history_purged(user: UserState, pending: Pending, done: Saved | WriteFailed, turn: Turn) -> None:
    """Have the buffers forget what is hidden from queries by now, and the database delete it."""
    number, text = pending.words
    if isinstance(done, WriteFailed):
        answer(user, pending, turn, error=done.reason)
        return
    network = user.networks.get(int(number))
    for target, end in (pending.ends or {}).items():
        handle = network.handles.get(target) if network else None
        if handle is not None:
            turn.send(Ref[ToBuffer](handle.ref.path), Purge(end))
    if text:
        turn.send(user.store, TidyUp())
        answer(user, pending, turn, (text,))


def _ends(network: NetworkState, name: str) -> dict[str, int]:
    """Return how far each of the targets that are meant is stored, by the names under which they are."""
    running = {handle.target: handle.durable for handle in network.handles.values()}
    asleep = {target.name: target.end for target in network.asleep.values()}
    if name == EVERYTHING:
        return running | asleep
    target = network.stored_name(name)
    return {target: end} if (end := (running | asleep).get(target, 0)) else {}


def _token(errand: Errand, network: NetworkState, name: str) -> str:
    """Return what confirms this deletion, until the user's actor starts anew."""
    user = errand.user
    user.nonce = user.nonce or errand.turn.rng.getrandbits(64) | 1
    text = f"purge {user.nonce} {network.id} {network.fold(name)}"
    return hashlib.sha256(text.encode("utf-8", "surrogateescape")).hexdigest()[:8]
