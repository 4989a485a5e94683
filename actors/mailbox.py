"""What waits for an actor, and what happens when it is full."""

import logging
from collections import deque
from typing import Any

from actors.actor import Full
from actors.cell import Cell, Item, State
from actors.message import SystemMessage
from actors.ref import Ref
from actors.system import Refused
from actors.turn import DROP, Undelivered

log = logging.getLogger(__name__)

_spare: list[deque[Item]] = []
_SPARE_MOST = 1024


def new_box() -> deque[Item]:
    """Return an empty mailbox. An empty deque takes 600 bytes, so idle actors have none."""
    return _spare.pop() if _spare else deque()


def drop_box(cell: Cell) -> None:
    """Take the empty mailbox of a cell that has nothing to do."""
    box = cell.box
    if box is not None and len(_spare) < _SPARE_MOST:
        _spare.append(box)
    cell.box = None
    cell.overflowed = False


def put(cell: Cell, msg: Any, sender: Ref[Any] | None = None, about: Any = DROP) -> None:  # noqa: ANN401
    """Let a message of the engine itself wait, full or not; nothing if the actor does not run."""
    if cell.state is not State.RUNNING:
        return
    if cell.box is None:
        cell.box = new_box()
    cell.box.append((msg, sender, about))
    if not cell.queued:
        cell.queued = True
        cell.kernel.enqueue(cell)


def put_first(cell: Cell, msg: Any) -> None:  # noqa: ANN401 - any message
    """Let an actor that is at its turn handle this next."""
    if cell.box is None:
        cell.box = new_box()
    cell.box.appendleft((msg, None, DROP))


def move(old: Cell, new: Cell, socket: Any) -> None:  # noqa: ANN401 - identity is all that counts
    """Move the waiting events of a link from one actor to another."""
    box = old.box
    if box is None:
        return
    moving = [item for item in box if item[2] is socket]
    if moving:
        kept = [item for item in box if item[2] is not socket]
        box.clear()
        box.extend(kept)
        for msg, sender, about in moving:
            put(new, msg, sender, about)


def overflow(cell: Cell, msg: Any, sender: Ref[Any] | None, undelivered: Undelivered) -> None:  # noqa: ANN401
    """Do with a message that finds the mailbox full what its class says."""
    kind = type(msg)
    if isinstance(msg, SystemMessage):
        put(cell, msg, sender)
        return
    full = cell.behaviour.when_full.get(kind, Full.WAIT)
    if full is Full.DROP_OLDEST:
        _drop_oldest(cell, kind, (msg, sender, undelivered))
        return
    if full is Full.WAIT and not cell.overflowed:
        cell.overflowed = True
        log.error("mailbox of %s is full for %s: its sender %s has no credit left", cell.me, kind.__qualname__, sender)
    if sender is not None:
        cell.kernel.route(cell.me, sender, Refused(cell.me, msg))


def _drop_oldest(cell: Cell, kind: type, item: Item) -> None:
    box = cell.box or new_box()
    for index, (waiting, _, _) in enumerate(box):
        if type(waiting) is kind:
            del box[index]
            box.append(item)
            return
