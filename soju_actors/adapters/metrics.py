"""What the bouncer does, for Prometheus to read over HTTP (rows OPS-01 and LIM-33).

Requests are answered by threads of their own; what they tell is taken in the loop, at once.
Spec: https://prometheus.io/docs/instrumenting/exposition_formats/
"""

import asyncio
import socket
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from socketserver import ThreadingMixIn
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer

import msgspec
from prometheus_client import CollectorRegistry, GCCollector, PlatformCollector, ProcessCollector, make_wsgi_app
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.registry import Collector

from actors import ActorProtocol, Service
from actors.measure import ActorRow, EdgeRow
from actors.measure.kinds import BOUNDS, KindSeen, Seen
from soju_actors.ports.database import Commit

AT_ONCE = 10
"""Requests that are answered at the same time; others are refused."""
HERE, ELSEWHERE = "here", "elsewhere"
"""Where messages have gone: to actors of this node, or of another one."""
PATIENCE = 10.0
"""Seconds that a request, and what it tells, may take."""


class Told(msgspec.Struct, frozen=True):
    """What there is to tell."""

    seen: Seen
    commits: int
    lines: int
    """Messages that were stored."""
    leases: int | None = None
    """Users for whom this node may act; None outside a cluster."""


class CountedWriter:
    """The service ``writer``, with what it stores counted."""

    def __init__(self, writer: Service) -> None:
        self._writer = writer
        self.commits = 0
        self.lines = 0

    def perform(self, job: Any) -> ActorProtocol | None:  # noqa: ANN401 - as of a service
        """Do a job."""
        answer = self._writer.perform(job)
        if isinstance(job, Commit):
            self.commits += 1
            self.lines += sum(len(append.entries) for append in job.appends)
        return answer

    def close(self) -> None:
        """Release what it holds."""
        self._writer.close()


class MetricsServer:
    """Answers requests until it is closed.

    Raises:
        OSError: it cannot listen.
    """

    def __init__(self, address: tuple[str, int], take: Callable[[], Told], loop: asyncio.AbstractEventLoop) -> None:
        registry = CollectorRegistry()
        registry.register(_Actors(take, loop))
        for collector in (ProcessCollector, PlatformCollector, GCCollector):
            collector(registry=registry)
        host, port = address
        family, _, _, _, bound = socket.getaddrinfo(
            host or None, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        server = type("_Server", (_Server,), {"address_family": family, "slots": threading.BoundedSemaphore(AT_ONCE)})
        self._server = server(bound[:2], _Handler)
        self._server.set_app(make_wsgi_app(registry))
        self.port: int = self._server.server_port
        self._thread = threading.Thread(target=self._server.serve_forever, name="metrics", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Answer nobody any more."""
        self._server.shutdown()
        self._server.server_close()


class _Server(ThreadingMixIn, WSGIServer):
    daemon_threads = True
    slots: threading.BoundedSemaphore
    """One for each request at a time."""

    def server_bind(self) -> None:
        """Bind, without asking for the name of the host."""
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.socket.bind(self.server_address)
        self.server_address = self.socket.getsockname()
        self.server_name, self.server_port = str(self.server_address[0]), int(self.server_address[1])
        self.setup_environ()

    def process_request(self, request: Any, client_address: Any) -> None:  # noqa: ANN401 - as of socketserver
        """Answer in a thread, if there are not too many."""
        if self.slots.acquire(blocking=False):
            super().process_request(request, client_address)
        else:
            self.shutdown_request(request)

    def process_request_thread(self, request: Any, client_address: Any) -> None:  # noqa: ANN401 - as above
        """Answer."""
        try:
            super().process_request_thread(request, client_address)
        finally:
            self.slots.release()

    def handle_error(self, request: Any, client_address: Any) -> None:  # noqa: ANN401 - as above
        """Let who has hung up, or said nothing for too long, go in silence."""


class _Handler(WSGIRequestHandler):
    timeout = PATIENCE

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002, ANN401 - as of http.server
        """Say nothing of requests."""


class _Actors(Collector):
    """Takes what there is to tell in the loop, and puts it into Prometheus's words."""

    def __init__(self, take: Callable[[], Told], loop: asyncio.AbstractEventLoop) -> None:
        self._take = take
        self._loop = loop

    def describe(self) -> list[Metric]:
        """Name nothing before it is asked for."""
        return []

    def collect(self) -> Iterator[Metric]:
        """Tell all."""
        future: Future[Told] = Future()
        self._loop.call_soon_threadsafe(self._answer, future)
        return families(future.result(PATIENCE))

    def _answer(self, future: "Future[Told]") -> None:
        try:
            future.set_result(self._take())
        except Exception as error:  # noqa: BLE001 - it is the asker's
            future.set_exception(error)


def families(told: Told) -> Iterator[Metric]:
    """All metrics but those of the process."""
    kinds = told.seen.kinds
    none = KindSeen(0, 0, 0, 0, 0, 0, 0, 0, 0, 0.0, ())
    yield GaugeMetricFamily("soju_users_active", "Users that run here", kinds.get("user", none).actors)
    yield GaugeMetricFamily("soju_downstreams_active", "Connections of clients", kinds.get("downstream", none).actors)
    yield GaugeMetricFamily(
        "soju_upstreams_active",
        "Connections to servers, those that are being made included",
        kinds.get("upstream", none).connected,
    )
    yield CounterMetricFamily("soju_store_commits", "Transactions with messages or cursors", told.commits)
    yield CounterMetricFamily("soju_store_lines", "Messages that were stored, and so may be shown", told.lines)
    if told.leases is not None:
        yield GaugeMetricFamily("soju_leases_held", "Users for whom this node may act", told.leases)
    yield _by_kind(kinds, GaugeMetricFamily, "soju_actors", "Actors", lambda kind: kind.actors)
    yield _by_kind(kinds, GaugeMetricFamily, "soju_mailbox_messages", "Messages that wait", lambda kind: kind.waiting)
    yield _by_kind(
        kinds, GaugeMetricFamily, "soju_mailbox_deepest", "Messages in the fullest mailbox", lambda kind: kind.deepest
    )
    sent = CounterMetricFamily("soju_messages_sent", "Messages, by the sender", labels=["kind", "to"])
    size = CounterMetricFamily("soju_sent_bytes", "Their size, as between nodes: taken of some", labels=["kind", "to"])
    for name, kind in kinds.items():
        sent.add_metric([name, HERE], kind.sent)
        sent.add_metric([name, ELSEWHERE], kind.left)
        size.add_metric([name, HERE], kind.sent_bytes)
        size.add_metric([name, ELSEWHERE], kind.left_bytes)
    yield sent
    yield size
    turns = HistogramMetricFamily(
        "soju_turn_seconds", "Time for a message; one turn in sixty-four is measured", labels=["kind"]
    )
    for name, kind in kinds.items():
        if kind.handled:
            ends = zip((*map(str, BOUNDS), "+Inf"), kind.turns, strict=True)
            turns.add_metric([name], [(end, float(count)) for end, count in ends], kind.seconds)
    yield turns
    yield from _of_actors(told.seen.actors)
    yield from _of_pairs(told.seen.pairs)


def _of_actors(rows: Sequence[ActorRow]) -> Iterator[Metric]:
    """The actors that have handled most since the start."""
    values: tuple[tuple[str, str, Callable[[ActorRow], float]], ...] = (
        ("messages", "Messages of the actors that handled most", lambda row: row.messages),
        ("seconds", "What their turns took", lambda row: row.seconds),
        ("mailbox_mean", "Messages that waited for them when they began to handle them", lambda row: row.waiting),
        ("mailbox_deepest", "The most of those", lambda row: row.deepest),
    )
    for name, about, value in values:
        family = GaugeMetricFamily(f"soju_top_{name}", about, labels=["actor"])
        for row in rows:
            family.add_metric([_label(row.path)], value(row))
        yield family
    turns = GaugeMetricFamily("soju_top_turn_seconds", "Time for a message of theirs", labels=["actor", "quantile"])
    for row in rows:
        turns.add_metric([_label(row.path), "0.5"], row.median)
        turns.add_metric([_label(row.path), "0.99"], row.p99)
    yield turns


def _of_pairs(rows: Sequence[EdgeRow]) -> Iterator[Metric]:
    """The pairs of actors of which one has said most to the other since the start."""
    labels = ["sender", "receiver", "to"]
    messages = GaugeMetricFamily("soju_top_pair_messages", "Messages of the pairs that said most", labels=labels)
    size = GaugeMetricFamily("soju_top_pair_bytes", "Their size", labels=labels)
    for row in rows:
        pair = [_label(row.sender), _label(row.receiver)]
        messages.add_metric([*pair, HERE], row.messages - row.remote)
        messages.add_metric([*pair, ELSEWHERE], row.remote)
        size.add_metric([*pair, HERE], row.bytes - row.remote_bytes)
        size.add_metric([*pair, ELSEWHERE], row.remote_bytes)
    yield messages
    yield size


def _label(path: str) -> str:
    return path.encode("utf-8", "replace").decode()


def _by_kind(
    kinds: dict[str, KindSeen],
    family: type[GaugeMetricFamily | CounterMetricFamily],
    name: str,
    about: str,
    value: Callable[[KindSeen], int],
) -> Metric:
    metric = family(name, about, labels=["kind"])
    for kind, seen in kinds.items():
        metric.add_metric([kind], value(seen))
    return metric
