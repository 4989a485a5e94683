"""CHATHISTORY (section 5.15 of the reference), and what is stored (rows STO-05, AUP-06).

Spec: https://ircv3.net/specs/extensions/chathistory
"""

import pytest

from tests.behaviour.dialogs.conftest import SetInline, SetStage, everywhere
from tests.behaviour.stages import AnyStage
from tests.support.dialog import play
from tests.support.fakeserver import ISUPPORT

CAPS = "batch draft/chathistory message-tags"
DAY = "2024-01-01T00:00:"


def at(second: float) -> str:
    """Return a time of the day as a reference."""
    return f"timestamp={DAY}{second:06.3f}Z"


def fill(stage: AnyStage) -> None:
    """Let something happen in #soju at each of seconds 1 to 9: talk, and at 4 and 8 events."""
    stage.attach("laptop", caps=CAPS)
    events = {4: "TOPIC #soju :Topic 4", 8: "NICK robert"}
    for second in range(1, 10):
        event = events.get(second, f"PRIVMSG #soju :said {second}")
        stage.say("libera", f"@time={DAY}{second:06.3f}Z;msgid=id{second} :bob!b@host {event}")
    stage.forget()


def told(stage: AnyStage, command: str) -> str:
    """Return the seconds of what a command brings, with a stop if there is no more."""
    stage.say("laptop", f"CHATHISTORY {command}")
    mark, _, opening = (stage.next_line("laptop") or "").rpartition("BATCH +")
    assert mark in ("", "@draft/chathistory-end ")
    seconds = []
    while "BATCH -" not in (line := stage.next_line("laptop") or "BATCH -"):
        assert f"batch={opening.partition(' ')[0]}" in line
        seconds.append(line.partition(".")[0][-1])
    assert not stage.unheard()["laptop"]
    return "".join(seconds) + "." * bool(mark)


@pytest.mark.parametrize(
    ("command", "seconds"),
    [
        ("LATEST #soju * 3", "679"),
        ("LATEST #SOJU * 100", "1235679."),
        ("LATEST #soju * 0", ""),
        (f"LATEST #soju {at(5)} 100", "679."),
        (f"LATEST #soju {at(5)} 2", "79"),
        ("LATEST #soju msgid=id5 100", "679."),
        (f"BEFORE #soju {at(5)} 2", "23"),
        (f"BEFORE #soju {at(5)} 100", "123."),
        (f"BEFORE #soju {at(5.001)} 2", "35"),
        ("BEFORE #soju msgid=id5 2", "23"),
        (f"BEFORE #soju {at(1)} 5", "."),
        (f"AFTER #soju {at(5)} 2", "67"),
        ("AFTER #soju msgid=id5 100", "679."),
        (f"AFTER #soju {at(9)} 5", "."),
        (f"BETWEEN #soju {at(2)} {at(7)} 100", "356."),
        (f"BETWEEN #soju {at(2)} {at(7)} 2", "35"),
        (f"BETWEEN #soju {at(7)} {at(2)} 2", "56"),
        ("BETWEEN #soju msgid=id2 msgid=id7 100", "356."),
        (f"BETWEEN #soju msgid=id2 {at(7)} 2", "35"),
        ("BETWEEN #soju msgid=id7 msgid=id2 2", "56"),
        (f"BETWEEN #soju msgid=id7 {at(2)} 100", "356."),
        (f"BETWEEN #soju {at(7)} msgid=id2 2", "56"),
        (f"BETWEEN #soju {at(2)} {at(2)} 100", "."),
        ("BETWEEN #soju msgid=id2 msgid=id2 100", "."),
        (f"AROUND #soju {at(5)} 3", "356"),
        ("AROUND #soju msgid=id5 3", "356"),
        ("AROUND #soju msgid=id5 1", "5"),
        ("latest #soju * 2", "79"),
        ("LATEST #soju * 7", "1235679."),
        ("LATEST #soju * 6", "235679"),
        (f"BEFORE #soju {at(5)} 3", "123."),
        (f"AFTER #soju {at(5)} 3", "679."),
        (f"BETWEEN #soju {at(2)} {at(7)} 3", "356."),
        (f"BETWEEN #soju {at(7)} {at(2)} 3", "356."),
        (f"AROUND #soju {at(5)} 6", "123567"),
        (f"AROUND #soju {at(5)} 8", "1235679."),
        ("LATEST #nowhere * 10", "."),
        ("BEFORE #soju msgid=unknown 10", ""),
        ("LATEST BouncerServ * 10", "."),
    ],
)
def test_history_is_read_between_bounds_that_are_not_part_of_it(
    set_inline: SetInline, command: str, seconds: str
) -> None:
    """Rows HIS-01, HIS-02, LIM-16: oldest first; AROUND includes its reference; the last part is marked as such."""
    stage = set_inline(caps="message-tags server-time")
    fill(stage)
    assert told(stage, command) == seconds


@pytest.mark.parametrize(
    ("command", "params"),
    [
        ("", "461 alice CHATHISTORY *"),
        (" FROBNICATE #soju * 10", "FAIL CHATHISTORY INVALID_PARAMS FROBNICATE *"),
        (" LATEST #soju *", "FAIL CHATHISTORY INVALID_PARAMS LATEST *"),
        (" LATEST #soju * 1001", "FAIL CHATHISTORY INVALID_PARAMS LATEST *"),
        (" LATEST #soju * -1", "FAIL CHATHISTORY INVALID_PARAMS LATEST *"),
        (" LATEST #soju * ten", "FAIL CHATHISTORY INVALID_PARAMS LATEST *"),
        (" LATEST #soju * 99999999999999999999", "FAIL CHATHISTORY INVALID_PARAMS LATEST *"),
        (" LATEST #soju yesterday 10", "FAIL CHATHISTORY INVALID_PARAMS LATEST *"),
        (" BEFORE #soju * 10", "FAIL CHATHISTORY INVALID_PARAMS BEFORE *"),
        (" BEFORE #soju timestamp=2024-02-30T00:00:00.000Z 10", "FAIL CHATHISTORY INVALID_PARAMS BEFORE *"),
        (" BEFORE #soju msgid= 10", "FAIL CHATHISTORY INVALID_PARAMS BEFORE *"),
        (f" BETWEEN #soju {at(1)} 10", "FAIL CHATHISTORY INVALID_PARAMS BETWEEN *"),
        (f" BEFORE #soju {at(1)} {at(2)} 10", "FAIL CHATHISTORY INVALID_PARAMS BEFORE *"),
        (f" TARGETS {at(1)} msgid=x 10", "FAIL CHATHISTORY INVALID_PARAMS TARGETS *"),
    ],
)
def test_what_is_no_question_is_answered_with_fail(set_inline: SetInline, command: str, params: str) -> None:
    """Rows HIS-05, LIM-16: a limit that is out of range is an error, not another limit."""
    stage = set_inline()
    stage.attach("laptop", caps=CAPS)
    play(stage, f"laptop > CHATHISTORY{command}\nlaptop < {params}")


@everywhere
def test_events_are_played_back_to_who_wants_them(set_stage: SetStage) -> None:
    """Rows HIS-03, HIS-04."""
    stage = set_stage(caps="message-tags server-time")
    fill(stage)
    play(
        stage,
        f"""
        laptop > CAP REQ draft/event-playback
        laptop < CAP alice ACK draft/event-playback
        laptop > CHATHISTORY BETWEEN #SOJU {at(2)} {at(9)} 4
        laptop < BATCH +$b chathistory #soju
        laptop < @batch=$b;time={DAY}03.000Z;msgid=id3 :bob!b@host PRIVMSG #soju :said 3
        laptop < @batch=$b;time={DAY}04.000Z;msgid=id4 :bob!b@host TOPIC #soju :Topic 4
        laptop < @batch=$b;time={DAY}05.000Z;msgid=id5 :bob!b@host PRIVMSG #soju :said 5
        laptop < @batch=$b;time={DAY}06.000Z;msgid=id6 :bob!b@host PRIVMSG #soju :said 6
        laptop < BATCH -$b
        laptop > CHATHISTORY AFTER #soju msgid=id6 2
        laptop < BATCH +$c chathistory #soju
        laptop < @batch=$c;time={DAY}07.000Z;msgid=id7 :bob!b@host PRIVMSG #soju :said 7
        laptop < @batch=$c;time={DAY}08.000Z;msgid=id8 :bob!b@host NICK robert
        laptop < BATCH -$c
        """,
    )


def test_a_client_without_tags_and_batches_gets_history_as_plain_lines(set_stage: SetStage) -> None:
    """Row FLT-02."""
    stage = set_stage(caps="message-tags server-time")
    fill(stage)
    stage.attach("plain")
    play(
        stage,
        f"""
        plain > CHATHISTORY BETWEEN #soju {at(2)} {at(6)} 10
        plain < :bob!b@host PRIVMSG #soju :said 3
        plain < :bob!b@host PRIVMSG #soju :said 5
        """,
    )


@everywhere
def test_targets_are_told_with_the_time_of_their_newest_message(set_stage: SetStage) -> None:
    """Row HIS-03."""
    stage = set_stage(caps="message-tags server-time")
    fill(stage)
    play(
        stage,
        f"""
        libera > @time={DAY}30.000Z :Dave!d@host PRIVMSG alice :psst
        laptop < @time={DAY}30.000Z :Dave!d@host PRIVMSG alice psst
        libera > @time={DAY}40.000Z :dave!d@host NOTICE alice :psst
        laptop < @time={DAY}40.000Z :dave!d@host NOTICE alice psst
        laptop > CHATHISTORY TARGETS {at(0)} {at(59)} 10
        laptop < @draft/chathistory-end BATCH +$t draft/chathistory-targets
        laptop < @batch=$t CHATHISTORY TARGETS #soju {DAY}09.000Z
        laptop < @batch=$t CHATHISTORY TARGETS dave {DAY}40.000Z
        laptop < BATCH -$t
        laptop > CHATHISTORY TARGETS {at(59)} {at(9)} 10
        laptop < @draft/chathistory-end BATCH +$u draft/chathistory-targets
        laptop < @batch=$u CHATHISTORY TARGETS dave {DAY}40.000Z
        laptop < BATCH -$u
        laptop > CHATHISTORY TARGETS {at(0)} {at(59)} 1
        laptop < BATCH +$v draft/chathistory-targets
        laptop < @batch=$v CHATHISTORY TARGETS #soju {DAY}09.000Z
        laptop < BATCH -$v
        laptop > CHATHISTORY TARGETS {at(59)} {at(0)} 1
        laptop < BATCH +$w draft/chathistory-targets
        laptop < @batch=$w CHATHISTORY TARGETS dave {DAY}40.000Z
        laptop < BATCH -$w
        """,
    )


def test_detached_channels_are_no_targets_but_can_be_asked_for(set_stage: SetStage) -> None:
    """Row DET-09."""
    stage = set_stage(caps="message-tags server-time")
    fill(stage)
    play(
        stage,
        f"""
        laptop > PART #Soju detach
        laptop < :alice!a@host PART #soju Detach
        laptop > CHATHISTORY TARGETS {at(0)} {at(59)} 10
        laptop < @draft/chathistory-end BATCH +$t draft/chathistory-targets
        laptop < BATCH -$t
        laptop > CHATHISTORY LATEST #soju * 1
        laptop < BATCH +$b chathistory #soju
        laptop < @batch=$b;time={DAY}09.000Z;msgid=id9 :bob!b@host PRIVMSG #soju :said 9
        laptop < BATCH -$b
        """,
    )


def test_an_unbound_client_has_no_targets(set_stage: SetStage) -> None:
    """Row HIS-05."""
    stage = set_stage()
    stage.attach("laptop", "alice", caps=CAPS)
    play(
        stage,
        f"""
        laptop > CHATHISTORY TARGETS {at(0)} {at(59)} 10
        laptop < @draft/chathistory-end BATCH +$t draft/chathistory-targets
        laptop < BATCH -$t
        laptop > CHATHISTORY LATEST #soju * 10
        laptop < FAIL CHATHISTORY INVALID_TARGET LATEST #soju *
        """,
    )


def test_history_comes_behind_what_was_said_before_it_was_asked_for(set_stage: SetStage) -> None:
    """DESIGN: a page that is not there yet holds back what is behind it."""
    stage = set_stage(caps="message-tags server-time")
    fill(stage)
    play(
        stage,
        f"""
        libera > @time={DAY}20.000Z;msgid=id20 :bob!b@host PRIVMSG #soju :newest
        laptop < @time={DAY}20.000Z;msgid=id20 :bob!b@host PRIVMSG #soju newest
        laptop > CHATHISTORY LATEST #soju * 1
        laptop < BATCH +$b chathistory #soju
        laptop < @batch=$b;time={DAY}20.000Z;msgid=id20 :bob!b@host PRIVMSG #soju newest
        laptop < BATCH -$b
        """,
    )


def test_what_is_stored_and_what_is_not(set_inline: SetInline) -> None:
    """Rows STO-05, AUP-06: never what NickServ and the user tell each other."""
    stage = set_inline(caps="message-tags server-time", isupport=f"{ISUPPORT} STATUSMSG=@+")
    stage.attach("laptop", caps=CAPS)
    play(
        stage,
        """
        laptop > CAP REQ draft/event-playback
        laptop < CAP alice ACK draft/event-playback
        laptop > PRIVMSG NickServ :IDENTIFY hunter2
        libera < PRIVMSG NickServ :IDENTIFY hunter2
        libera > @time=2024-01-01T00:00:01.000Z :NickServ!s@services NOTICE alice :You are now identified
        laptop < @time=* :NickServ!s@services NOTICE alice *
        libera > @time=2024-01-01T00:00:02.000Z :irc.libera.test NOTICE alice :Maintenance
        laptop < @time=* :irc.libera.test NOTICE alice *
        libera > @time=2024-01-01T00:00:03.000Z;+draft/react=x :bob!b@host TAGMSG #soju
        laptop < @time=*;+draft/react=x :bob!b@host TAGMSG #soju
        libera > @time=2024-01-01T00:00:04.000Z;+typing=active :bob!b@host TAGMSG #soju
        laptop < @time=*;+typing=active :bob!b@host TAGMSG #soju
        libera > @time=2024-01-01T00:00:05.000Z :bob!b@host PRIVMSG @#soju :to ops
        laptop < @time=* :bob!b@host PRIVMSG @#soju :to ops
        libera > @time=2024-01-01T00:00:06.000Z;+draft/channel-context=#soju :bob!b@host PRIVMSG alice :of it
        laptop < @time=*;+draft/channel-context=#soju :bob!b@host PRIVMSG alice :of it
        libera > @time=2024-01-01T00:00:07.000Z;+draft/channel-context=#soju :eve!e@host PRIVMSG alice :not there
        laptop < @time=*;+draft/channel-context=#soju :eve!e@host PRIVMSG alice :not there
        laptop > CHATHISTORY LATEST NickServ * 10
        laptop < @draft/chathistory-end BATCH +$n chathistory nickserv
        laptop < BATCH -$n
        laptop > CHATHISTORY BEFORE #soju timestamp=2024-01-01T00:00:10.000Z 3
        laptop < BATCH +$s chathistory #soju
        laptop < @batch=$s;time=2024-01-01T00:00:03.000Z;+draft/react=x :bob!b@host TAGMSG #soju
        laptop < @batch=$s;time=2024-01-01T00:00:05.000Z :bob!b@host PRIVMSG @#soju :to ops
        laptop < @batch=$s;time=2024-01-01T00:00:06.000Z;+draft/channel-context=#soju :bob!b@host PRIVMSG alice :of it
        laptop < BATCH -$s
        laptop > CHATHISTORY LATEST eve * 10
        laptop < @draft/chathistory-end BATCH +$e chathistory eve
        laptop < @batch=$e;time=*;+draft/channel-context=#soju :eve!e@host PRIVMSG alice :not there
        laptop < BATCH -$e
        """,
    )
