"""From a connection to a client (section 3.1 of the reference, rows USR, NUM-04 to NUM-06)."""

import pytest

from soju_actors.model.records import User, UserId
from tests.behaviour.dialogs.conftest import SetInline, SetStage, everywhere
from tests.behaviour.dialogs.logins import WELCOME, WELCOME_WITH_SASL, plain
from tests.support.dialog import play


@everywhere
def test_a_client_logs_in_with_pass_and_is_welcomed_with_the_nick_it_has(set_stage: SetStage) -> None:
    """Rows PRE-01, ATT-02, ATT-05, NUM-01."""
    play(
        set_stage(caps=""),
        f"""
        new > PASS secret
        new > NICK another
        new > USER alice/libera@phone 0 * :Alice
        {WELCOME}
        """,
    )


@everywhere
def test_a_client_logs_in_with_sasl_plain(set_stage: SetStage) -> None:
    """Row PRE-03; 903 alone at once, 901 in the welcome (row NUM-04).

    Spec: https://ircv3.net/specs/extensions/sasl-3.2
    """
    stage = set_stage(caps="")
    stage.listed("new", "CAP LS 302")
    play(
        stage,
        f"""
        new > NICK alice
        new > USER alice 0 * :Alice
        new > CAP REQ sasl
        new < CAP * ACK sasl
        new > AUTHENTICATE PLAIN
        new < AUTHENTICATE +
        new > AUTHENTICATE {plain("alice/libera@phone", "secret")}
        new < 903 * *
        new > CAP END
        new < CAP alice DEL *
        new < CAP alice NEW draft/event-playback
        {WELCOME_WITH_SASL}
        """,
    )


@pytest.mark.parametrize("length", [299, 300, 301, 600, 650])
def test_a_long_sasl_response_comes_in_chunks_of_400(set_stage: SetStage, length: int) -> None:
    """A last chunk of exactly 400 bytes is followed by ``+``.

    Spec: https://ircv3.net/specs/extensions/sasl-3.1#the-authenticate-command
    """
    password = "x" * (length - len("\0bob\0"))
    response = plain("bob", password)
    chunks = [response[at : at + 400] for at in range(0, len(response), 400)] + ["+"] * (not len(response) % 400)
    said = "".join(f"new > AUTHENTICATE {chunk}\n" for chunk in chunks)
    play(
        set_stage(users=(User(UserId(0), "bob", f"plain:{password}"),)),
        f"""
        new > CAP REQ sasl
        new < CAP * ACK sasl
        new > AUTHENTICATE PLAIN
        new < AUTHENTICATE +
        {said}
        new < 903 * *
        """,
    )


def test_a_sasl_response_that_is_too_long_or_not_base64_is_refused(set_stage: SetStage) -> None:
    """Row PRE-06: it may be tried again."""
    chunk = "A" * 400
    many = f"new > AUTHENTICATE {chunk}\n" * 27
    play(
        set_stage(),
        f"""
        new > CAP REQ sasl
        new < CAP * ACK sasl
        new > AUTHENTICATE PLAIN
        new < AUTHENTICATE +
        new > AUTHENTICATE !!!!
        new < 904 * *
        new > AUTHENTICATE PLAIN
        new < AUTHENTICATE +
        new > AUTHENTICATE YWxpY2U=
        new < 904 * *
        new > AUTHENTICATE EXTERNAL
        new < 908 * PLAIN *
        new < 904 * *
        new > AUTHENTICATE PLAIN
        new < AUTHENTICATE +
        new > AUTHENTICATE *
        new < 906 * *
        new > AUTHENTICATE PLAIN
        new < AUTHENTICATE +
        {many.rstrip()}
        new < 905 * *
        new < 904 * *
        """,
    )


def test_a_wrong_password_is_told_and_ends_the_connection(set_stage: SetStage) -> None:
    """Row NUM-05."""
    play(
        set_stage(),
        """
        new > PASS wrong
        new > NICK alice
        new > USER alice 0 * :Alice
        new < 464 * :Invalid username or password
        new < ERROR :Invalid username or password
        new < (closed)
        nobody > PASS secret
        nobody > NICK nobody
        nobody > USER nobody 0 * :Nobody
        nobody < 464 * :Invalid username or password
        nobody < ERROR :Invalid username or password
        nobody < (closed)
        """,
    )


def test_with_sasl_a_wrong_password_may_be_corrected_but_not_for_ever(set_stage: SetStage) -> None:
    """Row PRE-06."""
    wrong = f"""
        new > AUTHENTICATE PLAIN
        new < AUTHENTICATE +
        new > AUTHENTICATE {plain("alice", "wrong")}
        new < 904 * :Invalid username or password
    """
    play(
        set_stage(),
        f"""
        new > CAP REQ sasl
        new < CAP * ACK sasl
        {wrong * 4}
        other > CAP REQ sasl
        other < CAP * ACK sasl
        {wrong.replace("new", "other") * 4}
        other > AUTHENTICATE PLAIN
        other < AUTHENTICATE +
        other > AUTHENTICATE {plain("alice", "secret")}
        other < 903 * *
        {wrong}
        new < ERROR *
        new < (closed)
        """,
    )


def test_without_credentials_there_is_no_login(set_stage: SetStage) -> None:
    """Row NUM-05."""
    play(
        set_stage(),
        """
        new > NICK alice
        new > USER alice 0 * :Alice
        new < 464 * *
        new < ERROR *
        new < (closed)
        other > CAP REQ sasl
        other < CAP * ACK sasl
        other > NICK alice
        other > USER alice 0 * :Alice
        other > CAP END
        other < FAIL * ACCOUNT_REQUIRED *
        other < ERROR *
        other < (closed)
        """,
    )


def test_a_disabled_account_is_told_so_and_closed(set_stage: SetStage) -> None:
    """Row PRE-14, better: the connection is closed."""
    play(
        set_stage(users=(User(UserId(0), "bob", "plain:x", enabled=False),)),
        f"""
        new > PASS x
        new > NICK bob
        new > USER bob 0 * :Bob
        new < 464 * :This account is disabled
        new < ERROR :This account is disabled
        new < (closed)
        other > CAP REQ sasl
        other < CAP * ACK sasl
        other > AUTHENTICATE PLAIN
        other < AUTHENTICATE +
        other > AUTHENTICATE {plain("bob", "x")}
        other < 904 * :This account is disabled
        other < ERROR :This account is disabled
        other < (closed)
        """,
    )


def test_a_user_without_password_cannot_log_in(set_stage: SetStage) -> None:
    """Row DBT-01."""
    play(
        set_stage(users=(User(UserId(0), "bob"),)),
        """
        new > PASS :
        new > NICK bob
        new > USER bob 0 * :Bob
        new < 464 **
        new < ERROR *
        new < (closed)
        """,
    )


def test_an_admin_may_log_in_as_another_user_and_nobody_else_may(set_stage: SetStage) -> None:
    """Row PRE-03."""
    users = (User(UserId(0), "bob", "plain:x"), User(UserId(0), "carol", "plain:y"))
    play(
        set_stage(users=users),
        f"""
        new > CAP REQ sasl
        new < CAP * ACK sasl
        new > AUTHENTICATE PLAIN
        new < AUTHENTICATE +
        new > AUTHENTICATE {plain("bob", "x", "carol")}
        new < 904 * :Invalid username or password
        new > AUTHENTICATE PLAIN
        new < AUTHENTICATE +
        new > AUTHENTICATE {plain("alice", "secret", "carol@phone")}
        new < 903 * *
        new > NICK alice
        new > USER alice 0 * :Alice
        new > CAP END
        new < 001 carol *
        new < 002 carol *
        new < 004 carol **
        new < 005 * **
        new < 900 carol carol!carol@bouncer.test carol *
        new < 422 carol *
        """,
    )


def test_ping_is_answered_before_registration(set_stage: SetStage) -> None:
    """Row PRE-11, better: clients send it."""
    play(
        set_stage(),
        """
        new > PING token
        new < PONG token
        new > PONG token
        new > FROBNICATE
        new < 421 * FROBNICATE *
        new > PRIVMSG bob :hi
        new < 421 * PRIVMSG *
        new > NICK
        new < 431 * *
        new > USER alice
        new < 461 * USER *
        new > QUIT
        new < ERROR *
        new < (closed)
        """,
    )


def test_who_does_not_finish_to_register_is_told_and_closed(set_inline: SetInline) -> None:
    """Row PRE-13."""
    stage = set_inline()
    play(stage, "new > NICK alice")
    stage.world.advance(29)
    play(stage, "new > PING x\n new < PONG x")
    stage.world.advance(1)
    play(stage, "new < ERROR :Registration took too long\n new < (closed)")


def test_guessing_is_slowed_down_by_address(set_inline: SetInline) -> None:
    """After ten failures within a minute nobody may try from there for the rest of it."""
    stage = set_inline()

    def log_in(password: str, peer: str) -> str:
        for line in (f"PASS {password}", "NICK alice", "USER alice 0 * :Alice"):
            stage.say(peer, line)
        line = stage.next_line(peer) or ""
        stage.forget()
        return line

    for guess in range(10):
        assert "Invalid username or password" in log_in(f"guess{guess}", f"thief{guess}")
        stage.world.advance(1)
    assert ":Too many failed logins from your address, try again in 50 s" in log_in("secret", "alice")
    stage.world.advance(50)
    assert " 001 " in log_in("secret", "again")
