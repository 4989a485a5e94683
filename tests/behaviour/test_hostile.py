"""Habits that cost others, each with its defined answer (DESIGN promise 3, section 8)."""

import msgspec
import pytest

from actors import Ref
from soju_actors.downstream.actor import DownstreamActor
from soju_actors.policy.downstream import DownstreamSettings
from soju_actors.policy.upstream import UpstreamSettings
from tests.support.world import HOSTNAME, InlineClient, Setting, World


def talk(*numbers: int, by: str = "bob") -> list[str]:
    return [f":{by}!b@host PRIVMSG #soju :line {number} {'x' * 100}" for number in numbers]


def actor_of(world: World, number: int) -> DownstreamActor:
    """Return the actor of the connection that was accepted as so many-th."""
    actor: DownstreamActor = world.system.actor(Ref(f"listener/{number}"))
    return actor


def test_a_client_that_does_not_read_costs_tickets_and_no_copies() -> None:
    """It gets everything, in order, when it reads again; others have had it meanwhile."""
    world = World(Setting(caps=""))
    slow, quick = world.attach("alice/libera@slow"), world.attach("alice/libera@quick")
    slow.received()
    quick.received()
    slow.peer.stall()
    for start in range(0, 10_000, 500):
        world.say(*talk(*range(start, start + 500)))
    everything = talk(*range(10_000))
    assert quick.received() == everything
    outbox = actor_of(world, 1).outbox
    assert outbox.size < 10, "it has tickets in proportion to what was said"
    held = sum(inlet.end - inlet.position for inlet in outbox._inlets.values())
    assert held <= 2_000, "it has more lines than its credit"
    slow.peer.unstall()
    world.run()
    assert slow.received() == everything


def test_a_client_that_never_reads_is_disconnected_at_a_bound() -> None:
    world = World(Setting(caps="", settings=DownstreamSettings(HOSTNAME, send_queue=300)))
    deaf, quick = world.attach("alice/libera@deaf"), world.attach("alice/libera@quick")
    quick.received()
    deaf.peer.stall()
    said = []
    for number in range(600):
        line = f":dave!d@host {'PART' if number % 2 else 'JOIN'} #soju"
        said += [line, *talk(*range(10 * number, 10 * number + 10))]
        world.say(*said[-11:])
    assert quick.received() == said
    deaf.peer.unstall()
    world.run()
    assert deaf.peer.closed
    assert deaf.received()[-1] == "ERROR :Your client does not read what it is sent"


@pytest.mark.e2e
def test_who_does_not_even_read_its_error_is_cut_off() -> None:
    world = World(Setting(caps="", settings=DownstreamSettings(HOSTNAME, send_queue=100)))
    deaf = world.attach("alice/libera@deaf")
    deaf.peer.stall()
    for number in range(2_000):
        world.say(f":dave!d@host {'PART' if number % 2 else 'JOIN'} #soju {'x' * 60}")
    assert not deaf.peer.closed
    world.advance(5)
    assert deaf.peer.closed


def test_a_flood_of_commands_is_slowed_down_and_loses_nothing() -> None:
    world = World(Setting(caps="", settings=DownstreamSettings(HOSTNAME, command_burst=100, commands_per_second=50)))
    flood, other = world.attach("alice/libera@flood"), world.attach("alice/libera@other")
    flood.received()
    other.received()
    flood.send(*[f"PING {number}" for number in range(1000)])
    world.advance(1)
    other.send("PING x")
    assert other.received() == [":bouncer.test PONG bouncer.test x"]
    answered = [f":bouncer.test PONG bouncer.test {number}" for number in range(1000)]
    first = flood.received()
    assert first == answered[: len(first)]
    assert 100 <= len(first) <= 151
    world.advance(18)
    assert flood.received() == answered[len(first) :]


def test_a_flood_before_the_login_is_answered_and_the_login_still_counts() -> None:
    world = World(Setting(caps=""))
    client = world.connect()
    client.send(*["PING x"] * 500, "PASS secret", "NICK alice", "USER alice/libera 0 * :Alice")
    lines = client.received()
    assert lines[:500] == [":bouncer.test PONG x"] * 500
    assert " 001 alice " in lines[500]


def test_a_flood_of_joins_ends_at_the_bound() -> None:
    world = World(Setting(caps="", server={"max_channels": 50}))
    client = world.attach()
    client.received()
    world.server.obliging = False
    for start in range(0, 200, 20):
        client.send("JOIN " + ",".join(f"#flood{number}" for number in range(start, start + 20)))
    refused = [line for line in client.received() if " 405 " in line]
    assert len(refused) == 200 - 49
    assert len([line for line in world.server.heard if line.startswith("JOIN")]) == 49


@pytest.mark.e2e
def test_thousands_of_channels_are_joined_and_shown() -> None:
    """In lines that servers take; a client that attaches is shown all of them."""
    names = tuple(f"#channel-{number:05}" for number in range(1_500))
    world = World(Setting(caps="", channels=names, members="bob", upstream=UpstreamSettings(rate_burst=30_000)))
    assert len(world.server.joined) == 1_500
    client = world.attach()
    assert sum(" JOIN #channel-" in line for line in client.received()) == 1_500
    world.say(":bob!b@host QUIT :bye")
    assert client.received() == [":bob!b@host QUIT :bye"]


@pytest.mark.parametrize(
    ("limit", "reason"),
    [
        ("connections_per_address", "There are 3 connections from your address already"),
        ("connections_before_login", "Too many connections are logging in, try again later"),
    ],
)
def test_connections_too_many_are_told_so(limit: str, reason: str) -> None:
    world = World(Setting(caps="", settings=msgspec.structs.replace(DownstreamSettings(HOSTNAME), **{limit: 3})))
    clients = [world.connect() for _ in range(4)]
    assert clients[3].received() == [f"ERROR :{reason}"]
    assert clients[3].peer.closed
    clients[0].close()
    again = world.connect()
    assert not again.peer.closed
    log_in(again)
    assert (limit == "connections_per_address") is world.connect().peer.closed


def log_in(client: InlineClient) -> None:
    client.send("PASS secret", "NICK alice", "USER alice 0 * :Alice")
    assert " 001 " in client.received()[0]


def test_a_client_that_says_nothing_for_long_is_asked_and_then_closed() -> None:
    settings = DownstreamSettings(HOSTNAME, ping_after=60, read_deadline=100)
    world = World(Setting(caps="", settings=settings))
    silent, alive = world.attach("alice/libera@silent"), world.attach("alice/libera@alive")
    silent.received()
    alive.received()
    world.advance(60)
    assert silent.received() == ["PING bouncer.test"]
    assert alive.received() == ["PING bouncer.test"]
    alive.send("PONG bouncer.test")
    world.advance(40)
    assert silent.received() == ["ERROR :Ping timeout: 100 seconds"]
    assert silent.peer.closed
    assert not alive.peer.closed
