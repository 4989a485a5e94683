"""Answers with the labels of clients (rows FLT-05, CAPD-24, TOD-08).

Spec: https://ircv3.net/specs/extensions/labeled-response
"""

import pytest

from soju_actors.irc.labels import LONGEST
from tests.behaviour.dialogs.conftest import SetInline, SetStage, everywhere
from tests.support.dialog import play

LABELS = "batch labeled-response"


@everywhere
def test_what_is_answered_here_is_an_ack_a_line_or_a_batch(set_stage: SetStage) -> None:
    """The bouncer answers labels itself, whatever the server can do."""
    stage = set_stage(caps="")
    stage.attach("laptop", caps=LABELS)
    play(
        stage,
        f"""
        laptop > @label=nothing JOIN #soju
        laptop < @label=nothing ACK
        laptop > @label=one PING token
        laptop < @label=one PONG bouncer.test token
        laptop > @label=wrong PING
        laptop < @label=wrong 461 alice PING *
        laptop > @label=many NAMES #soju
        laptop < @label=many BATCH +$b labeled-response
        laptop < @batch=$b 353 alice = #soju *
        laptop < @batch=$b 366 alice #soju *
        laptop < BATCH -$b
        laptop > @label=ba\\s\\:d PING x
        laptop < @label=ba\\s\\:d PONG bouncer.test x
        laptop > @label=two MODE #soju
        laptop < @label=two BATCH +$c labeled-response
        laptop < @batch=$c 324 **
        laptop < @batch=$c 329 **
        laptop < BATCH -$c
        laptop > PING y
        laptop < PONG bouncer.test y
        laptop > @label={"x" * LONGEST} PING y
        laptop < @label={"x" * LONGEST} PONG bouncer.test y
        laptop > @label={"x" * (LONGEST + 1)} PING y
        laptop < PONG bouncer.test y
        laptop > @label= PING y
        laptop < PONG bouncer.test y
        laptop > @label=pong PONG nothing
        laptop < @label=pong ACK
        laptop > @label=cap CAP LIST
        laptop < @label=cap CAP alice LIST **
        """,
    )


@pytest.mark.parametrize("caps", ["labeled-response", "batch", "message-tags"])
def test_a_label_counts_only_with_both_capabilities(set_inline: SetInline, caps: str) -> None:
    """Labels depend on batch, which must be negotiated to use them."""
    stage = set_inline(caps="message-tags")
    stage.attach("laptop", caps=caps)
    play(stage, "laptop > @label=x PING x\n laptop < PONG bouncer.test x")


@everywhere
def test_an_answer_of_the_server_has_the_clients_own_label(set_stage: SetStage) -> None:
    """The server is given one of the bouncer's; its batch is the client's too (rows RTE-01, UP-10)."""
    stage = set_stage()
    stage.attach("laptop", caps=LABELS)
    stage.attach("phone", caps=LABELS)
    play(
        stage,
        """
        laptop > @label=same WHOIS bob
        libera < @label=$first WHOIS bob
        phone > @label=same VERSION
        libera < @label=$second VERSION
        phone > @label=ack FROBNICATE
        libera < @label=$third FROBNICATE
        libera > @label=$first :irc.libera.test BATCH +1 labeled-response
        libera > @batch=1 :irc.libera.test 311 alice bob b host * :Bob
        libera > @label=$second :irc.libera.test 351 alice v1 irc.libera.test :test
        phone < @label=same :irc.libera.test 351 alice v1 irc.libera.test test
        libera > @label=$third :irc.libera.test ACK
        phone < @label=ack ACK
        libera > @batch=1 :irc.libera.test 318 alice bob :End
        laptop < @label=same BATCH +$b labeled-response
        laptop < @batch=$b :irc.libera.test 311 alice bob b host * Bob
        laptop < @batch=$b :irc.libera.test 318 alice bob End
        libera > :irc.libera.test BATCH -1
        laptop < BATCH -$b
        """,
    )


@pytest.mark.parametrize("caps", ["", "batch message-tags echo-message labeled-response"])
def test_the_echo_is_the_answer_to_a_message_with_a_label(set_stage: SetStage, caps: str) -> None:
    """Whether the server sends it or the bouncer makes it; others get it without the label."""
    stage = set_stage(caps=caps)
    stage.attach("laptop", caps=f"{LABELS} echo-message")
    stage.attach("phone", caps=LABELS)
    first, second = ("@label=$l ", "@label=$m ") if caps else ("", "")
    play(
        stage,
        f"""
        laptop > @label=mine PRIVMSG #soju :hello
        libera < {first}PRIVMSG #soju hello
        {f"libera > {first}:alice!a@host PRIVMSG #soju hello" if caps else ""}
        laptop < @label=mine :alice!a@host PRIVMSG #soju hello
        phone < :alice!a@host PRIVMSG #soju hello
        phone > @label=theirs PRIVMSG #soju :hi
        libera < {second}PRIVMSG #soju hi
        {f"libera > {second}:alice!a@host PRIVMSG #soju hi" if caps else ""}
        phone < @label=theirs ACK
        laptop < :alice!a@host PRIVMSG #soju hi
        """,
    )


def test_a_message_that_is_refused_has_the_error_as_its_answer(set_stage: SetStage) -> None:
    """The example of the specification."""
    stage = set_stage()
    stage.attach("laptop", caps=f"{LABELS} echo-message")
    play(
        stage,
        """
        laptop > @label=mine PRIVMSG dave :hello
        libera < @label=$l PRIVMSG dave hello
        libera > @label=$l :irc.libera.test 401 alice dave :No such nick
        laptop < @label=mine :irc.libera.test 401 alice dave *
        """,
    )


def test_several_targets_are_one_answer(set_stage: SetStage) -> None:
    """Better than row FLT-05: the label is kept, and what is answered here and there is one batch."""
    stage = set_stage()
    stage.attach("laptop", caps=f"{LABELS} echo-message")
    play(
        stage,
        """
        laptop > @label=two PRIVMSG #soju,dave :hello
        libera < @label=$first PRIVMSG #soju hello
        libera < @label=$second PRIVMSG dave hello
        libera > @label=$second :irc.libera.test 401 alice dave :No such nick
        libera > @label=$first :alice!a@host PRIVMSG #soju hello
        laptop < @label=two BATCH +$b labeled-response
        laptop < @batch=$b :irc.libera.test 401 alice dave *
        laptop < @batch=$b :alice!a@host PRIVMSG #soju hello
        laptop < BATCH -$b
        laptop > @label=mixed NAMES #soju,#irc
        libera < @label=$third NAMES #irc
        laptop < @label=mixed BATCH +$c labeled-response
        laptop < @batch=$c 353 alice = #soju *
        laptop < @batch=$c 366 alice #soju *
        libera > @label=$third :irc.libera.test 366 alice #irc :End
        laptop < @batch=$c :irc.libera.test 366 alice #irc *
        laptop < BATCH -$c
        laptop > @label=local NAMES #soju,#soju
        laptop < @label=local BATCH +$d labeled-response
        laptop < @batch=$d 353 **
        laptop < @batch=$d 366 **
        laptop < @batch=$d 353 **
        laptop < @batch=$d 366 **
        laptop < BATCH -$d
        laptop > @label=service PRIVMSG BouncerServ,#soju :frobnicate
        libera < @label=$fourth PRIVMSG #soju frobnicate
        laptop < :BouncerServ!BouncerServ@BouncerServ PRIVMSG alice *
        libera > @label=$fourth :alice!a@host PRIVMSG #soju frobnicate
        laptop < @label=service BATCH +$e labeled-response
        laptop < @batch=$e :alice!a@host PRIVMSG BouncerServ frobnicate
        laptop < @batch=$e :alice!a@host PRIVMSG #soju frobnicate
        laptop < BATCH -$e
        """,
    )


def test_history_has_the_label_on_its_batch(set_stage: SetStage) -> None:
    """A type that applies to the entire response takes the label itself; a failure takes it too."""
    stage = set_stage()
    stage.attach("laptop", caps=f"{LABELS} draft/chathistory server-time message-tags")
    play(
        stage,
        """
        libera > @time=2024-01-01T00:00:00.000Z :bob!b@host PRIVMSG #soju :hello
        laptop < @time=2024-01-01T00:00:00.000Z :bob!b@host PRIVMSG #soju hello
        laptop > @label=past CHATHISTORY LATEST #soju * 10
        laptop < @label=past;** BATCH +$b chathistory #soju
        laptop < @batch=$b;time=2024-01-01T00:00:00.000Z :bob!b@host PRIVMSG #soju hello
        laptop < BATCH -$b
        laptop > @label=none CHATHISTORY LATEST #irc * 10
        laptop < @label=none;** BATCH +$c chathistory #irc
        laptop < BATCH -$c
        laptop > @label=bad CHATHISTORY LATEST #irc * x
        laptop < @label=bad FAIL CHATHISTORY INVALID_PARAMS LATEST *
        """,
    )


def test_networks_have_the_label_on_their_batch_and_on_what_is_stored_first(set_stage: SetStage) -> None:
    """An answer that waits for the database has the label too."""
    stage = set_stage(channels=())
    stage.attach("laptop", "alice@laptop", f"{LABELS} soju.im/bouncer-networks")
    play(
        stage,
        """
        laptop > @label=list BOUNCER LISTNETWORKS
        laptop < @label=list BATCH +$b soju.im/bouncer-networks
        laptop < @batch=$b BOUNCER NETWORK **
        laptop < BATCH -$b
        laptop > @label=add BOUNCER ADDNETWORK host=irc.example.org;name=example;enabled=0
        laptop < @label=add FAIL BOUNCER UNKNOWN_ATTRIBUTE ADDNETWORK **
        laptop > @label=again BOUNCER CHANGENETWORK 1 name=renamed
        libera < QUIT *
        libera < (closed)
        libera < AWAY *
        laptop < @label=again BOUNCER CHANGENETWORK 1
        laptop > @label=gone BOUNCER DELNETWORK 99
        laptop < @label=gone FAIL BOUNCER INVALID_NETID DELNETWORK **
        """,
    )


@everywhere
def test_on_a_server_without_labels_a_question_has_the_label_until_its_end(set_stage: SetStage) -> None:
    """Rows RTE-02, FLT-05."""
    stage = set_stage(caps="")
    stage.attach("laptop", caps=LABELS)
    stage.attach("phone", caps=LABELS)
    play(
        stage,
        """
        laptop > @label=a WHO #irc
        libera < WHO #irc
        phone > @label=b WHO #other
        libera > :irc.libera.test 352 alice #irc b host irc.libera.test bob H@ :0 Bob
        libera > :irc.libera.test 315 alice #irc :End
        laptop < @label=a BATCH +$a labeled-response
        laptop < @batch=$a :irc.libera.test 352 **
        laptop < @batch=$a :irc.libera.test 315 **
        laptop < BATCH -$a
        libera < WHO #other
        libera > :irc.libera.test 315 alice #other :End
        phone < @label=b :irc.libera.test 315 alice #other End
        """,
    )


CHANGES = {
    "MODE #soju +t": ":alice!a@host MODE #soju +t",
    "TOPIC #soju :new": ":alice!a@host TOPIC #soju new",
    "KICK #soju bob": ":alice!a@host KICK #soju bob",
    "PART #soju": ":alice!a@host PART #soju",
    "NICK ally": ":alice!a@host NICK ally",
    "INVITE bob #soju": ":irc.libera.test 341 alice bob #soju",
    "MODE #soju +o dave": ":irc.libera.test 401 alice dave :No such nick",
    "MODE #irc": ":irc.libera.test 403 alice #irc :No such channel",
}


@pytest.mark.parametrize("command", CHANGES)
def test_on_a_server_without_labels_a_change_has_the_label_when_it_is_seen(set_inline: SetInline, command: str) -> None:
    """What others see too they see without the label; nothing is held back until the PING is answered."""
    stage = set_inline(caps="")
    stage.attach("laptop", caps=LABELS)
    stage.attach("phone")
    seen = CHANGES[command]
    others = "" if seen.startswith(":irc.") else f"phone < {seen}"
    play(
        stage,
        f"""
        laptop > @label=x {command}
        libera < {command}
        libera < PING *
        libera > {seen}
        laptop < @label=x {seen}
        {others}
        """,
    )


def test_on_a_server_without_labels_what_has_no_answer_is_acknowledged(set_inline: SetInline) -> None:
    """The server's answer to a PING behind a command tells that there is none to the command."""
    stage = set_inline(caps="")
    stage.attach("laptop", caps=LABELS)
    play(
        stage,
        """
        laptop > @label=x MODE #soju +v bob
        libera < MODE #soju +v bob
        libera < PING $token
        libera > :irc.libera.test PONG irc.libera.test $token
        laptop < @label=x ACK
        laptop > MODE #soju +v bob
        libera < MODE #soju +v bob
        """,
    )


def test_joining_a_channel_is_one_answer(set_stage: SetStage) -> None:
    """JOIN, topic and names, which the bouncer shows when it has all of them."""
    stage = set_stage(caps="", channels=())
    stage.attach("laptop", caps=LABELS)
    stage.attach("phone")
    play(
        stage,
        """
        laptop > @label=j JOIN #new
        libera < JOIN #new
        libera < PING $first
        libera > :alice!a@host JOIN #new
        libera < MODE #new
        libera > :irc.libera.test 353 alice = #new :alice bob
        libera > :irc.libera.test 366 alice #new :End
        laptop < @label=j BATCH +$b labeled-response
        laptop < @batch=$b :alice!a@host JOIN #new
        laptop < @batch=$b 353 **
        laptop < @batch=$b 366 **
        laptop < BATCH -$b
        phone < :alice!a@host JOIN #new
        phone < 353 **
        phone < 366 **
        laptop > @label=k JOIN #bad,#new
        libera < JOIN #bad
        libera < PING $second
        libera > :irc.libera.test PONG irc.libera.test $first
        libera > :irc.libera.test 473 alice #bad :Cannot join channel (+i)
        laptop < @label=k :irc.libera.test 473 **
        libera > :irc.libera.test PONG irc.libera.test $second
        """,
    )


@pytest.mark.parametrize("caps", ["", "batch labeled-response"])
def test_a_server_that_never_answers_ends_its_label_too(set_inline: SetInline, caps: str) -> None:
    """Rows TOD-08, LIM-14: better, the label is not lost."""
    stage = set_inline(caps=caps)
    stage.attach("laptop", caps=LABELS)
    server = stage.world.server
    server.quiet = True
    for line in ("@label=who WHO bob", "@label=mode MODE #soju +m", "@label=version VERSION"):
        stage.say("laptop", line)
    stage.forget()
    server.quiet = False
    stage.world.advance(30)
    play(
        stage,
        """
        laptop < @label=who 315 alice bob *
        laptop < @label=mode 400 alice MODE *
        laptop < @label=version 400 alice VERSION *
        """,
    )


@pytest.mark.parametrize("caps", ["", "batch labeled-response"])
def test_a_server_that_goes_away_ends_its_labels(set_stage: SetStage, caps: str) -> None:
    """Rows RTE-05, TOD-08: better, the label is not lost, whether the answer has begun or not."""
    stage = set_stage(caps=caps, channels=())
    stage.attach("laptop", caps=f"{LABELS} soju.im/bouncer-networks")
    stage.say("laptop", "@label=list LIST")
    line = stage.next_line("libera")
    assert line
    tag = line.partition(" ")[0] if caps else ""
    begin = f"libera > {tag} :irc.libera.test BATCH +1 labeled-response" if caps else ""
    inner = "@batch=1 " if caps else ""
    play(
        stage,
        f"""
        {begin}
        libera > {inner}:irc.libera.test 321 alice Channel :Users  Name
        libera > {inner}:irc.libera.test 322 alice #soju 3 :About
        laptop < @label=list BATCH +$b labeled-response
        laptop < @batch=$b :irc.libera.test 321 **
        laptop < @batch=$b :irc.libera.test 322 **
        laptop > @label=who WHO bob
        libera < {"@label=* " if caps else ""}WHO bob
        libera > (closed)
        laptop < CAP alice NEW *
        laptop < @batch=$b 323 alice *
        laptop < BATCH -$b
        laptop < @label=who 315 alice bob *
        laptop < CAP alice DEL *
        laptop > @label=later WHO dave
        libera < {"@label=* " if caps else ""}WHO dave
        """,
    )


def test_what_comes_after_an_answer_was_given_up_has_no_label(set_inline: SetInline) -> None:
    """It goes to who asked, and does not end the next question (rows RTE-03, LIM-14)."""
    stage = set_inline(caps="")
    stage.attach("laptop", caps=LABELS)
    stage.attach("phone")
    play(stage, "laptop > @label=a WHOIS bob\n libera < WHOIS bob")
    stage.world.advance(30)
    play(
        stage,
        """
        laptop < @label=a 318 alice bob *
        phone > WHOIS carol
        libera < WHOIS carol
        libera > :irc.libera.test 311 alice bob b host * :Bob
        laptop < :irc.libera.test 311 alice bob b host * Bob
        libera > :irc.libera.test 318 alice bob :End
        laptop < :irc.libera.test 318 alice bob End
        libera > :irc.libera.test 318 alice carol :End
        phone < :irc.libera.test 318 alice carol End
        """,
    )
