"""Connections begin, end and begin again (section 5.3 of the reference)."""

import pytest

from actors import Down, Endpoint, Tls
from soju_actors.messages.pacer import AskToDial, DialEnded
from soju_actors.messages.upstream import (
    DialGranted,
    Disconnect,
    Reconnect,
    SaslStored,
    WantNick,
)
from soju_actors.messages.user import UpstreamDown
from soju_actors.model.records import SaslMechanism
from soju_actors.policy.upstream import UpstreamSettings
from soju_actors.upstream.actor import WINDOW
from tests.behaviour.upstream.scene import PACER, WELCOME, Scene, network

# Dialing


def test_the_pacer_is_asked_before_anything_is_dialed() -> None:
    scene = Scene()
    assert scene.asked == [AskToDial("irc.test", 1)]
    assert scene.turn.dialed == []
    ((_, endpoint),) = scene.grant().dialed
    assert endpoint == Endpoint("irc.test", 6697, tls=Tls(alpn=("irc",)))


@pytest.mark.parametrize(
    ("addr", "endpoint"),
    [
        ("irc+insecure://127.0.0.1", Endpoint("127.0.0.1", 6667)),
        ("irc+unix:///run/ircd.sock", Endpoint(path="/run/ircd.sock")),
        ("irc.test:7000", Endpoint("irc.test", 7000, tls=Tls(alpn=("irc",)))),
    ],
)
def test_the_address_says_where(addr: str, endpoint: Endpoint) -> None:
    """Row LIF-01."""
    assert Scene(addr=addr).grant().dialed[0][1] == endpoint


def test_an_address_that_is_none_is_a_clear_error() -> None:
    scene = Scene(addr="https://irc.test")
    assert "'https://irc.test' cannot be used" in scene.down.reason
    assert scene.down.retry is None
    assert scene.asked == []


def test_a_pinned_fingerprint_replaces_the_check() -> None:
    """Row AUP-07."""
    tls = Scene(certfp="sha-512:abcd").grant().dialed[0][1].tls
    assert tls is not None
    assert tls.pins == ("sha-512:abcd",)


@pytest.mark.parametrize(
    ("mechanism", "shown"), [(SaslMechanism.EXTERNAL, ("CERT", "KEY")), (SaslMechanism.PLAIN, ("", ""))]
)
def test_a_client_certificate_is_shown_only_for_external(mechanism: SaslMechanism, shown: tuple[str, str]) -> None:
    """Row AUP-03."""
    tls = Scene(sasl=mechanism, sasl_certificate="CERT", sasl_key="KEY").grant().dialed[0][1].tls
    assert tls is not None
    assert (tls.certificate, tls.key) == shown


def test_the_place_is_given_back_when_registered() -> None:
    scene = Scene().connect()
    assert scene.places_given_back == []
    scene.hear(WELCOME)
    assert scene.places_given_back == ["irc.test"]


def test_the_place_is_given_back_when_dialing_fails() -> None:
    scene = Scene()
    scene.grant()
    scene.fail_to_open("connection refused")
    assert scene.places_given_back == ["irc.test"]
    assert scene.down.reason == "connection refused"


def test_a_grant_that_is_too_late_is_passed_over() -> None:
    scene = Scene()
    scene.tell(Disconnect("never mind"))
    assert scene.places_given_back == ["irc.test"]
    assert scene.tell(DialGranted(1)).effects == []
    scene.tell(Reconnect(network(), "alice", "al", "Alice"))
    assert scene.tell(DialGranted(1)).dialed == []
    assert scene.tell(DialGranted(2)).dialed


def test_a_pacer_that_failed_is_asked_again() -> None:
    scene = Scene()
    assert scene.turn.watched == [PACER]
    scene.tell(Down(PACER, "failed"))
    scene.advance(1.0)
    assert scene.asked == [AskToDial("irc.test", 1), AskToDial("irc.test", 2)]
    assert scene.told == []
    assert scene.grant().unwatched == [PACER]


# Liveness


def test_a_silent_server_is_sent_ping_and_then_given_up() -> None:
    """Unlike row LIF-05."""
    scene = Scene().register()
    scene.advance(59.9)
    assert scene.heard() == []
    scene.advance(0.2)
    assert len(scene.heard()) == 1
    scene.advance(89.8)
    assert scene.told == []
    scene.advance(0.2)
    assert scene.heard() == []
    assert scene.down.reason == "the server has said nothing for 150 seconds, not even to PING"
    assert scene.turn.aborted


def test_a_server_that_answers_is_kept() -> None:
    scene = Scene().register()
    for _ in range(50):
        scene.advance(60.0)
        for ping in scene.heard():
            scene.hear(f":irc.test PONG irc.test {ping.split()[-1]}")
    assert scene.told == []


def test_a_talking_server_is_not_sent_ping() -> None:
    scene = Scene().register()
    for _ in range(50):
        scene.advance(30.0)
        scene.hear(":irc.test NOTICE alice :tick")
    assert scene.heard() == []


def test_silence_of_our_own_making_does_not_count() -> None:
    scene = Scene().register()
    for _ in range(WINDOW):
        scene.hear(":irc.test NOTICE alice :tick")
    assert scene.turn.paused
    scene.advance(1000.0)
    assert scene.heard() == []
    assert not any(isinstance(msg, UpstreamDown) for msg in scene.told)


# Again


def test_an_attempt_that_fails_is_tried_again_and_again() -> None:
    """Better than row LIF-08: seconds, not minutes, at first."""
    scene = Scene()
    for least in (5, 15, 30, 60, 120, 240, 600, 600):
        scene.grant()
        scene.fail_to_open()
        retry = scene.retry
        assert least <= retry <= least * 1.25
        scene.told.clear()
        scene.asked.clear()
        scene.advance(retry - 0.1)
        assert scene.asked == []
        scene.advance(0.2)
        assert len(scene.asked) == 1


def test_a_server_that_restarts_is_tried_again_at_once() -> None:
    scene = Scene().register()
    scene.asked.clear()
    scene.close()
    assert scene.told == [UpstreamDown(3, "closed by the peer", True, 0.0)]
    scene.advance(0.0)
    assert scene.asked == [AskToDial("irc.test", 2)]


def test_the_end_of_a_connection_is_told_once() -> None:
    scene = Scene().register()
    link = scene.link
    scene.advance(150.0)
    assert scene.turn.aborted == [link]
    scene.told.clear()
    scene.advance(0.0)
    assert scene.told == []


def test_no_two_upstreams_come_back_together() -> None:
    retries = set()
    for seed in range(10):
        scene = Scene(seed=seed)
        scene.grant()
        scene.fail_to_open()
        retries.add(scene.retry)
    assert len(retries) == 10


# Orders


def test_disconnect_says_quit_and_stays_away() -> None:
    scene = Scene().register()
    turn = scene.tell(Disconnect("So long\r\nNICK x"))
    assert scene.heard() == ["QUIT :So long  NICK x"]
    assert turn.closed == [scene.link]
    assert scene.down.retry is None
    assert scene.down.registered
    scene.close("closed")
    scene.advance(1e5)
    assert len(scene.told) == 1
    assert not scene.bench.alarms


@pytest.mark.parametrize("steps", [[], ["grant"], ["grant", "open"]])
def test_disconnect_ends_an_attempt(steps: list[str]) -> None:
    scene = Scene()
    for step in steps:
        getattr(scene, step)()
    scene.tell(Disconnect("enough"))
    assert scene.down == UpstreamDown(3, "enough", False, None)
    assert scene.places_given_back == ["irc.test"]
    assert not scene.bench.alarms


def test_disconnect_interrupts_the_wait() -> None:
    """Unlike row LIF-09."""
    scene = Scene()
    scene.grant()
    scene.fail_to_open()
    scene.told.clear()
    scene.asked.clear()
    scene.tell(Disconnect("enough"))
    scene.advance(1e5)
    assert scene.told == []
    assert scene.asked == []


def test_reconnect_waits_for_the_end_of_the_last_connection() -> None:
    """Promise 4: there is never more than one."""
    scene = Scene().register()
    scene.asked.clear()
    turn = scene.tell(Reconnect(network(addr="irc+insecure://other.test"), "bob", "bo", "Bob B."))
    assert scene.heard() == ["QUIT :Reconnecting"]
    assert turn.closed == [scene.link]
    assert scene.told == [UpstreamDown(3, "the settings have changed", True, 0.0)]
    assert scene.asked == []
    scene.close("closed")
    assert scene.asked == [AskToDial("other.test", 2)]
    scene.connect()
    assert scene.heard() == ["CAP LS 302", "NICK bob", "USER bo 0 * :Bob B."]


def test_disconnect_after_reconnect_wins() -> None:
    scene = Scene().register()
    scene.tell(Reconnect(network(), "alice", "al", "Alice"))
    scene.asked.clear()
    scene.tell(Disconnect("enough"))
    scene.close("closed")
    assert scene.asked == []


def test_reconnect_after_disconnect_wins() -> None:
    scene = Scene().register()
    scene.tell(Disconnect("enough"))
    scene.tell(Reconnect(network(), "alice", "al", "Alice"))
    scene.asked.clear()
    scene.close("closed")
    assert scene.asked == [AskToDial("irc.test", 2)]


def test_reconnect_interrupts_the_wait_and_starts_the_delays_anew() -> None:
    """Row UP-30: an edit ends even a refusal for good."""
    scene = Scene()
    for _ in range(6):
        scene.grant()
        scene.fail_to_open()
        scene.tell(Reconnect(network(), "alice", "al", "Alice"))
    scene.grant()
    scene.told.clear()
    scene.fail_to_open()
    assert scene.retry < 10


def test_reconnect_interrupts_dialing() -> None:
    scene = Scene()
    scene.grant()
    link = scene.link
    turn = scene.tell(Reconnect(network(addr="other.test"), "alice", "al", "Alice"))
    assert turn.aborted == [link]
    assert [(type(msg), msg.host) for msg in scene.asked[-2:]] == [(DialEnded, "irc.test"), (AskToDial, "other.test")]
    assert scene.told == []


def test_reconnect_helps_after_a_refusal_for_good() -> None:
    scene = Scene().connect()
    scene.hear(":irc.test 464 * :Password incorrect")
    scene.asked.clear()
    scene.tell(Reconnect(network(password="better"), "alice", "al", "Alice"))
    scene.connect()
    assert "PASS better" in scene.heard()


def test_a_wanted_nick_and_stored_credentials_are_for_the_next_registration() -> None:
    scene = Scene().register()
    assert scene.tell(WantNick("carol")).effects == []
    assert scene.tell(SaslStored(network(password="new"))).effects == []
    scene.close()
    scene.advance(0.0)
    scene.connect()
    assert scene.heard()[1:3] == ["PASS new", "NICK carol"]


def test_an_orderly_stop_says_quit() -> None:
    """Unlike row LIF-11."""
    scene = Scene().register()
    turn = scene.saw(scene.bench.stop())
    assert scene.heard() == ["QUIT :The bouncer is stopping"]
    assert turn.closed == [scene.link]


def test_a_stop_without_a_connection_is_quiet() -> None:
    scene = Scene()
    assert scene.bench.stop().effects == []
    scene.grant()
    assert scene.bench.stop().written == {}


def test_times_can_be_set() -> None:
    settings = UpstreamSettings(registration_timeout=5.0)
    scene = Scene(settings=settings).connect()
    scene.advance(5.0)
    assert "within 5 seconds" in scene.down.reason
