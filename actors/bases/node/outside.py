"""Where threads outside the loop receive messages: ``tell``, ``ask`` and ``listen``."""

import queue
import threading
from typing import TYPE_CHECKING, Any

from thespian.actors import ActorAddress
from thespian.system import isInternalActorSystemMessage
from thespian.system.timing import toTimeDeltaOrNone

from actors.ref import Ref
from actors.supervision import MAILBOX

if TYPE_CHECKING:
    from actors.bases.node.base import NodeBase


class Outside:
    """One endpoint outside the loop, with the methods that Thespian wants of it."""

    def __init__(self, base: "NodeBase", path: str) -> None:
        self.ref: Ref[Any] = Ref(path)
        self._base = base
        self._arrived: queue.SimpleQueue[Any] = queue.SimpleQueue()

    def put(self, msg: Any) -> bool:  # noqa: ANN401 - any message
        """Receive a message, in the loop; return whether there is room for it."""
        if isInternalActorSystemMessage(msg):
            return True
        if self._arrived.qsize() >= MAILBOX:
            return False
        self._arrived.put(msg)
        return True

    def tell(self, address: ActorAddress, msg: Any) -> None:  # noqa: ANN401
        """Send a message to any actor."""
        self._base.send_from(self.ref, address, msg)

    def listen(self, timeout: Any = None) -> Any:  # noqa: ANN401 - seconds or a timedelta; any message
        """Wait for a message; None if the time is over.

        Raises:
            RuntimeError: it is called in the thread of the loop, which would then stand still.
        """
        if threading.get_ident() == self._base.thread:
            raise RuntimeError("waiting for a message would block the actors")
        limit = toTimeDeltaOrNone(timeout)
        try:
            return self._arrived.get(timeout=None if limit is None else max(0.0, limit.total_seconds()))
        except queue.Empty:
            return None

    def ask(self, address: ActorAddress, msg: Any, timeout: Any = None) -> Any:  # noqa: ANN401
        """Send a message and wait for the next that comes, from whomever."""
        self.tell(address, msg)
        return self.listen(timeout)

    def newPrimaryActor(self, *args: Any) -> ActorAddress:  # noqa: ANN401, N802 - Thespian's name
        """Start an actor of Thespian's."""
        return self._base.newPrimaryActor(*args)

    def exit_context(self) -> None:
        """Receive nothing more."""
        self._base.forget_outside(self)

    def external_clone(self) -> "Outside":
        """Return another endpoint."""
        return self._base.external_clone()
