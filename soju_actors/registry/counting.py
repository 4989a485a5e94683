"""What users have, counted on all nodes: each registry knows it of those that run on its node."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from msgspec.structs import replace

from actors import Ref, Turn
from soju_actors.messages.registry import (
    AdminDone,
    Announce,
    AskCounts,
    CountsDue,
    CountsThere,
    ListUsers,
    ReportStatus,
    UserCounts,
)
from soju_actors.ports.protocols import ToRegistry
from soju_actors.registry import admin
from soju_actors.registry.holding import Holding
from soju_actors.registry.state import NOTHING, RegistryState
from soju_actors.service.values import counted

PATIENCE = 3.0
"""Seconds that other nodes have to answer."""

Question = Announce | ListUsers | ReportStatus


@dataclass(slots=True)
class Count:
    """A question whose answer needs what other nodes count."""

    asker: Ref[Any]
    question: Question
    missing: set[str]
    """The nodes that have not answered."""
    counts: dict[str, UserCounts]
    """By name of the user."""


Counts = dict[int, Count]
"""Questions that wait for other nodes, by request."""


def begin(state: RegistryState, holding: Holding | None, counts: Counts, question: Question, turn: Turn) -> None:
    """Answer a question about what users have, once all nodes have told or had their time."""
    if turn.sender is None:
        return
    others = set() if holding is None else holding.nodes.keys() - {holding.part.node}
    number = state.new_request()
    counts[number] = Count(turn.sender, question, others, here(state, holding))
    for name in sorted(others):
        turn.send(Ref[ToRegistry](f"registry@{name}"), AskCounts(number))
    if others:
        turn.after(f"count {number}", PATIENCE, CountsDue(number))
    else:
        end(state, holding, counts, number, turn)


def here(state: RegistryState, holding: Holding | None) -> dict[str, UserCounts]:
    """Return what the users of this node have."""
    there = (known for known in state.users.values() if holding is None or known.user.id in holding.acting)
    return {known.user.name: known.counts for known in there}


def add(state: RegistryState, holding: Holding, counts: Counts, msg: CountsThere, turn: Turn) -> None:
    """Take what a node has counted."""
    count = counts.get(msg.request)
    if count is None:
        return
    count.counts |= msg.counts
    count.missing.discard(msg.node)
    if not count.missing:
        turn.cancel(f"count {msg.request}")
        end(state, holding, counts, msg.request, turn)


def end(state: RegistryState, holding: Holding | None, counts: Counts, number: int, turn: Turn) -> None:
    """Answer with what there is."""
    count = counts.pop(number, None)
    if count is not None:
        _answer(state, holding, count, turn)


def _answer(state: RegistryState, holding: Holding | None, count: Count, turn: Turn) -> None:
    done = _answered(state, holding, count, turn.wall)
    if not done.error:
        silent = (f"Node {name} does not answer: what its users have is not counted" for name in sorted(count.missing))
        done = replace(done, lines=(*done.lines, *silent))
    turn.send(count.asker, done)


def _answered(state: RegistryState, holding: Holding | None, count: Count, now: float) -> AdminDone:
    counts: Mapping[str, UserCounts] = {name: count.counts.get(name, NOTHING) for name in state.users}
    match count.question:
        case ListUsers():
            return admin.list_users(state, count.question, counts, now)
        case ReportStatus():
            nodes = () if holding is None else tuple(sorted(holding.nodes))
            return admin.report_status(state, count.question, counts, nodes, now)
        case Announce(request=request):
            clients = sum(of_user.clients for of_user in counts.values())
            return AdminDone(request, (f"Sent to {counted(clients, 'client')}",))
