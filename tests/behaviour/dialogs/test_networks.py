"""BOUNCER: the user's networks (rows CMD-29 to CMD-34, CAPD-13, CAPD-14, ATT-03, LIF-13).

Spec: https://codeberg.org/emersion/soju/src/branch/master/doc/ext/bouncer-networks.md
"""

import pytest

from tests.behaviour.dialogs.conftest import SetInline, SetStage
from tests.support.dialog import play

BOUNCER = "soju.im/bouncer-networks soju.im/bouncer-networks-notify batch"
LIBERA = "name=libera;state=connected;nickname=alice;host=irc.libera.test;port=6667;tls=0"
OFTC = "name=oftc;state=connected;nickname=alice;host=irc.oftc.test;port=6667;tls=0"


def test_networks_are_listed_in_a_batch(set_inline: SetInline) -> None:
    """Row CMD-29; the password is never shown (row CMD-34)."""
    stage = set_inline(networks=("libera", "oftc"), of_network={"password": "hidden", "realname": "Alice A."})
    stage.attach("laptop", "alice", caps=BOUNCER)
    play(
        stage,
        f"""
        laptop > BOUNCER ListNetworks
        laptop < BATCH +$b soju.im/bouncer-networks
        laptop < @batch=$b BOUNCER NETWORK 1 {LIBERA};realname=Alice\\sA.
        laptop < @batch=$b BOUNCER NETWORK 2 {OFTC};realname=Alice\\sA.
        laptop < BATCH -$b
        """,
    )


def test_a_client_with_notify_gets_all_networks_with_its_welcome(set_inline: SetInline) -> None:
    """Row ATT-03."""
    stage = set_inline(caps="", channels=())
    play(
        stage,
        f"""
        laptop > CAP REQ :{BOUNCER}
        laptop < CAP **
        laptop > PASS secret
        laptop > NICK alice
        laptop > USER alice 0 * :Alice
        laptop > CAP END
        laptop < 001 **
        laptop < 002 **
        laptop < 004 **
        laptop < 005 **
        laptop < 221 **
        laptop < 422 **
        laptop < BATCH +networks soju.im/bouncer-networks
        laptop < @batch=networks BOUNCER NETWORK 1 {LIBERA}
        laptop < BATCH -networks
        """,
    )


def test_clients_with_notify_follow_the_states_of_networks(set_inline: SetInline) -> None:
    """Rows CAPD-13, CAPD-14, LIF-07, TOD-11: what has changed alone, and no notices of the service."""
    stage = set_inline(caps="", channels=())
    stage.attach("bound", caps=BOUNCER)
    stage.attach("unbound", "alice", caps=BOUNCER)
    stage.attach("plain", "alice/libera@plain")
    play(
        stage,
        """
        libera > (closed)
        bound < CAP alice NEW **
        bound < BOUNCER NETWORK 1 state=disconnected;error=closed\\sby\\sthe\\speer
        bound < BOUNCER NETWORK 1 state=connecting
        bound < CAP alice DEL **
        bound < BOUNCER NETWORK 1 state=connected;error
        unbound < BOUNCER NETWORK 1 state=disconnected;error=closed\\sby\\sthe\\speer
        unbound < BOUNCER NETWORK 1 state=connecting
        unbound < BOUNCER NETWORK 1 state=connected;error
        plain < :BouncerServ!BouncerServ@BouncerServ NOTICE alice *
        plain < :BouncerServ!BouncerServ@BouncerServ NOTICE alice *
        """,
    )


def test_a_network_is_added_changed_and_deleted(set_inline: SetInline) -> None:
    """Rows CMD-30 to CMD-32, LIF-13."""
    stage = set_inline(networks=("libera", "oftc"), caps="", channels=())
    stage.attach("laptop", "alice", caps=BOUNCER)
    stage.attach("phone", "alice/oftc")
    where = "host=irc.new.test;port=7000;tls=0"
    play(
        stage,
        f"""
        laptop > BOUNCER ADDNETWORK name=new;host=irc.new.test;tls=0;port=7000;nickname=ally
        laptop < BOUNCER NETWORK 3 name=new;state=disconnected;nickname=ally;{where}
        laptop < BOUNCER ADDNETWORK 3
        laptop < BOUNCER NETWORK 3 state=connecting
        laptop < BOUNCER NETWORK 3 state=disconnected;error=connection\\srefused
        laptop > BOUNCER CHANGENETWORK 3 nickname=al;realname=Al\\sB.;pass=x\\:y
        laptop < BOUNCER NETWORK 3 nickname=al;realname=Al\\sB.;error
        laptop < BOUNCER CHANGENETWORK 3
        laptop < BOUNCER NETWORK 3 state=connecting
        laptop < BOUNCER NETWORK 3 state=disconnected;error=connection\\srefused
        laptop > BOUNCER DELNETWORK 3
        laptop < BOUNCER DELNETWORK 3
        laptop < BOUNCER NETWORK 3 *
        laptop > BOUNCER DELNETWORK 2
        laptop < BOUNCER DELNETWORK 2
        laptop < BOUNCER NETWORK 2 *
        oftc < QUIT *
        oftc < (closed)
        phone < ERROR *
        phone < (closed)
        """,
    )


@pytest.mark.parametrize(
    ("command", "answer"),
    [
        ("", "461 alice BOUNCER *"),
        (" FROBNICATE", "FAIL BOUNCER UNKNOWN_COMMAND FROBNICATE *"),
        (" BIND 1", "FAIL BOUNCER REGISTRATION_IS_COMPLETED BIND *"),
        (" ADDNETWORK", "FAIL BOUNCER INVALID_PARAMS ADDNETWORK *"),
        (" ADDNETWORK :", "FAIL BOUNCER INVALID_PARAMS ADDNETWORK *"),
        (" ADDNETWORK host=", "FAIL BOUNCER NEED_ATTRIBUTE ADDNETWORK host *"),
        (" ADDNETWORK host=x;state=connected", "FAIL BOUNCER READ_ONLY_ATTRIBUTE ADDNETWORK * state *"),
        (" CHANGENETWORK 1 error=x", "FAIL BOUNCER READ_ONLY_ATTRIBUTE CHANGENETWORK 1 error *"),
        (" CHANGENETWORK 1 frob=1", "FAIL BOUNCER UNKNOWN_ATTRIBUTE CHANGENETWORK 1 frob *"),
        (" ADDNETWORK name=x", "FAIL BOUNCER NEED_ATTRIBUTE ADDNETWORK host *"),
        (" ADDNETWORK host=x;frob=1", "FAIL BOUNCER UNKNOWN_ATTRIBUTE ADDNETWORK * frob *"),
        (" ADDNETWORK host=x;port=0", "FAIL BOUNCER INVALID_ATTRIBUTE ADDNETWORK * port *"),
        (" ADDNETWORK host=x;port=66000", "FAIL BOUNCER INVALID_ATTRIBUTE ADDNETWORK * port *"),
        (" ADDNETWORK host=x;tls=maybe", "FAIL BOUNCER INVALID_ATTRIBUTE ADDNETWORK * tls *"),
        (" ADDNETWORK host=x;name=libera", "FAIL BOUNCER INVALID_ATTRIBUTE ADDNETWORK * name *"),
        (" ADDNETWORK host=x;name=a\\sb", "FAIL BOUNCER INVALID_ATTRIBUTE ADDNETWORK * name *"),
        (" ADDNETWORK host=x;realname=a\\r\\nQUIT", "FAIL BOUNCER INVALID_ATTRIBUTE ADDNETWORK * realname *"),
        (" CHANGENETWORK 1", "FAIL BOUNCER INVALID_PARAMS CHANGENETWORK *"),
        (" CHANGENETWORK 77 name=x", "FAIL BOUNCER INVALID_NETID CHANGENETWORK 77 *"),
        (" CHANGENETWORK x name=x", "FAIL BOUNCER INVALID_NETID CHANGENETWORK x *"),
        (" CHANGENETWORK 1 nickname=@bob", "FAIL BOUNCER INVALID_ATTRIBUTE CHANGENETWORK 1 nickname *"),
        (" DELNETWORK", "FAIL BOUNCER INVALID_NETID DELNETWORK * *"),
        (" DELNETWORK 77", "FAIL BOUNCER INVALID_NETID DELNETWORK 77 *"),
    ],
)
def test_what_cannot_be_done_is_answered_in_the_words_of_the_specification(
    set_inline: SetInline, command: str, answer: str
) -> None:
    stage = set_inline()
    stage.attach("laptop", "alice")
    play(stage, f"laptop > BOUNCER{command}\nlaptop < {answer}")


def test_a_network_too_many_is_refused(set_inline: SetInline) -> None:
    """Row CFG-14."""
    stage = set_inline(server={"max_networks": 1})
    stage.attach("laptop", "alice")
    play(
        stage,
        """
        laptop > BOUNCER ADDNETWORK host=irc.new.test
        laptop < FAIL BOUNCER UNKNOWN_ERROR ADDNETWORK :You may have 1 enabled networks, no more
        """,
    )


def test_a_network_that_is_renamed_is_found_by_its_new_name(set_stage: SetStage) -> None:
    """Row USR-02."""
    stage = set_stage(caps="", channels=())
    stage.attach("laptop", "alice")
    play(
        stage,
        """
        laptop > BOUNCER CHANGENETWORK 1 name=renamed
        laptop < BOUNCER CHANGENETWORK 1
        libera < QUIT *
        libera < (closed)
        libera < AWAY :Auto away
        """,
    )
    stage.attach("phone", "alice/renamed@phone")


def test_followers_are_told_of_a_nick_and_a_realname_that_were_changed_elsewhere(set_inline: SetInline) -> None:
    """Row TOD-11: the nickname is the one that the network is registered with, as set."""
    stage = set_inline(caps="setname", channels=())
    stage.attach("watcher", "alice", caps=BOUNCER)
    stage.attach("laptop", "alice/libera")
    play(
        stage,
        """
        laptop > NICK ally
        libera < NICK ally
        watcher < BOUNCER NETWORK 1 nickname=ally
        laptop > SETNAME :Ally B.
        libera < SETNAME :Ally B.
        watcher < BOUNCER NETWORK 1 realname=Ally\\sB.
        """,
    )


def test_a_client_that_comes_later_is_told_of_changes_that_nobody_followed(set_inline: SetInline) -> None:
    """What it was shown at first is what changes are told against."""
    stage = set_inline(caps="", channels=())
    stage.attach("early", "alice", caps=BOUNCER)
    stage.say("early", "(closed)")
    stage.attach("laptop", "alice/libera")
    stage.say("laptop", "NICK ally")
    stage.attach("late", "alice", caps=BOUNCER)
    stage.script()
    play(
        stage,
        """
        laptop > NICK alice
        libera < NICK alice
        late < BOUNCER NETWORK 1 nickname=alice
        """,
    )
