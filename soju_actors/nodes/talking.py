"""What the users of this node have to do, and what is said here between users and connections.

It is measured as long as the node runs, if users may move by themselves, and told to the node that decides.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence

from actors.kernel import Kernel
from actors.measure import EdgeRow, Meter
from actors.measure.instrument import Instrument
from actors.placement.measured import handled
from soju_actors.messages.cluster import Talk
from soju_actors.registry.state import USERS

LISTENER = "listener@"
UPSTREAM = "/upstream-"


class Talking:
    """Measures all the time, and knows what there was in the last period."""

    def __init__(self, node: str, kernel: Kernel, period: float) -> None:
        self._node = node
        self._kernel = kernel
        self._period = period
        self._meter = Meter()
        self._since = kernel.clock.now()
        self._handled: dict[str, float] = {}
        self._talk: tuple[Talk, ...] = ()
        Instrument(kernel, self._meter)
        kernel.clock.later(period, self._look)

    def _look(self) -> None:
        self._kernel.clock.later(self._period, self._look)
        now = self._kernel.clock.now()
        seconds, self._since = max(now - self._since, 1e-3), now
        self._kernel.settle()
        sample = self._meter.take()
        self._handled = handled(sample.actors, user_of, seconds)
        self._talk = tuple(talk_of(sample.edges, self._node, seconds))

    def told(self, paths: Sequence[str]) -> tuple[tuple[float, ...], tuple[Talk, ...]]:
        """Return the messages in a second that users have had to do, and what was said here."""
        return tuple(self._handled.get(path, 0.0) for path in paths), self._talk


def user_of(path: str) -> str:
    """The path of the user to whom an actor belongs; empty if it belongs to none."""
    return "/".join(path.split("/", 2)[:2]) if path.startswith(USERS) else ""


def talk_of(edges: Iterable[EdgeRow], here: str, seconds: float) -> list[Talk]:
    """What was said on a node, in a second: by and to clients, and by servers whose user is elsewhere."""
    found: dict[tuple[str, str, bool], float] = defaultdict(float)
    for row in edges:
        user = user_of(row.sender) or user_of(row.receiver)
        if not user:
            continue
        for path in (row.sender, row.receiver):
            if path.startswith(LISTENER):
                node = path.partition("/")[0].removeprefix(LISTENER)
                found[user, node, False] += row.messages / seconds
        if row.remote and row.receiver == user and UPSTREAM in row.sender:
            found[user, here, True] += row.remote / seconds
    return [Talk(user, node, messages, servers) for (user, node, servers), messages in found.items()]
