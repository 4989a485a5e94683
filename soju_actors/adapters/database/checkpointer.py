"""The service ``checkpointer``: copies the log of commits into the database file, beside the writer.

The copy waits for the disk, tens of milliseconds; within a commit every line would
wait as long now and then.
"""

from contextlib import suppress

from soju_actors.adapters.database.errors import StorageError
from soju_actors.adapters.database.session import Session


class Checkpointer:
    """Does :class:`soju_actors.ports.database.Checkpoint`; it has no answer."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def perform(self, job: object) -> None:  # noqa: ARG002 - there is only one
        """Copy what readers and the writer leave alone; what fails is tried again with the next."""
        with suppress(StorageError):
            self._session.checkpoint()

    def close(self) -> None:
        """Close the connection."""
        self._session.close()
