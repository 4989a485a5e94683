"""What the database answers to a client's questions."""

import logging
from abc import abstractmethod

from actors import ServiceFailed, Turn, on
from soju_actors.downstream.answers import Answer
from soju_actors.ports.database import HistoryRead, ReadFailed, SpansRead, TargetsRead

log = logging.getLogger(__name__)


class Answering:
    """Handlers of a client's connection for what is read from history."""

    __slots__ = ()

    @abstractmethod
    def answer(self, answer: Answer, turn: Turn) -> None:
        """Send the answer to a question."""

    @on(HistoryRead)
    def history_read(self, msg: HistoryRead, turn: Turn) -> None:
        """Send the answer to a question."""
        self.answer(msg, turn)

    @on(TargetsRead)
    def targets_read(self, msg: TargetsRead, turn: Turn) -> None:
        """Send the answer to a question."""
        self.answer(msg, turn)

    @on(SpansRead)
    def spans_read(self, msg: SpansRead, turn: Turn) -> None:
        """Send the answer to a question."""
        self.answer(msg, turn)

    @on(ReadFailed)
    def read_failed(self, msg: ReadFailed, turn: Turn) -> None:
        """Say that a question cannot be answered."""
        log.warning("%s: cannot read history: %s", turn.me.path, msg.reason)
        self.answer(msg, turn)

    @on(ServiceFailed)
    def service_failed(self, msg: ServiceFailed, turn: Turn) -> None:
        """Say the same where the database's own code has failed."""
        self.read_failed(ReadFailed("internal error", getattr(msg.job, "request", 0)), turn)
