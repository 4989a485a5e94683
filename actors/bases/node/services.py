"""Threads for blocking work."""

import logging
import queue
import threading
from collections.abc import Callable

from actors.cell import Cell
from actors.message import ActorProtocol, Job
from actors.ref import Ref
from actors.service import Service
from actors.system import ServiceFailed

log = logging.getLogger(__name__)

Task = tuple[Cell, int, Job]
Post = Callable[..., None]


class Crew:
    """The threads of one service; jobs are begun in the order in which they came."""

    def __init__(self, name: str, service: Service, threads: int, limit: int, post: Post) -> None:
        self._name = name
        self._service = service
        self._limit = limit
        self._post = post
        self._tasks: queue.SimpleQueue[Task | None] = queue.SimpleQueue()
        self._working = threads
        self._lock = threading.Lock()
        self._threads = [
            threading.Thread(target=self._work, name=f"{name}-{number}", daemon=True) for number in range(threads)
        ]
        for thread in self._threads:
            thread.start()

    def add(self, cell: Cell, job: Job) -> None:
        """Let a thread do the job, unless there is too much to do."""
        if self._tasks.qsize() >= self._limit:
            answer(cell, cell.incarnation, self._name, ServiceFailed(self._name, job, "too much to do"))
        else:
            self._tasks.put((cell, cell.incarnation, job))

    def finish(self) -> None:
        """Let the threads end when all jobs are done."""
        for _ in self._threads:
            self._tasks.put(None)

    def join(self, seconds: float) -> bool:
        """Wait for the threads; return whether they have ended."""
        for thread in self._threads:
            thread.join(seconds)
        return not any(thread.is_alive() for thread in self._threads)

    def _work(self) -> None:
        while (task := self._tasks.get()) is not None:
            cell, incarnation, job = task
            msg = self._perform(job)
            if msg is not None:
                self._post(answer, cell, incarnation, self._name, msg)
        with self._lock:
            self._working -= 1
            last = self._working == 0
        if last:  # here, since a database connection may belong to its thread
            self._service.close()

    def _perform(self, job: Job) -> ActorProtocol | None:
        try:
            return self._service.perform(job)
        except Exception as error:
            log.exception("service %s failed on %s", self._name, type(job).__qualname__)
            return ServiceFailed(self._name, job, f"{type(error).__name__}: {error}")


class Crews:
    """The services of a node."""

    def __init__(self, post: Post) -> None:
        self._post = post
        self._crews: dict[str, Crew] = {}

    def attach(self, name: str, service: Service, threads: int, limit: int) -> None:
        """Start the threads of a service.

        Raises:
            ValueError: the name is taken.
        """
        if name in self._crews:
            raise ValueError(f"there is a service {name!r} already")
        self._crews[name] = Crew(name, service, threads, limit, self._post)

    def perform(self, cell: Cell, service: str, job: Job) -> None:
        """Have a job done."""
        crew = self._crews.get(service)
        if crew is None:
            answer(cell, cell.incarnation, service, ServiceFailed(service, job, "no such service"))
        else:
            crew.add(cell, job)

    def finish(self) -> list[Crew]:
        """Let all threads end when their jobs are done, and return them."""
        crews = list(self._crews.values())
        self._crews.clear()
        for crew in crews:
            crew.finish()
        return crews


def answer(cell: Cell, incarnation: int, service: str, msg: ActorProtocol) -> None:
    """Let the asker have an answer, unless it was started again since it asked."""
    if cell.incarnation == incarnation:
        cell.kernel.route(Ref(f"service/{service}"), cell.me, msg)
