"""What a connection that is bound to no network is answered (rows CMD-14 to CMD-17, CMD-22, CMD-36, NUM-03)."""

import pytest

from tests.behaviour.dialogs.conftest import SetInline, SetStage, everywhere
from tests.support.dialog import play


@everywhere
def test_the_bouncer_answers_as_a_server_does(set_stage: SetStage) -> None:
    """Better than row CMD-36: none of what clients ask by themselves is an unknown command."""
    stage = set_stage()
    stage.attach("laptop", "alice@laptop")
    play(
        stage,
        """
        laptop > VERSION
        laptop < 351 alice * bouncer.test *
        laptop < 005 **
        laptop > LUSERS
        laptop < 251 alice *
        laptop < 255 alice *
        laptop > TIME
        laptop < 391 alice bouncer.test *
        laptop > ADMIN
        laptop < 423 alice bouncer.test *
        laptop > INFO
        laptop < 371 alice *
        laptop < 374 alice *
        laptop > MOTD
        laptop < 422 alice *
        laptop > LINKS
        laptop < 364 alice bouncer.test bouncer.test *
        laptop < 365 alice * *
        laptop > USERHOST ALICE bob bouncerserv
        laptop < 302 alice :alice=+alice@bouncer.test BouncerServ*=+BouncerServ@bouncer.test
        """,
    )


def test_there_are_no_channels_and_nobody_else(set_stage: SetStage) -> None:
    """Better than row CMD-36."""
    stage = set_stage()
    stage.attach("laptop", "alice@laptop")
    play(
        stage,
        """
        laptop > ISON :bob BOUNCERSERV
        laptop < 303 alice BouncerServ
        laptop > LIST
        laptop < 323 alice *
        laptop > NAMES
        laptop < 366 alice * *
        laptop > NAMES #soju,#irc
        laptop < 366 alice #soju *
        laptop < 366 alice #irc *
        laptop > MODE alice
        laptop < 221 alice +o
        laptop > MODE ALICE +i
        laptop < 501 alice *
        laptop > MODE bob
        laptop < 502 alice *
        laptop > MODE #soju
        laptop < 403 alice #soju *
        laptop > WHOWAS bob
        laptop < 406 alice bob *
        laptop < 369 alice bob *
        laptop > WHOWAS
        laptop < 431 alice *
        laptop > STATS u
        laptop < 219 alice u *
        laptop > STATS
        laptop < 461 alice STATS *
        laptop > HELP
        laptop < 704 alice * *
        laptop < 705 alice * *
        laptop < 706 alice * *
        laptop > JOIN #soju
        laptop < 400 alice *
        laptop > FROBNICATE
        laptop < 421 alice FROBNICATE *
        """,
    )


def test_who_and_whois_know_the_user_and_the_service(set_stage: SetStage) -> None:
    """Rows CMD-16, CMD-17; lists of nicks are answered one by one (row TOD-05)."""
    stage = set_stage()
    stage.attach("laptop", "alice@laptop", caps="batch labeled-response")
    play(
        stage,
        """
        laptop > WHO alice
        laptop < 352 alice * alice bouncer.test bouncer.test alice H :0 alice
        laptop < 315 alice alice *
        laptop > WHO Alice %tnuhsafr,42
        laptop < 354 alice 42 alice bouncer.test bouncer.test alice H alice alice
        laptop < 315 alice Alice *
        laptop > WHO bouncerserv %na
        laptop < 354 alice BouncerServ 0
        laptop < 315 alice bouncerserv *
        laptop > WHO *
        laptop < 315 alice * *
        laptop > AWAY :gone
        laptop < 306 **
        laptop > WHO alice %f
        laptop < 354 alice G
        laptop < 315 alice alice *
        laptop > @label=several WHOIS bob,alice,bob,BouncerServ
        laptop < @label=several BATCH +$b labeled-response
        laptop < @batch=$b 401 alice bob *
        laptop < @batch=$b 318 alice bob *
        laptop < @batch=$b 311 alice alice alice bouncer.test * alice
        laptop < @batch=$b 312 alice alice bouncer.test *
        laptop < @batch=$b 313 alice alice *
        laptop < @batch=$b 330 alice alice alice *
        laptop < @batch=$b 318 alice alice *
        laptop < @batch=$b 311 alice BouncerServ **
        laptop < @batch=$b 312 alice BouncerServ **
        laptop < @batch=$b 313 alice BouncerServ **
        laptop < @batch=$b 335 alice BouncerServ **
        laptop < @batch=$b 318 alice BouncerServ *
        laptop < BATCH -$b
        """,
    )


def test_while_the_server_is_away_questions_are_ended_and_commands_refused(set_inline: SetInline) -> None:
    """Rows CMD-36, NUM-03; better: a client that waits for the end of an answer gets it."""
    stage = set_inline(channels=())
    stage.attach("laptop", caps="soju.im/bouncer-networks")
    stage.say("laptop", "PRIVMSG BouncerServ :network update libera -enabled false")
    stage.forget()
    play(
        stage,
        """
        laptop > WHO #soju
        laptop < 315 alice #soju *
        laptop > WHOIS bob,carol
        laptop < 318 alice bob *
        laptop < 318 alice carol *
        laptop > LIST
        laptop < 323 alice *
        laptop > LINKS
        laptop < 365 alice *
        laptop > VERSION
        laptop < 400 alice VERSION *
        laptop > KICK #soju bob
        laptop < 400 alice *
        laptop > FROBNICATE
        laptop < 421 alice FROBNICATE *
        """,
    )


@pytest.mark.parametrize("line", ["PRIVMSG", "WHO", "JOIN", "PING", "MODE"])
def test_a_command_without_its_parameters_has_an_error_that_names_it(set_inline: SetInline, line: str) -> None:
    """Row NUM-02, and 431, 315 where servers have others."""
    stage = set_inline()
    stage.attach("laptop")
    stage.say("laptop", line)
    answer = stage.next_line("laptop") or ""
    assert f" 461 alice {line} " in answer or " 315 alice * " in answer
