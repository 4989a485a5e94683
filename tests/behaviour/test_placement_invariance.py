"""Promise 1: what a client sees, and in which order, does not depend on how messages between actors are delayed.

Nor on which nodes the actors are, or whether they move meanwhile.
"""

import re
from collections.abc import Callable
from functools import partial
from random import Random

import pytest

from soju_actors.policy.downstream import DownstreamSettings
from soju_actors.policy.upstream import UpstreamSettings
from tests.support.fast import fast_first
from tests.support.spread import Spread
from tests.support.world import HOSTNAME, Delay, Nodes, Setting, World

CLIENTS = {
    "alice/libera@laptop": "server-time message-tags batch echo-message",
    "alice/libera@phone": "",
    "alice/libera@tablet": "server-time batch away-notify account-notify extended-join",
    "alice/libera@modern": "server-time message-tags batch draft/chathistory draft/event-playback",
}
CHANNELS = ("#one", "#two", "#three")
PEOPLE = ("bob", "carol", "dave")
DOINGS = {
    3: ("PRIVMSG BouncerServ :channel update #three -detached true -relay-detached message",),
    6: ("JOIN #three", "PART #two :detach"),
    9: ("PRIVMSG BouncerServ :channel update #two -reattach-on message",),
}
"""What a client does before a burst: it detaches channels and attaches them."""
OWN_TIME = re.compile("time=2023-11-14[^; ]*")
"""The time of what the bouncer says by itself: delays are a matter of time."""
NEVER = 1e6
SETTING = Setting(
    channels=CHANNELS,
    ring=32,
    settings=DownstreamSettings(HOSTNAME, ping_after=NEVER, read_deadline=NEVER),
    upstream=UpstreamSettings(ping_after=NEVER, read_deadline=NEVER),
)
"""A small ring, so that who is late is served from the database; and nobody asks whether the other is there."""


def a_day(rng: Random) -> list[list[str]]:
    """Bursts of what a server says: talk in channels and in private, comings and goings, modes, numerics."""
    number = 0

    def line() -> str:
        nonlocal number
        number += 1
        who, channel = rng.choice(PEOPLE), rng.choice(CHANNELS)
        tags = f"@time=2024-05-01T10:{number // 60 % 60:02}:{number % 60:02}.000Z;msgid=m{number}"
        source = f":{who}!{who}@host"
        return rng.choice(
            [
                *[f"{tags} {source} PRIVMSG {channel} :line {number}"] * 8,
                f"{tags} {source} NOTICE {channel} :notice {number}",
                f"{tags} {source} PRIVMSG alice :in private {number}",
                f"{tags};+react=x {source} TAGMSG {channel}",
                f"{tags} {source} TOPIC {channel} :topic {number}",
                f"{tags} {source} PART {channel} :for {number}",
                f"{tags} {source} JOIN {channel} {who} :{who}",
                f"{tags} {source} AWAY :away {number}",
                f"{tags} {source} NICK {who}",
                f"{tags} {source} MODE {channel} +v {who}",
                f":irc.libera.test 999 alice :numeric {number}",
            ]
        )

    return [[line() for _ in range(rng.randint(1, 40))] for _ in range(12)]


USER = "user/alice"
AT_ONCE = 4
"""Lines that come together."""
Meanwhile = Callable[[World, Random], None]
Got = dict[str, list[str]]
"""What each client got, by its name."""


def idle(_world: World, _rng: Random) -> None:
    """Do nothing meanwhile."""


def settle(world: World) -> None:
    """Let virtual time pass until nothing is on its way any more."""
    for _ in range(80):
        world.advance(0.25)


def move_about(world: World, rng: Random) -> None:
    """Move the user, and those of its group that are with it, if it can be moved now."""
    world.advance(rng.choice((0.0, 0.001, 0.02, 0.1)))
    world.system.move(USER)


def relay(seed: int, delay: Delay | None, nodes: Nodes | None = None, meanwhile: Meanwhile = idle) -> Got:
    """Play a day in a world with these delays; return what each client got."""
    world = World(SETTING, delay=delay, seed=seed, nodes=nodes)
    settle(world)
    clients = {}
    for name, caps in CLIENTS.items():
        clients[name] = world.attach(name, caps)
        settle(world)
    for client in clients.values():
        welcome = client.received()
        assert any(" 366 " in line for line in welcome), welcome
    rng = Random(f"pauses {seed}")  # noqa: S311 - chance that the test can repeat
    moments = Random(f"moments {seed}")  # noqa: S311 - the same
    phone = clients["alice/libera@phone"]
    for number, burst in enumerate(a_day(Random(seed))):  # noqa: S311 - the same
        if number in DOINGS:
            settle(world)
            phone.send(*DOINGS[number])
            settle(world)
        for start in range(0, len(burst), AT_ONCE):
            world.server.say(*burst[start : start + AT_ONCE])
            meanwhile(world, moments)
        world.advance(rng.choice((0.0, 0.05, 0.3, 2.0)))
    settle(world)
    modern = clients["alice/libera@modern"]
    for channel in CHANNELS:
        modern.send(f"CHATHISTORY LATEST {channel} * 100")
        settle(world)
    return {name: [OWN_TIME.sub("", line) for line in client.received()] for name, client in clients.items()}


def uniform(_sender: str, _receiver: str, rng: Random) -> float:
    """Delay every message by up to a quarter of a second."""
    return rng.uniform(0.0, 0.25)


def slow_store(sender: str, receiver: str, rng: Random) -> float:
    """Delay what concerns the store, and pages, by much; the rest by little."""
    slow = "store" in (sender, receiver) or "buffer" in sender
    return rng.uniform(0.1, 1.0) if slow else rng.uniform(0.0, 0.01)


@pytest.mark.parametrize("delay", [uniform, slow_store])
@pytest.mark.parametrize("seed", fast_first(range(6)))
def test_delays_between_actors_change_no_byte_of_any_client(seed: int, delay: Delay) -> None:
    at_once = relay(seed, None)
    delayed = relay(seed, delay)
    assert delayed.keys() == at_once.keys()
    for name, lines in at_once.items():
        assert len(lines) > 50, "nothing was said"
        assert delayed[name] == lines, name


COMMANDS = (
    "PRIVMSG #one :mine {0}",
    "NOTICE dave :to dave {0}",
    "PRIVMSG #one,#two,bob :to all {0}",
    "CHATHISTORY LATEST #one * 50",
    "CHATHISTORY LATEST dave * 50",
    "CHATHISTORY AFTER #two timestamp=2023-01-01T00:00:00.000Z 5",
    "CHATHISTORY NONSENSE",
    "NAMES #one,#two",
    "TOPIC #two",
    "MODE #three",
    "JOIN #one,#three",
    "PART #two :detach",
    "JOIN #two",
    "WHOIS BouncerServ",
    "PRIVMSG BouncerServ :channel status",
    "BOUNCER LISTNETWORKS",
    "AWAY :{0}",
    "AWAY",
    "PING {0}",
    "FROBNICATE",
)


def converse(seed: int, delay: Delay | None, nodes: Nodes | None = None, meanwhile: Meanwhile = idle) -> Got:
    """Let one client say a lot without waiting for answers; return what each client got."""
    setting = Setting(caps="", channels=CHANNELS, ring=8, settings=SETTING.settings, upstream=SETTING.upstream)
    world = World(setting, delay=delay, seed=seed, nodes=nodes)
    settle(world)
    clients = {}
    for name, caps in (("laptop", "batch echo-message draft/event-playback"), ("phone", ""), ("tablet", "batch")):
        clients[name] = world.attach(f"alice/libera@{name}", caps)
        settle(world)
        clients[name].received()
    rng = Random(seed)  # noqa: S311 - chance that the test can repeat
    moments = Random(f"moments {seed}")  # noqa: S311 - the same
    for _ in range(6):
        lines = [rng.choice(COMMANDS).format(n) for n in range(rng.randint(1, 30))]
        for start in range(0, len(lines), AT_ONCE):
            clients["laptop"].send(*lines[start : start + AT_ONCE])
            meanwhile(world, moments)
        world.advance(rng.choice((0.0, 0.05, 0.3)))
    settle(world)
    return {name: client.received() for name, client in clients.items()}


@pytest.mark.parametrize("delay", [uniform, slow_store])
@pytest.mark.parametrize("seed", fast_first(range(5)))
def test_what_a_client_is_answered_does_not_depend_on_delays(seed: int, delay: Delay) -> None:
    """Its own messages are in the history that it asks for behind them, and none that it says later."""
    at_once = converse(seed, None)
    assert all(at_once.values())
    assert converse(seed, delay) == at_once


def slow_links(_here: str, _there: str, rng: Random) -> float:
    """Let some frames take so long that much overtakes them on other links."""
    return rng.choice((0.0, 0.0005, 0.02, 0.2))


SEEDS = [
    0,
    *(
        pytest.param(seed, marks=[pytest.mark.e2e, pytest.mark.xdist_group(f"placement {seed}")])
        for seed in range(1, 8)
    ),
]
"""The slow part of the suite tries more."""


def spread(*, groups: bool) -> Nodes:
    """Return three nodes; with groups, some children are where their user is, and move with it."""
    return partial(Spread, "abc", lag=slow_links, groups=groups, waits=False)


@pytest.mark.parametrize("play", [relay, converse])
@pytest.mark.parametrize("seed", SEEDS)
def test_the_nodes_of_the_actors_change_no_byte_of_any_client(play: Callable[..., Got], seed: int) -> None:
    assert play(seed, None, spread(groups=False)) == play(seed, None)


@pytest.mark.parametrize("play", [relay, converse])
@pytest.mark.parametrize("seed", SEEDS)
def test_moves_of_a_user_change_no_byte_of_any_client(play: Callable[..., Got], seed: int) -> None:
    worlds: list[World] = []

    def meanwhile(world: World, rng: Random) -> None:
        worlds.append(world)
        move_about(world, rng)

    assert play(seed, None, spread(groups=True), meanwhile) == play(seed, None)
    assert worlds[0].system.moves.count("") >= 2, worlds[0].system.moves
