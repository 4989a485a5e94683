"""REDACT: what is taken back is shown and found no more (rows CMD-18, STO-06).

Spec: https://ircv3.net/specs/extensions/message-redaction
"""

import pytest

from tests.behaviour.dialogs.conftest import SetInline, SetStage, everywhere
from tests.behaviour.stages import AnyStage, InlineStage
from tests.support.dialog import play
from tests.support.world import World

SERVER = "batch message-tags server-time echo-message labeled-response draft/message-redaction"
CAPS = "batch message-tags draft/chathistory soju.im/search draft/message-redaction"
DAY = "2024-01-01T00:00:"
SAID = [
    f"@time={DAY}01.000Z;msgid=m1 :bob!b@host PRIVMSG #soju :good morning",
    f"@time={DAY}02.000Z;msgid=m2 :bob!b@host PRIVMSG #soju :the secret word",
    f"@time={DAY}03.000Z;msgid=m3 :carol!c@host PRIVMSG #soju :what word",
]
REDACTION = f"@time={DAY}04.000Z;msgid=r4 :bob!b@host REDACT #soju m2 :oops"


def say(stage: AnyStage, *lines: str) -> None:
    """Let the server say something, and pass over what clients are shown."""
    for line in lines:
        stage.say("libera", line)
    stage.forget()


@everywhere
def test_a_redaction_is_shown_to_who_knows_of_redactions(set_stage: SetStage) -> None:
    """A client without the capability is told nothing: it could not take back what it has shown."""
    stage = set_stage(caps=SERVER)
    stage.attach("laptop", caps=CAPS)
    stage.attach("phone", caps="message-tags")
    play(
        stage,
        f"""
        libera > {SAID[1]}
        laptop < {SAID[1]}
        phone < {SAID[1]}
        libera > {REDACTION}
        laptop < {REDACTION}
        libera > {SAID[2]}
        laptop < {SAID[2]}
        phone < {SAID[2]}
        """,
    )


@everywhere
def test_a_redacted_message_is_in_no_history_any_more(set_stage: SetStage) -> None:
    """Better: soju stores the redaction and keeps the text. The event is for who wants events."""
    stage = set_stage(caps=SERVER)
    say(stage, *SAID, REDACTION)
    stage.attach("laptop", caps=CAPS)
    play(
        stage,
        f"""
        laptop > SEARCH in=#soju;text=word
        laptop < BATCH +$s soju.im/search
        laptop < @batch=$s;time=*;msgid=m3 :carol!c@host PRIVMSG #soju :what word
        laptop < BATCH -$s
        laptop > CHATHISTORY BETWEEN #soju timestamp={DAY}00.000Z timestamp={DAY}09.000Z 2
        laptop < @draft/chathistory-end BATCH +$h chathistory #soju
        laptop < @batch=$h;time=*;msgid=m1 :bob!b@host PRIVMSG #soju :good morning
        laptop < @batch=$h;time=*;msgid=m3 :carol!c@host PRIVMSG #soju :what word
        laptop < BATCH -$h
        laptop > CHATHISTORY BEFORE #soju msgid=m2 1
        laptop < @draft/chathistory-end BATCH +$b chathistory #soju
        laptop < @batch=$b;time=*;msgid=m1 :bob!b@host PRIVMSG #soju :good morning
        laptop < BATCH -$b
        laptop > CAP REQ draft/event-playback
        laptop < CAP alice ACK draft/event-playback
        laptop > CHATHISTORY BETWEEN #soju timestamp={DAY}01.000Z timestamp={DAY}09.000Z 100
        laptop < @draft/chathistory-end BATCH +$e chathistory #soju
        laptop < @batch=$e;time=*;msgid=m3 :carol!c@host PRIVMSG #soju :what word
        laptop < @batch=$e;time={DAY}04.000Z;msgid=r4 :bob!b@host REDACT #soju m2 :oops
        laptop < BATCH -$e
        """,
    )


@pytest.mark.parametrize("ring", [1, 100])
@pytest.mark.parametrize("again", [False, True], ids=["same process", "next process"])
def test_a_redacted_message_is_not_replayed(set_inline: SetInline, *, ring: int, again: bool) -> None:
    """From the ring, from the database, after a restart."""
    stage = set_inline(caps=SERVER, ring=ring, of_network={"auto_away": False})
    stage.attach("laptop")
    play(stage, "laptop > (closed)")
    say(stage, *SAID, REDACTION)
    if again:
        stage = InlineStage(World(stage.world.setting, database=stage.world.database))
        stage.script()
    stage.log_in("laptop")
    play(
        stage,
        """
        laptop < :alice!a@host JOIN #soju
        laptop < 332 **
        laptop < 333 **
        laptop < 353 **
        laptop < 366 **
        laptop < :bob!b@host PRIVMSG #soju :good morning
        laptop < :carol!c@host PRIVMSG #soju :what word
        libera > @msgid=m5 :bob!b@host PRIVMSG #soju :live
        laptop < :bob!b@host PRIVMSG #soju :live
        """,
    )


def test_a_message_and_its_redaction_in_one_read_are_both_shown(set_inline: SetInline) -> None:
    """Who was there when it was said sees it: that does not depend on when it was stored (DESIGN promise 1)."""
    stage = set_inline(caps=SERVER)
    stage.attach("laptop", caps="message-tags draft/message-redaction")
    stage.servers["libera"].say(SAID[1], REDACTION)
    stage.world.run()
    play(stage, f"laptop < {SAID[1]}\nlaptop < {REDACTION}")
    assert not stage.world.server.heard


@everywhere
def test_a_client_takes_back_what_it_has_said(set_stage: SetStage) -> None:
    """Row CMD-18: with the server's echo, or its refusal."""
    stage = set_stage(caps=SERVER)
    stage.attach("laptop", caps=f"{CAPS} echo-message")
    stage.attach("phone", caps=CAPS)
    say(stage, "@msgid=mine :alice!a@host PRIVMSG #soju :typo")
    play(
        stage,
        """
        phone > @time=x;+draft/x=y REDACT #soju mine :not so
        libera < @label=$one;+draft/x=y REDACT #soju mine :not so
        libera > @label=$one;time=2024-01-01T00:00:09.000Z :alice!a@host REDACT #soju mine :not so
        laptop < @time=* :alice!a@host REDACT #soju mine :not so
        laptop > REDACT #soju m2
        libera < @label=$two REDACT #soju m2
        libera > @label=$two FAIL REDACT REDACT_FORBIDDEN #soju m2 :Not yours
        laptop < @time=* FAIL REDACT REDACT_FORBIDDEN #soju m2 *
        laptop > SEARCH in=#soju;text=typo
        laptop < BATCH +$s soju.im/search
        laptop < BATCH -$s
        laptop > REDACT #soju
        laptop < 461 alice REDACT *
        laptop > REDACT BouncerServ m2
        laptop < FAIL REDACT INVALID_TARGET BouncerServ *
        """,
    )


def test_without_an_echo_of_the_server_the_client_is_believed(set_stage: SetStage) -> None:
    """Row ECH-03."""
    stage = set_stage(caps="batch message-tags server-time draft/message-redaction")
    stage.attach("laptop", caps=CAPS)
    stage.attach("phone", caps=CAPS)
    say(stage, *SAID)
    play(
        stage,
        """
        laptop > REDACT #soju m2
        libera < REDACT #soju m2
        phone < @time=* :alice!a@host REDACT #soju m2
        phone > SEARCH in=#soju;text=secret
        phone < BATCH +$s soju.im/search
        phone < BATCH -$s
        """,
    )


def test_a_server_that_knows_no_redactions_is_sent_none(set_stage: SetStage) -> None:
    stage = set_stage(caps="message-tags")
    stage.attach("laptop")
    stage.attach("desk", "alice")
    play(
        stage,
        """
        laptop > REDACT #soju m2
        laptop < 421 alice REDACT *
        desk > REDACT #soju m2
        desk < 400 alice *
        """,
    )


def test_redactions_of_queries_reactions_and_servers(set_inline: SetInline) -> None:
    """Each is of the target in whose history the message is; without an id nothing is hidden."""
    stage = set_inline(caps=SERVER)
    stage.attach("laptop", caps=CAPS)
    say(
        stage,
        f"@time={DAY}01.000Z;msgid=q1 :bob!b@host PRIVMSG alice :psst",
        f"@time={DAY}02.000Z;msgid=q2 :alice!a@host PRIVMSG bob :what",
        f"@time={DAY}03.000Z;msgid=q3;+draft/react=x :bob!b@host TAGMSG alice",
        f"@time={DAY}04.000Z :bob!b@host PRIVMSG alice :without an id",
        f"@time={DAY}05.000Z :bob!b@host REDACT alice q1",
        f"@time={DAY}06.000Z :alice!a@host REDACT bob q2",
        f"@time={DAY}07.000Z :bob!b@host REDACT alice q3",
        f"@time={DAY}08.000Z :bob!b@host REDACT alice :",
        f"@time={DAY}08.500Z :irc.libera.test REDACT alice x",
        *SAID,
        f"@time={DAY}09.000Z :irc.libera.test REDACT #soju m2",
    )
    play(
        stage,
        f"""
        laptop > CAP REQ draft/event-playback
        laptop < CAP alice ACK draft/event-playback
        laptop > CHATHISTORY BEFORE bob timestamp={DAY}05.000Z 10
        laptop < @draft/chathistory-end BATCH +$q chathistory bob
        laptop < @batch=$q;time={DAY}04.000Z :bob!b@host PRIVMSG alice :without an id
        laptop < BATCH -$q
        laptop > SEARCH text=secret
        laptop < BATCH +$s soju.im/search
        laptop < BATCH -$s
        """,
    )


def test_a_redaction_in_a_detached_channel_is_not_shown(set_stage: SetStage) -> None:
    """Row DET-01: what was said is hidden all the same."""
    stage = set_stage(caps=SERVER)
    stage.attach("laptop", caps=CAPS)
    say(stage, *SAID)
    play(
        stage,
        f"""
        laptop > PART #soju detach
        laptop < :alice!a@host PART #soju Detach
        libera > {REDACTION}
        laptop > SEARCH in=#soju;text=secret
        laptop < BATCH +$s soju.im/search
        laptop < BATCH -$s
        """,
    )
