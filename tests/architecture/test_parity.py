"""``docs/parity.md``: what there is of each row of behaviour, and the test that shows it.

A test that is collected runs: the whole suite leaves none out, and in CI a skipped one has failed.
"""

import re
from collections import Counter
from collections.abc import Iterator
from typing import NamedTuple

import pytest

from soju_actors.bootstrap import ROOT
from tests.conftest import COLLECTED

PAGE = ROOT / "docs" / "parity.md"
IDS = (ROOT / "tests" / "data" / "soju-rows.txt").read_text().split()
MARKS = {"same", "better", "different", "later"}
SUBJECTS = (
    "several nodes",
    "web push",
    "file upload",
    "PAM",
    "HTTP and OAuth2 login",
    "WebSocket and HTTP listeners",
    "ident",
    "PROXY",
    "metrics",
    "importers",
)
"""What a row may wait for."""
SHAPE = re.compile(r"\| ([A-Z]+-\d\d) \| (\w+) \| (.*) \| (?:`([^`]+)`)? ?\|")


class Row(NamedTuple):
    """A line of a table."""

    id: str
    mark: str
    note: str
    test: str


def rows() -> Iterator[Row]:
    for line in PAGE.read_text().splitlines():
        if re.match(r"\| [A-Z]+-", line):
            found = SHAPE.fullmatch(line)
            assert found, f"not a row: {line}"
            yield Row(*(part or "" for part in found.groups()))


def test_each_row_of_the_reference_occurs_once() -> None:
    counts = Counter(row.id for row in rows())
    assert counts == Counter(IDS)


def test_each_row_has_a_mark_and_the_reason_for_it() -> None:
    for row in rows():
        assert row.mark in MARKS, row
        assert row.note or row.mark == "same", f"{row.id}: how, or why?"


def test_only_subjects_of_later_work_are_left() -> None:
    for row in rows():
        assert row.mark != "later" or row.note.startswith(SUBJECTS), row


def test_each_row_that_is_there_names_a_test_and_each_test_exists(request: pytest.FixtureRequest) -> None:
    collected = request.config.stash[COLLECTED]
    files = {test.partition("::")[0] for test in collected}
    for row in rows():
        assert row.test or row.mark in {"later", "different"}, f"{row.id} is not shown by a test"
    for test in re.findall(r"`(tests/[^`]*)`", PAGE.read_text()):
        file = test.partition("::")[0]
        assert (ROOT / file).is_file(), test
        assert file not in files or test in collected or test == file, test
