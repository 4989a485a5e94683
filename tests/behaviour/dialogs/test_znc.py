"""What clients of ZNC expect: playback, other names of capabilities, logins.

Spec: https://wiki.znc.in/Playback
"""

import pytest

from tests.behaviour.dialogs.conftest import SetInline, SetStage, everywhere
from tests.behaviour.stages import AnyStage, InlineStage
from tests.support.dialog import play
from tests.support.world import World

DAY = "2024-01-01T00:00:"
FIRST = 1704067200
"""The seconds of that day's beginning."""
MODULE = ":*playback!playback@znc.in"
QUIET = {"auto_away": False}


def fill(stage: AnyStage) -> None:
    """Let something be said at seconds 1 to 6, while nobody is there."""
    for second, said in enumerate(
        (
            ":bob!b@host PRIVMSG #Soju :one",
            ":carol!c@host NOTICE #soju :two",
            ":bob!b@host TOPIC #soju :Three",
            ":Dave!d@host PRIVMSG alice :four",
            ":alice!a@host PRIVMSG dave :five",
            ":bob!b@host PRIVMSG #other :six",
        ),
        1,
    ):
        stage.say("libera", f"@time={DAY}0{second}.000Z;msgid={second} {said}")
    stage.forget()


def played(stage: AnyStage, command: str, peer: str = "laptop") -> str:
    """Return the seconds of what a command brings."""
    stage.say(peer, f"PRIVMSG *playback :{command}")
    stage.say(peer, "PING x")
    seconds = []
    while " PONG " not in (line := stage.next_line(peer) or " PONG "):
        if "BATCH" not in line:
            seconds.append(line.partition(".000Z")[0][-1])
    return "".join(seconds)


@everywhere
def test_a_client_is_played_what_it_asks_for_in_a_batch_for_each_buffer(set_stage: SetStage) -> None:
    """Talk alone, with the times at which it was said; nothing is replayed by itself."""
    stage = set_stage(caps="message-tags server-time", channels=("#soju", "#other"))
    fill(stage)
    stage.attach("laptop", caps="batch znc.in/playback")
    play(
        stage,
        f"""
        laptop > PRIVMSG *playback :PLAY * 0
        laptop < BATCH +$o znc.in/playback #other
        laptop < @batch=$o;time={DAY}06.000Z :bob!b@host PRIVMSG #other six
        laptop < BATCH -$o
        laptop < BATCH +$s znc.in/playback #soju
        laptop < @batch=$s;time={DAY}01.000Z :bob!b@host PRIVMSG #Soju one
        laptop < @batch=$s;time={DAY}02.000Z :carol!c@host NOTICE #soju two
        laptop < BATCH -$s
        laptop < BATCH +$d znc.in/playback dave
        laptop < @batch=$d;time={DAY}04.000Z :Dave!d@host PRIVMSG alice four
        laptop < @batch=$d;time={DAY}05.000Z :alice!a@host PRIVMSG dave five
        laptop < BATCH -$d
        libera > @time={DAY}07.000Z :bob!b@host PRIVMSG #soju :live
        laptop < @time={DAY}07.000Z :bob!b@host PRIVMSG #soju live
        """,
    )


@pytest.mark.parametrize(
    ("command", "seconds"),
    [
        ("PLAY *", "61245"),
        ("play * 0", "61245"),
        (f"PLAY * {FIRST + 2}", "645"),
        (f"PLAY * {FIRST + 2}.001", "645"),
        (f"PLAY * {FIRST + 1}.999 {FIRST + 5}", "245"),
        (f"PLAY * 0 {FIRST + 1}", "1"),
        ("PLAY #SOJU 0", "12"),
        ("PLAY #soju,dave 0", "1245"),
        ("PLAY #o* 0", "6"),
        ("PLAY D?ve 0", "45"),
        ("PLAY nobody 0", ""),
    ],
)
def test_buffers_and_times_say_what_is_played(set_inline: SetInline, command: str, seconds: str) -> None:
    """Later than the first time, up to the second; the names of buffers are masks."""
    stage = set_inline(caps="message-tags server-time", channels=("#soju", "#other"))
    fill(stage)
    stage.attach("laptop", caps="znc.in/playback")
    assert played(stage, command) == seconds


def test_what_is_not_understood_is_answered_with_the_usage(set_stage: SetStage) -> None:
    stage = set_stage()
    stage.attach("laptop", caps="znc.in/playback")
    stage.attach("desk", "alice")
    usage = f"laptop < {MODULE} PRIVMSG alice *"
    wrong = (
        "PLAY",
        "PLAY * yesterday",
        "PLAY * 0 1 2",
        "PLAY * nan",
        "PLAY * -1",
        "LIST a b",
        "CLEAR",
        "CLEAR a b",
        "HELP",
    )
    play(stage, "".join(f"laptop > PRIVMSG *playback :{command}\n{usage}\n" for command in wrong))
    play(
        stage,
        f"""
        laptop > ZNC *playback
        {usage}
        laptop > ZNC *status help
        {usage}
        laptop > ZNC
        laptop < 461 alice ZNC *
        laptop > TAGMSG *playback
        {usage}
        desk > PRIVMSG *Playback :PLAY * 0
        desk < {MODULE} PRIVMSG alice *
        """,
    )


def test_a_module_is_told_by_command_as_well(set_stage: SetStage) -> None:
    stage = set_stage(caps="message-tags server-time")
    fill(stage)
    stage.attach("laptop", caps="znc.in/playback")
    play(
        stage,
        f"""
        laptop > ZNC *playback PLAY dave {FIRST + 4}
        laptop < @time={DAY}05.000Z :alice!a@host PRIVMSG dave five
        laptop > ZNC :*playback PLAY dave {FIRST + 4}
        laptop < @time={DAY}05.000Z :alice!a@host PRIVMSG dave five
        """,
    )


def test_buffers_are_listed_with_their_first_and_last_times(set_stage: SetStage) -> None:
    stage = set_stage(caps="message-tags server-time", channels=("#soju", "#other"))
    fill(stage)
    stage.attach("laptop", caps="znc.in/playback")
    play(
        stage,
        f"""
        laptop > PRIVMSG *playback LIST
        laptop < {MODULE} PRIVMSG alice :#other {FIRST + 6}.000 {FIRST + 6}.000
        laptop < {MODULE} PRIVMSG alice :#soju {FIRST + 1}.000 {FIRST + 2}.000
        laptop < {MODULE} PRIVMSG alice :dave {FIRST + 4}.000 {FIRST + 5}.000
        laptop > PRIVMSG *playback :LIST #o*
        laptop < {MODULE} PRIVMSG alice :#other {FIRST + 6}.000 {FIRST + 6}.000
        """,
    )


def test_what_was_cleared_is_played_no_more_after_a_restart_either(set_inline: SetInline) -> None:
    """Better: for other ways to ask it is still there."""
    stage = set_inline(caps="message-tags server-time", channels=("#soju", "#other"))
    fill(stage)
    stage.attach("laptop", caps="znc.in/playback")
    assert played(stage, "CLEAR #s*,dave") == ""
    assert played(stage, "PLAY * 0") == "6"
    stage.say("libera", f"@time={DAY}09.000Z :bob!b@host PRIVMSG #soju :nine")
    stage.forget()
    for one in (stage, InlineStage(World(stage.world.setting, database=stage.world.database))):
        one.script()
        one.attach("desk", "alice/libera@desk", caps="znc.in/playback batch draft/chathistory")
        assert sorted(played(one, "PLAY * 0", "desk")) == ["6", "9"]
        one.say("desk", "PRIVMSG *playback LIST")
        listed = [line.rpartition(":")[2].partition(" ")[0] for line in one.unheard()["desk"]]
        assert sorted(listed) == ["#other", "#soju"]
        one.forget()
        one.say("desk", "CHATHISTORY LATEST dave * 10")
        assert len(one.unheard()["desk"]) == 4
        one.forget()


def test_a_channel_is_played_while_it_is_joined_and_followed(set_inline: SetInline) -> None:
    """Others would open windows of channels that the client is not in."""
    stage = set_inline(caps="message-tags server-time", channels=("#soju", "#other"))
    fill(stage)
    stage.attach("laptop", caps="znc.in/playback")
    stage.say("laptop", "PART #soju detach")
    stage.say("libera", ":alice!a@host PART #other")
    stage.forget()
    assert played(stage, "PLAY * 0") == "45"


def test_a_client_with_playback_is_replayed_nothing_by_itself(set_stage: SetStage) -> None:
    """And moves no cursor: one of the same name without it gets all."""
    stage = set_stage(caps="", of_network=QUIET)
    room = "".join(f"{{0}} < {line}\n" for line in (":alice!a@host JOIN #soju", "332 **", "333 **", "353 **", "366 **"))
    stage.attach("plain", "alice/libera@laptop")
    play(stage, "plain > (closed)\nlibera > :bob!b@host PRIVMSG #soju :one")
    stage.log_in("modern", "alice/libera@laptop", caps="znc.in/playback")
    play(stage, room.format("modern").replace("modern < :", "modern < @time=* :") + "modern > (closed)")
    stage.log_in("plain", "alice/libera@laptop")
    play(stage, room.format("plain") + "plain < :bob!b@host PRIVMSG #soju one")


def test_capabilities_under_the_names_of_znc(set_stage: SetStage) -> None:
    """``znc.in/server-time-iso`` and ``znc.in/batch`` are server-time and batch; self-message is how it always is."""
    stage = set_stage(caps="", of_network=QUIET)
    stage.attach("timed", caps="znc.in/server-time-iso")
    stage.attach("plain", caps="znc.in/self-message")
    play(
        stage,
        """
        libera > :bob!b@host PRIVMSG #soju :one
        timed < @time=* :bob!b@host PRIVMSG #soju one
        plain < :bob!b@host PRIVMSG #soju one
        timed > PRIVMSG dave :mine
        libera < PRIVMSG dave mine
        plain < :alice!a@host PRIVMSG dave mine
        timed > CAP REQ znc.in/batch
        timed < CAP alice ACK znc.in/batch
        timed > CHATHISTORY LATEST dave * 1
        timed < BATCH +$b chathistory dave
        timed < @batch=$b;time=* :alice!a@host PRIVMSG dave mine
        timed < BATCH -$b
        timed > CAP REQ :-znc.in/server-time-iso
        timed < CAP alice ACK -znc.in/server-time-iso
        timed > CAP LIST
        timed < CAP alice LIST :cap-notify znc.in/batch
        libera > :bob!b@host PRIVMSG #soju :two
        timed < :bob!b@host PRIVMSG #soju two
        plain < :bob!b@host PRIVMSG #soju two
        """,
    )


def test_the_password_has_the_whole_login_in_it(set_inline: SetInline) -> None:
    """ZNC's form ``user@client/network:password``. Spec: https://wiki.znc.in/Multiple_clients."""
    stage = set_inline(caps="", of_network=QUIET)
    stage.attach("laptop")
    play(stage, "laptop > (closed)\nlibera > :bob!b@host PRIVMSG #soju :missed")
    for line in ("PASS alice@laptop/libera:secret", "NICK alice", "USER whoever 0 * :Alice"):
        stage.say("old", line)
    lines = [line for line in stage.unheard()["old"] if " PRIVMSG " in line or " 001 " in line]
    assert lines == [
        ":bouncer.test 001 alice :Welcome to soju-actors, alice",
        ":bob!b@host PRIVMSG #soju :missed",
    ]
    stage.forget()
