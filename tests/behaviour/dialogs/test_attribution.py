"""Answers of servers without labels, and of those that forget them (rows RTE-02, RTE-06, GAP-04, UP-26 to UP-28)."""

import pytest

from soju_actors.policy.upstream import UpstreamSettings
from tests.behaviour.dialogs.conftest import SetInline
from tests.support.dialog import play

QUESTIONS = {
    "VERSION": ["351 alice v1 irc.libera.test :test"],
    "TIME": ["391 alice irc.libera.test :now"],
    "INFO": ["371 alice :a server", "374 alice :End"],
    "ADMIN": ["256 alice irc.libera.test :Admin", "257 alice :here", "258 alice :there", "259 alice :a@b"],
    "MOTD": ["375 alice :-", "372 alice :- hello", "376 alice :End"],
    "LINKS": ["364 alice irc.libera.test irc.libera.test :0 x", "365 alice * :End"],
    "STATS u": ["242 alice :Server Up 1 day", "219 alice u :End"],
    "USERHOST bob": ["302 alice :bob=+b@host"],
    "ISON bob": ["303 alice :bob"],
    "NAMES #irc": ["353 alice = #irc :bob", "366 alice #irc :End"],
    "MODE #soju b": ["367 alice #soju *!*@spam bob 1700000000", "368 alice #soju :End"],
    "MODE #soju +e": ["348 alice #soju *!*@ham bob 1700000000", "349 alice #soju :End"],
    "WHOWAS dave": ["406 alice dave :There was no such nickname", "369 alice dave :End"],
    "HELP": ["704 alice index :Help", "706 alice index :End"],
}


@pytest.mark.parametrize("question", QUESTIONS)
def test_each_question_is_answered_to_who_asked_one_after_the_other(set_inline: SetInline, question: str) -> None:
    """Rows RTE-02, RTE-06, GAP-04: better, on servers without labels nobody else sees the answer."""
    stage = set_inline(caps="")
    stage.attach("laptop")
    stage.attach("phone")
    said = "".join(
        f"\nlibera > :irc.libera.test {line}\nASKER < :irc.libera.test {line}" for line in QUESTIONS[question]
    )
    play(
        stage,
        f"""
        laptop > {question}
        libera < {question}
        phone > {question}
        {said.replace("ASKER", "laptop")}
        libera < {question}
        {said.replace("ASKER", "phone")}
        """,
    )


REFUSED = {
    "PRIVMSG #irc :hi": "404 alice #irc :Cannot send to channel",
    "PRIVMSG dave :hi": "401 alice dave :No such nick",
    "MODE #soju +o bob": "482 alice #soju :You're not a channel operator",
    "MODE #soju +Y": "472 alice Y :is unknown mode char to me",
    "KICK #soju dave": "441 alice dave #soju :They aren't on that channel",
    "INVITE bob #soju": "443 alice bob #soju :is already on channel",
    "TOPIC #irc :new": "442 alice #irc :You're not on that channel",
    "JOIN #secret": "474 alice #secret :Cannot join channel (+b)",
    "PART #irc": "403 alice #irc :No such channel",
    "FROBNICATE": "421 alice FROBNICATE :Unknown command",
    "OPER me wrong": "464 alice :Password incorrect",
    "KNOCK #open": "713 alice #open :Channel is open",
    "NICK bob": "433 alice bob :Nickname is already in use",
}


@pytest.mark.parametrize("command", REFUSED)
def test_an_error_is_told_to_who_gave_the_command(set_inline: SetInline, command: str) -> None:
    """Rows RTE-06, GAP-04, UP-26, UP-33: better, errors find their command by what they name."""
    stage = set_inline(caps="")
    stage.attach("laptop")
    stage.attach("phone")
    error = f":irc.libera.test {REFUSED[command]}"
    stage.say("phone", command)
    assert stage.next_line("libera")
    stage.forget()
    play(
        stage,
        f"""
        libera > {error}
        phone < {error}
        libera > {error}
        laptop < {error}
        phone < {error}
        """,
    )


def test_a_question_for_several_lists_is_asked_list_by_list(set_inline: SetInline) -> None:
    """Each list has its own end, so each is a question of its own."""
    stage = set_inline(caps="", isupport="CASEMAPPING=rfc1459 CHANMODES=beI,k,l,imnpst")
    stage.attach("laptop")
    stage.attach("phone")
    play(
        stage,
        """
        laptop > MODE #soju +be
        libera < MODE #soju +b
        libera < MODE #soju +e
        phone > MODE #soju b
        libera > :irc.libera.test 349 alice #soju :End
        laptop < :irc.libera.test 349 alice #soju End
        libera > :irc.libera.test 368 alice #soju :End
        laptop < :irc.libera.test 368 alice #soju End
        libera < MODE #soju b
        libera > :irc.libera.test 368 alice #soju :End
        phone < :irc.libera.test 368 alice #soju End
        """,
    )


def test_the_end_of_what_servers_end_differently_is_found_by_a_ping(set_inline: SetInline) -> None:
    """LUSERS has no end that all servers have; a question behind it waits for the answer to a PING."""
    stage = set_inline(caps="")
    stage.attach("laptop", caps="batch labeled-response")
    stage.attach("phone")
    play(
        stage,
        """
        laptop > @label=l LUSERS
        libera < LUSERS
        libera < PING $token
        phone > STATS u
        libera > :irc.libera.test 251 alice :There are 3 users
        libera > :irc.libera.test 255 alice :I have 3 clients
        laptop < @label=l BATCH +$b labeled-response
        laptop < @batch=$b :irc.libera.test 251 **
        laptop < @batch=$b :irc.libera.test 255 **
        libera > :irc.libera.test PONG irc.libera.test $token
        laptop < BATCH -$b
        libera < STATS u
        """,
    )


def test_what_a_remote_server_answers_later_goes_to_who_asked(set_inline: SetInline) -> None:
    """A server that asks another one may answer the label with nothing, and the question without a label."""
    stage = set_inline(caps="batch labeled-response")
    stage.attach("laptop", caps="batch labeled-response")
    stage.attach("phone")
    play(
        stage,
        """
        laptop > @label=w WHOIS bob bob
        libera < @label=$l WHOIS bob bob
        libera > @label=$l :irc.libera.test ACK
        laptop < @label=w ACK
        libera > :irc.two.test 311 alice bob b host * :Bob
        laptop < :irc.two.test 311 alice bob b host * Bob
        libera > :irc.two.test 318 alice bob :End
        laptop < :irc.two.test 318 alice bob End
        libera > :irc.two.test 311 alice bob b host * :Bob
        laptop < :irc.two.test 311 alice bob b host * Bob
        phone < :irc.two.test 311 alice bob b host * Bob
        """,
    )


@pytest.mark.parametrize(("caps", "label"), [("", ""), ("batch labeled-response", "@label=* ")])
def test_too_many_questions_are_refused_at_once(set_inline: SetInline, caps: str, label: str) -> None:
    """A server that answers nothing costs its user a bound of memory; the client is told that, and of each question."""
    stage = set_inline(caps=caps)
    stage.attach("laptop")
    for number in range(500):
        stage.say("laptop", f"WHO #c{number}")
        stage.world.advance(0.02)
    stage.forget()
    play(stage, "laptop > WHO #more\n laptop < 263 alice WHO *\n laptop > PING x\n laptop < PONG bouncer.test x")
    stage.world.advance(60)
    ends = sum(" 315 " in line for line in stage.unheard()["laptop"])
    assert ends == 500
    stage.forget()
    play(stage, f"laptop > WHO #again\n libera < {label}WHO #again")


def test_what_was_not_sent_is_told_to_who_said_it(set_inline: SetInline) -> None:
    """Row LIM-03: the queue in front of the server's rate limit is bounded."""
    for caps in ("", "batch labeled-response message-tags"):
        upstream = UpstreamSettings(rate_burst=1, rate_every=1000.0, queue=3)
        stage = set_inline(caps=caps, channels=(), upstream=upstream)
        stage.attach("laptop", caps="batch labeled-response")
        stage.attach("phone")
        for number in range(6):
            stage.say("phone", f"MODE #c{number} +m")
        heard = [line for line in stage.unheard()["phone"] if "was not sent" in line]
        assert heard
        stage.forget()
        play(stage, "laptop > @label=v VERSION\n laptop < @label=v 400 alice VERSION *")


def test_a_numeric_that_nobody_knows_is_part_of_the_whois_that_it_names(set_inline: SetInline) -> None:
    """Row UP-22: better, servers have more to say of people than any list knows."""
    stage = set_inline(caps="")
    stage.attach("laptop")
    stage.attach("phone")
    play(
        stage,
        """
        laptop > WHOIS bob
        libera < WHOIS bob
        libera > :irc.libera.test 617 alice bob :is a person
        laptop < :irc.libera.test 617 alice bob *
        libera > :irc.libera.test 699 alice bob :has a cat
        laptop < :irc.libera.test 699 alice bob *
        libera > :irc.libera.test 699 alice carol :has none
        laptop < :irc.libera.test 699 alice carol *
        phone < :irc.libera.test 699 alice carol *
        libera > :irc.libera.test 318 alice bob :End
        laptop < :irc.libera.test 318 alice bob *
        """,
    )


@pytest.mark.parametrize("caps", ["", "batch labeled-response"])
def test_what_changes_for_the_user_is_shown_to_all_clients(set_inline: SetInline, caps: str) -> None:
    """Rows UP-04, UP-18: whichever client asked for it; who did has the label."""
    stage = set_inline(caps=caps)
    stage.attach("laptop", caps="batch labeled-response")
    stage.attach("phone")
    tag, fence = ("@label=$l ", "") if caps else ("", "libera < PING *")
    play(
        stage,
        f"""
        laptop > @label=m MODE alice +i
        libera < {tag}MODE alice +i
        {fence}
        libera > {tag}:alice MODE alice +i
        laptop < @label=m :alice MODE alice +i
        phone < :alice MODE alice +i
        phone > MODE alice +x
        libera < {"@label=$x " if caps else ""}MODE alice +x
        libera > {"@label=$x " if caps else ""}:irc.libera.test 396 alice hidden :is now your host
        laptop < :irc.libera.test 396 alice hidden *
        phone < :irc.libera.test 396 alice hidden *
        """,
    )


def test_that_somebody_is_away_is_told_to_who_wrote(set_inline: SetInline) -> None:
    """Row UP-26: of several that wrote, to the last."""
    stage = set_inline(caps="")
    stage.attach("laptop", caps="echo-message")
    stage.attach("phone")
    stage.say("phone", "PRIVMSG bob :hi")
    stage.say("laptop", "PRIVMSG bob :hello")
    stage.forget()
    play(
        stage,
        """
        libera > :irc.libera.test 301 alice bob :gone fishing
        laptop < :irc.libera.test 301 alice bob *
        """,
    )
