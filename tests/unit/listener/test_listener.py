"""The listener: where it listens, and which connections it lets in (rows LSN, CLI-11)."""

from typing import Any

import msgspec

from actors import Accepted, ChildGone, Closed, Endpoint, Link, Listening, OpenFailed, Ref, Tls
from actors.testing import Bench, BenchTurn
from soju_actors.listener.actor import ListenerActor
from soju_actors.messages.control import ControlArgs
from soju_actors.messages.downstream import DownstreamArgs
from soju_actors.messages.listener import Entrance, ListenerArgs, LoggedIn, Reload
from soju_actors.policy.downstream import DownstreamSettings
from soju_actors.ports.console import ListenFailed, ListeningAt

SETTINGS = DownstreamSettings("bouncer.test", connections_per_address=2, connections_before_login=3)
PLAIN = Entrance("irc+insecure://0.0.0.0", Endpoint("0.0.0.0", 6667))  # noqa: S104 - nothing listens here
SECURE = Entrance("ircs://", Endpoint("", 6697, tls=Tls(certificate="cert.pem")))
UNIX = Entrance("unix:///s", Endpoint(path="/s"))
CONTROL = Entrance("control", Endpoint(path="/c"), control=True)
REGISTRY: Ref[Any] = Ref("registry")


class Scene:
    """A listener that listens at some entrances."""

    def __init__(self, *entrances: Entrance) -> None:
        self.bench = Bench(ListenerActor, ListenerArgs(REGISTRY, entrances, SETTINGS), path="listener")
        self.links = dict(
            zip([e.name for e in entrances], [link for link, _ in self.bench.first.listened], strict=True)
        )
        self.accepted = 100

    def accept(self, entrance: Entrance, remote: str = "192.0.2.1:50000") -> BenchTurn:
        self.accepted += 1
        link = self.links[entrance.name]
        return self.bench.tell(Accepted(Link(self.accepted), link, remote))


def test_each_connection_gets_an_actor_that_owns_it() -> None:
    scene = Scene(PLAIN, SECURE, UNIX)
    for entrance, secure in ((PLAIN, False), (SECURE, True), (UNIX, True)):
        turn = scene.accept(entrance, f"192.0.2.{scene.accepted}:50000")
        (spec,) = turn.spawned
        assert isinstance(spec.args, DownstreamArgs)
        assert (spec.args.secure, spec.args.link) == (secure, Link(scene.accepted))
        assert turn.given == [(Link(scene.accepted), Ref(f"listener/{spec.name}"))]


def test_connections_from_one_address_are_counted_until_they_end() -> None:
    scene = Scene(PLAIN)
    first, _ = scene.accept(PLAIN).spawned, scene.accept(PLAIN)
    turn = scene.accept(PLAIN, "192.0.2.1:50001")
    assert turn.spawned == []
    assert turn.written == {Link(103): b"ERROR :There are 2 connections from your address already\r\n"}
    assert turn.closed == [Link(103)]
    assert scene.accept(PLAIN, "[2001:db8::1]:50001").spawned
    scene.bench.tell(ChildGone(Ref(f"listener/{first[0].name}"), "done"))
    assert scene.accept(PLAIN).spawned


def test_connections_that_have_not_logged_in_are_counted() -> None:
    scene = Scene(PLAIN)
    specs = [scene.accept(PLAIN, f"192.0.2.{n}:1").spawned[0] for n in range(3)]
    assert b"Too many connections" in scene.accept(PLAIN, "192.0.2.9:1").written[Link(104)]
    scene.bench.tell(LoggedIn(), Ref(f"listener/{specs[0].name}"))
    assert scene.accept(PLAIN, "192.0.2.9:1").spawned


def test_control_connections_are_none_of_these() -> None:
    scene = Scene(CONTROL)
    for _ in range(5):
        (spec,) = scene.accept(CONTROL, "").spawned
        assert isinstance(spec.args, ControlArgs)


def test_a_reload_closes_what_is_named_no_more_and_opens_what_is_new() -> None:
    """Row CLI-11: what has stayed the same goes on, also its connections."""
    scene = Scene(PLAIN, SECURE, UNIX)
    moved = msgspec.structs.replace(UNIX, endpoint=Endpoint(path="/s", mode=0o600))
    settings = msgspec.structs.replace(SETTINGS, connections_per_address=1)
    turn = scene.bench.tell(Reload((PLAIN, moved, CONTROL), settings))
    assert turn.closed == [scene.links[SECURE.name], scene.links[UNIX.name]]
    assert [endpoint for _, endpoint in turn.listened] == [moved.endpoint, CONTROL.endpoint]
    args = scene.accept(PLAIN).spawned[0].args
    assert isinstance(args, DownstreamArgs)
    assert args.settings == settings
    assert scene.accept(PLAIN).spawned == []
    turn = scene.accept(SECURE, "192.0.2.7:1")  # it had been accepted before
    assert turn.aborted == [Link(scene.accepted)]
    assert scene.bench.tell(Reload((PLAIN, moved, CONTROL), settings)).effects == []


def test_the_operator_is_told_where_it_listens_and_where_it_cannot() -> None:
    scene = Scene(PLAIN, SECURE)
    turn = scene.bench.tell(Listening(scene.links[PLAIN.name], "0.0.0.0:6667"))
    assert [job for _, job in turn.performed] == [ListeningAt(PLAIN.name, "0.0.0.0:6667")]
    turn = scene.bench.tell(OpenFailed(scene.links[SECURE.name], "address in use"))
    assert [job for _, job in turn.performed] == [ListenFailed(SECURE.name, "address in use")]
    turn = scene.bench.tell(Reload((PLAIN, SECURE), SETTINGS))
    assert [endpoint for _, endpoint in turn.listened] == [SECURE.endpoint], "the next reload tries again"


def test_listening_that_ends_by_itself_begins_again() -> None:
    scene = Scene(PLAIN)
    turn = scene.bench.tell(Closed(scene.links[PLAIN.name], "socket gone", clean=False))
    assert [endpoint for _, endpoint in turn.listened] == [PLAIN.endpoint]
    assert scene.bench.tell(Closed(Link(77), "a closed one", clean=True)).effects == []
