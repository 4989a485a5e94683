"""What the log says of peers that come again and again."""

import logging

import pytest

from actors.bases.node.peers.complaints import MOST, PAUSE, Complaints

WHY = "the clock of node b says 2026-11-25 09:41:52.{} UTC"


class Book:
    """The complaints of a node, by a clock of ours."""

    def __init__(self, caplog: pytest.LogCaptureFixture) -> None:
        caplog.set_level(logging.DEBUG)
        self.now = 0.0
        self.complaints = Complaints(logging.getLogger("test"), lambda: self.now)
        self.caplog = caplog

    def told(self, peer: str, reason: str) -> bool:
        self.complaints.tell(logging.ERROR, peer, "is refused", reason)
        record = self.caplog.records[-1]
        assert record.getMessage() == f"{peer} is refused: {reason}"
        return record.levelno == logging.ERROR


def test_the_same_of_the_same_host_is_told_once_in_a_while(caplog: pytest.LogCaptureFixture) -> None:
    book = Book(caplog)
    assert book.told("10.0.0.2:50001", WHY.format("001"))
    book.now = PAUSE - 0.1
    assert not book.told("10.0.0.2:50002", WHY.format("002"))
    assert book.told("10.0.0.3:50002", WHY.format("002"))
    assert book.told("10.0.0.2:50003", "the name is in use")
    book.now = PAUSE
    assert book.told("10.0.0.2:50004", WHY.format("003"))


def test_what_is_remembered_is_bounded(caplog: pytest.LogCaptureFixture) -> None:
    book = Book(caplog)
    for number in range(MOST + 1):
        assert book.told(f"host{number}:1", "it says nothing")
    assert not book.told("host1:1", "it says nothing")
    assert book.told("host0:1", "it says nothing")
