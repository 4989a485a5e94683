"""The outbox of a client: slots in the order of the user actor, filled as their lines come."""

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field

from actors import Ref
from soju_actors.downstream.inlet import Inlet
from soju_actors.history.batches import tagged
from soju_actors.irc.batch import BatchNames, close_batch, open_batch
from soju_actors.irc.filtering import View
from soju_actors.messages.downstream import Page
from soju_actors.messages.slots import Backlog, Lines, Question, Slot, Ticket
from soju_actors.ports.protocols import ToBuffer


@dataclass(slots=True)
class _Run:
    """So many messages of one buffer are next; ``shown`` or passed over."""

    key: int
    count: int
    shown: bool


@dataclass(slots=True)
class _Replay:
    """A backlog on its way; ``batch`` names its batch once that is open."""

    slot: Backlog
    batch: str = ""


@dataclass(slots=True)
class _Asked:
    """A question; its lines are there once it is answered."""

    number: int
    lines: tuple[str, ...] | None = None


@dataclass(slots=True)
class Outbox:
    """Holds back what stands behind a ticket until the ticket's lines are there.

    ``size`` counts what waits in the queue, in lines and runs: who does not read
    has tickets here, not copies of messages.
    """

    view: View
    names: BatchNames
    size: int = 0
    received: dict[Ref[ToBuffer], int] = field(default_factory=dict)
    """For each buffer how far the client has been sent messages since this was last emptied."""
    _queue: deque[tuple[str, ...] | _Run | _Replay | _Asked] = field(default_factory=deque)
    _inlets: dict[int, Inlet] = field(default_factory=dict)
    _asked: dict[int, _Asked] = field(default_factory=dict)
    _questions: int = 0

    def put(self, slot: Slot) -> int:
        """Add a slot at the end; return the number of the question, if it is one."""
        match slot:
            case Lines(lines):
                self._queue.append(lines)
                self.size += len(lines)
            case Ticket(runs):
                for key, count in runs:
                    self._put_run(key, abs(count), shown=count > 0)
            case Backlog():
                self._queue.append(_Replay(slot))
                self.size += 1
            case Question():
                self._questions += 1
                asked = self._asked[self._questions] = _Asked(self._questions)
                self._queue.append(asked)
                self.size += 1
                return self._questions
        return 0

    def _put_run(self, key: int, count: int, *, shown: bool) -> None:
        last = self._queue[-1] if self._queue else None
        if type(last) is _Run and last.key == key and last.shown is shown:
            last.count += count
            return
        self._queue.append(_Run(key, count, shown))
        self.size += 1

    def put_page(self, page: Page, buffer: Ref[ToBuffer]) -> None:
        """Take in messages of a buffer."""
        inlet = self._inlets.get(page.buffer)
        if inlet is None or inlet.buffer != buffer:
            inlet = self._inlets[page.buffer] = Inlet(buffer, page.first, page.first)
        inlet.add(page)

    def answer(self, question: int, lines: Iterable[str]) -> None:
        """Fill the slot of a question."""
        asked = self._asked.pop(question, None)
        if asked is not None:
            asked.lines = tuple(lines)

    def ready(self) -> list[str]:
        """Take out the lines that can go to the client now."""
        out: list[str] = []
        queue = self._queue
        while queue:
            item = queue[0]
            if type(item) is _Run:
                if not self._run(item, out):
                    break
            elif type(item) is tuple:
                adapt = self.view.adapt
                out.extend([text for line in item if (text := adapt(line)) is not None])
                self.size -= len(item) - 1
            elif type(item) is _Replay:
                if not self._replay(item, out):
                    break
            elif type(item) is _Asked:
                if item.lines is None:
                    break
                out.extend(item.lines)
            queue.popleft()
            self.size -= 1
        return out

    def buffers(self) -> list[Ref[ToBuffer]]:
        """Return the buffers that have sent pages."""
        return [inlet.buffer for inlet in self._inlets.values()]

    def credits(self, least: int) -> list[tuple[Ref[ToBuffer], int]]:
        """Return the credit to give back to buffers whose lines went out."""
        return [(inlet.buffer, owed) for inlet in self._inlets.values() if (owed := inlet.owes(least))]

    def _run(self, run: _Run, out: list[str]) -> bool:
        """Send what there is of a run; whether that was all of it."""
        inlet = self._inlets.get(run.key)
        if inlet is None:
            return False
        count = min(run.count, inlet.end - inlet.position)
        if count <= 0:
            return False
        lines = inlet.take(inlet.position + count)
        self.received[inlet.buffer] = inlet.position
        if run.shown:
            out.extend(lines if "" not in lines else filter(None, lines))
        run.count -= count
        return run.count == 0

    def _replay(self, replay: _Replay, out: list[str]) -> bool:
        """Send what there is of a backlog, as a batch if the client knows those; whether that was all of it."""
        inlet = self._inlets.get(replay.slot.buffer)
        if inlet is None:
            return False
        end = min(inlet.end, replay.slot.end)
        lines = [line for line in inlet.take(end) if line] if end > inlet.position else []
        if lines:
            self.received[inlet.buffer] = end
            if self.view.batch and not replay.batch:
                replay.batch = self.names.new()
                out.append(str(open_batch(replay.batch, "chathistory", replay.slot.target)))
            out.extend(tagged(lines, replay.batch) if replay.batch else lines)
        if end < replay.slot.end:
            return False
        if replay.batch:
            out.append(str(close_batch(replay.batch)))
        return True
