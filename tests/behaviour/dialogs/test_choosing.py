"""Which network a client is on, and by which name it is known (section 5.1 of the reference)."""

import pytest

from actors import Endpoint
from tests.behaviour.dialogs.conftest import SetInline, SetStage
from tests.behaviour.dialogs.logins import UNBOUND, WELCOME, WELCOME_WITH_SASL, plain
from tests.support.dialog import play


@pytest.mark.parametrize("name", ["alice/libera", "alice/libera@phone", "alice@phone/libera", "alice/libera@"])
def test_network_and_client_come_in_either_order(set_stage: SetStage, name: str) -> None:
    """Row USR-01."""
    play(
        set_stage(caps=""),
        f"""
        new > PASS secret
        new > NICK alice
        new > USER {name} 0 * :Alice
        {WELCOME}
        """,
    )


@pytest.mark.parametrize(
    ("proved", "said"),
    [("alice/libera", "alice/oftc"), ("alice@phone", "alice@laptop"), ("alice/libera@phone", "alice/libera@laptop")],
)
def test_names_that_contradict_each_other_are_refused(set_stage: SetStage, proved: str, said: str) -> None:
    """Row NUM-06."""
    play(
        set_stage(),
        f"""
        new > CAP REQ sasl
        new < CAP * ACK sasl
        new > AUTHENTICATE PLAIN
        new < AUTHENTICATE +
        new > AUTHENTICATE {plain(proved, "secret")}
        new < 903 * *
        new > NICK alice
        new > USER {said} 0 * :Alice
        new > CAP END
        new < 432 * alice *
        new < ERROR *
        new < (closed)
        """,
    )


def test_what_one_of_the_two_names_leaves_open_the_other_one_fills(set_stage: SetStage) -> None:
    """Row USR-01."""
    play(
        set_stage(caps=""),
        f"""
        new > CAP REQ sasl
        new < CAP * ACK sasl
        new > AUTHENTICATE PLAIN
        new < AUTHENTICATE +
        new > AUTHENTICATE {plain("alice@phone", "secret")}
        new < 903 * *
        new > NICK alice
        new > USER whoever/libera 0 * :Alice
        new > CAP END
        {WELCOME_WITH_SASL}
        """,
    )


def test_an_unbound_client_has_the_name_of_the_user(set_stage: SetStage) -> None:
    """Rows USR-04, NUM-03."""
    play(
        set_stage(),
        f"""
        new > PASS secret
        new > NICK another
        new > USER alice 0 * :Alice
        {UNBOUND}
        new > JOIN #soju
        new < 400 alice *
        new > PRIVMSG bob :hi
        new < 400 alice *
        new > PRIVMSG alice :hi
        new > FROBNICATE
        new < 421 alice FROBNICATE *
        new > WHO alice
        new < 352 alice * alice bouncer.test bouncer.test alice H :0 alice
        new < 315 alice alice *
        new > WHOIS alice
        new < 311 alice alice alice bouncer.test * alice
        new < 312 alice alice bouncer.test soju-actors
        new < 313 alice alice *
        new < 330 alice alice alice :is logged in as
        new < 318 alice alice *
        new > CHATHISTORY LATEST #soju * 10
        new < FAIL CHATHISTORY INVALID_TARGET LATEST #soju *
        """,
    )


@pytest.mark.parametrize("network", ["*", "nonet", "a b", "-x.y z"])
def test_a_network_that_is_none_is_refused(set_stage: SetStage, network: str) -> None:
    """Rows USR-03, USR-06: only what looks like an address is added."""
    play(
        set_stage(),
        f"""
        new > CAP REQ sasl
        new < CAP * ACK sasl
        new > AUTHENTICATE PLAIN
        new < AUTHENTICATE +
        new > AUTHENTICATE {plain(f"alice/{network}", "secret")}
        new < 903 * *
        new > NICK alice
        new > USER alice 0 * :Alice
        new > CAP END
        new < 464 * *
        new < ERROR *
        new < (closed)
        """,
    )


def test_an_address_as_network_adds_it(set_inline: SetInline) -> None:
    """Row USR-03: once there is a server at that address, which is looked for beside everything else."""
    stage = set_inline()
    stage.world.system.serve(Endpoint(host="irc.oftc.test", port=6697))
    play(
        stage,
        """
        new > PASS secret
        new > NICK ally
        new > USER alice/irc.oftc.test@phone 0 * :Alice
        new < 001 ally *
        new < 002 ally *
        new < 004 ally **
        new < 005 * BOUNCER_NETID=2 **
        new < 422 ally *
        new > PRIVMSG BouncerServ :network status
        new < :BouncerServ!BouncerServ@BouncerServ PRIVMSG ally *
        new < :BouncerServ!BouncerServ@BouncerServ PRIVMSG ally *
        """,
    )


def test_an_address_without_a_server_is_no_network(set_inline: SetInline) -> None:
    """Row USR-03, better: the connection is closed, so that the client tells its user."""
    stage = set_inline()
    play(
        stage,
        """
        new > PASS secret
        new > NICK ally
        new > USER alice/irc.oftc.test@phone 0 * :Alice
        new < 464 * *
        new < ERROR *
        new < (closed)
        """,
    )
    stage.attach("laptop", "alice")
    stage.say("laptop", "PRIVMSG BouncerServ :network status")
    assert not any("oftc" in line for line in stage.heard("laptop"))


def test_two_clients_that_name_the_same_address_are_on_one_network(set_inline: SetInline) -> None:
    """Row USR-03."""
    stage = set_inline()
    stage.world.system.serve(Endpoint(host="irc.oftc.test", port=6697))
    for peer in ("one", "two"):
        for line in ("PASS secret", "NICK ally"):
            stage.say(peer, line)
    for peer in ("one", "two"):
        stage.clients[peer].peer.send(b"USER alice/irc.oftc.test 0 * :Alice\r\n")
    stage.world.run()
    for peer in ("one", "two"):
        assert any("BOUNCER_NETID=2" in line for line in stage.heard(peer))


def test_a_network_is_chosen_by_its_id(set_stage: SetStage) -> None:
    """Rows PRE-07, USR-05: the id has priority over the name in USER."""
    play(
        set_stage(caps=""),
        f"""
        new > CAP REQ sasl
        new < CAP * ACK sasl
        new > BOUNCER BIND 1
        new < FAIL BOUNCER ACCOUNT_REQUIRED BIND *
        new > AUTHENTICATE PLAIN
        new < AUTHENTICATE +
        new > AUTHENTICATE {plain("alice", "secret")}
        new < 903 * *
        new > BOUNCER BIND zero
        new < FAIL BOUNCER INVALID_NETID BIND zero *
        new > BOUNCER FROBNICATE
        new < FAIL BOUNCER UNKNOWN_COMMAND FROBNICATE *
        new > BOUNCER BIND 1
        new > NICK alice
        new > USER alice 0 * :Alice
        new > CAP END
        {WELCOME_WITH_SASL}
        other > CAP REQ sasl
        other < CAP * ACK sasl
        other > AUTHENTICATE PLAIN
        other < AUTHENTICATE +
        other > AUTHENTICATE {plain("alice", "secret")}
        other < 903 * *
        other > BOUNCER BIND 77
        other > NICK alice
        other > USER alice 0 * :Alice
        other > CAP END
        other < FAIL BOUNCER INVALID_NETID BIND 77 *
        other < ERROR *
        other < (closed)
        """,
    )
