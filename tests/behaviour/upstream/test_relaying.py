"""What a registered server says, on its way to the user actor, with credit."""

import logging

import pytest

from actors import BytesReceived, Closed, Link
from soju_actors.irc.message import Message
from soju_actors.messages.upstream import Disconnect, Forward, Taken
from soju_actors.messages.user import UpstreamDown, UpstreamSaid
from soju_actors.upstream.actor import WINDOW
from tests.behaviour.upstream.scene import Scene

HELLO = ":bob!b@test PRIVMSG #soju :hello"


def test_one_read_is_one_batch() -> None:
    scene = Scene().register()
    lines = [HELLO, "@time=2024-01-01T00:00:00.000Z :bob!b@test JOIN #soju", ":irc.test 372 alice :- motd"]
    scene.hear(*lines)
    assert len(scene.told) == 1
    assert scene.said() == lines


def test_a_line_may_come_in_two_reads() -> None:
    scene = Scene().register()
    scene.tell(BytesReceived(scene.link, b":bob!b@test PRIVMSG #so"))
    assert scene.told == []
    scene.tell(BytesReceived(scene.link, b"ju :hello\r\n"))
    assert scene.said() == [HELLO]


def test_bytes_that_are_not_utf8_pass_unharmed() -> None:
    scene = Scene().register()
    line = b":bob!b@test PRIVMSG #soju :caf\xe9"
    scene.tell(BytesReceived(scene.link, line + b"\r\n"))
    assert [said.encode("utf-8", "surrogateescape") for said in scene.said()] == [line]


def test_ping_is_answered_here() -> None:
    """Row UP-01: PONG with the same parameters."""
    scene = Scene().register()
    scene.hear(HELLO, "PING :irc.test", HELLO)
    assert scene.heard() == ["PONG irc.test"]
    assert scene.said() == [HELLO, HELLO]


def test_only_pong_for_our_own_ping_is_kept_back() -> None:
    scene = Scene().register()
    scene.advance(60.0)
    (ping,) = scene.heard()
    token = ping.split()[-1]
    scene.hear(f":irc.test PONG irc.test :{token}", ":irc.test PONG irc.test :other")
    assert scene.said() == [":irc.test PONG irc.test :other"]


def test_the_text_of_error_is_the_reason_of_the_end() -> None:
    """Row UP-31."""
    scene = Scene().register()
    scene.hear(HELLO, "ERROR :Closing Link: alice (Killed)")
    assert scene.said() == [HELLO]
    scene.close()
    assert scene.down.reason == "Closing Link: alice (Killed)"
    assert scene.down.registered


def test_a_line_that_is_not_irc_is_left_out(caplog: pytest.LogCaptureFixture) -> None:
    scene = Scene().register()
    with caplog.at_level(logging.WARNING):
        scene.hear(HELLO, ":bob!b@test", "@tags", HELLO)
    assert scene.said() == [HELLO, HELLO]
    assert [record.getMessage() for record in caplog.records] == [
        "user/alice/upstream-3: the server has sent lines that are too long or not IRC: 2"
    ]


def test_so_many_batches_may_be_under_way() -> None:
    scene = Scene().register()  # the welcome was one
    for _ in range(WINDOW - 1):
        assert not scene.hear(HELLO).paused
    assert scene.hear("PING :irc.test", HELLO).paused == [scene.link]
    assert not scene.hear(HELLO).paused
    assert len(scene.told) == WINDOW - 1
    assert scene.heard() == ["PONG irc.test"], "a busy user actor must not cost the connection"
    turn = scene.tell(Taken(1))
    assert len(scene.told) == WINDOW
    assert not turn.resumed
    turn = scene.tell(Taken(1))
    assert len(scene.told) == WINDOW + 1
    assert turn.resumed == [scene.link]


def test_what_was_said_before_the_end_is_told_before_the_end() -> None:
    """Promise 2: no line is lost because the server closed."""
    scene = Scene().register()
    for n in range(WINDOW + 1):
        scene.hear(f":bob PRIVMSG #soju :{n}")
    scene.close()
    assert len(scene.told) == WINDOW - 1
    scene.tell(Taken(WINDOW))
    assert scene.said() == [f":bob PRIVMSG #soju :{n}" for n in range(WINDOW + 1)]
    assert isinstance(scene.told[-1], UpstreamDown)


def test_the_next_connection_is_told_after_the_last() -> None:
    scene = Scene().register()
    for _ in range(WINDOW):
        scene.hear(HELLO)
    scene.close()
    scene.advance(0.0)
    scene.connect()
    scene.hear(":irc.test 001 alice :Again")
    assert len(scene.told) == WINDOW - 1
    scene.tell(Taken(1))
    kinds = [type(msg).__name__ for msg in scene.told[WINDOW - 1 :]]
    assert kinds == ["UpstreamSaid", "UpstreamDown", "UpstreamUp", "UpstreamSaid"]


def test_credit_that_the_user_actor_forgot_at_the_end_is_not_missed() -> None:
    scene = Scene().register()
    for _ in range(20):
        scene.close(clean=False)
        scene.advance(1000.0)
        scene.connect()
        scene.hear(":irc.test 001 alice :Again")
    assert sum(isinstance(msg, UpstreamSaid) for msg in scene.told) == 20


def test_credit_of_an_upstream_that_failed_is_no_error() -> None:
    scene = Scene().register()
    scene.tell(Taken(5))
    for _ in range(WINDOW + 1):
        turn = scene.hear(HELLO)
    assert turn.paused == [scene.link]


def test_events_of_an_earlier_link_are_nothing() -> None:
    scene = Scene().register()
    scene.tell(BytesReceived(Link(99), b"QUIT\r\n"))
    scene.tell(Closed(Link(99), "closed", clean=True))
    assert scene.told == []


def test_what_comes_after_quit_is_not_told() -> None:
    scene = Scene().register()
    scene.tell(Disconnect("bye"))
    scene.told.clear()
    scene.hear(HELLO)
    assert scene.told == []


def test_log_lines_have_no_secrets(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        scene = Scene(password="hunter2").register()
        scene.tell(Forward((Message("PRIVMSG", ("NickServ", "IDENTIFY hunter2")),)))
        scene.hear(":NickServ!s@s NOTICE alice :hunter2 is a weak password", HELLO)
    assert "hunter2" not in caplog.text
    assert f"user/alice/upstream-3 < {HELLO}" in caplog.messages
    assert "user/alice/upstream-3 > PASS …" in caplog.messages
