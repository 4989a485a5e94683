"""A program at a socket that says where users are to run."""

import logging
import socket
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any, cast

import pytest

from actors.placement import Limits, Node, View
from soju_actors.config.answering import AnswersAt
from soju_actors.nodes import program as module
from soju_actors.nodes.consulting import PAUSES, QUIET, Consulting
from soju_actors.nodes.here import Here
from soju_actors.nodes.program import Heard, Program, Question, judge
from tests.support.asked import AskedProgram, answering, asked_program
from tests.support.nodes import ClusterOfNodes

VIEW = View((Node("n1"), Node("n2", zone="eu")))
QUESTION = Question(7, "n1", ("user/alice", "user/bob"), VIEW)
REST = Limits().rest


def to_n2(asked: dict[str, Any]) -> dict[str, str]:
    return {asked["paths"][0]: "n2"}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "asked.sock"


@pytest.fixture
def program(path: Path) -> Iterator[Program]:
    program = Program(AnswersAt(path=str(path)), patience=30.0)
    yield program
    program.close()


def test_a_question_has_the_view_and_the_answer_counts(path: Path, program: Program) -> None:
    with asked_program(path, answering(to_n2)) as asked:
        assert program.ask(QUESTION) == Heard({"user/alice": "n2"})
        assert program.ask(QUESTION) == Heard({"user/alice": "n2"})
    assert asked.connections == 1
    assert asked.asked[0] == {
        "ask": 7,
        "node": "n1",
        "paths": ["user/alice", "user/bob"],
        "view": {"nodes": [{"name": "n1"}, {"name": "n2", "zone": "eu"}]},
    }


def test_a_program_that_has_hung_up_is_connected_anew(path: Path, program: Program) -> None:
    with asked_program(path, answering(to_n2)) as asked:
        asked.stays = False
        for _ in range(3):
            assert program.ask(QUESTION) == Heard({"user/alice": "n2"})
        assert asked.connections == 3
    with asked_program(path, answering(lambda _: {})):
        assert program.ask(QUESTION) == Heard({})


def test_a_program_at_a_tcp_port_is_asked_too() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        program = Program(AnswersAt(host="127.0.0.1", port=server.getsockname()[1]), patience=0.05)
        assert program.ask(QUESTION).wrong == "it has not answered within 0.05 s"
        accepted, _ = server.accept()
        with accepted:
            assert accepted.recv(7) == b'{"ask":'


@pytest.mark.parametrize(
    ("says", "wrong"),
    [
        (lambda _: b"?\n", "JSON is malformed"),
        (lambda _: b"\xff\n", "an answer is one line of JSON, such as"),
        (lambda _: b"[]\n", "Expected `object`, got `array`"),
        (lambda _: b'{"ask": 7}\n', "missing required field `answers`"),
        (lambda _: b'{"ask": 7, "answers": {}, "users": {}}\n', "unknown field `users`"),
        (lambda _: b'{"ask": 7, "answers": {"user/alice": 2}}\n', "Expected `str`, got `int`"),
        (lambda _: b'{"ask": 6, "answers": {}}\n', "it answers question 6, and was asked 7"),
        (lambda _: b'{"ask": 7, "answers": {}}\n{"ask": 8, "answers": {}}\n', "malformed"),
        (lambda _: b"x" * 5000, "its line has more than 4096 bytes; an answer is one line"),
    ],
)
def test_what_is_no_answer_is_refused_with_what_is_allowed(
    path: Path, program: Program, says: Callable[[Any], bytes], wrong: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "LINE_MOST", 4096)
    with asked_program(path, says) as asked:
        heard = program.ask(QUESTION)
        assert heard.answers is None
        assert wrong in heard.wrong
        assert '{"ask": 7, "answers": {"user/alice": "n2"}}' in heard.wrong
        asked.says = answering(to_n2)
        assert program.ask(QUESTION) == Heard({"user/alice": "n2"}), "a new connection begins anew"


@pytest.mark.parametrize(
    ("answers", "wrong"),
    [
        ('{"user/alice": "n3", "user/bob": "n1"}', "'n3', which it names for user/alice, is no node; there are n1, n2"),
        ('{"user/carol": "n1", "user/bob": "n1"}', "it was not asked for 'user/carol', but for user/alice, user/bob"),
    ],
)
def test_of_an_answer_that_is_wrong_in_part_the_rest_counts(answers: str, wrong: str) -> None:
    assert judge(QUESTION, f'{{"ask": 7, "answers": {answers}}}'.encode()) == Heard({"user/bob": "n1"}, wrong)


def test_a_program_that_is_not_there_is_none(program: Program) -> None:
    assert program.ask(QUESTION) == Heard(wrong="No such file or directory")


class Clock:
    def __init__(self) -> None:
        self.time = 100.0

    def now(self) -> float:
        return self.time


class Desk:
    """A node, and a program whose answers are here; they come when that is wanted."""

    at = "unix:///asked.sock"

    def __init__(self) -> None:
        self.kernel = self
        self.clock = Clock()
        self.name = "n1"
        self.heard = Heard({})
        self.asked: list[Question] = []
        self.told: list[tuple[frozenset[str], dict[str, str]]] = []
        self.done: list[str] = []
        self.under_way: list[Callable[[], None]] = []
        self.consulting = Consulting(cast(Here, self), cast(Program, self), lambda *told: self.told.append(told))

    def number(self) -> int:
        return len(self.asked) + 1

    def in_thread(self, call: Callable[[], Any], done: Callable[[Any], None]) -> None:
        self.under_way.append(lambda: done(call()))

    def ask(self, question: Question) -> Heard:
        self.asked.append(question)
        return self.heard

    def want(self, *names: str, view: View = VIEW) -> None:
        paths = tuple(f"user/{name}" for name in names)
        self.consulting.ask(paths, view, lambda: self.done.append(" ".join(names)))

    def answer(self) -> None:
        self.under_way.pop(0)()


def test_one_question_is_asked_at_a_time_and_what_comes_up_meanwhile_is_the_next() -> None:
    desk = Desk()
    for name in ("alice", "bob", "carol", "bob"):
        desk.want(name)
    assert (len(desk.under_way), desk.done) == (1, [])
    desk.heard = Heard({"user/alice": "n2"})
    desk.answer()
    assert desk.done == ["alice"]
    assert desk.told == [(frozenset({"user/alice"}), {"user/alice": "n2"})]
    desk.answer()
    assert [question.paths for question in desk.asked] == [("user/alice",), ("user/bob", "user/carol")]
    assert desk.done == ["alice", "bob", "carol", "bob"]
    desk.want()
    assert desk.done[-1] == "", "nothing is asked for nobody"


def test_a_program_that_does_not_answer_is_left_alone_for_longer_each_time() -> None:
    desk = Desk()
    desk.heard = Heard(wrong="it has hung up")
    times: list[float] = []
    for _ in range(1000):
        desk.want("alice")
        if desk.under_way:
            desk.answer()
            times.append(desk.clock.time)
        desk.clock.time += 0.5
    gaps = [later - earlier for earlier, later in pairwise(times)]
    assert gaps[:6] == [0.5, 1.0, 2.0, 4.0, 8.0, 16.0]
    assert set(gaps[6:]) == {PAUSES[1]}
    assert len(desk.done) == 1000, "nobody waits for it"
    assert desk.told == []
    desk.heard = Heard({})
    desk.clock.time += PAUSES[1]
    desk.want("alice")
    desk.answer()
    desk.want("alice")
    assert desk.under_way, "who has answered is asked at once"


def test_the_log_has_a_complaint_a_minute_and_says_when_the_program_answers_again(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.INFO)
    desk = Desk()
    for number in range(240):
        desk.heard = Heard({}, f"wrong {number}")
        desk.want("alice")
        desk.answer()
        desk.clock.time += QUIET / 60
    heard, *complaints = sorted(caplog.messages, key=lambda line: "wrong" in line)
    assert heard == "the program at unix:///asked.sock says where users are to run"
    start = "the program at unix:///asked.sock does not say where users are to run: wrong "
    assert complaints == [f"{start}{number}" for number in (0, 60, 120, 180)]


def cluster_with(path: Path, **settings: Any) -> ClusterOfNodes:  # noqa: ANN401 - of any kind
    return ClusterOfNodes("ab", placement="external", answers=f"unix://{path}", **settings)


def moved(asked: AskedProgram) -> dict[str, int]:
    """How many groups the largest question had, and how many paths."""
    largest = max(asked.asked, key=lambda one: len(one["view"].get("groups", [])))
    return {"groups": len(largest["view"]["groups"]), "paths": len(largest["paths"])}


def test_users_move_where_the_program_says(path: Path) -> None:
    with asked_program(path, answering(lambda asked: dict.fromkeys(asked["paths"], "b"))) as asked:
        cluster = cluster_with(path, rebalance=10)
        cluster.start_users("a", "alice", "bob")
        cluster.inline.advance(REST + 20.0)
        assert cluster.users() == {"a": 0, "b": 2}
        assert moved(asked) == {"groups": 2, "paths": 2}
        assert cluster.registries["a"].answered == {"user/alice": "b", "user/bob": "b"}
        assert cluster.run("a", "explain", "user/alice").lines[:2] == (
            "user/alice → b",
            "external: it is named for it",
        )
        drained = cluster.run("b", "drain", "b")
        assert drained.error == "", "b is named for them and does not do, so they go elsewhere"
        assert cluster.users() == {"a": 2, "b": 0}


def test_without_a_program_users_are_placed_all_the_same(path: Path, caplog: pytest.LogCaptureFixture) -> None:
    cluster = cluster_with(path)
    said = cluster.run("a", "explain", "user/alice").lines[1]
    assert said == "external: no node is named for it; its hash with user/alice is highest"
    (complaint,) = [line for line in caplog.messages if "does not say" in line]
    assert complaint.endswith(f"{path} does not say where users are to run: No such file or directory")
