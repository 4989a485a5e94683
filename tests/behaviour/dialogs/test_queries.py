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


def test_who_is_answered_from_memory_when_all_is_known(set_stage: SetStage) -> None:
    """Row CCH-02: what the server tells meanwhile counts."""
    stage = set_stage()
    stage.attach("laptop", caps="away-notify")
    play(
        stage,
        """
        laptop > WHO #soju
        libera < @label=$w WHO #soju
        libera > @label=$w :irc.libera.test BATCH +1 labeled-response
        libera > @batch=1 :irc.libera.test 352 alice #soju a host irc.libera.test alice H :0 Alice
        laptop < :irc.libera.test 352 **
        libera > @batch=1 :irc.libera.test 352 alice #soju b host irc.libera.test bob H*@ :3 Bob
        laptop < :irc.libera.test 352 **
        libera > @batch=1 :irc.libera.test 352 alice #soju c host irc.libera.test carol G :0 Carol
        laptop < :irc.libera.test 352 **
        libera > @batch=1 :irc.libera.test 315 alice #soju :End
        laptop < :irc.libera.test 315 **
        libera > :irc.libera.test BATCH -1
        laptop > WHO #SOJU
        laptop < 352 alice #soju a host irc.libera.test alice H :0 Alice
        laptop < 352 alice #soju b host irc.libera.test bob H*@ :0 Bob
        laptop < 352 alice #soju c host irc.libera.test carol G :0 Carol
        laptop < 315 alice #SOJU *
        laptop > WHO CAROL
        laptop < 352 alice * c host irc.libera.test carol G :0 Carol
        laptop < 315 alice CAROL *
        libera > @time=2024-01-01T00:00:00.000Z :carol!c@host AWAY
        laptop < :carol!c@host AWAY
        libera > @time=2024-01-01T00:00:00.000Z :carol!c@host SETNAME :Karol
        libera > @time=2024-01-01T00:00:00.000Z :carol!c@host CHGHOST k else
        libera > @time=2024-01-01T00:00:00.000Z :carol!k@else NICK karol
        laptop < :carol!k@else NICK karol
        laptop > WHO karol
        laptop < 352 alice * k else irc.libera.test karol H :0 Karol
        laptop < 315 alice karol *
        laptop > WHO carol
        libera < @label=* WHO carol
        laptop > WHO #soju %tnf,42
        libera < @label=* WHO #soju %tnf,42
        libera > @time=2024-01-01T00:00:00.000Z :dave!d@host JOIN #soju * :Dave
        laptop < :dave!d@host JOIN #soju
        laptop > WHO #soju
        libera < @label=* WHO #soju
        """,
    )


def test_the_service_is_known_everywhere(set_stage: SetStage) -> None:
    """Rows CMD-16, CMD-17."""
    stage = set_stage(caps="")
    stage.attach("laptop")
    play(
        stage,
        """
        laptop > WHO bouncerserv
        laptop < 352 alice * BouncerServ bouncer.test bouncer.test BouncerServ HB *
        laptop < 315 alice bouncerserv *
        laptop > WHOIS BOUNCERSERV,bob
        laptop < 311 alice BouncerServ BouncerServ bouncer.test * *
        laptop < 312 alice BouncerServ bouncer.test *
        laptop < 313 alice BouncerServ *
        laptop < 335 alice BouncerServ *
        laptop < 318 alice BouncerServ *
        laptop > WHO
        laptop < 315 alice * *
        laptop > WHOIS
        laptop < 431 alice *
        """,
    )


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
