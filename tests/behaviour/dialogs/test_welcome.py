"""What a client gets when it is attached, and what another connection changes (rows NUM-01, ATT, LIF)."""

from tests.behaviour.dialogs.conftest import SetStage, everywhere
from tests.support.dialog import play

SERVICE = ":BouncerServ!BouncerServ@BouncerServ"
LOG_IN = """
    new > PASS secret
    new > NICK another
    new > USER alice/libera 0 * :Alice
"""


def test_everything_comes_in_its_place(set_stage: SetStage) -> None:
    """Rows NUM-01, NUM-04, ATT-01 to ATT-05, ATT-08.

    Capabilities; 001 to 005 with the nick of the network, not the one asked for; modes, host, realname, account;
    the message of the day; the networks; the channels. Then the server hears that somebody is there.
    """
    stage = set_stage(caps="sasl chghost", of_network={"realname": "Alice A."})
    asked = "batch cap-notify chghost extended-join sasl setname soju.im/bouncer-networks-notify away-notify"
    play(
        stage,
        f"""
        libera > :irc.libera.test 900 alice alice!a@host ally :You are now logged in as ally
        libera > :alice!a@host MODE alice :+iw
        new > CAP REQ :{asked}
        new < CAP * ACK :{asked}
        {LOG_IN}
        new > CAP END
        new < CAP alice DEL *
        new < CAP alice NEW *
        new < 001 alice *
        new < 002 alice *
        new < 004 alice bouncer.test soju-actors aiwroO OovaimnqpsrtklbeI
        new < 005 * **
        new < 221 alice +iw
        new < :alice!a@host CHGHOST a host
        new < :alice!a@host SETNAME :Alice A.
        new < 900 alice alice!a@host ally *
        new < 422 alice *
        new < BATCH +networks soju.im/bouncer-networks
        new < @batch=networks BOUNCER NETWORK 1 *
        new < BATCH -networks
        new < :alice!a@host JOIN #soju ally :Alice A.
        new < 332 alice #soju :About #soju
        new < 333 alice #soju bob!b@host 1700000000
        new < 353 alice = #soju :alice @bob carol
        new < 366 alice #soju *
        libera < AWAY
        """,
    )


def test_a_realname_that_the_client_has_given_itself_is_not_told(set_stage: SetStage) -> None:
    """Row NUM-01: SETNAME corrects what the client takes for true."""
    play(
        set_stage(caps="", channels=(), of_network={"realname": "Alice"}),
        f"""
        new > CAP REQ setname
        new < CAP * ACK setname
        {LOG_IN}
        new > CAP END
        new < 001 **
        new < 002 **
        new < 004 **
        new < 005 **
        new < 221 **
        new < 422 **
        libera < AWAY
        """,
    )


@everywhere
def test_of_a_server_that_is_away_nothing_is_made_up(set_stage: SetStage) -> None:
    """Rows NUM-01, ATT-07, CAPD-24: no modes, no host; all capabilities, and why it is away."""
    stage = set_stage(caps="", channels=())
    stage.servers["libera"].quiet = True
    play(
        stage,
        f"""
        libera > (closed)
        libera < CAP LS 302
        libera < NICK alice
        libera < USER **
        new > CAP REQ :away-notify cap-notify
        new < CAP * ACK :away-notify cap-notify
        {LOG_IN}
        new > CAP END
        new < CAP alice DEL sasl
        new < CAP alice NEW *
        new < 001 alice *
        new < 002 **
        new < 004 **
        new < 005 **
        new < 422 **
        new < {SERVICE} NOTICE alice *
        new > CAP LIST
        new < CAP alice LIST :cap-notify away-notify
        """,
    )


def test_another_connection_tells_what_has_changed(set_stage: SetStage) -> None:
    """Rows LIF-07, LIF-12: capabilities (CAPD-18) and nick; no JOIN or PART for the end."""
    stage = set_stage(caps="sasl", isupport="CASEMAPPING=ascii")
    stage.attach("laptop", caps="sasl batch")
    libera = stage.servers["libera"]
    play(
        stage,
        """
        libera > :irc.libera.test 900 alice alice!a@host ally :You are now logged in as ally
        laptop < :irc.libera.test 900 alice alice!a@host ally *
        """,
    )
    libera.quiet = True
    play(
        stage,
        f"""
        libera > (closed)
        laptop < CAP alice DEL sasl
        laptop < CAP alice NEW *
        laptop < {SERVICE} NOTICE alice *
        libera < CAP LS 302
        libera < NICK alice
        libera < USER **
        libera > :irc.libera.test 001 alice2 :Welcome
        laptop < CAP alice2 DEL *
        laptop < :alice NICK alice2
        laptop < {SERVICE} NOTICE alice2 :Connected to libera
        libera < JOIN #soju
        libera > :irc.libera.test 005 alice2 CASEMAPPING=rfc1459 :are supported by this server
        libera > :irc.libera.test 422 alice2 :No MOTD
        laptop < 005 * CASEMAPPING=rfc1459 *
        """,
    )


def test_another_realname_is_told_when_it_counts(set_stage: SetStage) -> None:
    """Row LIF-07."""
    stage = set_stage(caps="", channels=())
    stage.attach("laptop", caps="setname")
    stage.attach("phone")
    play(
        stage,
        f"""
        laptop > PRIVMSG BouncerServ :network update libera -realname "Alice A."
        laptop < {SERVICE} PRIVMSG alice *
        libera < QUIT *
        libera < (closed)
        laptop < CAP alice NEW *
        laptop < {SERVICE} NOTICE alice *
        laptop < CAP alice DEL *
        laptop < {SERVICE} NOTICE alice :Connected to libera
        laptop < :alice SETNAME :Alice A.
        phone < {SERVICE} NOTICE alice *
        phone < {SERVICE} NOTICE alice *
        """,
    )
