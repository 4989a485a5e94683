"""From the connection to the welcome (rows LIF-03, LIF-04, UP-01 to UP-06, UP-29, UP-30, NCK-01, AUP-01)."""

import pytest

from soju_actors.messages.user import UpstreamDown
from tests.behaviour.upstream.scene import WELCOME, Scene


def test_everything_is_sent_at_once() -> None:
    """Row LIF-03: CAP LS 302, PASS if set, NICK, USER, without waiting."""
    Scene(password="pass word").connect().play(
        """
        < CAP LS 302
        < PASS :pass word
        < NICK alice
        < USER al 0 * :Alice A.
        """
    )


def test_without_a_server_password_there_is_no_pass() -> None:
    scene = Scene().connect()
    assert [line.split()[0] for line in scene.heard()] == ["CAP", "NICK", "USER"]


def test_a_server_that_never_answers_cap_is_fine() -> None:
    """Row LIF-04: 001 ends registration."""
    scene = Scene().connect()
    scene.heard()
    scene.hear(":irc.test NOTICE * :*** Looking up your hostname")
    assert scene.told == []
    scene.play("> :irc.test 001 alice :Welcome")
    assert scene.up.nick == "alice"
    assert scene.up.caps == frozenset()
    assert scene.up.login_problem == ""


def test_a_server_that_does_not_know_cap_is_fine() -> None:
    scene = Scene().connect()
    scene.heard()
    scene.play(
        """
        > :irc.test 421 * CAP :Unknown command
        > :irc.test 001 alice :Welcome
        """
    )
    assert scene.up.nick == "alice"


def test_capabilities_are_requested_and_told() -> None:
    scene = Scene().connect()
    scene.heard()
    scene.play(
        """
        > :irc.test CAP * LS :server-time foo=bar
        < CAP REQ server-time
        > :irc.test CAP alice ACK :server-time
        < CAP END
        > :irc.test 001 alice :Welcome
        """
    )
    assert scene.up.caps == {"server-time"}
    assert scene.up.available == {"server-time": "", "foo": "bar"}


@pytest.mark.parametrize("client", ["*", "alice"])
def test_a_list_may_come_in_lines(client: str) -> None:
    """CAP LS with the asterisk before the list: more lines follow, whatever stands for the client (row UP-02).

    Spec: https://ircv3.net/specs/extensions/capability-negotiation#multiline-replies-to-cap-ls-and-cap-list
    """
    scene = Scene().connect()
    scene.heard()
    scene.play(
        f"""
        > :irc.test CAP {client} LS * :server-time
        > :irc.test CAP {client} LS :away-notify
        < CAP REQ *
        """
    )


def test_a_refused_request_does_not_keep_registration_waiting() -> None:
    scene = Scene().connect()
    scene.heard()
    scene.play(
        """
        > :irc.test CAP * LS :server-time
        < CAP REQ server-time
        > :irc.test CAP alice NAK :server-time
        < CAP END
        """
    )


def test_ping_before_the_welcome_is_answered() -> None:
    scene = Scene().connect()
    scene.heard()
    scene.play(
        """
        > PING :a b
        < PONG :a b
        """
    )


def test_what_people_want_to_see_comes_after_the_news() -> None:
    scene = Scene().connect()
    notice = ":irc.test NOTICE * :*** No ident response"
    scene.hear(notice, ":irc.test 020 * :Please wait while we process your connection.")
    assert scene.told == []
    scene.hear(WELCOME, ":irc.test 002 alice :Your host")
    up, *_ = scene.told
    assert up == scene.up
    assert scene.said() == [notice, WELCOME, ":irc.test 002 alice :Your host"]


def test_the_server_may_give_another_nick() -> None:
    scene = Scene().connect()
    scene.hear(":irc.test 001 Guest1 :Welcome")
    assert scene.up.nick == "Guest1"


@pytest.mark.parametrize("numeric", ["433", "436", "437"])
def test_a_nick_that_somebody_has_gets_an_underscore(numeric: str) -> None:
    """Rows NCK-01, UP-29."""
    scene = Scene().connect()
    scene.heard()
    scene.play(
        f"""
        > :irc.test {numeric} * alice :Not available
        < NICK alice_
        > :irc.test {numeric} * alice_ :Not available
        < NICK alice__
        > :irc.test 001 alice__ :Welcome
        """
    )
    assert scene.up.nick == "alice__"


def test_underscores_end_before_the_nick_is_30_long() -> None:
    """Row UP-29: then give up, for now."""
    scene = Scene(nick="a" * 28).connect()
    scene.heard()
    scene.play(f"> :irc.test 433 * {'a' * 28} :In use\n< NICK {'a' * 28}_\n> :irc.test 433 * {'a' * 28}_ :In use")
    assert scene.down.reason == f"no nick like {'a' * 28} is free: In use"
    assert scene.down.retry is not None
    assert scene.turn.aborted


def test_a_nick_that_has_become_too_long_is_not_the_end() -> None:
    scene = Scene().connect()
    scene.hear(":irc.test 433 * alice :In use")
    scene.hear(":irc.test 432 * alice_ :Erroneous nickname")
    assert scene.down.retry is not None


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (":irc.test 464 * :Password incorrect", "the server refused the registration: Password incorrect"),
        (":irc.test 465 * :You are banned", "the server refused the registration: You are banned"),
        (":irc.test 432 * alice :Erroneous nickname", "the server does not take the nick alice: Erroneous nickname"),
        (":irc.test FAIL * ACCOUNT_REQUIRED :Log in first", "the server refused the registration: Log in first"),
    ],
)
def test_what_trying_again_cannot_mend_ends_the_trying(line: str, reason: str) -> None:
    """Row UP-30: until the network is edited."""
    scene = Scene().connect()
    scene.hear(line)
    assert scene.told == [UpstreamDown(3, reason, False, None)]
    assert scene.turn.aborted
    assert scene.places_given_back == ["irc.test"]
    assert scene.advance(1e6).effects == []


@pytest.mark.parametrize(
    "line",
    [":irc.test 463 * :Your host is not privileged", ":irc.test 461 * USER :Not enough parameters"],
)
def test_other_refusals_are_tried_again(line: str) -> None:
    """Row UP-30."""
    scene = Scene().connect()
    scene.hear(line)
    assert scene.down.retry is not None
    assert not scene.down.registered


def test_a_complaint_about_something_else_is_passed_over() -> None:
    scene = Scene().connect()
    scene.hear(
        ":irc.test 461 * CAP :Not enough parameters", ":irc.test FAIL CAP ODD :What", ":irc.test 451 * :Register"
    )
    assert scene.told == []


def test_the_text_of_error_is_the_reason() -> None:
    """Row UP-31."""
    scene = Scene().connect()
    scene.hear("ERROR :Closing Link: (Too many connections)")
    assert scene.told == []
    scene.close()
    assert scene.down.reason == "Closing Link: (Too many connections)"


def test_a_server_has_a_minute_to_welcome_us() -> None:
    """Unlike row LIF-05."""
    scene = Scene().connect()
    scene.advance(59.9)
    assert scene.told == []
    scene.advance(0.2)
    assert scene.down.reason == "the server did not welcome us within 60 seconds"
    assert scene.down.retry is not None
    assert scene.turn.aborted


def test_a_welcomed_connection_is_not_timed_out() -> None:
    scene = Scene().register()
    assert "registration" not in scene.bench.alarms


def test_settings_that_cannot_be_sent_are_a_clear_error() -> None:
    scene = Scene(password="a\r\nQUIT").connect()
    assert "cannot be sent" in scene.down.reason
    assert scene.down.retry is None
    assert scene.unheard == []


def test_a_flood_before_the_welcome_is_not_all_kept() -> None:
    scene = Scene().connect()
    scene.hear(*[":irc.test NOTICE * :spam"] * 5000, WELCOME)
    assert len(scene.said()) == 101
