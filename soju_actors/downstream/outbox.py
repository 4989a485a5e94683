"""The outbox of a client: slots in the order of the user actor, filled as their lines come."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from operator import length_hint
from typing import Any

from actors import Ref
from soju_actors.downstream.answers import Answer, answer_lines
from soju_actors.downstream.inlet import Inlet
from soju_actors.downstream.labelling import Frames
from soju_actors.history.batches import tagged
from soju_actors.irc.batch import BatchNames, close_batch, open_batch
from soju_actors.irc.filtering import View
from soju_actors.irc.multiline import expanded
from soju_actors.messages.downstream import Page
from soju_actors.messages.slots import Backlog, Interleaved, Labelled, Lines, Question, Skipped, Slot, Ticket, Wait
from soju_actors.ports.protocols import ToBuffer

MOST_ASKED = 8
"""Questions of one client that may be under way: their answers wait here for those before them."""


@dataclass(slots=True)
class _Run:
    """What has not gone of a ticket for one buffer, or of several that follow each other."""

    buffer: int
    count: int


@dataclass(slots=True)
class _Skip:
    """What has not come yet of messages that the client does not get."""

    buffer: int
    count: int


@dataclass(slots=True)
class _Mixed:
    """What has not gone of messages of several buffers."""

    keys: tuple[int, ...]
    buffers: frozenset[int]
    """Whose messages they are."""
    shown: bool
    """All of them are shown."""


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
class _Framed:
    """A part of the answer to a label; its lines go out when all of them are there."""

    slot: Labelled
    items: "deque[_Item]" = field(default_factory=deque)
    lines: list[str] = field(default_factory=list)


_Item = tuple[str, ...] | _Run | _Skip | _Mixed | _Replay | Wait | _Asked | _Framed


@dataclass(slots=True)
class Outbox:
    """Holds back what stands behind a ticket until the ticket's lines are there.

    ``size`` counts what waits in the queue, in lines and tickets: who does not read
    has tickets here, not copies of messages.
    """

    view: View
    names: BatchNames
    source: str = ""
    """The bouncer's name."""
    size: int = 0
    _touched: dict[int, int] = field(default_factory=dict)
    """How far the client has been sent messages of buffers, by key, where that was since somebody asked."""
    _taken: set[int] = field(default_factory=set)
    """Keys of buffers of which lines were taken since credit was last given back."""
    _queue: deque[_Item] = field(default_factory=deque)
    _inlets: dict[int, Inlet] = field(default_factory=dict)
    _stored: dict[int, int] = field(default_factory=dict)
    """Below which number the messages of buffers are durable, as far as the client's lines wait for that."""
    _asked: dict[int, _Asked] = field(default_factory=dict)
    _questions: int = 0
    _unsent: int = 0
    """Questions that have not been asked."""
    _under_way: int = 0
    """Questions that have been asked and whose answer has not gone out."""
    _frames: Frames = field(init=False)

    def __post_init__(self) -> None:
        """Begin without open answers."""
        self._frames = Frames(self.source, self.names)

    def put(self, slot: Slot) -> None:
        """Add a slot at the end."""
        self._put(slot, self._queue)

    def _put(self, slot: Slot, queue: deque[_Item]) -> None:
        match slot:
            case Lines(lines):
                queue.append(lines)
                self.size += len(lines)
            case Ticket(buffer, count):
                self._put_run(buffer, count, queue)
            case Skipped(buffer, count):
                self._put_skip(buffer, count, queue)
            case Interleaved(keys):
                different = set(keys)  # few
                queue.append(_Mixed(keys, frozenset(map(abs, different)), min(different) > 0))
                self.size += len(keys)
            case Backlog():
                queue.append(_Replay(slot))
                self.size += 1
            case Wait():
                queue.append(slot)
                self.size += 1
            case Question():
                self._questions += 1
                self._unsent += 1
                asked = self._asked[self._questions] = _Asked(self._questions, slot)
                queue.append(asked)
                self.size += 1
            case Labelled(parts=parts):
                framed = _Framed(slot)
                queue.append(framed)
                self.size += 1
                for part in parts:
                    self._put(part, framed.items)

    def _put_run(self, buffer: int, count: int, queue: deque[_Item]) -> None:
        """Add a ticket; one that goes on with the one before it makes that longer."""
        last = queue[-1] if queue else None
        if type(last) is _Run and last.buffer == buffer and (last.count > 0) is (count > 0):
            last.count += count
            return
        queue.append(_Run(buffer, count))
        self.size += 1

    def _put_skip(self, buffer: int, count: int, queue: deque[_Item]) -> None:
        last = queue[-1] if queue else None
        if type(last) is _Skip and last.buffer == buffer:
            last.count += count
            return
        queue.append(_Skip(buffer, count))
        self.size += 1

    def put_page(self, page: Page, buffer: Ref[ToBuffer]) -> None:
        """Take in messages of a buffer."""
        inlet = self._inlets.get(page.buffer)
        if inlet is None or inlet.buffer != buffer:
            inlet = self._inlets[page.buffer] = Inlet(buffer, page.first, page.first)
        inlet.add(page)

    def stored_up_to(self, buffer: int, end: int) -> None:
        """Note that a buffer's messages below ``end`` are durable."""
        self._stored[buffer] = end

    def questions(self) -> list[tuple[int, Question]]:
        """Return the questions that can be asked now, with their numbers.

        What stands before them is stored by then, so that the answers do not depend on when that was.
        """
        found: list[tuple[int, Question]] = []
        for item in self._waiting() if self._unsent else ():
            if type(item) in WAITING or self._under_way >= MOST_ASKED or (type(item) is Wait and self._waits(item)):
                break
            if type(item) is _Asked and not item.sent:
                item.sent = True
                self._unsent -= 1
                self._under_way += 1
                found.append((item.number, item.slot))
        return found

    def _waiting(self) -> Iterator[_Item]:
        """Yield all that waits, what answers to labels have in them one by one."""
        for item in self._queue:
            if type(item) is _Framed:
                yield from item.items
            else:
                yield item

    def answer(self, answer: Answer) -> None:
        """Fill the slot of a question."""
        asked = self._asked.pop(answer.request, None)
        if asked is not None:
            asked.answer = answer

    def ready(self) -> list[str]:
        """Take out the lines that can go to the client now."""
        out: list[str] = []
        self._fill(self._queue, out)
        return out

    def _fill(self, queue: deque[_Item], out: list[str]) -> None:
        while queue and FILL[type(queue[0])](self, queue[0], out):
            queue.popleft()

    def urgent(self, slots: Iterable[Slot]) -> list[str]:
        """Return the lines of slots that go out before all that waits."""
        lines = [line for slot in slots if isinstance(slot, Lines) for line in slot.lines]
        return [text for line in lines if (text := self.view.adapt(line))]

    def received(self) -> dict[Ref[ToBuffer], int]:
        """Return how far the client has been sent the messages of buffers, where that is news."""
        received = {self._inlets[key].buffer: position for key, position in self._touched.items()}
        self._touched.clear()
        return received

    def begin_again(self) -> "Outbox":
        """Return the outbox of the same client with an empty queue: what is in this one never comes."""
        new = Outbox(self.view, self.names, self.source)
        new._questions = self._questions  # late answers are nobody's
        return new

    def open_batches(self) -> list[str]:
        """Return the lines that end what has been begun."""
        first = self._queue[0] if self._queue else None
        return [str(close_batch(first.batch))] if isinstance(first, _Replay) and first.batch else []

    def begin_at(self, key: int, buffer: Ref[ToBuffer], first: int) -> None:
        """Take all below ``first`` as sent."""
        self._inlets[key] = Inlet(buffer, first, first)
        self._touched[key] = first

    def position(self, key: int) -> int | None:
        """Return up to where the client was sent a buffer's messages, None if nothing has come of it."""
        inlet = self._inlets.get(key)
        return None if inlet is None else inlet.position

    def buffers(self) -> list[Ref[ToBuffer]]:
        """Return the buffers that have sent pages."""
        return [inlet.buffer for inlet in self._inlets.values()]

    def credits(self, least: int) -> list[tuple[Ref[ToBuffer], int]]:
        """Return the credit to give back to buffers whose lines went out."""
        inlets = [self._inlets[key] for key in self._taken]
        self._taken.clear()
        return [(inlet.buffer, owed) for inlet in inlets if (owed := inlet.owes(least))]

    def pass_wait(self, item: Wait, out: list[str]) -> bool:  # noqa: ARG002 - as the others
        """Whether what stands behind this can go."""
        if self._waits(item):
            return False
        self.size -= 1
        return True

    def _waits(self, item: Wait) -> bool:
        return self._stored.get(item.buffer, 0) < item.end

    def take_lines(self, lines: tuple[str, ...], out: list[str]) -> bool:
        """Send lines of the user actor."""
        adapt = self.view.adapt
        out.extend([text for line in lines if (text := adapt(line)) is not None])
        self.size -= len(lines)
        return True

    def take_run(self, item: _Run, out: list[str]) -> bool:
        """Send what there is of a ticket; whether that was all of it."""
        inlet, wanted = self._inlets.get(item.buffer), abs(item.count)
        there = 0 if inlet is None else min(wanted, inlet.end - inlet.position)
        if inlet is None or not there:
            return False
        lines = self._take(item.buffer, inlet, there)
        if inlet.multiline:
            lines = expanded(lines, self.view, self.names.new())
        if item.count > 0:
            out.extend(lines if "" not in lines else filter(None, lines))
            item.count -= there
        else:
            item.count += there
        self.size -= there == wanted
        return there == wanted

    def take_mixed(self, item: _Mixed, out: list[str]) -> bool:
        """Send what there is of messages of several buffers; whether that was all of them."""
        there = {key: inlet.waiting() if (inlet := self._inlets.get(key)) else [] for key in item.buffers}
        rest = {key: iter(lines) for key, lines in there.items()}
        either = rest | {-key: lines for key, lines in rest.items()}
        found = list(map(next, map(either.__getitem__, item.keys)))  # ends with the first that has not come
        if not found:
            return False
        taken = {key: count for key, lines in there.items() if (count := len(lines) - length_hint(rest[key]))}
        for key, count in taken.items():
            self._take(key, self._inlets[key], count)
        if not item.shown:
            found = [line for key, line in zip(item.keys, found, strict=False) if key > 0]
        if any(self._inlets[key].multiline for key in taken):
            found = expanded(found, self.view, self.names.new())
        out.extend(filter(None, found))
        self.size -= sum(taken.values())
        item.keys = item.keys[sum(taken.values()) :]
        return not item.keys

    def _take(self, key: int, inlet: Inlet, count: int) -> list[str]:
        self._taken.add(key)
        lines = inlet.take(inlet.position + count)
        self._touched[key] = inlet.position
        return lines

    def take_skip(self, item: _Skip, out: list[str]) -> bool:
        """Pass over what there is of messages that the client does not get; whether that was all of them."""
        del out
        inlet = self._inlets.get(item.buffer)
        there = 0 if inlet is None else min(item.count, inlet.end - inlet.position)
        if inlet is not None and there:
            inlet.take(inlet.position + there)
            self._taken.add(item.buffer)
            item.count -= there
        self.size -= not item.count
        return not item.count

    def take_replay(self, replay: _Replay, out: list[str]) -> bool:
        """Send what there is of a backlog, as a batch if the client knows those; whether that was all of it."""
        inlet = self._inlets.get(replay.slot.buffer)
        if inlet is None:
            return False
        end = min(inlet.end, replay.slot.end)
        taken = inlet.take(end) if end > inlet.position else []
        lines = list(filter(None, taken))
        if inlet.multiline:
            lines = expanded(lines, self.view, self.names.new())
        self._taken.add(replay.slot.buffer)
        if lines:
            self._touched[replay.slot.buffer] = end - _empty_at_the_end(taken)
            if self.view.batch and not replay.batch:
                replay.batch = self.names.new()
                out.append(str(open_batch(replay.batch, "chathistory", replay.slot.target)))
            out.extend(tagged(lines, replay.batch, nested=inlet.multiline) if replay.batch else lines)
        if end < replay.slot.end:
            return False
        if replay.batch:
            out.append(str(close_batch(replay.batch)))
        self.size -= 1
        return True

    def take_answer(self, asked: _Asked, out: list[str]) -> bool:
        """Send the answer to a question, if it is there."""
        if asked.answer is None:
            return False
        out.extend(answer_lines(asked.slot, asked.answer, self.view, self.names.new()))
        self._under_way -= 1
        self.size -= 1
        return True

    def take_framed(self, item: _Framed, out: list[str]) -> bool:
        """Send a part of the answer to a label; whether all of it was there."""
        self._fill(item.items, item.lines)
        if item.items:
            return False
        slot = item.slot
        out.extend(self._frames.take(slot.frame, slot.label, item.lines, done=slot.done))
        self.size -= 1
        return True

    def answer_to(self, label: str, lines: list[str]) -> list[str]:
        """Return lines that are all of the answer to a label, with that."""
        return self._frames.take(0, label, lines, done=True)


FILL: Mapping[type, Callable[[Outbox, Any, list[str]], bool]] = {
    tuple: Outbox.take_lines,
    _Run: Outbox.take_run,
    _Skip: Outbox.take_skip,
    _Mixed: Outbox.take_mixed,
    _Replay: Outbox.take_replay,
    Wait: Outbox.pass_wait,
    _Asked: Outbox.take_answer,
    _Framed: Outbox.take_framed,
}
"""How each kind of item sends what there is of it, and tells whether that was all."""
WAITING = (_Run, _Skip, _Mixed, _Replay)
"""What stands for stored messages that have not come."""


def _empty_at_the_end(lines: list[str]) -> int:
    """Return how many lines there are behind the last that the client gets."""
    return next((count for count, line in enumerate(reversed(lines)) if line), len(lines))
