"""What all nodes have answered, put together: what runs where, and who talks to whom."""

from collections.abc import Callable
from pathlib import Path

from actors.measure.edges import Edges, beside
from soju_actors.messages.cluster import LoadSeen, Measured, NodeSeen, UsersThere
from soju_actors.service.values import counted

Answer = Callable[..., None]
"""Takes lines, and an error."""


class Recording:
    """Who talks to whom on all nodes, to be written into a file."""

    def __init__(self, path: Path, wanted: int, told: dict[str, Measured]) -> None:
        self._path = path
        self._wanted = wanted
        self._told = told

    def write(self) -> str:
        """Write it; return why that cannot be done."""
        try:
            with Edges(self._path) as file:
                for node, told in sorted(self._told.items()):
                    file.write(0.0, node, told.edges, told.actors)
        except Exception as error:  # noqa: BLE001 - people are told of it
            return f"{self._path} cannot be written: {getattr(error, 'strerror', None) or error}"
        return ""

    @property
    def summary(self) -> str:
        """Say what is in the file."""
        pairs = sum(len(told.edges) for told in self._told.values())
        actors = sum(len(told.actors) for told in self._told.values())
        nodes = f"{len(self._told)} of {self._wanted} nodes"
        return f"{pairs} pairs of actors on {nodes} are in {self._path}, {actors} actors in {beside(self._path).name}"


def status_lines(nodes: dict[str, NodeSeen], survey: dict[str, UsersThere]) -> tuple[str, ...]:
    """Return a line about each node, by name."""
    return tuple(_line(node, survey.get(name)) for name, node in sorted(nodes.items()))


def _line(node: NodeSeen, there: UsersThere | None) -> str:
    about = f"node {node.name}: zone {node.zone}, role {node.role}{', draining' if node.draining else ''}"
    if node.apart:
        about += f", takes no users, since it is not let in: {node.apart}"
    if there is None:
        return f"{about}; it does not answer"
    counts = ((len(there.users), "user"), (there.actors, "actor"), (there.connections, "socket"))
    parts = [about, ", ".join(counted(number, what) for number, what in counts)]
    if node.load is not None:
        parts.append(_load(node.load))
    if node.role != "edge":
        session = f"session ends in {there.session:.1f} s" if there.session > 0 else "no session"
        parts.append(f"{counted(there.leases, 'lease')}, {session}")
    return "; ".join(parts)


def _load(load: LoadSeen) -> str:
    said = [f"busy {load.busy:.0%}", f"{load.messages:.0f} messages/s"]
    if load.waiting is not None:
        said.append(f"{load.waiting} waiting")
    if load.bytes is not None:
        said.append(f"{load.bytes / 1000:.1f} kB/s with other nodes")
    if load.memory is not None:
        said.append(f"memory {load.memory / 1_000_000:.0f} MB")
    return ", ".join(said)
