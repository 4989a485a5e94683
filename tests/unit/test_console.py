"""What is logged when an admin wants details, and afterwards (row SVC-26)."""

import logging
from collections.abc import Iterator

import pytest

from soju_actors.console import Console
from soju_actors.ports.console import SetDetail


@pytest.fixture
def root() -> Iterator[logging.Logger]:
    logger = logging.getLogger()
    before = logger.level
    yield logger
    logger.setLevel(before)


def test_details_end_with_what_the_configuration_says(root: logging.Logger) -> None:
    console = Console()
    console.level = "WARNING"
    console.perform(SetDetail(True))
    assert root.level == logging.DEBUG
    console.perform(SetDetail(False))
    assert root.level == logging.WARNING
