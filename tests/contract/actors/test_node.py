"""What only the base ``node`` has: real sockets with TLS, Unix sockets, threads."""

import asyncio
import socket
import stat
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from actors import (
    Accepted,
    BytesReceived,
    ChildSpec,
    Closed,
    Endpoint,
    Listening,
    Opened,
    OpenFailed,
    Ref,
    ServiceFailed,
    Tls,
    Turn,
)
from actors.bases.node import NodeBase
from tests.contract.actors.cast import PUPPET, Job, Puppet, PuppetArgs, Say, stage
from tests.contract.actors.worlds import ONE_NODE, PATIENCE, WORLDS, NodeWorld
from tests.support.certificates import Certificate

LOCAL = Endpoint("127.0.0.1")


@pytest.fixture(params=ONE_NODE)
def world(request: pytest.FixtureRequest) -> Iterator[NodeWorld]:
    world = WORLDS[request.param]()
    assert isinstance(world, NodeWorld)
    yield world
    world.close()


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Certificate:
    return Certificate.make(tmp_path_factory.mktemp("certificates"), "irc.test")


def listen_tls(world: NodeWorld, server: Ref[Any], certificate: Certificate) -> Endpoint:
    tls = Tls(certificate=str(certificate.chain), key=str(certificate.key))
    world.do(server, lambda _, turn: turn.listen(msgspec.structs.replace(LOCAL, tls=tls)))
    return msgspec.structs.replace(LOCAL, port=int(world.await_heard(server, Listening).address.rpartition(":")[2]))


def dial_tls(world: NodeWorld, client: Ref[Any], endpoint: Endpoint, tls: Tls) -> None:
    world.do(client, lambda _, turn: turn.dial(msgspec.structs.replace(endpoint, tls=tls)))


def received(world: NodeWorld, puppet: Ref[Any]) -> bytes:
    return b"".join(msg.data for msg in world.heard(puppet, BytesReceived))


# TLS.


def test_bytes_go_through_tls_when_the_certificate_is_pinned(world: NodeWorld, certificate: Certificate) -> None:
    server, client = world.puppet("server"), world.puppet("client")
    endpoint = listen_tls(world, server, certificate)
    dial_tls(world, client, endpoint, Tls(pins=(certificate.pin,)))
    opened = world.await_heard(client, Opened)
    assert opened.peer_fingerprint == certificate.fingerprint
    much = bytes(1_000_000)
    world.do(client, lambda _, turn: turn.write(opened.link, much))
    world.do(client, lambda _, turn: turn.close(opened.link))
    world.await_heard(server, Closed)
    assert received(world, server) == much


def test_a_pin_may_be_written_with_colons_and_capitals(world: NodeWorld, certificate: Certificate) -> None:
    server, client = world.puppet("server"), world.puppet("client")
    endpoint = listen_tls(world, server, certificate)
    digits = certificate.pin.removeprefix("sha-256:").upper()
    pin = "SHA-256:" + ":".join(digits[i : i + 2] for i in range(0, len(digits), 2))
    dial_tls(world, client, endpoint, Tls(pins=("sha-512:" + "0" * 128, pin)))
    world.await_heard(client, Opened)


def test_another_certificate_is_refused_and_shown(world: NodeWorld, certificate: Certificate) -> None:
    server, client = world.puppet("server"), world.puppet("client")
    endpoint = listen_tls(world, server, certificate)
    dial_tls(world, client, endpoint, Tls(pins=("sha-256:" + "0" * 64,)))
    reason = world.await_heard(client, OpenFailed).reason
    assert certificate.pin in reason
    assert "sha-512:" in reason
    assert world.heard(client, Opened) == world.heard(client, Closed) == []


def test_a_certificate_of_no_authority_is_not_trusted(world: NodeWorld, certificate: Certificate) -> None:
    server, client = world.puppet("server"), world.puppet("client")
    endpoint = listen_tls(world, server, certificate)
    dial_tls(world, client, endpoint, Tls())
    assert world.await_heard(client, OpenFailed).reason == "the certificate is not trusted: self-signed certificate"
    assert world.heard(server, Accepted) == []


def test_the_check_can_be_left_out(world: NodeWorld, certificate: Certificate) -> None:
    server, client = world.puppet("server"), world.puppet("client")
    endpoint = listen_tls(world, server, certificate)
    dial_tls(world, client, endpoint, Tls(verify=False))
    world.await_heard(client, Opened)


def test_a_certificate_may_be_given_as_text(world: NodeWorld, certificate: Certificate) -> None:
    server, client = world.puppet("server"), world.puppet("client")
    text = Tls(certificate=certificate.chain.read_text(), key=certificate.key.read_text())
    world.do(server, lambda _, turn: turn.listen(msgspec.structs.replace(LOCAL, tls=text)))
    port = int(world.await_heard(server, Listening).address.rpartition(":")[2])
    dial_tls(world, client, msgspec.structs.replace(LOCAL, port=port), Tls(verify=False))
    world.await_heard(client, Opened)


@pytest.mark.parametrize("tls", [Tls(), Tls(certificate="/no/such/file")])
def test_a_tls_listener_without_a_certificate_fails(world: NodeWorld, tls: Tls) -> None:
    server = world.puppet("server")
    world.do(server, lambda _, turn: turn.listen(msgspec.structs.replace(LOCAL, tls=tls)))
    assert world.await_heard(server, OpenFailed).reason.startswith("cannot listen at 127.0.0.1:0: ")


def test_a_client_that_does_not_shake_hands_is_nobodys_concern(world: NodeWorld, certificate: Certificate) -> None:
    server, client = world.puppet("server"), world.puppet("client")
    endpoint = listen_tls(world, server, certificate)
    world.do(client, lambda _, turn: turn.dial(endpoint))
    plain = world.await_heard(client, Opened).link
    dial_tls(world, client, endpoint, Tls(verify=False))
    world.until(lambda: len(world.heard(client, Opened)) == 2)
    world.until(lambda: len(world.heard(server, Accepted)) == 1)
    world.do(client, lambda _, turn: turn.write(plain, b"NICK no-tls\r\n" * 100))
    world.await_heard(client, Closed)
    assert len(world.heard(server, Accepted)) == 1


def test_a_plain_server_is_no_tls_server(world: NodeWorld) -> None:
    server, client = world.puppet("server"), world.puppet("client")
    world.do(server, lambda _, turn: turn.listen(LOCAL))
    port = int(world.await_heard(server, Listening).address.rpartition(":")[2])
    dial_tls(world, client, msgspec.structs.replace(LOCAL, port=port), Tls(verify=False))
    accepted = world.await_heard(server, Accepted).link
    world.do(server, lambda _, turn: turn.write(accepted, b":server NOTICE * :plain text\r\n"))
    assert world.await_heard(client, OpenFailed).reason == "TLS failed: wrong version number"


# Names and Unix sockets.


def test_a_name_that_does_not_exist_fails(world: NodeWorld) -> None:
    client = world.puppet("client")
    world.do(client, lambda _, turn: turn.dial(Endpoint("no-such-host.invalid", 6667)))
    assert world.await_heard(client, OpenFailed).reason.startswith("name look-up failed: ")


def test_a_unix_socket_has_the_wanted_mode_and_is_removed(world: NodeWorld, tmp_path: Path) -> None:
    server, client = world.puppet("server"), world.puppet("client")
    endpoint = Endpoint(path=str(tmp_path / "socket"), mode=0o600)
    world.do(server, lambda _, turn: turn.listen(endpoint))
    listening = world.await_heard(server, Listening)
    assert listening.address == endpoint.path
    assert stat.S_IMODE(Path(endpoint.path).stat().st_mode) == 0o600
    world.do(client, lambda _, turn: turn.dial(endpoint))
    assert world.await_heard(client, Opened).remote == endpoint.path
    world.await_heard(server, Accepted)
    world.do(server, lambda _, turn: turn.close(listening.link))
    assert not Path(endpoint.path).exists()


def test_the_unix_socket_of_a_process_that_has_ended_is_replaced(world: NodeWorld, tmp_path: Path) -> None:
    path = str(tmp_path / "socket")
    with socket.socket(socket.AF_UNIX) as stale:
        stale.bind(path)
    server = world.puppet("server")
    world.do(server, lambda _, turn: turn.listen(Endpoint(path=path)))
    world.await_heard(server, Listening)


def test_the_unix_socket_of_a_living_process_stays(world: NodeWorld, tmp_path: Path) -> None:
    first, second = world.puppet("first"), world.puppet("second")
    endpoint = Endpoint(path=str(tmp_path / "socket"))
    world.do(first, lambda _, turn: turn.listen(endpoint))
    world.await_heard(first, Listening)
    world.do(second, lambda _, turn: turn.listen(endpoint))
    assert "address already in use" in world.await_heard(second, OpenFailed).reason
    world.do(second, lambda _, turn: turn.dial(endpoint))
    world.await_heard(second, Opened)


def test_a_file_that_is_no_socket_is_never_removed(world: NodeWorld, tmp_path: Path) -> None:
    path = tmp_path / "precious"
    path.write_text("data")
    server = world.puppet("server")
    world.do(server, lambda _, turn: turn.listen(Endpoint(path=str(path))))
    world.await_heard(server, OpenFailed)
    assert path.read_text() == "data"


# Services and threads.


class Gate:
    """A service that does nothing until it may."""

    def __init__(self) -> None:
        self.open = threading.Event()
        self.closed_in: list[str] = []

    def perform(self, job: Job) -> Say | None:
        assert self.open.wait(PATIENCE)
        return Say(job.text)

    def close(self) -> None:
        self.closed_in.append(threading.current_thread().name)


def test_a_service_refuses_what_is_too_much(world: NodeWorld) -> None:
    gate = Gate()
    world.base.attach("gate", gate, limit=2)
    alice = world.puppet("alice")

    def script(_: Puppet, turn: Turn) -> None:
        for number in range(20):
            turn.perform("gate", Job(str(number)))

    world.do(alice, script)
    refused = [msg.job.text for msg in world.heard(alice, ServiceFailed)]
    gate.open.set()
    world.until(lambda: len(world.heard(alice)) == 20)
    done = [msg.text for msg in world.heard(alice, Say)]
    assert 2 <= len(done) <= 3
    assert done + refused == [str(number) for number in range(20)]


def test_a_stop_lets_services_finish_and_close_in_their_thread(world: NodeWorld) -> None:
    gate, done = Gate(), []

    class Counting(Gate):
        def perform(self, job: Job) -> Say | None:
            done.append(job.text)
            return super().perform(job)

    gate = Counting()
    world.base.attach("gate", gate, threads=1)
    alice = world.puppet("alice", last=lambda _, turn: turn.perform("gate", Job("last words")))
    world.do(alice, lambda _, turn: turn.perform("gate", Job("before")))
    gate.open.set()
    world.loop.run_until_complete(world.base.stop())
    assert done == ["before", "last words"]
    assert gate.closed_in == ["gate-0"]


def test_a_service_has_as_many_threads_as_it_is_given(world: NodeWorld) -> None:
    meeting = threading.Barrier(3)

    class Meeting(Gate):
        def perform(self, job: Job) -> Say | None:
            meeting.wait(PATIENCE)
            return Say(job.text)

    world.base.attach("meeting", Meeting(), threads=3)
    alice = world.puppet("alice")

    def script(_: Puppet, turn: Turn) -> None:
        for number in range(3):
            turn.perform("meeting", Job(str(number)))

    world.do(alice, script)
    world.until(lambda: len(world.heard(alice, Say)) == 3)


def test_a_stop_does_not_wait_for_ever(caplog: pytest.LogCaptureFixture) -> None:
    loop = asyncio.new_event_loop()
    base = NodeBase(loop=loop)
    gate = Gate()
    base.attach("gate", gate)
    first = stage.script(lambda _, turn: turn.perform("gate", Job("never done")))
    base.spawn(ChildSpec("alice", PUPPET, PuppetArgs(first)))
    loop.run_until_complete(base.stop(timeout=0.05))
    assert "a service has not finished in time" in caplog.text
    loop.close()
    gate.open.set()
    (worker,) = [thread for thread in threading.enumerate() if thread.name == "gate-0"]
    worker.join(PATIENCE)
    assert gate.closed_in == ["gate-0"]


def test_the_loop_is_served_while_an_actor_is_never_done(world: NodeWorld) -> None:
    alice = world.puppet("alice")

    def again(_: Puppet, turn: Turn) -> None:
        turn.send(turn.me, endless)

    endless = world.script(again)
    world.tell(alice, endless)
    for _ in range(3):
        world.loop.run_until_complete(asyncio.sleep(0))
    assert not world.base.idle
    world.stop(alice)
    assert world.base.idle


def test_other_threads_may_spawn_and_tell(world: NodeWorld) -> None:
    def work() -> None:
        alice = world.base.spawn(world.spec("alice"))
        for number in range(100):
            world.base.tell(alice, Say(str(number)))
        with pytest.raises(ValueError, match="there is an actor 'alice' already"):
            world.base.spawn(world.spec("alice"))

    world.loop.run_until_complete(world.loop.run_in_executor(None, work))
    world.settle()
    assert world.heard(Ref("alice")) == [Say(str(number)) for number in range(100)]


def test_an_error_of_the_engine_ends_the_actor_and_no_other(
    world: NodeWorld, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    alice, bob = world.puppet("alice"), world.puppet("bob")

    flush = world.base._kernel.sockets.flush

    def broken() -> None:
        monkeypatch.setattr(world.base._kernel.sockets, "flush", flush)
        world.base._kernel.sockets.dirty.clear()
        raise RuntimeError("a bug of the engine")

    monkeypatch.setattr(world.base._kernel.sockets, "flush", broken)
    monkeypatch.setattr(world.base._kernel.sockets, "dirty", [None])
    world.tell(alice, Say("hello"))
    world.settle()
    world.tell(bob, Say("still here"))
    world.settle()
    assert world.heard(bob) == [Say("still here")]
    assert "the engine failed while alice was at its turn" in caplog.text
    world.advance(10.0)
    world.tell(alice, Say("again"))
    world.settle()
    assert world.heard(alice)[-1] == Say("again")
