"""Blocking work outside of turns: databases, password hashes."""

from typing import Any, Protocol

from actors.message import ActorProtocol


class Service(Protocol):
    """Does jobs that take time, one after the other on each of its threads.

    An actor asks with ``turn.perform(name, job)``; the answer comes back to it as
    a message of its own protocol, from ``Ref("service/<name>")``.
    """

    def perform(self, job: Any) -> ActorProtocol | None:  # noqa: ANN401 - each service knows its jobs
        """Do the job and return the answer, if there is one.

        What it raises reaches the asker as ``ServiceFailed``.
        """

    def close(self) -> None:
        """Release what it holds; no job comes after this."""
