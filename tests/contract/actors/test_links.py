"""Links: dialing, listening, reading, writing, giving away, ending."""

from typing import Any

import pytest

from actors import (
    Accepted,
    BytesReceived,
    Closed,
    Congested,
    Drained,
    Endpoint,
    Link,
    Listening,
    Opened,
    OpenFailed,
    Ref,
    Turn,
)
from actors.link import READ_MOST
from tests.contract.actors.cast import Puppet, Say, stage
from tests.contract.actors.worlds import World

LOCAL = Endpoint("127.0.0.1")
MUCH = bytes(range(256)) * 4096
"""1 MiB."""


class Pair:
    """A server and a client puppet, connected."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.server, self.client = world.puppet("server"), world.puppet("client")
        self.endpoint, self.listener = listen(world, self.server)
        world.do(self.client, lambda _, turn: turn.dial(self.endpoint))
        self.at_client: Link = world.await_heard(self.client, Opened).link
        self.at_server: Link = world.await_heard(self.server, Accepted).link

    def write(self, data: bytes) -> None:
        """Let the client write."""
        self.world.do(self.client, lambda _, turn: turn.write(self.at_client, data))

    def received(self) -> bytes:
        """Return what the server has received."""
        return received(self.world, self.server)

    def await_received(self, data: bytes) -> None:
        """Wait for the server to receive all of it."""
        self.world.until(lambda: len(self.received()) >= len(data))
        assert self.received() == data


def listen(world: World, server: Ref[Any], endpoint: Endpoint = LOCAL) -> tuple[Endpoint, Link]:
    """Let a puppet listen, and return where."""
    world.do(server, lambda _, turn: turn.listen(endpoint))
    listening = world.await_heard(server, Listening)
    return endpoint_at(listening.address), listening.link


def endpoint_at(address: str) -> Endpoint:
    host, _, port = address.rpartition(":")
    return Endpoint(host, int(port))


def received(world: World, puppet: Ref[Any]) -> bytes:
    return b"".join(msg.data for msg in world.heard(puppet, BytesReceived))


@pytest.fixture
def pair(world: World) -> Pair:
    return Pair(world)


def test_bytes_go_both_ways(world: World, pair: Pair) -> None:
    pair.write(b"ping")
    pair.await_received(b"ping")
    world.do(pair.server, lambda _, turn: turn.write(pair.at_server, b"pong"))
    world.until(lambda: received(world, pair.client) == b"pong")


def test_both_ends_know_the_addresses(world: World, pair: Pair) -> None:
    opened, accepted = world.heard(pair.client, Opened)[0], world.heard(pair.server, Accepted)[0]
    assert opened.remote == str(pair.endpoint)
    assert accepted.remote == opened.local
    assert accepted.listener == pair.listener
    assert opened.peer_fingerprint == accepted.peer_fingerprint == ""


def test_much_data_comes_complete_in_reads_of_bounded_size(world: World, pair: Pair) -> None:
    pair.write(MUCH)
    pair.await_received(MUCH)
    assert all(0 < len(msg.data) <= READ_MOST for msg in world.heard(pair.server, BytesReceived))


def test_what_is_written_before_the_link_is_open_is_not_lost(world: World) -> None:
    server, client = world.puppet("server"), world.puppet("client")
    endpoint, _ = listen(world, server)
    world.do(client, lambda _, turn: turn.write(turn.dial(endpoint), b"early"))
    world.until(lambda: received(world, server) == b"early")


def test_close_writes_everything_first(world: World, pair: Pair) -> None:
    def script(_: Puppet, turn: Turn) -> None:
        turn.write(pair.at_client, MUCH)
        turn.close(pair.at_client)
        turn.write(pair.at_client, b"never written")

    world.do(pair.client, script)
    assert world.await_heard(pair.server, Closed) == Closed(pair.at_server, "closed by the peer", clean=True)
    assert pair.received() == MUCH
    assert world.await_heard(pair.client, Closed) == Closed(pair.at_client, "closed", clean=True)


def test_abort_does_not(world: World, pair: Pair) -> None:
    world.do(pair.server, lambda _, turn: turn.pause(pair.at_server))

    def script(_: Puppet, turn: Turn) -> None:
        turn.write(pair.at_client, MUCH * 16)
        turn.abort(pair.at_client)

    world.do(pair.client, script)
    assert world.await_heard(pair.client, Closed) == Closed(pair.at_client, "aborted", clean=False)
    world.do(pair.server, lambda _, turn: turn.resume(pair.at_server))
    world.await_heard(pair.server, Closed)
    assert len(pair.received()) < len(MUCH) * 16


def test_nothing_is_received_after_a_close_and_its_end_is_told_once(world: World, pair: Pair) -> None:
    def script(_: Puppet, turn: Turn) -> None:
        turn.close(pair.at_server)
        turn.close(pair.at_server)

    world.do(pair.server, lambda _, turn: turn.pause(pair.at_server))
    pair.write(b"too late")
    world.do(pair.server, script)
    world.await_heard(pair.server, Closed)
    world.await_heard(pair.client, Closed)
    world.settle()
    assert world.heard(pair.server, Closed) == [Closed(pair.at_server, "closed", clean=True)]
    assert pair.received() == b""


def test_a_paused_link_receives_nothing_until_it_is_resumed(world: World, pair: Pair) -> None:
    world.do(pair.server, lambda _, turn: turn.pause(pair.at_server))
    pair.write(b"waits")
    world.do(pair.client, lambda _, turn: turn.dial(pair.endpoint))
    world.until(lambda: len(world.heard(pair.server, Accepted)) == 2)
    assert pair.received() == b""
    world.do(pair.server, lambda _, turn: turn.resume(pair.at_server))
    pair.await_received(b"waits")


def test_a_writer_hears_that_its_peer_does_not_read_and_that_it_does_again(world: World, pair: Pair) -> None:
    world.do(pair.server, lambda _, turn: turn.pause(pair.at_server))
    pair.write(MUCH * 16)
    assert world.await_heard(pair.client, Congested) == Congested(pair.at_client)
    assert world.heard(pair.client, Drained) == []
    world.do(pair.server, lambda _, turn: turn.resume(pair.at_server))
    assert world.await_heard(pair.client, Drained) == Drained(pair.at_client)
    pair.await_received(MUCH * 16)


def test_a_dial_that_nobody_answers_fails(world: World) -> None:
    server, client = world.puppet("server"), world.puppet("client")
    endpoint, link = listen(world, server)
    world.do(server, lambda _, turn: turn.close(link))
    assert world.await_heard(server, Closed) == Closed(link, "closed", clean=True)
    world.do(client, lambda _, turn: turn.dial(endpoint))
    assert world.await_heard(client, OpenFailed).reason == "connection refused"


def test_a_dial_can_be_given_up(world: World) -> None:
    server, client = world.puppet("server"), world.puppet("client")
    endpoint, _ = listen(world, server)
    world.do(client, lambda _, turn: turn.close(turn.dial(endpoint)))
    assert [type(msg) for msg in world.heard(client)] == [Closed]


def test_an_endpoint_that_is_in_use_cannot_be_listened_at(world: World) -> None:
    first, second = world.puppet("first"), world.puppet("second")
    endpoint, _ = listen(world, first)
    world.do(second, lambda _, turn: turn.listen(endpoint))
    failed = world.await_heard(second, OpenFailed)
    assert "in use" in failed.reason


def test_connections_outlive_their_listener(world: World, pair: Pair) -> None:
    world.do(pair.server, lambda _, turn: turn.close(pair.listener))
    pair.write(b"still here")
    pair.await_received(b"still here")


def test_only_the_owner_can_write_and_close(world: World, pair: Pair) -> None:
    def script(_: Puppet, turn: Turn) -> None:
        turn.write(pair.at_client, b"not mine")
        turn.close(pair.at_client)
        turn.abort(pair.at_client)
        turn.give(pair.at_client, turn.me)

    world.do(pair.server, script)
    pair.write(b"mine")
    pair.await_received(b"mine")


def test_an_actor_that_ends_closes_its_links_after_its_last_words(world: World) -> None:
    server = world.puppet("server")
    endpoint, _ = listen(world, server)
    last: list[Link] = []
    client = world.puppet("client", last=lambda _, turn: turn.write(last[0], b"goodbye"))
    world.do(client, lambda _, turn: last.append(turn.dial(endpoint)))
    world.await_heard(client, Opened)
    world.do(client, lambda _, turn: turn.stop())
    assert world.await_heard(server, Closed).clean
    assert received(world, server) == b"goodbye"


def test_a_failed_actor_closes_its_links_and_its_turn_writes_nothing(world: World, pair: Pair) -> None:
    def script(_: Puppet, turn: Turn) -> None:
        turn.write(pair.at_client, b"never written")
        raise RuntimeError("as the script says")

    world.do(pair.client, script)
    world.await_heard(pair.server, Closed)
    assert pair.received() == b""


def test_the_listener_of_a_failed_actor_is_free_when_it_starts_again(world: World) -> None:
    server = world.puppet("server")
    endpoint, _ = listen(world, server)
    world.fail(server)
    world.advance(1.0)
    again, _ = listen(world, server, endpoint)
    assert again == endpoint


def test_a_given_link_belongs_to_the_new_owner(world: World, pair: Pair) -> None:
    heir = world.puppet("heir", beside=pair.server)

    def script(_: Puppet, turn: Turn) -> None:
        turn.send(heir, Say("it is yours"))
        turn.give(pair.at_server, heir)
        turn.write(pair.at_server, b"not mine any more")

    world.do(pair.server, script)
    pair.write(b"for the heir")
    world.until(lambda: received(world, heir) == b"for the heir")
    assert world.heard(heir)[0] == Say("it is yours")
    world.do(heir, lambda _, turn: turn.close(pair.at_server))
    world.await_heard(pair.client, Closed)
    assert received(world, pair.client) == pair.received() == b""


def test_bytes_that_the_giver_has_not_handled_go_with_the_link(world: World, pair: Pair) -> None:
    heir = world.puppet("heir", beside=pair.server)
    data = MUCH[: 4 * READ_MOST]

    def script(_: Puppet, turn: Turn) -> None:
        turn.give(pair.at_server, heir)
        turn.resume(pair.at_server)

    world.do(pair.server, lambda _, turn: turn.pause(pair.at_server))
    pair.write(data)
    world.do(pair.server, lambda _, turn: turn.resume(pair.at_server))
    world.do(pair.server, script)
    pair.write(b"the end")
    everything = data + b"the end"
    world.until(lambda: len(pair.received() + received(world, heir)) == len(everything))
    assert pair.received() + received(world, heir) == everything
    owners = [h.by for h in stage.heard if isinstance(h.message, BytesReceived)]
    assert owners == sorted(owners, key=["server", "heir"].index)


def test_a_link_given_to_nobody_is_closed(world: World, pair: Pair) -> None:
    nobody: Ref[Any] = Ref("nobody")
    world.do(pair.server, lambda _, turn: turn.give(pair.at_server, nobody))
    assert not world.await_heard(pair.server, Closed).clean
    world.await_heard(pair.client, Closed)
