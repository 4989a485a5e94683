"""Servers that want TLS (row AUP-08). Spec: https://ircv3.net/specs/extensions/sts."""

import pytest

from actors import Endpoint
from soju_actors.messages.upstream import Disconnect, Reconnect, RememberSts
from soju_actors.messages.user import StsSeen, UpstreamDown
from soju_actors.model.records import StsPolicy, UserId
from tests.behaviour.upstream.scene import Scene, network

PLAIN = "irc+insecure://irc.test"
NOW = 1_700_000_000.0
"""The bench's time of day at the beginning."""


def _policy(expires: float, port: int = 6697) -> StsPolicy:
    return StsPolicy(UserId(1), "irc.test", port, expires)


def _dialed(scene: Scene) -> Endpoint:
    ((_, endpoint),) = scene.turn.dialed
    return endpoint


def _seen(scene: Scene) -> list[StsSeen]:
    seen = [msg for msg in scene.told if isinstance(msg, StsSeen)]
    scene.told.clear()
    return seen


def test_a_server_that_wants_tls_is_told_no_more_in_plain_text() -> None:
    """It is dialed by TLS at once, in the same attempt, and hears all of it there."""
    scene = Scene(addr=PLAIN, password="secret", sasl="PLAIN", sasl_username="a", sasl_password="b").connect()
    scene.play(
        """
        < CAP LS 302
        > :irc.test CAP * LS :sasl sts=port=6697,duration=1000 batch
        """
    )
    assert scene.turn.aborted
    endpoint = _dialed(scene)
    assert (endpoint.host, endpoint.port) == ("irc.test", 6697)
    assert endpoint.tls is not None
    assert endpoint.tls.verify
    assert scene.told == []
    assert scene.places_given_back == []
    scene.open()
    scene.play(
        """
        < CAP LS 302
        < PASS secret
        < NICK alice
        < USER al 0 * :Alice A.
        > :irc.test CAP * LS :sasl sts=duration=1000 batch
        < CAP REQ :batch sasl
        """
    )
    assert _seen(scene) == [StsSeen(3, "irc.test", 6697, 1000)]


def test_a_wish_in_the_first_of_several_lines_is_enough() -> None:
    scene = Scene(addr=PLAIN).connect()
    scene.heard()
    scene.play("> :irc.test CAP * LS * :sasl sts=port=7000")
    assert _dialed(scene).port == 7000


@pytest.mark.parametrize(
    "value", ["sts", "sts=duration=1000", "sts=port=x", "sts=port=0,duration=1", "draft/sts=port=1"]
)
def test_a_wish_that_names_no_port_is_none(value: str) -> None:
    """As if there were no policy. Spec: https://ircv3.net/specs/extensions/sts#details."""
    scene = Scene(addr=PLAIN).connect()
    scene.heard()
    scene.play(
        f"""
        > :irc.test CAP * LS :{value} batch
        < CAP REQ batch
        """
    )
    assert _seen(scene) == []


def test_without_tls_there_is_no_connection_at_all() -> None:
    """A failure is no reason to fall back: the next attempt is told the same."""
    scene = Scene(addr=PLAIN).connect()
    scene.hear(":irc.test CAP * LS :sts=port=6697")
    scene.fail_to_open("certificate verify failed")
    assert scene.down.reason == "certificate verify failed (by TLS on port 6697, as the server wants: STS)"
    scene.heard()
    scene.advance(scene.retry)
    scene.connect()
    assert _dialed_plain(scene)
    scene.play("< CAP LS 302\n< NICK alice\n< USER al 0 * :Alice A.\n> :irc.test CAP * LS :sts=port=6697")
    assert _dialed(scene).tls is not None


def _dialed_plain(scene: Scene) -> bool:
    return not scene.bench.actor.address.tls


def test_a_wish_of_a_registered_server_ends_the_connection() -> None:
    """CAP NEW; the next connection hears of it before it registers."""
    scene = Scene(addr=PLAIN).register()
    scene.play("> :irc.test CAP alice NEW :sts=port=6697")
    assert scene.turn.aborted
    assert scene.told == [UpstreamDown(3, "the server wants TLS (STS)", True, scene.retry)]
    scene.advance(scene.retry)
    scene.connect()
    scene.play("< CAP LS 302\n< NICK alice\n< USER al 0 * :Alice A.\n> :irc.test CAP * LS :sts=port=6697")
    assert _dialed(scene).tls is not None


def test_a_remembered_wish_is_obeyed_from_the_first_byte() -> None:
    scene = Scene(addr=PLAIN, sts=_policy(NOW + 10.0, port=7000))
    scene.grant()
    assert (_dialed(scene).port, _dialed(scene).tls is not None) == (7000, True)
    for _ in range(3):
        scene.fail_to_open("handshake failed")
        scene.told.clear()
        scene.advance(1.0)
        scene.tell(Reconnect(network(addr=PLAIN), "alice", "al", "Alice A.", _policy(NOW + 10.0, port=7000)))
        scene.grant()
        assert _dialed(scene).tls is not None
    scene.fail_to_open()
    scene.advance(10.0)
    scene.tell(Reconnect(network(addr=PLAIN), "alice", "al", "Alice A.", _policy(NOW + 10.0)))
    scene.grant()
    assert _dialed(scene).tls is None


def test_what_another_network_of_the_user_has_seen_counts_here_too() -> None:
    scene = Scene(addr=PLAIN).register()
    scene.tell(RememberSts(_policy(NOW + 1000.0)))
    scene.close()
    scene.advance(scene.retry)
    scene.grant()
    assert _dialed(scene).tls is not None


@pytest.mark.parametrize(("duration", "known"), [(1000, True), (0, True), (None, False)])
def test_how_long_it_is_wanted_is_told_at_the_beginning_and_at_the_end(duration: int | None, known: bool) -> None:
    """Spec: https://ircv3.net/specs/extensions/sts#rescheduling-expiry-on-disconnect."""
    scene = Scene().connect()
    value = "" if duration is None else f",duration={duration}"
    scene.hear(f":irc.test CAP * LS :sts=port=1{value}", ":irc.test 001 alice :Welcome")
    expected = [StsSeen(3, "irc.test", 6697, duration or 0)] if known else []
    assert _seen(scene) == expected
    scene.close()
    assert _seen(scene) == expected


def test_it_is_told_again_while_the_connection_goes_on() -> None:
    """Spec: https://ircv3.net/specs/extensions/sts#rescheduling-while-connected."""
    scene = Scene().connect()
    scene.hear(":irc.test CAP * LS :sts=duration=100", ":irc.test 001 alice :Welcome")
    assert len(_seen(scene)) == 1
    scene.advance(50.0)
    assert len(_seen(scene)) == 1
    scene.hear(":irc.test CAP alice NEW :sts=duration=1000")
    assert _seen(scene) == [StsSeen(3, "irc.test", 6697, 1000)]
    scene.hear(":irc.test CAP alice DEL :sts")
    scene.tell(Disconnect("bye"))
    assert _seen(scene) == [StsSeen(3, "irc.test", 6697, 1000)]


def test_a_wish_over_a_socket_of_this_machine_is_passed_over() -> None:
    scene = Scene(addr="irc+unix:///run/ircd.sock").connect()
    assert [line.split()[0] for line in scene.heard()] == ["CAP", "NICK", "USER"]
    scene.play("> :irc.test CAP * LS :sts=port=6697,duration=1000 batch\n< CAP REQ batch")
    assert _seen(scene) == []


@pytest.mark.parametrize(
    "line",
    [
        ":irc.test CAP * LS :unknown",
        ":irc.test 421 * CAP :Unknown command",
        ":irc.test 451 * :You have not registered",
    ],
)
def test_in_plain_text_a_password_waits_for_the_servers_capabilities(line: str) -> None:
    """Better than row LIF-03 in this one case; servers without CAP are told at their first complaint."""
    scene = Scene(addr=PLAIN, password="secret").connect()
    scene.play("< CAP LS 302\n> :irc.test NOTICE * :*** Looking up your hostname\n> PING :x\n< PONG :x")
    scene.hear(line)
    assert scene.heard()[:3] == ["PASS secret", "NICK alice", "USER al 0 * :Alice A."]


def test_a_server_that_is_silent_gets_the_password_in_the_end() -> None:
    """Row LIF-04: there are servers that pass over CAP without a word."""
    scene = Scene(addr=PLAIN, password="secret").connect()
    scene.play("< CAP LS 302")
    scene.advance(4.9)
    assert scene.heard() == []
    scene.advance(0.2)
    assert scene.heard() == ["PASS secret", "NICK alice", "USER al 0 * :Alice A."]
    scene.play("> :irc.test 001 alice :Welcome")
    assert scene.up.nick == "alice"
