"""Habits of clients and servers that are seen in the wild, in capability negotiation.

Spec: https://ircv3.net/specs/extensions/capability-negotiation
"""

import pytest

from soju_actors.irc.cap_table import USEFUL_FIRST
from soju_actors.irc.message import parse_message
from tests.behaviour.dialogs.conftest import SetStage, everywhere
from tests.support.dialog import play

WELCOME = """
    new < 001 alice *
    new < 002 **
    new < 004 **
    new < 005 **
    new < 221 **
    new < 422 **
"""


def test_one_request_for_each_capability(set_stage: SetStage) -> None:
    """All of them sent at once, with the end behind them, before the first is answered."""
    stage = set_stage()
    expected = stage.listed("other", "CAP LS 302")
    requests = ["server-time", ":batch", ":nonsense", "echo-message"]
    log_in = ["PASS secret", "NICK alice", "USER alice 0 * :Alice", "CAP END"]
    for line in ["CAP LS 302", *(f"CAP REQ {request}" for request in requests), *log_in]:
        stage.say("new", line)
    assert stage.words("new") == expected
    play(
        stage,
        f"""
        new < CAP * ACK server-time
        new < CAP * ACK batch
        new < CAP * NAK nonsense
        new < CAP * ACK echo-message
        {WELCOME}
        new > CAP LIST
        new < CAP alice LIST :server-time batch cap-notify echo-message
        """,
    )


@pytest.mark.parametrize("words", [" batch", "batch ", "  batch   sasl  ", "batch sasl "])
def test_spaces_around_the_words_of_a_request(set_stage: SetStage, words: str) -> None:
    """Clients that put their lists together with a space behind, or in front of, each word."""
    play(
        set_stage(),
        f"""
        new > CAP REQ :{words}
        new < CAP * ACK :{" ".join(words.split())}
        """,
    )


def test_the_version_behind_a_colon_or_in_another_case(set_stage: SetStage) -> None:
    """``CAP LS :302`` is the same, and so is ``cap ls 302``."""
    stage = set_stage()
    expected = stage.listed("new", "CAP LS 302")
    assert stage.listed("colon", "CAP LS :302") == expected
    assert stage.listed("space", "CAP LS :302 ") == expected
    stage.say("lower", "cap ls 302")
    line = stage.next_line("lower")
    assert line is not None
    assert parse_message(line).params[:2] == ("*", "LS")
    stage.forget()


@everywhere
def test_requests_and_lists_after_the_welcome(set_stage: SetStage) -> None:
    """CAP is accepted at any time; END, and a negotiation that nobody ends, mean nothing then."""
    stage = set_stage(channels=())
    stage.attach("new")
    assert "server-time" in stage.listed("new", "CAP LS")
    assert "server-time" in stage.listed("new", "CAP LS 302")
    play(
        stage,
        """
        new > CAP END
        new > CAP REQ :server-time nonsense
        new < CAP alice NAK :server-time nonsense
        new > CAP REQ server-time
        new < CAP alice ACK server-time
        new > PING x
        new < PONG bouncer.test x
        new > CAP FROBNICATE
        new < 410 alice FROBNICATE *
        """,
    )


def test_a_client_that_reads_the_first_line_alone_finds_what_it_uses(set_stage: SetStage) -> None:
    """It requests what it has seen by then; the rest comes in further lines."""
    stage = set_stage()
    for question in ("CAP LS 302", "CAP LS"):
        names = [word.partition("=")[0] for word in stage.listed(f"all-{len(question)}", question)]
        stage.say(f"first-{len(question)}", question)
        line = stage.next_line(f"first-{len(question)}")
        assert line is not None
        first = [word.partition("=")[0] for word in parse_message(line).params[-1].split()]
        useful = [name for name in USEFUL_FIRST if name in names]
        assert first[: len(useful)] == useful
    stage.forget()


def test_the_same_list_comes_each_time_in_the_same_order(set_stage: SetStage) -> None:
    """Unlike row CAPM-01, where the order is random."""
    stage = set_stage()
    assert stage.listed("one", "CAP LS 302") == stage.listed("two", "CAP LS 302")


def test_a_client_of_old_gets_one_line(set_stage: SetStage) -> None:
    """It does not know of further ones. Spec: .../capability-negotiation#multiline-replies-to-cap-ls-and-cap-list."""
    stage = set_stage()
    play(
        stage,
        """
        old > CAP LS
        old < CAP * LS *
        old > CAP LS 301
        old < CAP * LS *
        old > CAP LIST
        old < CAP * LIST :
        """,
    )


def test_an_end_without_a_beginning(set_stage: SetStage) -> None:
    """CAP END alone holds nothing back, and does no harm."""
    play(
        set_stage(),
        f"""
        new > CAP END
        new > PASS secret
        new > NICK alice
        new > USER alice 0 * :Alice
        {WELCOME}
        """,
    )


def test_an_empty_request(set_stage: SetStage) -> None:
    """It is granted: nothing was asked for. Without any parameter it is an error (row CAPM-03)."""
    play(
        set_stage(),
        """
        new > CAP REQ :
        new < CAP * ACK :
        new > CAP REQ
        new < 410 * REQ *
        new > CAP
        new < 461 * CAP *
        new > CAP ACK :batch
        new < 410 * ACK *
        """,
    )


def test_a_request_for_what_only_informs(set_stage: SetStage) -> None:
    """Rows CAPD-12, AUP-08: ``sts`` is shown to clients that see values, and never granted.

    Spec: https://ircv3.net/specs/extensions/sts
    """
    stage = set_stage(sts="port=6697")
    assert stage.listed("new", "CAP LS 302")[0] == "sts=port=6697"
    assert "sts" not in stage.listed("old", "CAP LS")
    play(
        stage,
        """
        new > CAP REQ sts
        new < CAP * NAK sts
        new > CAP REQ :batch sts
        new < CAP * NAK :batch sts
        new > CAP REQ :soju.im/account-required
        new < CAP * NAK soju.im/account-required
        new > CAP LIST
        new < CAP * LIST cap-notify
        """,
    )


def test_values_in_a_request_are_refused(set_stage: SetStage) -> None:
    """Values are told, not asked for: such a word names no capability."""
    play(
        set_stage(),
        """
        new > CAP REQ sasl=PLAIN
        new < CAP * NAK sasl=PLAIN
        """,
    )


def test_a_server_that_refuses_a_set_is_asked_for_each_alone(set_stage: SetStage) -> None:
    """A NAK does not hang the registration, as it does with soju (row UP-02)."""
    stage = set_stage(caps="batch away-notify chghost", channels=())
    server = stage.servers["libera"]
    server.quiet = True
    play(
        stage,
        """
        libera > (closed)
        libera < CAP LS 302
        libera < NICK alice
        libera < USER **
        libera > :irc.libera.test CAP * LS :away-notify batch chghost
        libera < CAP REQ :away-notify batch chghost
        libera > :irc.libera.test CAP * NAK :away-notify batch chghost
        libera < CAP REQ away-notify
        libera < CAP REQ batch
        libera < CAP REQ chghost
        libera > :irc.libera.test CAP * NAK :batch
        libera > :irc.libera.test CAP * ACK :away-notify
        libera > :irc.libera.test CAP * NAK :chghost
        libera < CAP END
        """,
    )


@pytest.mark.parametrize("name", ["*", "alice", "0ABAAAAAB"])
def test_a_list_of_a_server_that_names_the_client_by_any_name(set_stage: SetStage, name: str) -> None:
    """A list that goes on is known by the asterisk before its words (soju looks at another parameter, row UP-02)."""
    stage = set_stage(channels=())
    stage.servers["libera"].quiet = True
    play(
        stage,
        f"""
        libera > (closed)
        libera < CAP LS 302
        libera < NICK alice
        libera < USER **
        libera > :irc.libera.test CAP {name} LS * :batch unknown=value
        libera > :irc.libera.test CAP {name} LS * :
        libera > :irc.libera.test CAP {name} LS :chghost
        libera < CAP REQ :batch chghost
        libera > :irc.libera.test CAP {name} ACK :batch chghost
        libera < CAP END
        """,
    )
