"""Who moves together, and how that is packed."""

from collections.abc import Callable, Iterable, Iterator

from actors.cell import Cell, State
from actors.cluster.session import FRAME_MOST
from actors.directory import MARK
from actors.supervision import Place

Done = Callable[[str], None]
"""Told when a move has ended: why it failed, or nothing."""


class MoveError(Exception):
    """An actor cannot move now, or not there; the text is for a person."""


def gather(cell: Cell, cells: list[Cell], stayers: list[Cell]) -> None:
    """Find who moves with an actor, itself first, and which of their children stay.

    Raises:
        MoveError: one of them is starting or ending, or owns a link.
    """
    if cell.links:
        raise MoveError(f"{cell.me} has a connection, which stays where it is")
    if not isinstance(cell, Cell) or not hasattr(cell, "actor"):
        raise MoveError(f"{cell.me} is no actor that can move")
    if cell.state is not State.RUNNING or cell.actor is None:
        raise MoveError(f"{cell.me} is {'starting' if cell.actor is None else cell.state.value}")
    cells.append(cell)
    for child in (cell.children or {}).values():
        if child.spec.place is not Place.HERE or child.links:
            stayers.append(child)
        else:
            gather(child, cells, stayers)


def packed(envelopes: Iterable[bytes]) -> Iterator[list[bytes]]:
    """Yield envelopes in lists, each of which travels well."""
    together: list[bytes] = []
    size = 0
    for envelope in envelopes:
        together.append(envelope)
        size += len(envelope)
        if size > FRAME_MOST:
            yield together
            together, size = [], 0
    if together:
        yield together


def new_parent(cell: Cell, here: str, there: str) -> str:
    """Return the path of the parent that an actor has after its move: what each node has, has its like there."""
    if cell.parent is None or not cell.parent.me.path:
        return ""
    path = cell.parent.me.path
    name, mark, node = path.partition(MARK)
    return f"{name}{MARK}{there}" if mark and node == here else path
