"""MONITOR, shared by all clients (rows CMD-23, UP-24, CCH-04, LIM-18, TOD-06).

Spec: https://ircv3.net/specs/extensions/monitor
"""

import pytest

from tests.behaviour.dialogs.conftest import SetInline, SetStage, everywhere
from tests.support.dialog import play
from tests.support.fakeserver import ISUPPORT

MONITOR = f"{ISUPPORT} MONITOR=100"
SERVICE = "BouncerServ!BouncerServ@BouncerServ"
NOTICE = f":{SERVICE} NOTICE"
SERVER = ":irc.libera.test"


@everywhere
def test_clients_share_what_the_server_is_asked(set_stage: SetStage) -> None:
    """Row CCH-04: a nick is asked for once; what is known is told at once; the last to leave empties the list."""
    stage = set_stage(caps="", isupport=MONITOR)
    stage.attach("laptop")
    stage.attach("phone")
    play(
        stage,
        f"""
        laptop > MONITOR + Bob,carol,dave
        libera < MONITOR + Bob,carol,dave
        libera > {SERVER} 730 alice :bob!b@host
        laptop < 730 alice bob!b@host
        libera > {SERVER} 731 alice :carol,dave
        laptop < 731 alice carol,dave
        phone > monitor + BOB,erin,Carol
        phone < 730 alice bob!b@host
        phone < 731 alice Carol
        libera < MONITOR + erin
        libera > {SERVER} 731 * :bob,dave,erin
        laptop < 731 alice bob,dave
        phone < 731 alice bob,erin
        laptop > MONITOR - bob,dave,nobody
        libera < MONITOR - dave
        laptop > MONITOR c
        phone > MONITOR - erin,bob
        libera < MONITOR - Bob,erin
        phone > (closed)
        libera < MONITOR C
        libera > {SERVER} 731 alice :bob
        """,
    )


def test_a_client_is_told_its_list(set_stage: SetStage) -> None:
    """Row CMD-23: and how those on it are, as far as that is known."""
    stage = set_stage(caps="", isupport=MONITOR)
    stage.attach("laptop")
    play(
        stage,
        f"""
        laptop > MONITOR L
        laptop < 733 alice *
        laptop > MONITOR S
        laptop > MONITOR + bob,carol,dave,Bob
        libera < MONITOR + bob,carol,dave
        libera > {SERVER} 730 alice :bob!b@host
        libera > {SERVER} 731 alice :carol
        laptop < 730 alice bob!b@host
        laptop < 731 alice carol
        laptop > MONITOR L
        laptop < 732 alice bob,carol,dave
        laptop < 733 alice *
        laptop > MONITOR S
        laptop < 730 alice bob!b@host
        laptop < 731 alice carol
        laptop > MONITOR
        laptop < 461 alice MONITOR *
        laptop > MONITOR + #soju,:x,a*b
        laptop > MONITOR L
        laptop < 732 alice bob,carol,dave
        laptop < 733 alice *
        """,
    )


def test_answers_that_are_known_have_the_label(set_stage: SetStage) -> None:
    """Row TOD-06, better: what the server tells later is news, and no answer.

    Spec: https://ircv3.net/specs/extensions/labeled-response
    """
    stage = set_stage(caps="", isupport=MONITOR)
    stage.attach("laptop")
    stage.attach("phone", caps="labeled-response batch")
    play(
        stage,
        f"""
        laptop > MONITOR + bob
        libera < MONITOR + bob
        libera > {SERVER} 731 alice :bob
        laptop < 731 alice bob
        phone > @label=one MONITOR + bob
        phone < @label=one 731 alice bob
        phone > @label=two MONITOR + carol
        phone < @label=two ACK
        libera < MONITOR + carol
        libera > {SERVER} 731 alice :carol
        phone < 731 alice carol
        phone > @label=three MONITOR L
        phone < @label=three BATCH +$list labeled-response
        phone < @batch=$list 732 alice bob,carol
        phone < @batch=$list 733 alice *
        phone < BATCH -$list
        """,
    )


def test_the_service_is_always_online(set_stage: SetStage) -> None:
    """Row CMD-23: and no server is asked about it."""
    stage = set_stage(caps="", isupport=MONITOR)
    stage.attach("laptop")
    play(
        stage,
        f"""
        laptop > MONITOR + bouncerserv
        laptop < 730 alice {SERVICE}
        libera > {SERVER} 731 alice :BouncerServ
        laptop > MONITOR S
        laptop < 730 alice {SERVICE}
        laptop > MONITOR - BouncerServ
        laptop > MONITOR S
        """,
    )


@pytest.mark.parametrize("isupport", [ISUPPORT, f"{ISUPPORT} MONITOR=0"])
def test_a_server_without_it(set_stage: SetStage, isupport: str) -> None:
    """Row CMD-23: the command is unknown, as it is where there is no network."""
    stage = set_stage(caps="", isupport=isupport)
    stage.attach("laptop")
    stage.attach("unbound", "alice")
    play(
        stage,
        """
        laptop > MONITOR + bob
        laptop < 421 alice MONITOR *
        unbound > MONITOR L
        unbound < 421 alice MONITOR *
        """,
    )


def test_lines_are_full(set_inline: SetInline) -> None:
    """Row TOD-06, better: few lines to the server and few to clients, however the nicks came."""
    stage = set_inline(caps="", isupport=MONITOR.replace("100", "500"))
    stage.attach("laptop")
    nicks = [f"somebody-{number:03}" for number in range(120)]
    stage.say("laptop", "\r\n".join(f"MONITOR + {nick}" for nick in nicks))
    lines = stage.unheard()["libera"]
    assert [nick for line in lines for nick in line.removeprefix("MONITOR + ").split(",")] == nicks
    assert len(lines) == -(-len(",".join(nicks)) // 500)
    stage.forget()
    stage.say("libera", f"{SERVER} 731 alice :{','.join(nicks[:30])}\r\n{SERVER} 731 alice :{','.join(nicks[30:60])}")
    stage.forget()
    stage.say("laptop", "MONITOR S")
    told = stage.unheard()["laptop"]
    assert [nick for line in told for nick in line.partition(" 731 alice :")[2].split(",")] == nicks[:60]
    assert [len(line) > 490 for line in told] == [True, False]
    stage.forget()


def test_a_client_monitors_a_thousand_nicks_at_most(set_inline: SetInline) -> None:
    """Row LIM-18."""
    stage = set_inline(caps="", isupport=f"{ISUPPORT} MONITOR")
    stage.attach("laptop")
    nicks = [f"n{number}" for number in range(999)]
    for first in range(0, 999, 100):
        stage.say("laptop", f"MONITOR + {','.join(nicks[first : first + 100])}")
    stage.forget()
    play(
        stage,
        """
        laptop > MONITOR + n1,one,two,three
        laptop < 734 alice 1000 two,three *
        libera < MONITOR + one
        laptop > MONITOR - n7
        libera < MONITOR - n7
        laptop > MONITOR + two
        libera < MONITOR + two
        """,
    )


def test_what_the_server_has_no_room_for_is_told_and_tried_again(set_stage: SetStage) -> None:
    """Row CCH-04, better: when room comes free, the next one is watched."""
    stage = set_stage(caps="", isupport=MONITOR.replace("100", "3"))
    stage.attach("laptop")
    stage.attach("phone")
    play(
        stage,
        f"""
        laptop > MONITOR + a,b
        libera < MONITOR + a,b
        phone > MONITOR + b,c,d,e
        libera < MONITOR + c
        phone < 734 alice 3 d,e *
        laptop > MONITOR + e
        laptop < 734 alice 3 e *
        laptop > MONITOR - a
        libera < MONITOR - a
        libera < MONITOR + d
        libera > {SERVER} 730 alice :d!d@host
        phone < 730 alice d!d@host
        phone > MONITOR C
        libera < MONITOR - c,d
        libera < MONITOR + e
        """,
    )


def test_a_server_that_refuses_is_not_asked_again_before_there_is_room(set_stage: SetStage) -> None:
    """Row UP-24: whatever limit it has named."""
    stage = set_stage(caps="", isupport=MONITOR)
    stage.attach("laptop")
    stage.attach("phone")
    play(
        stage,
        f"""
        laptop > MONITOR + a,b,c
        libera < MONITOR + a,b,c
        phone > MONITOR + c,d
        libera < MONITOR + d
        libera > {SERVER} 734 alice 2 c :Monitor list is full.
        laptop < 734 alice 3 c *
        phone < 734 alice 3 c *
        libera > {SERVER} 734 alice 2 d :Monitor list is full.
        phone < 734 alice 2 d *
        laptop > MONITOR + e
        laptop < 734 alice 2 e *
        laptop > MONITOR - a
        libera < MONITOR - a
        libera < MONITOR + c
        libera > {SERVER} 005 alice MONITOR=200 :are supported by this server
        laptop < 005 * MONITOR=200 *
        phone < 005 * MONITOR=200 *
        libera < MONITOR + d,e
        """,
    )


def test_a_server_may_limit_the_nicks_of_a_line(set_stage: SetStage) -> None:
    stage = set_stage(caps="", isupport=f"{MONITOR} TARGMAX=PRIVMSG:4,MONITOR:2")
    stage.attach("laptop")
    play(
        stage,
        """
        laptop > MONITOR + a,b,c
        libera < MONITOR + a,b
        libera < MONITOR + c
        """,
    )


def test_a_new_connection_is_told_everything(set_inline: SetInline) -> None:
    """Row UP-08: nothing is taken as known while the server is away; lists may change meanwhile."""
    stage = set_inline(caps="", isupport=MONITOR, channels=())
    stage.attach("laptop")
    stage.attach("phone")
    server = stage.servers["libera"]
    play(
        stage,
        f"""
        laptop > MONITOR + a,b
        libera < MONITOR + a,b
        libera > {SERVER} 731 alice :a,b
        laptop < 731 alice a,b
        phone > MONITOR + b,c
        phone < 731 alice b
        libera < MONITOR + c
        """,
    )
    server.quiet = True
    play(
        stage,
        f"""
        libera > (closed)
        laptop < {NOTICE} alice *
        phone < {NOTICE} alice *
        laptop > MONITOR S
        laptop > MONITOR - a
        laptop > MONITOR + d
        phone > (closed)
        libera < CAP LS 302
        libera < NICK alice
        libera < USER alice 0 * alice
        """,
    )
    server.quiet = False
    server.hello()
    stage.world.run()
    play(
        stage,
        f"""
        laptop < {NOTICE} alice *
        libera < MONITOR + b,d
        libera > {SERVER} 730 alice :b!b@host
        laptop < 730 alice b!b@host
        """,
    )


def test_names_that_become_the_same_are_monitored_once(set_inline: SetInline) -> None:
    """Row MSC-02."""
    stage = set_inline(caps="", isupport="CASEMAPPING=ascii MONITOR")
    stage.attach("laptop")
    stage.attach("phone")
    play(
        stage,
        f"""
        laptop > MONITOR + [a],{{a}}
        libera < MONITOR + [a],{{a}}
        phone > MONITOR + {{a}}
        libera > {SERVER} 005 alice CASEMAPPING=rfc1459 :are supported by this server
        laptop < 005 * CASEMAPPING=rfc1459 *
        phone < 005 * CASEMAPPING=rfc1459 *
        libera > {SERVER} 730 alice :{{A}}!a@host
        laptop < 730 alice {{A}}!a@host
        phone < 730 alice {{A}}!a@host
        laptop > MONITOR - [a]
        phone > MONITOR - [a]
        libera < MONITOR C
        """,
    )


def test_names_that_are_not_the_same_any_more_are_both_monitored(set_inline: SetInline) -> None:
    """Row MSC-02: each client monitors what it has asked for."""
    stage = set_inline(caps="", isupport=MONITOR)
    stage.attach("laptop")
    stage.attach("phone")
    play(
        stage,
        f"""
        laptop > MONITOR + [a]
        libera < MONITOR + [a]
        phone > MONITOR + {{a}}
        libera > {SERVER} 731 alice :[a]
        laptop < 731 alice [a]
        phone < 731 alice [a]
        libera > {SERVER} 005 alice CASEMAPPING=ascii :are supported by this server
        laptop < 005 * CASEMAPPING=ascii *
        phone < 005 * CASEMAPPING=ascii *
        libera < MONITOR + {{a}}
        libera > {SERVER} 730 alice :{{a}}!a@host
        phone < 730 alice {{a}}!a@host
        laptop > MONITOR S
        laptop < 731 alice [a]
        """,
    )
