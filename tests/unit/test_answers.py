"""The file in which a program outside says where users are to run."""

import json
from pathlib import Path
from typing import Any

import pytest

from actors.placement import Limits
from soju_actors.nodes.answers import EVERY, AnswersFile
from tests.support.nodes import ClusterOfNodes

REST = Limits().rest


class Desk:
    """Does at once what is to be done in another thread, and waits for nothing."""

    def __init__(self) -> None:
        self.later_calls: list[Any] = []
        self.delays: list[float] = []
        self.told: list[dict[str, str]] = []

    def in_thread(self, call: Any, done: Any) -> None:  # noqa: ANN401 - functions
        done(call())

    def later(self, delay: float, call: Any) -> None:  # noqa: ANN401 - a function
        self.delays.append(delay)
        self.later_calls.append(call)

    def look(self) -> None:
        """Let the time of the next look come."""
        self.later_calls.pop()()


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "answers.json"


def write(file: Path, text: str) -> None:
    """Replace the file at once, as the program should."""
    new = file.with_suffix(".new")
    new.write_text(text)
    new.replace(file)


def reading(file: Path) -> Desk:
    desk = Desk()
    AnswersFile(file, desk, desk.told.append).begin()
    return desk


def test_what_the_file_says_is_told_by_path_and_once(file: Path) -> None:
    write(file, '{"alice": "n2", "böb/1": "n1"}')
    desk = reading(file)
    desk.look()
    assert desk.told == [{"user/alice": "n2", "user/b%C3%B6b%2F1": "n1"}]
    assert desk.delays == [EVERY, EVERY]


def test_what_has_changed_is_told_again(file: Path) -> None:
    write(file, '{"alice": "n2"}')
    desk = reading(file)
    write(file, "{}")
    desk.look()
    assert desk.told == [{"user/alice": "n2"}, {}]


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ('["alice"]', "Expected `object`, got `array`"),
        ('{"alice": 2}', "Expected `str`, got `int`"),
        ("{", "Input data was truncated"),
        ("\udcff", "malformed"),
    ],
)
def test_a_wrong_file_is_told_of_once_and_changes_nothing(
    file: Path, text: str, wrong: str, caplog: pytest.LogCaptureFixture
) -> None:
    write(file, '{"alice": "n2"}')
    desk = reading(file)
    file.write_bytes(text.encode(errors="surrogateescape"))
    desk.look()
    desk.look()
    assert desk.told == [{"user/alice": "n2"}]
    (line,) = caplog.messages
    assert line.startswith(f"{file} says nothing new of where users are to run: ")
    assert wrong.lower() in line.lower()
    assert 'it is one object of JSON, such as {"alice": "n2"}: users, and their nodes' in line


def test_a_file_that_comes_goes_and_comes_back_is_read_each_time(file: Path, caplog: pytest.LogCaptureFixture) -> None:
    desk = reading(file)
    desk.look()
    write(file, '{"alice": "n2"}')
    desk.look()
    file.unlink()
    desk.look()
    write(file, '{"alice": "n1"}')
    desk.look()
    assert desk.told == [{"user/alice": "n2"}, {"user/alice": "n1"}]
    assert [line.rpartition(": ")[2] for line in caplog.messages] == ["No such file or directory"] * 2


def test_users_go_where_the_file_says_and_move_when_it_says_so(file: Path) -> None:
    write(file, json.dumps({"alice": "b", "bob": "b"}))
    cluster = ClusterOfNodes("ab", placement="external", rebalance=10, answers=str(file))
    assert cluster.registries["a"].answered == {"user/alice": "b", "user/bob": "b"}
    cluster.start_users("a", "alice", "bob")
    cluster.inline.advance(REST + 20.0)
    assert cluster.users() == {"a": 0, "b": 2}
    assert cluster.run("b", "explain", "user/alice").lines[0].startswith("user/alice")
    write(file, json.dumps({"alice": "a"}))
    cluster.inline.advance(REST + 20.0)
    assert cluster.users_on("a") == ["user/alice"]
