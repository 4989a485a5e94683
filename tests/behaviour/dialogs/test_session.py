"""What a connection says of itself: PING, PONG, USER, QUIT (rows CMD-01 to CMD-04, CMD-37, UP-06 to UP-09, CCH-01)."""

import pytest

from tests.behaviour.dialogs.conftest import SetInline, SetStage, everywhere
from tests.support.dialog import play


@everywhere
def test_ping_is_answered_by_the_bouncer_and_a_second_login_refused(set_stage: SetStage) -> None:
    """Rows CMD-01 to CMD-04; better: QUIT is answered with ERROR, as the specification says.

    Spec: https://modern.ircdocs.horse/#quit-message
    """
    stage = set_stage()
    stage.attach("laptop")
    play(
        stage,
        """
        laptop > PING :a b
        laptop < PONG bouncer.test :a b
        laptop > PING x bouncer.test
        laptop < PONG bouncer.test x
        laptop > PING x irc.libera.test
        laptop < 402 alice irc.libera.test *
        laptop > PONG nobody.asked
        laptop > USER other 0 * :Other
        laptop < 462 alice *
        laptop > PASS other
        laptop < 462 alice *
        laptop > QUIT :bye
        laptop < ERROR *
        laptop < (closed)
        libera < AWAY *
        """,
    )


@pytest.mark.parametrize(
    ("line", "answer"),
    [
        ("ping x", "PONG bouncer.test x"),
        ("Cap ls 302", "CAP alice LS **"),
        ("bouncer Listnetworks", "BATCH +$b soju.im/bouncer-networks"),
        ("chathistory Latest #irc * 5", "BATCH +$b chathistory #irc"),
        ("monitor C", ""),
    ],
)
def test_commands_and_subcommands_are_taken_in_any_case(set_inline: SetInline, line: str, answer: str) -> None:
    """Row CMD-37: better, CHATHISTORY too."""
    stage = set_inline(isupport="CASEMAPPING=rfc1459 MONITOR=100")
    stage.attach("laptop", caps="batch draft/chathistory soju.im/bouncer-networks")
    stage.say("laptop", line)
    heard = stage.next_line("laptop") or ""
    assert " 421 " not in heard
    assert "INVALID" not in heard
    assert bool(heard) is bool(answer)


def test_the_beginning_of_a_connection_is_learned_from_and_not_shown(set_inline: SetInline) -> None:
    """Rows UP-06 to UP-09, NUM-07: the nick, the server; the message of the day is shown when it is asked for."""
    stage = set_inline(channels=(), caps="")
    stage.attach("laptop", caps="soju.im/bouncer-networks")
    stage.say("libera", "(closed)")
    play(
        stage,
        """
        laptop < CAP alice NEW **
        laptop < CAP alice DEL **
        libera > :irc.libera.test 251 alice :There are 3 users
        laptop < :irc.libera.test 251 **
        laptop > MOTD
        libera < MOTD
        libera > :irc.libera.test 375 alice :-
        laptop < :irc.libera.test 375 **
        libera > :irc.libera.test 376 alice :End
        laptop < :irc.libera.test 376 **
        """,
    )


def test_what_is_known_of_a_joined_channel_is_told_from_memory(set_stage: SetStage) -> None:
    """Row CCH-01; rows RTE-07: what is not known is asked, and told to who asked."""
    stage = set_stage()
    stage.attach("laptop")
    stage.attach("phone")
    play(
        stage,
        """
        laptop > TOPIC #soju
        laptop < 332 alice #soju *
        laptop < 333 alice #soju **
        laptop > MODE #soju
        laptop < 324 alice #soju +nt
        laptop < 329 alice #soju *
        laptop > NAMES #soju
        laptop < 353 alice = #soju *
        laptop < 366 alice #soju *
        laptop > MODE alice
        laptop < 221 alice *
        laptop > TOPIC #irc
        libera < @label=$t TOPIC #irc
        libera > @label=$t :irc.libera.test 331 alice #irc :No topic is set
        laptop < :irc.libera.test 331 alice #irc *
        laptop > MODE #irc
        libera < @label=$m MODE #irc
        libera > @label=$m :irc.libera.test 324 alice #irc +s
        laptop < :irc.libera.test 324 alice #irc +s
        """,
    )


def test_a_client_has_so_long_to_register(set_inline: SetInline) -> None:
    """Row LIM-06."""
    stage = set_inline()
    stage.say("new", "NICK alice")
    stage.world.advance(29)
    assert stage.unheard()["new"] == []
    stage.world.advance(1)
    play(stage, "new < ERROR *\n new < (closed)")
