"""Whether nodes know each other, by what each says when it is asked for the status of the cluster."""

import time
from collections.abc import Callable, Iterator, Sequence

from soju_actors.cli.failure import Failure

Ask = Callable[[str], list[str]]
"""Returns what a node answers to ``cluster status``. Raises Failure if it cannot be asked."""
KNOWN_AFTER = 20.0
"""Seconds that nodes may take to know each other."""
PAUSE = 0.1
APART = "They do not know these:"


def statuses(nodes: Sequence[str], ask: Ask) -> tuple[list[str], bool]:
    """Return the status of the first node, and of each that those before do not know; and whether it is all of one."""
    said: list[str] = []
    one = True
    for node in nodes:
        if any(_is_of(node, line) for line in said):
            continue
        if said:
            one = False
            said.append(APART)
        try:
            said += ask(node)
        except Failure as error:
            one = False
            said.append(f"node {node}: it cannot be asked: {error}")
    return said, one


def strangers(nodes: Sequence[str], ask: Ask) -> Iterator[str]:
    """Say which nodes do not know which others, and why, if they know that."""
    for node in nodes:
        try:
            lines = ask(node)
        except Failure as error:
            yield f"{node} cannot be asked: {error}"
            continue
        missing = [other for other in nodes if not any(_is_of(other, line) for line in lines)]
        own = next((line for line in lines if _is_of(node, line)), "")
        why = own.partition("not let in: ")[2].partition(";")[0]
        if missing:
            yield f"{node} does not know {', '.join(missing)}{f' ({why})' if why else ''}"


def await_each_other(nodes: Sequence[str], ask: Ask, *, patience: float = KNOWN_AFTER, pause: float = PAUSE) -> None:
    """Return when all nodes know each other.

    Raises:
        Failure: that takes too long.
    """
    end = time.monotonic() + patience
    while left := list(strangers(nodes, ask)):
        if time.monotonic() >= end:
            raise Failure(f"after {patience:.0f} s the nodes do not know each other: {'; '.join(left)}")
        time.sleep(pause)


def _is_of(node: str, line: str) -> bool:
    return line.startswith(f"node {node}:")
