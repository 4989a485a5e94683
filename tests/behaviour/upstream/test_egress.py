"""An upstream whose network asks from where it is connected to."""

from actors import Endpoint
from soju_actors.messages.pacer import AskToDial
from soju_actors.messages.upstream import DialGranted, DialRefused, Disconnect, Reconnect
from soju_actors.messages.user import UpstreamDown
from soju_actors.policy.egress import Egress
from soju_actors.policy.upstream import UpstreamSettings
from tests.behaviour.upstream.scene import Scene, network

PLAIN = "irc+insecure://irc.test"
RANGES = UpstreamSettings(user_addresses=("198.51.100.0/24",))


def dialed(scene: Scene) -> Endpoint:
    ((_, endpoint),) = scene.grant().dialed
    return endpoint


def test_the_pacer_of_its_node_is_asked() -> None:
    scene = Scene(egress="zone=eu")
    assert scene.asked == [AskToDial("irc.test", 1, Egress(("eu",)))]


def test_it_connects_from_the_address_and_no_other() -> None:
    endpoint = dialed(Scene(addr=PLAIN, egress="zone=eu,address=192.0.2.7,address=2001:db8::7", settings=RANGES))
    assert (endpoint.sources, endpoint.bound) == (("192.0.2.7", "2001:db8::7"), True)


def test_without_an_address_the_users_own_is_taken() -> None:
    endpoint = dialed(Scene(addr=PLAIN, egress="zone=eu", settings=RANGES))
    assert (endpoint.sources, endpoint.bound) == (("198.51.100.1",), False)


def test_on_another_node_it_stays_away_and_says_why() -> None:
    scene = Scene(egress="zone=eu")
    scene.tell(DialRefused(1, "there is none"))
    assert scene.told == [UpstreamDown(3, "there is none", registered=False, retry=None, misplaced=True)]
    assert not scene.grant().dialed
    scene.advance(3600.0)
    assert scene.tries == 1


def test_what_the_pacer_says_of_an_earlier_attempt_counts_no_more() -> None:
    scene = Scene(egress="zone=eu")
    scene.tell(Reconnect(network(addr=PLAIN), "alice", "al", "Alice A."))
    scene.tell(DialRefused(1, "there is none"))
    assert scene.told == []
    assert scene.tell(DialGranted(2)).dialed


def test_another_setting_has_it_ask_again() -> None:
    scene = Scene(egress="zone=eu")
    scene.tell(DialRefused(1, "there is none"))
    scene.tell(Reconnect(network(egress=""), "alice", "al", "Alice A."))
    assert scene.grant().dialed


def test_a_setting_that_nobody_can_read_is_told() -> None:
    scene = Scene(egress="planet=mars")
    assert scene.down.reason.startswith("the egress 'planet=mars' cannot be used: 'planet=mars' is unknown: zone=NAME")
    assert scene.asked == []


def test_who_is_sent_away_says_when_another_tries() -> None:
    scene = Scene().register()
    scene.tell(Disconnect("Reconnecting", 0.0))
    assert scene.told == [UpstreamDown(3, "Reconnecting", registered=True, retry=0.0)]
    assert scene.heard() == ["QUIT :Reconnecting"]
