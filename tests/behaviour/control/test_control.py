"""The control socket (row OPS-12)."""

from typing import Any

import pytest

from actors import BytesReceived, Closed, Congested, Drained, Link, Ref
from actors.testing import Bench, BenchTurn
from soju_actors.control.actor import PATIENCE, ControlActor
from soju_actors.messages.control import ControlArgs
from soju_actors.messages.registry import AdminDone, ListUsers, ReportStatus

REGISTRY: Ref[Any] = Ref("registry")
LINK = Link(7)


@pytest.fixture
def bench() -> Bench:
    return Bench(ControlActor, ControlArgs(REGISTRY, LINK), path="listener/1")


def said(bench: Bench, text: str) -> BenchTurn:
    return bench.tell(BytesReceived(LINK, text.encode()))


def written(turn: BenchTurn) -> str:
    return turn.written.get(LINK, b"").decode()


def asked(turn: BenchTurn) -> list[Any]:
    return [msg for ref, msg in turn.sent if ref == REGISTRY]


def test_a_command_is_answered_with_lines_and_ok(bench: Bench) -> None:
    turn = said(bench, "BOUNCERSERV :server status\r\n")
    assert asked(turn) == [ReportStatus(1)]
    assert written(turn) == ""
    turn = bench.tell(AdminDone(1, ("2 users", "3 clients")), REGISTRY)
    assert written(turn) == "PRIVMSG * :2 users\r\nPRIVMSG * :3 clients\r\nBOUNCERSERV OK\r\n"


def test_a_command_that_fails_is_answered_with_fail(bench: Bench) -> None:
    said(bench, "BOUNCERSERV :user status bob\r\n")
    turn = bench.tell(AdminDone(1, error="There is no user 'bob'"), REGISTRY)
    assert written(turn) == "FAIL BOUNCERSERV :There is no user 'bob'\r\n"


@pytest.mark.parametrize(
    ("line", "answer"),
    [
        ("BOUNCERSERV", "461 * BOUNCERSERV :Not enough parameters"),
        ("BOUNCERSERV :", "461 * BOUNCERSERV :Not enough parameters"),
        ("BOUNCERSERV :  ", "461 * BOUNCERSERV :Not enough parameters"),
        ("LIST", "421 * LIST :Unknown command"),
        (
            "BOUNCERSERV :nonsense",
            "FAIL BOUNCERSERV :there is no command 'nonsense'; there are help, user, server",
        ),
        ("BOUNCERSERV :network status", "FAIL BOUNCERSERV :network is about a user's own affairs"),
        ("BOUNCERSERV user", "FAIL BOUNCERSERV :user needs another word: status, create, update, delete, run"),
    ],
)
def test_what_is_no_command_is_told(bench: Bench, line: str, answer: str) -> None:
    turn = said(bench, f"{line}\r\n")
    assert written(turn).startswith(answer)
    assert asked(turn) == []
    assert turn.closed == []


def test_help_is_answered_at_once(bench: Bench) -> None:
    turn = said(bench, "BOUNCERSERV :help server debug\r\n")
    assert written(turn).splitlines() == [
        "PRIVMSG * :server debug <on|off>",
        "PRIVMSG * :  Log in detail, or no longer.",
        "PRIVMSG * :  e.g. server debug on",
        "BOUNCERSERV OK",
    ]


@pytest.mark.parametrize("command", ["CAP LS", "NICK x", "user a 0 * :b", "PASS hunter2"])
def test_an_irc_client_is_sent_away(bench: Bench, command: str) -> None:
    turn = said(bench, f"{command}\r\nBOUNCERSERV :server status\r\n")
    assert written(turn) == "ERROR :This is a control socket: IRC clients connect to another one\r\n"
    assert (turn.closed, asked(turn)) == ([LINK], [])
    assert said(bench, "BOUNCERSERV :server status\r\n").effects == []


@pytest.mark.parametrize("data", [b"BOUNCERSERV :\0\r\n", b":\r\n", b"x" * 20_000])
def test_what_is_not_irc_ends_the_connection(bench: Bench, data: bytes) -> None:
    turn = bench.tell(BytesReceived(LINK, data))
    assert written(turn).startswith("ERROR :This is not a command: ")
    assert turn.closed == [LINK]


def test_commands_are_done_one_at_a_time(bench: Bench) -> None:
    """While one is under way nothing more is read, so that what waits is bounded."""
    turn = said(bench, "BOUNCERSERV :server status\r\nBOUNCERSERV :user status\r\nFOO\r\nBOUNCERSERV :us")
    assert asked(turn) == [ReportStatus(1)]
    assert turn.paused == [LINK]
    turn = bench.tell(AdminDone(1, ("one",)), REGISTRY)
    assert asked(turn) == [ListUsers(2)]
    assert turn.resumed == []
    turn = bench.tell(AdminDone(2, ("two",)), REGISTRY)
    assert written(turn).splitlines() == ["PRIVMSG * :two", "BOUNCERSERV OK", "421 * FOO :Unknown command"]
    assert turn.resumed == [LINK]
    assert asked(said(bench, "er status\r\n")) == [ListUsers(3)]


def test_a_command_that_is_not_answered_in_time_fails_and_the_next_one_is_done(bench: Bench) -> None:
    said(bench, "BOUNCERSERV :server status\r\nBOUNCERSERV :user status\r\n")
    turn = bench.advance(PATIENCE)
    assert written(turn) == "FAIL BOUNCERSERV :no answer within 150 s\r\n"
    assert asked(turn) == [ListUsers(2)]
    late = bench.tell(AdminDone(1, ("late",)), REGISTRY)
    assert late.effects == []
    assert "two" in written(bench.tell(AdminDone(2, ("two",)), REGISTRY))
    assert bench.advance(PATIENCE).effects == []


def test_nothing_is_done_for_a_peer_that_does_not_read(bench: Bench) -> None:
    assert bench.tell(Congested(LINK)).paused == [LINK]
    turn = said(bench, "BOUNCERSERV :help\r\n")
    assert turn.effects == []
    turn = bench.tell(Drained(LINK))
    assert written(turn).endswith("BOUNCERSERV OK\r\n")
    assert turn.resumed == [LINK]


def test_the_actor_ends_with_the_connection(bench: Bench) -> None:
    said(bench, "BOUNCERSERV :server status\r\n")
    assert bench.tell(Closed(LINK, "gone", clean=True)).stopped == [bench.ref]
