"""Questions, and who gets the answer (rows CMD-14 to CMD-17, RTE, CCH-02, UP-20 to UP-22, UP-26 to UP-28)."""

import pytest

from tests.behaviour.dialogs.conftest import SetInline, SetStage, everywhere
from tests.support.dialog import play

SERVICE = ":BouncerServ!BouncerServ@BouncerServ NOTICE alice"


@everywhere
def test_without_labels_one_question_of_a_kind_is_asked_at_a_time(set_stage: SetStage) -> None:
    """Row RTE-02."""
    stage = set_stage(caps="")
    stage.attach("laptop")
    stage.attach("phone")
    play(
        stage,
        """
        laptop > WHO #soju
        libera < WHO #soju
        phone > WHO bob
        phone > WHOIS irc.libera.test bob
        libera < WHOIS irc.libera.test bob
        laptop > LIST >5
        libera < LIST >5
        phone > LIST
        phone > WHOWAS dave
        libera > :irc.libera.test 352 alice #soju b host irc.libera.test bob H@ :0 Bob
        laptop < :irc.libera.test 352 alice #soju b host irc.libera.test bob H@ :0 Bob
        libera > :irc.libera.test 311 alice bob b host * :Bob
        phone < :irc.libera.test 311 alice bob b host * Bob
        libera > :irc.libera.test 315 alice #soju :End
        laptop < :irc.libera.test 315 alice #soju End
        libera < WHO bob
        libera > :irc.libera.test 321 alice Channel :Users  Name
        laptop < :irc.libera.test 321 **
        libera > :irc.libera.test 322 alice #soju 3 :About
        laptop < :irc.libera.test 322 alice #soju 3 About
        libera > :irc.libera.test 323 alice :End
        laptop < :irc.libera.test 323 **
        libera < LIST
        libera > :irc.libera.test 315 alice bob :End
        phone < :irc.libera.test 315 alice bob End
        libera > :irc.libera.test 318 alice bob :End
        phone < :irc.libera.test 318 alice bob End
        libera < WHOWAS dave
        libera > :irc.libera.test 406 alice dave :There was no such nickname
        phone < :irc.libera.test 406 **
        libera > :irc.libera.test 369 alice dave :End
        phone < :irc.libera.test 369 alice dave End
        libera > :irc.libera.test 323 alice :End
        phone < :irc.libera.test 323 **
        libera > :irc.libera.test 315 alice stray :End
        """,
    )


@pytest.mark.parametrize(
    "error",
    [
        "421 alice WHO :Unknown command",
        "461 alice WHO :Not enough parameters",
        "263 alice WHO :Try again",
        "416 alice WHO :Too many matches",
    ],
)
def test_an_error_that_names_a_question_ends_it(set_stage: SetStage, error: str) -> None:
    """Row UP-28."""
    stage = set_stage(caps="")
    stage.attach("laptop")
    stage.attach("phone")
    play(
        stage,
        f"""
        laptop > WHO #soju
        libera < WHO #soju
        phone > WHO bob
        libera > :irc.libera.test {error}
        laptop < :irc.libera.test {error}
        libera < WHO bob
        """,
    )


def test_that_there_is_no_such_nick_or_server_is_told_to_who_asked(set_stage: SetStage) -> None:
    """Row UP-27; the end of the answer follows the first, and not the second."""
    stage = set_stage(caps="")
    stage.attach("laptop")
    stage.attach("phone")
    play(
        stage,
        """
        phone > WHOIS dave
        libera < WHOIS dave
        laptop > WHOIS nowhere.test bob
        libera > :irc.libera.test 401 alice dave :No such nick
        phone < :irc.libera.test 401 **
        libera > :irc.libera.test 318 alice dave :End
        phone < :irc.libera.test 318 **
        libera < WHOIS nowhere.test bob
        phone > WHOIS bob
        libera > :irc.libera.test 402 alice nowhere.test :No such server
        laptop < :irc.libera.test 402 **
        libera < WHOIS bob
        libera > :irc.libera.test 401 alice eve :No such nick
        laptop < :irc.libera.test 401 **
        phone < :irc.libera.test 401 **
        """,
    )


@everywhere
def test_with_labels_answers_find_who_asked_in_any_order(set_stage: SetStage) -> None:
    """Rows RTE-01, UP-10. Spec: https://ircv3.net/specs/extensions/labeled-response."""
    stage = set_stage()
    stage.attach("laptop", caps="message-tags batch server-time")
    stage.attach("phone")
    play(
        stage,
        """
        laptop > WHOIS bob
        libera < @label=$first WHOIS bob
        phone > WHOIS carol
        libera < @label=$second WHOIS carol
        laptop > VERSION
        libera < @label=$third VERSION
        phone > MODE #soju +b
        libera < @label=$fourth MODE #soju +b
        libera > @label=$second :irc.libera.test BATCH +2 labeled-response
        libera > @label=$first :irc.libera.test BATCH +1 labeled-response
        libera > @batch=1 :irc.libera.test 311 alice bob b host * :Bob
        laptop < :irc.libera.test 311 alice bob b host * Bob
        libera > @batch=2 :irc.libera.test 311 alice carol c host * :Carol
        phone < :irc.libera.test 311 alice carol c host * Carol
        libera > @batch=2 :irc.libera.test BATCH +3 nested
        libera > @batch=3 :irc.libera.test 671 alice carol :is using a secure connection
        phone < :irc.libera.test 671 alice carol *
        libera > @batch=2 :irc.libera.test BATCH -3
        libera > @batch=1 :irc.libera.test 318 alice bob :End
        laptop < :irc.libera.test 318 alice bob End
        libera > :irc.libera.test BATCH -1
        libera > @batch=2 :irc.libera.test 318 alice carol :End
        phone < :irc.libera.test 318 alice carol End
        libera > :irc.libera.test BATCH -2
        libera > @label=$third :irc.libera.test 351 alice v1 irc.libera.test :test
        laptop < :irc.libera.test 351 alice v1 irc.libera.test test
        libera > @label=$fourth :irc.libera.test ACK
        libera > @label=nonsense :irc.libera.test 351 alice v2 irc.libera.test :test
        laptop < :irc.libera.test 351 alice v2 irc.libera.test test
        phone < :irc.libera.test 351 alice v2 irc.libera.test test
        laptop > @label=mine PING token
        laptop < PONG bouncer.test token
        """,
    )


@pytest.mark.parametrize(("caps", "label"), [("", ""), ("batch labeled-response", "@label=$l ")])
def test_who_has_left_gets_no_answer_and_nobody_else_does(set_stage: SetStage, caps: str, label: str) -> None:
    """Row RTE-04, without labels and with them."""
    stage = set_stage(caps=caps)
    stage.attach("laptop")
    stage.attach("phone")
    play(
        stage,
        f"""
        phone > WHO bob
        libera < {label}WHO bob
        phone > QUIT
        phone < ERROR *
        phone < (closed)
        libera > {label}:irc.libera.test 352 alice * b host irc.libera.test bob H@ :0 Bob
        libera > {label}:irc.libera.test 315 alice bob :End
        """,
    )


def test_the_questions_that_wait_leave_with_who_asked_them(set_stage: SetStage) -> None:
    """Row RTE-04."""
    stage = set_stage(caps="")
    stage.attach("laptop")
    stage.attach("phone")
    play(
        stage,
        """
        laptop > WHO #soju
        libera < WHO #soju
        phone > WHO bob
        laptop > WHO carol
        phone > QUIT
        phone < ERROR *
        phone < (closed)
        libera > :irc.libera.test 315 alice #soju :End
        laptop < :irc.libera.test 315 alice #soju End
        libera < WHO carol
        """,
    )


def test_a_question_that_is_not_answered_is_given_up(set_inline: SetInline) -> None:
    """Rows RTE-03, RTE-05, LIM-14; better: without waiting for the next question."""
    stage = set_inline(caps="")
    stage.attach("laptop")
    play(
        stage,
        """
        laptop > WHO #soju
        libera < WHO #soju
        laptop > WHO bob
        laptop > WHOIS bob
        libera < WHOIS bob
        """,
    )
    stage.world.advance(29)
    play(stage, "laptop > PING x\n laptop < PONG bouncer.test x")
    stage.world.advance(1)
    play(
        stage,
        """
        laptop < 315 alice #soju *
        laptop < 315 alice bob *
        laptop < 318 alice bob *
        """,
    )


def test_questions_to_a_server_that_goes_away_are_ended(set_stage: SetStage) -> None:
    """Row RTE-05."""
    stage = set_stage(caps="", channels=())
    stage.attach("laptop")
    play(
        stage,
        f"""
        laptop > WHO bob
        libera < WHO bob
        laptop > WHO carol
        laptop > LIST
        libera < LIST
        libera > (closed)
        laptop < 315 alice bob *
        laptop < 315 alice carol *
        laptop < 323 alice *
        laptop < {SERVICE} *
        laptop < {SERVICE} :Connected to libera
        laptop > WHO dave
        libera < WHO dave
        """,
    )


def test_what_nobody_asked_for_is_for_everybody(set_stage: SetStage) -> None:
    """Rows RTE-06, UP-33, NUM-07."""
    stage = set_stage(caps="")
    stage.attach("laptop")
    stage.attach("phone")
    play(
        stage,
        """
        libera > :irc.libera.test 404 alice #soju :Cannot send
        laptop < :irc.libera.test 404 alice #soju *
        phone < :irc.libera.test 404 alice #soju *
        libera > :irc.libera.test FROBNICATED alice
        laptop < :irc.libera.test FROBNICATED alice
        phone < :irc.libera.test FROBNICATED alice
        libera > :irc.libera.test 306 alice :You have been marked as being away
        libera > :irc.libera.test 372 alice :- Hello
        laptop < :irc.libera.test 372 **
        phone < :irc.libera.test 372 **
        """,
    )
