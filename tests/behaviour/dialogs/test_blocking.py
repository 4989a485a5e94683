"""Senders whom the user has blocked (rows MET-03, RCP-11, GAP-02)."""

from soju_actors.irc.metadata import BLOCKED, CAP
from tests.behaviour.dialogs.conftest import SetInline, SetStage, everywhere
from tests.behaviour.dialogs.test_cursors import QUIET, ROOM
from tests.behaviour.stages import AnyStage, InlineStage
from tests.support.dialog import play
from tests.support.world import World

PEST = ":Pest!p@host"
BOB = ":bob!b@host"


def block(stage: AnyStage, peer: str, nick: str = "pest", value: int = 1) -> None:
    """Let a client block somebody, and pass over what it is told of it."""
    stage.say(peer, f"METADATA {nick} SET {BLOCKED} {value}")
    assert " 761 alice " in (stage.next_line(peer) or "")
    stage.forget()


def follow(stage: AnyStage, peer: str) -> None:
    """Let a client say that it hides what blocked senders say by itself."""
    stage.say(peer, f"METADATA * SUB {BLOCKED}")
    stage.forget()


@everywhere
def test_what_a_blocked_sender_says_is_hidden(set_stage: SetStage) -> None:
    """Row MET-03: from clients that do not hide it by themselves; that somebody is there is no secret."""
    stage = set_stage(caps="message-tags")
    stage.attach("laptop", caps=f"{CAP} message-tags")
    stage.attach("old")
    block(stage, "laptop")
    follow(stage, "laptop")
    hidden = (
        f"{PEST} PRIVMSG #soju :in a channel",
        f"{PEST} PRIVMSG alice :between us",
        f"{PEST} NOTICE @#soju :to the ops",
        f"@+react=x {PEST} TAGMSG #soju",
        f"@+typing=active {PEST} TAGMSG alice",
        f"{PEST} INVITE alice #elsewhere",
    )
    shown = (
        f"{BOB} PRIVMSG #soju :hi",
        f"{PEST} JOIN #soju",
        f"{PEST} NICK Pest2",
        ":Pest2!p@host PRIVMSG #soju :under another name",
        f"{PEST[:4]}!p@host PRIVMSG #soju :a name that begins alike",
        f"{PEST} PART #soju",
    )
    script = []
    for line in (*hidden, *shown, *hidden):
        tags = "" if line[0] == "@" else "@** "
        script.append(f"libera > {line}\nlaptop < {tags}{line.replace('@+', '@**;+')}")
        if line in shown:
            script.append(f"old < {line}")
    play(stage, "\n".join(script))


def test_nicks_are_compared_as_the_server_does(set_stage: SetStage) -> None:
    stage = set_stage(caps="")
    stage.attach("laptop", caps=CAP)
    block(stage, "laptop", "[P]est")
    play(
        stage,
        f"""
        libera > :{{p}}EST!p@host PRIVMSG #soju :hidden
        libera > :[p]est!p@host PRIVMSG alice :hidden
        libera > {BOB} PRIVMSG #soju :shown
        laptop < {BOB} PRIVMSG #soju :shown
        """,
    )
    block(stage, "laptop", "{p}EST", 0)
    play(stage, "libera > :[p]est!p@host PRIVMSG #soju :shown\nlaptop < :[p]est!p@host PRIVMSG #soju :shown")


def test_who_is_blocked_can_still_be_talked_to(set_stage: SetStage) -> None:
    """What the user says is the user's."""
    stage = set_stage(caps="invite-notify")
    stage.attach("laptop", caps=f"{CAP} echo-message invite-notify")
    block(stage, "laptop")
    block(stage, "laptop", "alice")
    play(
        stage,
        f"""
        laptop > PRIVMSG Pest :go away
        libera < PRIVMSG Pest :go away
        laptop < :alice!a@host PRIVMSG Pest :go away
        libera > {PEST} INVITE carol #soju
        libera > {BOB} INVITE carol #soju
        laptop < {BOB} INVITE carol #soju
        """,
    )


def test_an_invitation_to_a_saved_channel_is_followed(set_stage: SetStage) -> None:
    """Row UP-23: whoever sends it; the user wants to be there."""
    stage = set_stage(caps="")
    stage.attach("laptop", caps=CAP)
    block(stage, "laptop")
    play(
        stage,
        f"""
        libera > {BOB} KICK #soju alice :bye
        laptop < {BOB} KICK #soju alice bye
        libera > {PEST} INVITE alice #soju
        libera < JOIN #soju
        """,
    )


def test_a_cursor_does_not_move_past_what_was_hidden(set_inline: SetInline) -> None:
    """Row RCP-11: when the sender is blocked no more, it is there."""
    stage = set_inline(caps="", of_network=QUIET)
    stage.attach("laptop", caps=CAP)
    block(stage, "laptop")
    play(
        stage,
        f"""
        libera > {PEST} PRIVMSG #soju :one
        libera > {BOB} PRIVMSG #soju :two
        laptop < {BOB} PRIVMSG #soju :two
        libera > {PEST} PRIVMSG #soju :three
        libera > {PEST} PRIVMSG alice :psst
        laptop > (closed)
        libera > {PEST} PRIVMSG #soju :four
        libera > {BOB} PRIVMSG #soju :five
        libera > {PEST} PRIVMSG #soju :six
        """,
    )
    stage.log_in("laptop", caps=CAP)
    play(stage, ROOM.format("laptop") + f"laptop < {BOB} PRIVMSG #soju :five\nlaptop > (closed)")
    stage.log_in("laptop", caps=CAP)
    play(stage, ROOM.format("laptop"))
    block(stage, "laptop", value=0)
    stage.say("laptop", "(closed)")
    stage.log_in("laptop", caps=CAP)
    play(
        stage,
        ROOM.format("laptop")
        + f"""
        laptop < {PEST} PRIVMSG #soju :six
        laptop < {PEST} PRIVMSG alice :psst
        """,
    )


def test_a_replay_shows_all_to_who_hides_by_itself(set_inline: SetInline) -> None:
    """Row MET-03, and after a kill too."""
    stage = set_inline(caps="", of_network=QUIET)
    stage.attach("laptop", caps=CAP)
    stage.attach("phone", caps=CAP)
    block(stage, "laptop")
    play(
        stage,
        f"""
        laptop > (closed)
        phone > (closed)
        libera > {PEST} PRIVMSG #soju :one
        libera > {BOB} PRIVMSG #soju :two
        libera > {PEST} PRIVMSG alice :psst
        """,
    )
    again = InlineStage(World(stage.world.setting, database=stage.world.database))
    again.script()
    again.log_in("laptop", caps=CAP)
    play(again, ROOM.format("laptop") + f"laptop < {BOB} PRIVMSG #soju :two")
    again.say("phone", f"CAP REQ {CAP}\r\nMETADATA * SUB {BLOCKED}")
    again.forget()
    again.log_in("phone", caps=CAP)
    play(
        again,
        f"phone < METADATA pest {BLOCKED} * 1\n"
        + ROOM.format("phone")
        + f"""
        phone < {PEST} PRIVMSG #soju :one
        phone < {BOB} PRIVMSG #soju :two
        phone < {PEST} PRIVMSG alice :psst
        """,
    )


def test_history_lacks_what_blocked_senders_have_said(set_inline: SetInline) -> None:
    """Row MET-03: as many messages as were asked for, if there are so many others; conversations and searches too."""
    stage = set_inline(caps="")
    stage.attach("laptop", caps=f"{CAP} draft/chathistory soju.im/search")
    stage.attach("modern", caps=f"{CAP} draft/chathistory soju.im/search")
    for number in range(6):
        stage.say("libera", f"{BOB if number % 3 == 0 else PEST} PRIVMSG #soju :said {number}")
    stage.say("libera", f"{PEST} PRIVMSG alice :said psst")
    stage.forget()
    block(stage, "laptop")
    follow(stage, "modern")
    play(
        stage,
        f"""
        laptop > CHATHISTORY LATEST #soju * 2
        laptop < {BOB} PRIVMSG #soju :said 0
        laptop < {BOB} PRIVMSG #soju :said 3
        modern > CHATHISTORY LATEST #soju * 2
        modern < {PEST} PRIVMSG #soju :said 4
        modern < {PEST} PRIVMSG #soju :said 5
        laptop > CHATHISTORY LATEST pest * 2
        modern > CHATHISTORY LATEST pest * 2
        modern < {PEST} PRIVMSG alice :said psst
        laptop > CHATHISTORY TARGETS timestamp=2000-01-01T00:00:00.000Z timestamp=2099-01-01T00:00:00.000Z 9
        laptop < CHATHISTORY TARGETS #soju *
        modern > CHATHISTORY TARGETS timestamp=2000-01-01T00:00:00.000Z timestamp=2099-01-01T00:00:00.000Z 9
        modern < CHATHISTORY TARGETS #soju *
        modern < CHATHISTORY TARGETS pest *
        laptop > ZNC *playback PLAY #soju,pest 0
        laptop < {BOB} PRIVMSG #soju :said 0
        laptop < {BOB} PRIVMSG #soju :said 3
        laptop > ZNC *playback LIST
        laptop < :*playback!playback@znc.in PRIVMSG alice :#soju 1700000000.000 1700000000.000
        laptop > SEARCH in=#soju;text=said
        laptop < {BOB} PRIVMSG #soju :said 0
        laptop < {BOB} PRIVMSG #soju :said 3
        """,
    )
