"""``session``: the user's own connections (row GAP-03)."""

import pytest

from soju_actors.user.service.sessions import MOST_SURVEYS, PATIENCE
from tests.behaviour.service.asking import LAG, answers, control, said
from tests.support.world import InlineClient, Setting, World


@pytest.fixture
def world() -> World:
    return World()


def ask(client: InlineClient, text: str) -> None:
    """Say something to the service; what comes of it is left to be read."""
    client.received()
    client.send(f"PRIVMSG BouncerServ :{text}")


def pong(*clients: InlineClient) -> None:
    """Let clients answer how far away they are; pass over what else they were told."""
    for client in clients:
        ping = next(line for line in client.received() if line.startswith(LAG))
        client.send(f"PONG {ping[5:]}")


def test_sessions_are_listed_with_their_lag_which_is_measured_then(world: World) -> None:
    laptop, phone = world.attach(caps="message-tags batch"), world.attach("alice@phone")
    world.advance(100)
    ask(laptop, "session list")
    world.advance(0.04)
    pong(laptop)
    assert answers(laptop) == [], "the phone has not answered"
    world.advance(1.46)
    pong(phone)
    assert answers(laptop) == [
        "no  client  network  address    since   lag    caps",
        "1   laptop  libera   127.0.0.1  1m 42s  40 ms  3     this one",
        "2   phone   -        127.0.0.1  1m 42s  1.5 s  0",
    ]


def test_a_client_that_does_not_answer_is_listed_all_the_same(world: World) -> None:
    laptop = world.attach()
    assert said(laptop, "session list")[0].startswith(LAG)
    world.advance(PATIENCE)
    (_, row) = answers(laptop)
    assert "over 3 s" in row
    assert said(laptop, "session list") == [], "its PING is still under way"
    world.advance(PATIENCE)
    answers(laptop)
    assert said(laptop, "session list")[0].startswith(LAG), "it is given up and another one sent"


def test_one_session_is_told_of_with_all_that_is_known(world: World) -> None:
    laptop, phone = world.attach(caps="message-tags batch"), world.attach("alice/libera@phone")
    phone.send("AWAY :at lunch")
    ask(laptop, "session list phone")
    pong(phone)
    lines = answers(laptop)
    assert lines[0] == "Session 2"
    assert "  away       at lunch" in lines
    assert lines[-1] == "  caps       none"
    ask(laptop, "session list 1")
    pong(laptop)
    lines = answers(laptop)
    assert lines[0] == "Session 1 (this one)"
    assert lines[-1] == "  caps       batch cap-notify message-tags"
    assert "  lag        0 ms" in lines


def test_sessions_can_be_listed_by_an_admin_who_has_none(world: World) -> None:
    assert control(world, "user run alice session list") == ["PRIVMSG * :No client is connected", "BOUNCERSERV OK"]


def test_no_more_lists_than_some_are_made_at_a_time(world: World) -> None:
    laptop = world.attach()
    for _ in range(MOST_SURVEYS):
        said(laptop, "session list")
    assert said(laptop, "session list") == ["error: the clients are being asked already, wait a moment"]
    world.advance(PATIENCE)
    assert len(answers(laptop)) == 2 * MOST_SURVEYS


def test_a_session_that_ends_meanwhile_is_listed_no_more(world: World) -> None:
    laptop, phone = world.attach(), world.attach("alice/libera@phone")
    said(laptop, "session list")
    phone.close()
    world.advance(PATIENCE)
    assert len(answers(laptop)) == 2
    said(laptop, "session list")
    laptop.close()
    world.advance(PATIENCE)


def test_sessions_are_kicked_by_number_by_name_and_all_others(world: World) -> None:
    laptop = world.attach()
    phones = [world.attach("alice/libera@phone") for _ in range(2)]
    tablet, desk = world.attach("alice@tablet"), world.attach("alice/libera@desk")
    assert said(laptop, "session kick phone") == ["Disconnected 2 sessions: 2 phone, 3 phone"]
    assert said(laptop, "session kick 4") == ["Disconnected 1 session: 4 tablet"]
    assert said(laptop, "session kick -others") == ["Disconnected 1 session: 5 desk"]
    assert said(laptop, "session kick -others") == ["Disconnected 0 sessions"]
    for client in (*phones, tablet, desk):
        assert client.received()[-1] == "ERROR :Disconnected by another session of yours (session kick)"
        assert client.peer.closed
    assert said(laptop, "session kick phone") == ["error: there is no session 'phone'; your sessions: 1 laptop"]
    assert said(laptop, "session kick") == ["error: session kick needs the number or name of a session, or -others"]
    assert said(laptop, "session kick 1")[-1].startswith("ERROR :")


def test_a_pong_that_nobody_waits_for_is_nothing(world: World) -> None:
    laptop = world.attach()
    laptop.received()
    laptop.send("PONG soju-actors-lag-0", "PONG", "PONG x y")
    assert laptop.received() == []


def test_a_session_too_many_is_turned_away() -> None:
    world = World(Setting(server={"max_clients": 2}))
    world.attach()
    world.attach("alice@phone").close()
    world.attach("alice@phone")
    third = world.attach("alice@tablet")
    assert third.received()[-1] == "ERROR :You have 2 sessions already: session list tells which"


def test_the_log_says_who_comes_and_goes(world: World, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO")
    world.attach().close()
    came, left = [record.getMessage() for record in caplog.records if "downstream" in record.name]
    assert "alice" in came
    assert "from 127.0.0.1:" in came
    assert left.endswith("left: closed by the peer")


def test_the_log_has_every_line_in_debug_and_no_secret(world: World, caplog: pytest.LogCaptureFixture) -> None:
    """Row OPS-05."""
    caplog.set_level("DEBUG")
    laptop = world.attach()
    laptop.send("PRIVMSG BouncerServ :sasl set-plain al hunter2", "PRIVMSG #soju :hello")
    lines = [record.getMessage() for record in caplog.records if "downstream" in record.name]
    assert any(line.endswith("< PRIVMSG #soju :hello") for line in lines)
    assert any(line.endswith("< PASS …") for line in lines)
    assert any(" > :bouncer.test 001 " in line for line in lines)
    assert not any("hunter2" in line or "secret" in line for line in caplog.messages)
