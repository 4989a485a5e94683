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
    """Rows CAPD-13, CAPD-14, LIF-07: they get no notices of the service then."""
    stage = set_inline(caps="", channels=())
    stage.attach("bound", caps=BOUNCER)
    stage.attach("unbound", "alice", caps=BOUNCER)
    stage.attach("plain", "alice/libera@plain")
    down = LIBERA.replace("connected", "disconnected")
    play(
        stage,
        f"""
        libera > (closed)
        bound < CAP alice NEW **
        bound < BOUNCER NETWORK 1 {down};error=closed\\sby\\sthe\\speer
        bound < CAP alice DEL **
        bound < BOUNCER NETWORK 1 {LIBERA}
        unbound < BOUNCER NETWORK 1 {down};error=closed\\sby\\sthe\\speer
        unbound < BOUNCER NETWORK 1 {LIBERA}
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
        laptop < BOUNCER NETWORK 3 *
        laptop > BOUNCER CHANGENETWORK 3 nickname=al;realname=Al\\sB.;pass=x\\:y
        laptop < BOUNCER NETWORK 3 name=new;state=disconnected;nickname=al;{where};realname=Al\\sB.
        laptop < BOUNCER CHANGENETWORK 3
        laptop < BOUNCER NETWORK 3 *
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
        (" ADDNETWORK name=x", "FAIL BOUNCER NEED_ATTRIBUTE ADDNETWORK host *"),
        (" ADDNETWORK host=x;frob=1", "FAIL BOUNCER UNKNOWN_ATTRIBUTE ADDNETWORK frob *"),
        (" ADDNETWORK host=x;port=0", "FAIL BOUNCER UNKNOWN_ERROR ADDNETWORK *"),
        (" ADDNETWORK host=x;port=66000", "FAIL BOUNCER UNKNOWN_ERROR ADDNETWORK *"),
        (" ADDNETWORK host=x;tls=maybe", "FAIL BOUNCER UNKNOWN_ERROR ADDNETWORK *"),
        (" ADDNETWORK host=x;name=libera", "FAIL BOUNCER UNKNOWN_ERROR ADDNETWORK *"),
        (" ADDNETWORK host=x;name=a\\sb", "FAIL BOUNCER UNKNOWN_ERROR ADDNETWORK *"),
        (" ADDNETWORK host=x;realname=a\\r\\nQUIT", "FAIL BOUNCER UNKNOWN_ERROR ADDNETWORK *"),
        (" CHANGENETWORK 1", "FAIL BOUNCER INVALID_PARAMS CHANGENETWORK *"),
        (" CHANGENETWORK 77 name=x", "FAIL BOUNCER INVALID_NETID CHANGENETWORK 77 *"),
        (" CHANGENETWORK x name=x", "FAIL BOUNCER INVALID_NETID CHANGENETWORK x *"),
        (" CHANGENETWORK 1 nickname=@bob", "FAIL BOUNCER UNKNOWN_ERROR CHANGENETWORK *"),
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
