"""What clients are told that can be done (rows ISU, CFG-03, CFG-04)."""

from actors import Ref
from soju_actors.irc.isupport import PASSTHROUGH
from soju_actors.messages.user import SettingsChanged
from soju_actors.policy.downstream import DownstreamSettings
from soju_actors.policy.server import ServerSettings
from tests.behaviour.dialogs.conftest import SetInline, SetStage, everywhere
from tests.support.dialog import play
from tests.support.world import HOSTNAME, UPSTREAM

ICON = "https://example.org/icon.png"


def _values() -> dict[str, str]:
    """Return a value for each token that passes through, which a server might say."""
    own = {
        "CASEMAPPING": "ascii",
        "CHANMODES": "b,k,l,imnpst",
        "CHANTYPES": "#",
        "LINELEN": "1024",
        "NETWORK": r"My\x20\x5CNet",
        "PREFIX": "(ov)@+",
        "STATUSMSG": "@+",
    }
    return {name: own.get(name, "1") for name in PASSTHROUGH}


def test_what_a_server_says_reaches_its_clients(set_stage: SetStage) -> None:
    """All 32 tokens and nothing else, sorted, at most 13 in a line, escaped anew.

    Rows ISU-01, ISU-02, ISU-05, ISU-09, ISU-12.
    """
    said = [f"{name}={value}" for name, value in _values().items()] + ["KNOCK", "NAMESX"]
    stage = set_stage(isupport=" ".join(said), channels=())
    own = [
        "BOUNCER_NETID=1",
        "CHATHISTORY=1000",
        "MSGREFTYPES=timestamp,msgid",
        "draft/ACCOUNTREQUIRED",
        "soju.im/SAFERATE",
    ]
    wanted = sorted([f"{name}={value}" for name, value in _values().items()] + own)
    lines = [" ".join(wanted[start : start + 13]) for start in range(0, len(wanted), 13)]
    told = "".join(f"\n        new < 005 * {line} :are supported by this server" for line in lines)
    play(
        stage,
        f"""
        new > PASS secret
        new > NICK alice
        new > USER alice/libera 0 * :Alice
        new < 001 **
        new < 002 **
        new < 004 **{told}
        new < 221 **
        new < 422 **
        libera < AWAY
        """,
    )


@everywhere
def test_changes_are_told_and_nothing_else(set_stage: SetStage) -> None:
    """Row ISU-11: only what has changed, and what is withdrawn with a minus (row ISU-10)."""
    stage = set_stage(channels=())
    stage.attach("laptop")
    play(
        stage,
        r"""
        libera > :irc.libera.test 005 alice NETWORK=Libera TOPICLEN=390 AWAYLEN=10 KNOCK :are supported by this server
        laptop < 005 * AWAYLEN=10 TOPICLEN=390 :are supported by this server
        libera > :irc.libera.test 005 alice NETWORK=Li\x20bera -KNOCK :are supported by this server
        laptop < 005 * NETWORK=Li\x20bera :are supported by this server
        libera > :irc.libera.test 005 alice -AWAYLEN -TOPICLEN -NOTHING :are supported by this server
        laptop < 005 * -AWAYLEN -TOPICLEN :are supported by this server
        libera > :irc.libera.test 005 alice CASEMAPPING=ascii :are supported by this server
        laptop < 005 * CASEMAPPING=ascii :are supported by this server
        libera > :irc.libera.test 005 alice -CASEMAPPING :are supported by this server
        laptop < 005 * CASEMAPPING=rfc1459 :are supported by this server
        """,
    )


def test_another_connection_is_told_of_when_its_list_is_complete(set_stage: SetStage) -> None:
    """A part of the list would withdraw what the rest of it offers again (row ISU-11)."""
    stage = set_stage(channels=(), isupport="NETWORK=Libera TOPICLEN=390")
    stage.attach("laptop")
    stage.servers["libera"].isupport = "NETWORK=Libera TOPICLEN=100 AWAYLEN=10"
    play(
        stage,
        """
        libera > (closed)
        laptop < :BouncerServ!BouncerServ@BouncerServ NOTICE alice *
        laptop < :BouncerServ!BouncerServ@BouncerServ NOTICE alice :Connected to libera
        laptop < 005 * AWAYLEN=10 TOPICLEN=100 :are supported by this server
        libera > :irc.libera.test 005 alice -AWAYLEN :are supported by this server
        laptop < 005 * -AWAYLEN :are supported by this server
        """,
    )


def test_tags_of_clients_are_refused_where_the_server_has_none(set_stage: SetStage) -> None:
    """Row ISU-08, and what a server says of it itself.

    Spec: https://ircv3.net/specs/extensions/message-tags#clienttagdeny-isupport-token
    """
    stage = set_stage(channels=(), caps="batch message-tags")
    stage.attach("laptop")
    play(
        stage,
        """
        libera > :irc.libera.test CAP alice DEL :message-tags
        laptop < 005 * CLIENTTAGDENY=* :are supported by this server
        libera > :irc.libera.test 005 alice CLIENTTAGDENY=typing :are supported by this server
        laptop < 005 * CLIENTTAGDENY=typing :are supported by this server
        libera > :irc.libera.test 005 alice -CLIENTTAGDENY :are supported by this server
        laptop < 005 * CLIENTTAGDENY=* :are supported by this server
        libera > :irc.libera.test CAP alice NEW :message-tags
        laptop < 005 * -CLIENTTAGDENY :are supported by this server
        """,
    )


def test_no_longer_lines_are_promised_than_are_taken(set_stage: SetStage) -> None:
    """LINELEN of a server that takes more than the bouncer does."""
    stage = set_stage(channels=())
    stage.attach("laptop")
    play(
        stage,
        """
        libera > :irc.libera.test 005 alice LINELEN=16384 :are supported by this server
        laptop < 005 * LINELEN=4096 :are supported by this server
        """,
    )


def test_an_unbound_client_sees_the_bouncer_with_title_and_icon(set_stage: SetStage) -> None:
    """Rows CFG-03, CFG-04, ISU-01, ISU-03, ISU-04.

    Spec: https://ircv3.net/specs/extensions/network-icon
    """
    stage = set_stage(server={"title": "The Bouncer", "icon": ICON})
    named = rf"NETWORK=The\x20Bouncer WHOX draft/ACCOUNTREQUIRED draft/ICON={ICON} soju.im/SAFERATE"
    play(
        stage,
        f"""
        new > PASS secret
        new > NICK alice
        new > USER alice 0 * :Alice
        new < 001 **
        new < 002 **
        new < 004 **
        new < 005 * BOT=B CASEMAPPING=ascii CHANTYPES= LINELEN=4096 {named} :are supported by this server
        new < 221 **
        new < 422 **
        """,
    )


def test_a_new_title_is_told_when_the_configuration_is_read_again(set_inline: SetInline) -> None:
    """As row ISU-11, for what concerns unbound clients alone."""
    stage = set_inline()
    stage.log_in("unbound", "alice")
    stage.attach("laptop")
    settings = ServerSettings(HOSTNAME, title="New", upstream=UPSTREAM)
    stage.world.system.tell(Ref("user/alice"), SettingsChanged(settings))
    stage.world.run()
    play(stage, "unbound < 005 * NETWORK=New :are supported by this server")


def test_the_list_can_be_asked_for_before_and_after_registration(set_stage: SetStage) -> None:
    """Rows CAPD-11, ISU-13; what no longer holds once a network is chosen is withdrawn.

    Spec: https://ircv3.net/specs/extensions/extended-isupport
    """
    named = DownstreamSettings(HOSTNAME, title="Bouncer", icon=ICON)
    stage = set_stage(channels=(), caps="message-tags", settings=named, isupport="TOPICLEN=9")
    before = f"NETWORK=Bouncer draft/ACCOUNTREQUIRED draft/ICON={ICON} soju.im/SAFERATE"
    whole = (
        "BOUNCER_NETID=1 CASEMAPPING=rfc1459 CHATHISTORY=1000 MSGREFTYPES=timestamp,msgid TOPICLEN=9 "
        "draft/ACCOUNTREQUIRED soju.im/SAFERATE"
    )
    play(
        stage,
        f"""
        new > ISUPPORT
        new < 421 * ISUPPORT *
        new > CAP REQ draft/extended-isupport
        new < CAP * ACK draft/extended-isupport
        new > ISUPPORT
        new < 005 * {before} *
        new > CAP REQ batch
        new < CAP * ACK batch
        new > ISUPPORT
        new < BATCH +isupport draft/isupport
        new < @batch=isupport 005 * {before} *
        new < BATCH -isupport
        new > PASS secret
        new > NICK alice
        new > USER alice/libera 0 * :Alice
        new > CAP END
        new < 001 **
        new < 002 **
        new < 004 **
        new < BATCH +isupport draft/isupport
        new < @batch=isupport 005 * {whole} *
        new < BATCH -isupport
        new < 221 **
        new < 422 **
        libera < AWAY
        new > ISUPPORT
        new < BATCH +isupport draft/isupport
        new < @batch=isupport 005 * {whole} *
        new < BATCH -isupport
        libera > :irc.libera.test 005 alice TOPICLEN=10 :are supported by this server
        new < BATCH +isupport draft/isupport
        new < @batch=isupport 005 * TOPICLEN=10 *
        new < BATCH -isupport
        new > CAP REQ -batch
        new < CAP alice ACK -batch
        new > ISUPPORT
        new < 005 * **
        """,
    )
