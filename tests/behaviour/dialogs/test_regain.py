"""The nick that somebody else had is taken when it is free (rows NCK-01 to NCK-06)."""

import pytest

from soju_actors.policy.downstream import DownstreamSettings
from tests.behaviour.dialogs.conftest import SetInline
from tests.behaviour.stages import InlineStage
from tests.support.dialog import play
from tests.support.fakeserver import ISUPPORT
from tests.support.world import HOSTNAME

SERVER = ":irc.libera.test"
SERVICE = ":BouncerServ!BouncerServ@BouncerServ NOTICE"


def taken(set_inline: SetInline, isupport: str = "") -> InlineStage:
    """Return a stage on which somebody else is alice when the bouncer connects; there it is alice_."""
    patient = DownstreamSettings(HOSTNAME, ping_after=1e6, read_deadline=1e6)
    stage = set_inline(caps="", channels=(), isupport=f"{ISUPPORT} {isupport}".strip(), settings=patient)
    stage.attach("laptop")
    server = stage.servers["libera"]
    server.quiet = True
    play(
        stage,
        f"""
        libera > (closed)
        laptop < {SERVICE} alice *
        libera < CAP LS 302
        libera < NICK alice
        libera < USER alice 0 * alice
        libera > :irc.libera.test 433 * alice :Nickname is already in use
        libera < NICK alice_
        """,
    )
    server.nick, server.quiet = "alice_", False
    server.hello()
    stage.world.run()
    watched = "libera < MONITOR + alice" if isupport else ""
    play(stage, f"laptop < :alice NICK alice_\nlaptop < {SERVICE} alice_ *\n{watched}")
    return stage


def until_said(stage: InlineStage, most: int) -> int:
    """Return after how many seconds the bouncer says something to the server; fail if it does not."""
    for second in range(1, most + 1):
        stage.world.advance(1)
        if stage.unheard()["libera"]:
            return second
    raise AssertionError(f"the bouncer has said nothing for {most} s")


@pytest.mark.parametrize("isupport", ["MONITOR=100", "MONITOR"])
def test_a_server_that_monitors_says_when_the_nick_is_free(set_inline: SetInline, isupport: str) -> None:
    """Row NCK-02."""
    stage = taken(set_inline, isupport)
    play(
        stage,
        """
        libera > :irc.libera.test 730 alice_ :alice!x@host
        libera > :irc.libera.test 731 alice_ :alice
        libera < NICK alice
        libera > :irc.libera.test 433 alice_ alice :Nickname is already in use
        libera > :irc.libera.test 731 alice_ :alice
        libera < NICK alice
        libera > :alice_!a@host NICK alice
        libera < MONITOR C
        laptop < :alice_!a@host NICK alice
        """,
    )


def test_where_nobody_monitors_it_is_tried_again_and_again(set_inline: SetInline) -> None:
    """Row NCK-03: at once, then after 15 seconds and twice as long each time; failures are swallowed."""
    stage = taken(set_inline)
    for least in (0, 15, 30, 60, 120):
        assert least <= until_said(stage, 150) <= least + 11
        play(
            stage,
            """
            libera < NICK alice
            libera > :irc.libera.test 433 alice_ alice :Nickname is already in use
            """,
        )
    until_said(stage, 260)
    play(
        stage,
        """
        libera < NICK alice
        libera > :alice_!a@host NICK alice
        laptop < :alice_!a@host NICK alice
        """,
    )
    with pytest.raises(AssertionError, match="has said nothing"):
        until_said(stage, 700)


def test_a_nick_that_a_client_asks_for_ends_it(set_inline: SetInline) -> None:
    """Row NCK-05: its own failure is shown."""
    stage = taken(set_inline)
    play(
        stage,
        """
        laptop > NICK other
        libera < NICK other
        libera > :irc.libera.test 433 alice_ other :Nickname is already in use
        laptop < :irc.libera.test 433 alice_ other *
        libera > :alice_!a@host NICK other
        laptop < :alice_!a@host NICK other
        """,
    )
    stage.world.advance(100)
    play(stage, "")


def test_a_later_rename_is_not_undone(set_inline: SetInline) -> None:
    """Row NCK-04."""
    stage = set_inline(caps="", channels=())
    stage.attach("laptop")
    play(stage, "libera > :alice!a@host NICK Guest7\nlaptop < :alice!a@host NICK Guest7")
    stage.world.advance(100)
    play(stage, "")


def wanting(set_inline: SetInline, isupport: str) -> InlineStage:
    """Return a stage on which the bouncer is alice_, and wants to be alice; a client monitors three nicks."""
    stage = set_inline(caps="", channels=(), isupport=f"{ISUPPORT} {isupport}")
    stage.attach("laptop")
    server = stage.servers["libera"]
    stage.say("laptop", "MONITOR + a,b,c")
    stage.forget()
    server.quiet = True
    play(
        stage,
        f"""
        libera > (closed)
        laptop < {SERVICE} alice *
        libera < CAP LS 302
        libera < NICK alice
        libera < USER alice 0 * alice
        libera > {SERVER} 433 * alice :Nickname is already in use
        libera < NICK alice_
        """,
    )
    server.nick, server.quiet = "alice_", False
    server.hello()
    stage.world.run()
    assert [stage.next_line("laptop"), stage.next_line("laptop")] == [
        ":alice NICK alice_",
        f"{SERVICE} alice_ :Connected to libera",
    ]
    return stage


@pytest.mark.parametrize("isupport", ["MONITOR", "MONITOR=1"])
def test_the_nick_that_the_user_wants_is_on_the_same_list(set_inline: SetInline, isupport: str) -> None:
    """Row NCK-02, better than NCK-06: it stays there until it is free, and is nobody's business but the bouncer's."""
    stage = wanting(set_inline, isupport)
    room = isupport == "MONITOR"
    play(
        stage,
        f"""
        libera < MONITOR + alice{",a,b,c" if room else ""}
        {"" if room else "laptop < 734 alice_ 1 a,b,c *"}
        libera > {SERVER} 730 alice_ :alice!x@host
        laptop > MONITOR + d
        {"libera < MONITOR + d" if room else "laptop < 734 alice_ 1 d *"}
        laptop > MONITOR L
        laptop < 732 alice_ a,b,c,d
        laptop < 733 alice_ *
        laptop > MONITOR + alice
        laptop < 730 alice_ alice!x@host
        laptop > MONITOR - alice
        libera > {SERVER} 731 alice_ :alice
        libera < NICK alice
        libera > :alice_!a@host NICK alice
        libera < MONITOR {"- alice" if room else "C"}
        {"" if room else "libera < MONITOR + a"}
        laptop < :alice_!a@host NICK alice
        """,
    )
    stage.world.advance(50)
    play(stage, "")


def test_the_nick_that_the_user_wants_is_tried_for_where_there_is_no_room(set_inline: SetInline) -> None:
    """Rows NCK-02, NCK-03: the server refuses even one more."""
    stage = wanting(set_inline, "MONITOR=100")
    play(
        stage,
        f"""
        libera < MONITOR + alice,a,b,c
        libera > {SERVER} 734 alice_ 0 alice,a,b,c :Monitor list is full.
        laptop < 734 alice_ 0 a,b,c *
        """,
    )
    stage.world.advance(10)
    play(stage, "libera < NICK alice")
