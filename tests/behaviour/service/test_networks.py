"""Commands about networks (rows SVC-02 to SVC-06)."""

from typing import Any

import msgspec
import pytest

from actors import ChildGone, ChildRestarted, Place, Ref
from soju_actors.irc.message import Message, parse_message
from soju_actors.messages.downstream import Attached, AttachRefused
from soju_actors.messages.upstream import Disconnect, Forward, ProbeArgs, Reconnect
from soju_actors.messages.user import ClientSaid, NodesChanged, Probed, UpstreamDown, UpstreamTrying
from soju_actors.model.records import Network, NetworkId, SaslMechanism, UserId
from soju_actors.policy.server import ServerSettings
from soju_actors.ports.database import DeleteNetwork, Saved, SaveNetwork, WriteFailed
from tests.behaviour.service.scene import CLIENT, LIBERA, Scene

OFTC = Network(NetworkId(2), UserId(1), "oftc", "irc.oftc.net")


def test_a_network_is_connected_when_it_is_stored() -> None:
    scene = Scene()
    assert (
        scene.say(
            "network create -addr irc+insecure://irc.oftc.net -name oftc -nick al -username u -pass secret "
            '-realname "Al B." -connect-command "MODE al +x" -connect-command "JOIN #a" -auto-away=false -sasl-required'
        )
        == []
    )
    assert scene.turn.spawned == []
    assert scene.jobs[0][1].network == Network(
        NetworkId(0),
        UserId(1),
        "oftc",
        "irc+insecure://irc.oftc.net",
        nick="al",
        username="u",
        realname="Al B.",
        password="secret",
        connect_commands=("MODE al +x", "JOIN #a"),
        auto_away=False,
        sasl_required=True,
    )
    assert scene.saved(5) == ["oftc was created; log in as alice/oftc to be on it"]
    (spec,) = scene.turn.spawned
    assert isinstance(spec.args, msgspec.Struct)
    assert spec.args.network.id == 5


def test_a_network_without_a_name_is_called_as_its_host() -> None:
    scene = Scene()
    scene.say("network create -addr ircs://IRC.oftc.net:6697")
    assert scene.job("writer").network.name == "irc.oftc.net"


def test_what_the_database_refuses_is_told_and_changes_nothing() -> None:
    scene = Scene()
    scene.say("network create -addr irc.oftc.net")
    assert scene.refused("the disk is full") == ["error: the disk is full"]
    assert scene.turn.spawned == []
    assert scene.say("network status") == ["libera  disconnected  current"]


@pytest.mark.parametrize(
    ("flags", "error"),
    [
        ("-addr http://x", "http:// is unknown: use ircs://"),
        ("-addr 'a b' -name x", "no spaces"),
        ("-addr x -name libera", "There is a network named 'libera' already"),
        ("-addr x -name *", "'*' is no name for a network"),
        ("-addr x -name -x", "'-x' is no name for a network"),
        ("-addr x -name ''", ""),
        ("-addr x -nick 'a b'", "'a b' is no nick"),
        ("-addr irc+unix:///run/ircd.sock -name x", "Only an admin may connect to a Unix socket"),
        ("-addr irc+unix:///run/ircd.sock", "give a network on a Unix socket a -name"),
        ("-addr x -egress eu", "-egress: 'eu' is unknown: zone=NAME, capability=NAME, "),
        ("-addr x -egress zone=EU", "-egress: 'EU' cannot be a zone: a zone is "),
        ("-addr x -egress address=x", "-egress: 'x' is no address, such as 192.0.2.7 or "),
        ("-addr x -connect-command ':'", "a line to be sent is not IRC"),
        ("-addr x " + "-connect-command X " * 21, "more than 20 connect commands"),
    ],
)
def test_settings_are_checked_before_they_are_stored(flags: str, error: str) -> None:
    scene = Scene()
    answers = scene.say(f"network create {flags}")
    if error:
        assert len(answers) == 1
        assert answers[0].startswith("error: ")
        assert error in answers[0]
        assert not scene.jobs
    else:
        assert scene.job("writer").network.name == "x"


def test_an_admin_may_use_unix_sockets_and_ignore_the_limit() -> None:
    settings = ServerSettings("bouncer.test", max_networks=1)
    flags = "-addr irc+unix:///run/ircd.sock -name x"
    assert Scene(settings=settings, admin=True).say(f"network create {flags}") == [
        "error: You may have 1 enabled networks, no more"
    ]
    scene = Scene(settings=settings, admin=True)
    assert scene.say(f"network create {flags} -ignore-limit") == []
    assert scene.job("writer").network.enabled is True


def test_a_unix_socket_is_not_connected_to_from_an_address() -> None:
    scene = Scene(admin=True)
    answers = scene.say("network create -addr irc+unix:///run/ircd.sock -name x -egress address=192.0.2.7")
    assert answers == ["error: A Unix socket is not connected to from an address"]
    assert scene.say("network create -addr irc+unix:///run/ircd.sock -name x -egress zone=eu") == []


def test_a_network_is_placed_where_it_asks_for() -> None:
    scene = Scene()
    scene.say("network create -addr irc.oftc.net -name oftc -egress 'zone=eu/de, address=2001:DB8::7, capability=tor'")
    assert scene.jobs[0][1].network.egress == "zone=eu/de,capability=tor,address=2001:db8::7"
    scene.saved(5)
    (spec,) = scene.turn.spawned
    assert (spec.place, spec.zones) == (Place.ANYWHERE, ("eu/de",))
    assert spec.needs == {"tor": True, "address 2001:db8::7": True}
    assert "  egress     zone=eu/de,capability=tor,address=2001:db8::7" in scene.say("network status oftc")


def test_another_egress_is_for_another_upstream_once_the_last_has_ended() -> None:
    upstream: Ref[Any] = Ref("user/alice/upstream-1")
    scene = Scene().up()
    scene.say("network update libera -egress zone=eu")
    assert scene.saved() == ["libera was updated, connecting again"]
    assert scene.sent(Disconnect) == [Disconnect("Reconnecting", 0.0)]
    assert scene.turn.stopped == [upstream]
    assert scene.turn.spawned == []
    scene.say("network update libera -egress zone=us -nick al")
    scene.saved()
    assert scene.turn.spawned == []
    scene.tell(ChildGone(upstream, "stopped", gave_up=False))
    (spec,) = scene.turn.spawned
    assert (spec.zones, spec.args.nick) == (("us",), "al")  # type: ignore[union-attr]


def test_an_upstream_that_was_to_end_and_has_begun_elsewhere_ends_there() -> None:
    """The node is lost on which it was told so."""
    upstream: Ref[Any] = Ref("user/alice/upstream-1")
    scene = Scene().up()
    scene.say("network update libera -enabled=false")
    scene.saved()
    scene.tell(ChildRestarted(upstream, "node b is lost"))
    assert scene.turn.stopped == [upstream]
    scene.tell(ChildGone(upstream, "stopped", gave_up=False))
    assert scene.turn.spawned == []


def test_an_upstream_that_failed_too_often_begins_again_with_a_change() -> None:
    upstream: Ref[Any] = Ref("user/alice/upstream-1")
    scene = Scene().up()
    scene.tell(ChildGone(upstream, "failed on Forward", gave_up=True))
    scene.say("network update libera -nick al")
    scene.saved()
    assert [spec.name for spec in scene.turn.spawned] == ["upstream-1"]


def test_a_node_that_comes_while_an_upstream_is_refused_is_not_missed() -> None:
    upstream: Ref[Any] = Ref("user/alice/upstream-1")
    scene = Scene(networks=(msgspec.structs.replace(LIBERA, egress="zone=eu"),))
    refused = UpstreamDown(1, "there is none", registered=False, retry=None, misplaced=True)
    scene.tell(NodesChanged())
    assert scene.turn.stopped == [], "it may be on the right node"
    scene.tell(refused, upstream)
    assert scene.lines() == []
    assert scene.turn.stopped == [upstream]
    scene.tell(ChildGone(upstream, "stopped", gave_up=False))
    assert len(scene.turn.spawned) == 1
    scene.tell(refused, upstream)
    assert scene.turn.stopped == []
    assert scene.lines()[0].endswith("Cannot connect to libera: there is none")
    scene.tell(NodesChanged())
    assert scene.turn.stopped == [upstream]
    scene.tell(refused, upstream)
    assert scene.turn.stopped == [], "it was told to end already"


def test_status_tells_how_each_network_stands() -> None:
    idle = msgspec.structs.replace(OFTC, id=NetworkId(3), name="idle", enabled=False)
    scene = Scene(networks=(LIBERA, OFTC, idle)).up("#soju")
    scene.tell(UpstreamDown(2, "no route to host", registered=False, retry=5.0))
    assert scene.say("network status") == [
        "libera  connected     current, 1 channel",
        "oftc    disconnected  no route to host",
        "idle    disabled",
    ]
    assert Scene(networks=(), bound="").say("network status") == ["You have no networks; say help network create"]


def test_status_of_one_network_tells_all_that_is_set() -> None:
    libera = msgspec.structs.replace(LIBERA, realname="Al B.", connect_commands=("MODE alice +x",), password="x")
    scene = Scene(networks=(libera, OFTC), nick="al").up("#soju")
    assert scene.say("network status libera") == [
        "libera: connected for 0s",
        "  address     ircs://irc.libera.test",
        "  now         as alice, 1 channel, irc.libera.test",
        "  clients     laptop",
        "  nick        al",
        "  username    al",
        "  realname    Al B.",
        "  pass        set",
        "  sasl        no SASL login",
        "  on connect  MODE alice +x",
        "  auto-away   yes",
    ]
    scene.tell(UpstreamTrying(2), Ref("user/alice/upstream-2"))
    assert scene.say("network status oftc")[0] == "oftc: connecting for 0s"
    scene.tell(UpstreamDown(2, "no route to host", registered=False, retry=90.0))
    assert scene.say("network status oftc")[:3] == [
        "oftc: disconnected for 0s",
        "  address    irc.oftc.net",
        "  error      no route to host; next attempt in 1m 30s",
    ]
    assert scene.say("network status efnet") == ["error: there is no network 'efnet'; your networks: libera, oftc"]


def test_status_never_shows_a_password() -> None:
    secrets = msgspec.structs.replace(
        LIBERA,
        password="hunter2",
        sasl=SaslMechanism.PLAIN,
        sasl_username="a",
        sasl_password="hunter2",
        connect_commands=("PRIVMSG NickServ :IDENTIFY hunter2",),
    )
    scene = Scene(networks=(secrets,))
    shown = " ".join(
        line for text in ("network status", "network status libera", "sasl status") for line in scene.say(text)
    )
    assert "hunter2" not in shown
    assert "PRIVMSG NickServ" in shown


def test_an_update_is_stored_and_then_connects_again() -> None:
    """Row SVC-04: it does so always, also when nothing is different."""
    scene = Scene().up()
    assert scene.say("network update -nick al -connect-command ''") == []
    assert scene.sent(Reconnect) == []
    assert scene.saved() == ["libera was updated, connecting again"]
    (reconnect,) = scene.sent(Reconnect)
    assert (reconnect.nick, reconnect.network.nick) == ("al", "al")
    assert scene.record.nick == "al"
    assert scene.say("network update libera") == []
    scene.saved()
    assert len(scene.sent(Reconnect)) == 1


def test_connect_commands_are_cleared_by_an_empty_one() -> None:
    scene = Scene(networks=(msgspec.structs.replace(LIBERA, connect_commands=("A", "B")),))
    scene.say("network update -connect-command ''")
    assert scene.job("writer").network.connect_commands == ()


def test_a_fingerprint_is_set_and_cleared() -> None:
    scene = Scene()
    scene.say(f"network update -certfp {':'.join(['AB'] * 32)}")
    assert scene.job("writer").network.certfp == "sha-256:" + "ab" * 32
    scene.say("network update -certfp ''")
    assert scene.job("writer").network.certfp == ""


def test_changes_that_follow_one_another_at_once_are_all_kept() -> None:
    scene = Scene()
    scene.say(
        "network update -nick al", "network update -realname Al", "sasl set-plain al pw", "network update -pass x"
    )
    while scene.jobs:
        scene.saved()
    record = scene.record
    assert (record.nick, record.realname, record.sasl_username, record.password) == ("al", "Al", "al", "x")


def test_a_network_that_is_disabled_is_left() -> None:
    scene = Scene().up()
    scene.say("network update -enabled false")
    assert scene.saved() == ["libera was updated"]
    assert scene.turn.stopped == [Ref("user/alice/upstream-1")]


def test_a_network_must_be_named_where_there_is_no_current_one() -> None:
    scene = Scene(networks=(LIBERA, OFTC), bound="")
    assert scene.say("network update -nick x") == [
        "error: name a network, since you are on none; your networks: libera, oftc"
    ]
    assert scene.say("network delete efnet") == ["error: there is no network 'efnet'; your networks: libera, oftc"]
    assert scene.say("network update oftc -nick x") == []


def test_a_deleted_network_tells_its_clients_before_they_are_closed() -> None:
    scene = Scene().up()
    assert scene.say("network delete libera") == []
    assert isinstance(scene.jobs[0][1], DeleteNetwork)
    assert scene.closed == []
    assert scene.saved() == ["libera was deleted"]
    assert scene.closed == [CLIENT]
    order = [type(msg).__name__ for ref, msg in scene.turn.sent if ref == CLIENT]
    assert order.index("Deliver") < order.index("CloseClient")


def test_the_current_network_is_deleted_only_when_it_is_named() -> None:
    """Row SVC-05: the name may be left out, but years of history do not go by mistake."""
    scene = Scene().up()
    assert scene.say("network delete") == [
        "This deletes libera, the network that you are on, with its channels and history.",
        "If you mean it, say: network delete libera",
    ]
    assert not scene.jobs
    assert Scene(bound="").say("network delete") == [
        "error: name a network, since you are on none; your networks: libera"
    ]


def test_a_network_that_cannot_be_deleted_stays() -> None:
    scene = Scene().up()
    scene.say("network delete libera")
    assert scene.refused("the database is locked") == ["error: the database is locked"]
    assert scene.closed == []


def test_a_change_of_a_network_that_was_deleted_meanwhile_is_an_error() -> None:
    scene = Scene(bound="")
    scene.say("network delete libera", "network update libera -nick x", "sasl set-plain -network libera a b")
    assert scene.saved() == ["libera was deleted"]
    assert scene.saved() == ["error: the network was deleted meanwhile"]
    assert scene.saved() == ["error: the network was deleted meanwhile"]


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("PRIVMSG #soju :hi  there", "PRIVMSG #soju :hi  there"),
        ("libera PRIVMSG #soju :it's me", "PRIVMSG #soju :it's me"),
        ('libera "WHOIS bob"', "WHOIS bob"),
        ('"WHOIS bob"', "WHOIS bob"),
    ],
)
def test_a_quoted_line_is_sent_as_it_is(text: str, line: str) -> None:
    scene = Scene().up()
    assert scene.say(f"network quote {text}") == ["Sent to libera"]
    (forward,) = scene.sent(Forward)
    assert [str(message) for message in forward.messages] == [line]


def test_a_line_cannot_be_quoted_to_a_network_that_is_down_or_if_it_is_none() -> None:
    assert Scene().say("network quote WHOIS bob") == ["error: libera is not connected"]
    assert Scene().up().say("network quote :") == ["error: a line to be sent is not IRC: a line has no command"]


def test_bouncer_is_answered_in_its_own_way() -> None:
    """The same continuations serve BOUNCER (rows CMD-29 to CMD-34)."""
    scene = Scene(bound="")

    def bouncer(*params: str) -> None:
        scene.tell(ClientSaid((Message("BOUNCER", params),)), CLIENT)

    bouncer("ADDNETWORK", "name=oftc;host=irc.oftc.net")
    assert scene.lines() == []
    scene.saved(7)
    assert scene.lines() == ["BOUNCER ADDNETWORK 7"]
    bouncer("CHANGENETWORK", "7", "nickname=al")
    scene.saved()
    assert scene.lines() == ["BOUNCER CHANGENETWORK 7"]
    bouncer("DELNETWORK", "7")
    scene.saved()
    assert scene.lines() == ["BOUNCER DELNETWORK 7"]
    bouncer("ADDNETWORK", "name=efnet;host=irc.efnet.org")
    scene.refused("full")
    assert scene.lines() == ["FAIL BOUNCER UNKNOWN_ERROR ADDNETWORK :full"]


def there_is_a_server(scene: Scene) -> None:
    """Let the actor that was started to look for one find it."""
    (spec,) = scene.turn.spawned
    assert isinstance(spec.args, ProbeArgs)
    scene.tell(Probed(spec.args.request))


def test_a_client_that_names_an_address_is_attached_when_that_network_is_stored() -> None:
    """Row USR-03."""
    scene = Scene()
    other: Ref[Any] = Ref("listener/2")
    scene.attach(other, "irc.efnet.org")
    there_is_a_server(scene)
    assert scene.sent(Attached) == []
    job = scene.job("writer")
    assert isinstance(job, SaveNetwork)
    scene.tell(Saved(job.request, 9))
    assert [(ref, msg.network) for ref, msg in scene.turn.sent if isinstance(msg, Attached)] == [(other, 9)]


def test_a_second_client_that_names_the_same_address_is_attached_to_the_same_network() -> None:
    scene = Scene()
    second, third = Ref[Any]("listener/2"), Ref[Any]("listener/3")
    for ref in (second, third):
        scene.attach(ref, "irc.efnet.org")
        there_is_a_server(scene)
    first, again = scene.job("writer"), scene.job("writer")
    scene.tell(Saved(first.request, 9))
    scene.tell(WriteFailed("the name is in use", transient=False, request=again.request))
    assert [(ref, msg.network) for ref, msg in scene.turn.sent if isinstance(msg, Attached)] == [(third, 9)]


def test_a_client_whose_network_cannot_be_stored_is_turned_away() -> None:
    scene = Scene()
    scene.attach(Ref("listener/2"), "irc.efnet.org")
    there_is_a_server(scene)
    scene.refused("full")
    (refusal,) = scene.sent(AttachRefused)
    assert parse_message(refusal.line).params == ("*", "The network could not be added: full")
