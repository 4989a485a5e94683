"""What a node tells of itself when it is asked what runs there."""

from actors.kernel import Kernel
from soju_actors.messages.cluster import ActUntil, UsersThere
from soju_actors.nodes.talking import Talking
from soju_actors.registry.state import USERS

SLASH = len(USERS) - 1
"""Where the path of a user has its last one; this comes first, since it refuses most paths."""


class Presence:
    """The users on this node, since when they are here, and the leases under which it acts for them."""

    def __init__(self, node: str, kernel: Kernel) -> None:
        self.held = ActUntil(0.0)
        """What the keeper of leases has said last."""
        self.talking: Talking | None = None
        """If users may move by themselves."""
        self._node = node
        self._kernel = kernel
        self._came: dict[str, float] = {}
        self._looked = -1
        """How often actors had come or gone when this looked at them last, for there may be very many."""

    def users(self) -> list[str]:
        """Return the paths of the users that run here, and note who has come.

        Who wanted to leave and could not has come anew: it is not asked to leave again at once.
        """
        changes = self._kernel.directory.changes
        if changes != self._looked:
            self._looked = changes
            now = self._kernel.clock.now()
            paths = [path for path in self._kernel.running if is_user(path)]
            self._came = {path: self._came.get(path, now) for path in paths}
        return list(self._came)

    @property
    def leases(self) -> int:
        """So many users are those for whom this node may act."""
        return self.held.leases if self.held.ends > self._kernel.clock.now() else 0

    def told(self, request: int) -> UsersThere:
        """Return the answer to a question."""
        kernel = self._kernel
        paths = self.users()
        now = kernel.clock.now()
        left = max(0.0, self.held.ends - now)
        return UsersThere(
            request,
            self._node,
            len(kernel.running),
            tuple(path.removeprefix(USERS) for path in paths),
            kernel.sockets.count,
            tuple(now - self._came[path] for path in paths),
            self.leases,
            left,
            *(self.talking.told(paths) if self.talking else ()),
        )


def is_user(path: str) -> bool:
    """Whether the actor at a path is a user."""
    return path.rfind("/") == SLASH and path.startswith(USERS)
