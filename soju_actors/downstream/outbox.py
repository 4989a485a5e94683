"""The outbox of a client: slots in the order of the user actor, filled as their lines come."""

from collections import deque
from dataclasses import dataclass, field

from actors import Ref
from soju_actors.downstream.answers import Answer, answer_lines
from soju_actors.downstream.inlet import Inlet
from soju_actors.history.batches import tagged
from soju_actors.irc.batch import BatchNames, close_batch, open_batch
from soju_actors.irc.filtering import View
from soju_actors.messages.downstream import Page
from soju_actors.messages.slots import Backlog, Lines, Question, Slot, Ticket
from soju_actors.ports.protocols import ToBuffer


@dataclass(slots=True)
class _Runs:
    """A ticket, or the rest of one: messages of buffers, run after run."""

    runs: tuple[tuple[int, int], ...]
    at: int = 0
    """The run that is next."""
    taken: int = 0
    """How many of its messages have gone."""


@dataclass(slots=True)
class _Replay:
    """A backlog on its way; ``batch`` names its batch once that is open."""

    slot: Backlog
    batch: str = ""


@dataclass(slots=True)
class _Asked:
    """A question; its answer is there once the database has given it."""

    number: int
    slot: Question
    sent: bool = False
    answer: Answer | None = None


@dataclass(slots=True)
class Outbox:
    """Holds back what stands behind a ticket until the ticket's lines are there.

    ``size`` counts what waits in the queue, in lines and runs: who does not read
    has tickets here, not copies of messages.
    """

    view: View
    names: BatchNames
    size: int = 0
    _touched: set[int] = field(default_factory=set)
    """Keys of buffers of which the client has been sent messages since somebody asked."""
    _taken: set[int] = field(default_factory=set)
    """Keys of buffers of which lines were taken since credit was last given back."""
    _queue: deque[tuple[str, ...] | _Runs | _Replay | _Asked] = field(default_factory=deque)
    _inlets: dict[int, Inlet] = field(default_factory=dict)
    _asked: dict[int, _Asked] = field(default_factory=dict)
    _questions: int = 0
    _unsent: int = 0
    """Questions that have not been asked."""

    def put(self, slot: Slot) -> None:
        """Add a slot at the end."""
        match slot:
            case Lines(lines):
                self._queue.append(lines)
                self.size += len(lines)
            case Ticket(runs):
                self._put_runs(runs)
            case Backlog():
                self._queue.append(_Replay(slot))
                self.size += 1
            case Question():
                self._questions += 1
                self._unsent += 1
                asked = self._asked[self._questions] = _Asked(self._questions, slot)
                self._queue.append(asked)
                self.size += 1

    def _put_runs(self, runs: tuple[tuple[int, int], ...]) -> None:
        """Add a ticket; one that goes on with the run before it makes that longer."""
        last = self._queue[-1] if self._queue else None
        if type(last) is _Runs and len(last.runs) == len(runs) == 1:
            (key, count), (other, more) = last.runs[0], runs[0]
            if key == other and (count > 0) is (more > 0):
                last.runs = ((key, count + more),)
                return
        self._queue.append(_Runs(runs))
        self.size += len(runs)

    def put_page(self, page: Page, buffer: Ref[ToBuffer]) -> None:
        """Take in messages of a buffer."""
        inlet = self._inlets.get(page.buffer)
        if inlet is None or inlet.buffer != buffer:
            inlet = self._inlets[page.buffer] = Inlet(buffer, page.first, page.first)
        inlet.add(page)

    def questions(self) -> list[tuple[int, Question]]:
        """Return the questions that can be asked now, with their numbers.

        What stands before them is stored by then, so that the answers do not depend on when that was.
        """
        found: list[tuple[int, Question]] = []
        for item in self._queue if self._unsent else ():
            if type(item) is _Runs or type(item) is _Replay:
                break
            if type(item) is _Asked and not item.sent:
                item.sent = True
                self._unsent -= 1
                found.append((item.number, item.slot))
        return found

    def answer(self, answer: Answer) -> None:
        """Fill the slot of a question."""
        asked = self._asked.pop(answer.request, None)
        if asked is not None:
            asked.answer = answer

    def ready(self) -> list[str]:
        """Take out the lines that can go to the client now."""
        out: list[str] = []
        queue = self._queue
        while queue:
            item = queue[0]
            if type(item) is _Runs:
                if not self._take_runs(item, out):
                    break
                self.size -= len(item.runs) - 1
            elif type(item) is tuple:
                adapt = self.view.adapt
                out.extend([text for line in item if (text := adapt(line)) is not None])
                self.size -= len(item) - 1
            elif type(item) is _Replay:
                if not self._replay(item, out):
                    break
            elif type(item) is _Asked:
                if item.answer is None:
                    break
                out.extend(answer_lines(item.slot, item.answer, self.view, self.names.new()))
            queue.popleft()
            self.size -= 1
        return out

    def received(self) -> dict[Ref[ToBuffer], int]:
        """Return how far the client has been sent the messages of buffers, where that is news."""
        inlets = [self._inlets[key] for key in self._touched]
        self._touched.clear()
        return {inlet.buffer: inlet.position for inlet in inlets}

    def buffers(self) -> list[Ref[ToBuffer]]:
        """Return the buffers that have sent pages."""
        return [inlet.buffer for inlet in self._inlets.values()]

    def credits(self, least: int) -> list[tuple[Ref[ToBuffer], int]]:
        """Return the credit to give back to buffers whose lines went out."""
        inlets = [self._inlets[key] for key in self._taken]
        self._taken.clear()
        return [(inlet.buffer, owed) for inlet in inlets if (owed := inlet.owes(least))]

    def _take_runs(self, item: _Runs, out: list[str]) -> bool:
        """Send what there is of a ticket; whether that was all of it."""
        runs, inlets, touched, taken = item.runs, self._inlets, self._touched.add, self._taken.add
        for at in range(item.at, len(runs)):
            key, signed = runs[at]
            wanted = abs(signed) - item.taken
            inlet = inlets.get(key)
            there = 0 if inlet is None else min(wanted, inlet.end - inlet.position)
            if inlet is not None and there:
                lines = inlet.take(inlet.position + there)
                touched(key)
                taken(key)
                if signed > 0:
                    out.extend(lines if "" not in lines else filter(None, lines))
            if there < wanted:
                item.at, item.taken = at, item.taken + there
                return False
            item.taken = 0
        return True

    def _replay(self, replay: _Replay, out: list[str]) -> bool:
        """Send what there is of a backlog, as a batch if the client knows those; whether that was all of it."""
        inlet = self._inlets.get(replay.slot.buffer)
        if inlet is None:
            return False
        end = min(inlet.end, replay.slot.end)
        lines = [line for line in inlet.take(end) if line] if end > inlet.position else []
        self._taken.add(replay.slot.buffer)
        if lines:
            self._touched.add(replay.slot.buffer)
            if self.view.batch and not replay.batch:
                replay.batch = self.names.new()
                out.append(str(open_batch(replay.batch, "chathistory", replay.slot.target)))
            out.extend(tagged(lines, replay.batch) if replay.batch else lines)
        if end < replay.slot.end:
            return False
        if replay.batch:
            out.append(str(close_batch(replay.batch)))
        return True
