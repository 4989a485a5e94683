"""What Prometheus reads: the numbers of a node's actors, over HTTP, without a wait for the loop."""

import asyncio
import threading
from collections.abc import AsyncIterator
from urllib.request import urlopen

import msgspec
import pytest
from prometheus_client.parser import text_string_to_metric_families

from actors import Actor, ActorProtocol, ChildSpec, Ref, Turn, on
from actors.bases.inline import InlineCluster
from actors.measure import ActorRow, EdgeRow
from actors.measure.histogram import Histogram
from actors.measure.instrument import WEIGHT, Instrument
from actors.measure.kinds import BOUNDS, TOP, Kinds, KindSeen, Seen, up_to
from soju_actors.adapters.metrics import AT_ONCE, CountedWriter, MetricsServer, Told, families
from soju_actors.model.entry import Entry
from soju_actors.model.records import NetworkId
from soju_actors.ports.database import Appended, Commit, Index

NUMBERS = (*range(len(BOUNDS)), 40)
USER = KindSeen(3, 0, 5, 4, 70, 2100, 30, 900, 40, 2.5, tuple(NUMBERS))
UPSTREAM = KindSeen(4, 2, 0, 0, 0, 0, 0, 0, 0, 0.0, (0,) * len(NUMBERS))
ACTOR = ActorRow("user/a", 40, 0, 2.5, 1.5, 4, 0.01, 0.03)
PAIR = EdgeRow("user/a", "c/1\udcff", 100, 30, 3000, 0, 900)
TOLD = Told(Seen({"user": USER, "upstream": UPSTREAM}, (ACTOR,), (PAIR,)), commits=7, lines=21, leases=3)


def values(told: Told) -> dict[str, float]:
    """Each sample by its name and labels."""
    return {
        " ".join([sample.name, *(f"{name}={value}" for name, value in sorted(sample.labels.items()))]): sample.value
        for family in families(told)
        for sample in family.samples
    }


def test_the_numbers_of_a_node_have_names() -> None:
    told = values(TOLD)
    assert told["soju_users_active"] == 3
    assert told["soju_upstreams_active"] == 2, "those without a connection do not count"
    assert told["soju_downstreams_active"] == 0
    assert (told["soju_store_commits_total"], told["soju_store_lines_total"], told["soju_leases_held"]) == (7, 21, 3)
    assert told["soju_actors kind=upstream"] == 4
    assert (told["soju_mailbox_messages kind=user"], told["soju_mailbox_deepest kind=user"]) == (5, 4)
    assert told["soju_messages_sent_total kind=user to=here"] == 70
    assert told["soju_messages_sent_total kind=user to=elsewhere"] == 30
    assert told["soju_sent_bytes_total kind=user to=here"] == 2100
    assert told["soju_sent_bytes_total kind=user to=elsewhere"] == 900
    assert told["soju_turn_seconds_count kind=user"] == 40
    assert told["soju_turn_seconds_sum kind=user"] == 2.5
    assert told[f"soju_turn_seconds_bucket kind=user le={BOUNDS[3]}"] == 3


def test_each_figure_of_the_busiest_actors_and_pairs_has_a_name() -> None:
    told = values(TOLD)
    assert told["soju_top_messages actor=user/a"] == 40
    assert told["soju_top_seconds actor=user/a"] == 2.5
    assert told["soju_top_mailbox_mean actor=user/a"] == 1.5
    assert told["soju_top_mailbox_deepest actor=user/a"] == 4
    assert told["soju_top_turn_seconds actor=user/a quantile=0.5"] == 0.01
    assert told["soju_top_turn_seconds actor=user/a quantile=0.99"] == 0.03
    pair = "receiver=c/1? sender=user/a"
    assert told[f"soju_top_pair_messages {pair} to=here"] == 70
    assert told[f"soju_top_pair_messages {pair} to=elsewhere"] == 30
    assert told[f"soju_top_pair_bytes {pair} to=here"] == 2100
    assert told[f"soju_top_pair_bytes {pair} to=elsewhere"] == 900


def test_a_bouncer_of_one_process_has_no_leases() -> None:
    assert "soju_leases_held" not in values(msgspec.structs.replace(TOLD, leases=None))


def test_buckets_of_turn_times_count_what_took_no_longer() -> None:
    times = Histogram()
    for seconds in (0.00001, 0.001, 0.1):
        times.add(seconds)
    assert [up_to(times, bound) for bound in (BOUNDS[0], 2.0**-8, 2.0**-2)] == [0, 2, 3]
    assert list(BOUNDS) == sorted(BOUNDS)


class Writer:
    """Does nothing, and remembers what."""

    def __init__(self) -> None:
        self.jobs: list[object] = []

    def perform(self, job: object) -> None:
        self.jobs.append(job)

    def close(self) -> None:
        self.jobs.append("closed")


def test_what_is_stored_is_counted() -> None:
    writer = Writer()
    counted = CountedWriter(writer)
    entry = Entry(1, 0, "bob", "PRIVMSG", ":bob PRIVMSG #a hi")
    network = NetworkId(1)
    commit = Commit((Appended(network, "#a", (entry, entry)), Appended(network, "#b", (entry,))))
    for job in (commit, Index(100)):
        counted.perform(job)
    counted.close()
    assert writer.jobs == [commit, Index(100), "closed"]
    assert (counted.commits, counted.lines) == (1, 3)


class ToEcho(ActorProtocol):
    __slots__ = ()


class Say(msgspec.Struct, ToEcho, frozen=True, tag="metrics.say"):
    """To be said on."""

    to: Ref[ToEcho] | None = None


class EchoActor(Actor[ToEcho]):
    __slots__ = ()

    def __init__(self, args: object) -> None:
        del args

    @on(Say)
    def say(self, msg: Say, turn: Turn) -> None:
        if msg.to is not None:
            turn.send(msg.to, Say())


def test_actors_are_counted_by_their_kind_however_many_there_are() -> None:
    cluster = InlineCluster("ab", packages=(__name__,))
    a, b = cluster.nodes["a"], cluster.nodes["b"]
    for number in range(30):
        a.spawn(ChildSpec(f"x{number}", f"{__name__}:EchoActor"))
    b.spawn(ChildSpec("z", f"{__name__}:EchoActor"))
    cluster.advance(1)
    kinds = Kinds(a._kernel)
    Instrument(a._kernel, kinds)
    for number in range(30):
        a.tell(Ref(f"x{number}"), Say(Ref("x0")))
        a.tell(Ref(f"x{number}"), Say(Ref("z")))
    cluster.advance(1)
    seen = kinds.look()
    echo = seen.kinds["echo"]
    assert (echo.actors, echo.sent, echo.left) == (30, 30, 30)
    assert echo.left_bytes > 30 * 10
    assert echo.sent_bytes > 30 * 10
    assert echo.handled % WEIGHT == 0
    assert echo.turns[-1] == echo.handled
    assert seen.kinds["outside"].sent >= 60
    assert len(seen.actors) <= TOP
    assert len(seen.pairs) == TOP
    assert len(seen.kinds) < 10


@pytest.fixture
async def server() -> AsyncIterator[MetricsServer]:
    threads = []

    def take() -> Told:
        threads.append(threading.current_thread())
        return TOLD

    server = MetricsServer(("127.0.0.1", 0), take, asyncio.get_running_loop())
    yield server
    await asyncio.to_thread(server.close)
    assert set(threads) <= {threading.current_thread()}, "the numbers are taken where the actors run"


def read(server: MetricsServer) -> str:
    with urlopen(f"http://127.0.0.1:{server.port}/metrics", timeout=20) as answer:
        text: str = answer.read().decode()
        return text


async def test_prometheus_reads_what_there_is(server: MetricsServer) -> None:
    text = await asyncio.to_thread(read, server)
    found = {family.name: family for family in text_string_to_metric_families(text)}
    assert found["soju_users_active"].samples[0].value == 3
    assert found["process_cpu_seconds"].samples[0].value > 0
    assert found["soju_turn_seconds"].type == "histogram"


async def test_who_says_nothing_keeps_nobody_else_waiting(server: MetricsServer) -> None:
    _, silent = await asyncio.open_connection("127.0.0.1", server.port)
    assert "soju_users_active 3.0" in await asyncio.to_thread(read, server)
    silent.close()


async def test_no_more_are_answered_than_may_be(server: MetricsServer) -> None:
    silent = [await asyncio.open_connection("127.0.0.1", server.port) for _ in range(AT_ONCE)]
    reader, refused = await asyncio.open_connection("127.0.0.1", server.port)
    assert await reader.read() == b""
    for _, writer in (*silent, (reader, refused)):
        writer.close()


async def test_a_port_in_use_is_an_error(server: MetricsServer) -> None:
    with pytest.raises(OSError, match="in use"):
        MetricsServer(("127.0.0.1", server.port), lambda: TOLD, asyncio.get_running_loop())
