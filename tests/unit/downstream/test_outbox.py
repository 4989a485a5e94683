"""The outbox: whatever comes when, the client gets it in the order of the slots."""

from dataclasses import dataclass, field

from hypothesis import given
from hypothesis import strategies as st

from actors import Ref
from soju_actors.downstream.outbox import MOST_ASKED, Outbox
from soju_actors.downstream.receipts import Receipts
from soju_actors.irc.batch import BatchNames
from soju_actors.irc.filtering import View
from soju_actors.irc.message import parse_message
from soju_actors.messages.downstream import Page
from soju_actors.messages.slots import (
    Backlog,
    Interleaved,
    Labelled,
    Lines,
    Part,
    Question,
    Skipped,
    Slot,
    Ticket,
    Wait,
)
from soju_actors.model.entry import Entry
from soju_actors.model.records import NetworkId
from soju_actors.ports.database import Direction, HistoryRead, QueryHistory, ReadFailed
from soju_actors.ports.protocols import ToBuffer

QUESTION = Question(QueryHistory(NetworkId(1), "#soju", 10, Direction.NEWEST), "CHATHISTORY", "#soju")
KEYS = (1, 2, 3)


def new_outbox(*caps: str) -> Outbox:
    return Outbox(View.of(caps), BatchNames("h"))


def buffer(key: int) -> Ref[ToBuffer]:
    return Ref(f"buffer/{key}")


def answer(request: int, *lines: str) -> HistoryRead:
    return HistoryRead(tuple([Entry(0, 0, "bob", "NOTICE", line) for line in lines]), request)


def page(key: int, first: int, *lines: str) -> Page:
    return Page(key, first, first + len(lines), lines)


@dataclass
class Said:
    """What the user actor and the buffers said, and what the client must get of it."""

    slots: list[Slot] = field(default_factory=list)
    pages: dict[int, list[str]] = field(default_factory=lambda: {key: [] for key in KEYS})
    expected: list[str] = field(default_factory=list)


@st.composite
def days(draw: st.DrawFn) -> Said:
    said = Said()
    for number in range(draw(st.integers(1, 12))):
        if draw(st.booleans()):
            lines = tuple(f":bob NICK bob{number}x{n}" for n in range(draw(st.integers(1, 3))))
            said.slots.append(Lines(lines))
            said.expected.extend(lines)
            continue
        if draw(st.integers(0, 5)) == 0:
            key, count = draw(st.sampled_from(KEYS)), draw(st.integers(1, 5))
            said.pages[key] += [f":pest PRIVMSG #{key} :{n}" for n in range(count)]
            said.slots.append(Skipped(key, count))
            continue
        keys: list[int] = []
        for _ in range(draw(st.integers(1, 4))):
            key, count, shown = draw(st.sampled_from(KEYS)), draw(st.integers(1, 5)), draw(st.booleans())
            keys += [key if shown else -key] * count
            for _ in range(count):
                line = f":bob PRIVMSG #{key} :{len(said.pages[key])}" if draw(st.integers(0, 4)) else ""
                said.pages[key].append(line)
                said.expected.extend([line] if shown and line else [])
        said.slots.append(_slot(keys))
    return said


def _slot(keys: list[int]) -> Slot:
    if len(set(keys)) > 1:
        return Interleaved(tuple(keys))
    return Ticket(abs(keys[0]), len(keys) if keys[0] > 0 else -len(keys))


@given(days(), st.data())
def test_the_order_is_that_of_the_slots_whenever_pages_come(said: Said, data: st.DataObject) -> None:
    outbox, out = new_outbox(), list[str]()
    slots = list(said.slots)
    at = dict.fromkeys(KEYS, 0)
    while slots or any(at[key] < len(said.pages[key]) for key in KEYS):
        open_pages = [key for key in KEYS if at[key] < len(said.pages[key])]
        choice: int = data.draw(st.sampled_from([*([0] if slots else []), *open_pages]))
        if choice == 0:
            outbox.put(slots.pop(0))
        else:
            size = data.draw(st.integers(1, 6))
            lines = said.pages[choice][at[choice] : at[choice] + size]
            outbox.put_page(page(choice, at[choice] + 100, *lines), buffer(choice))
            at[choice] += len(lines)
        if data.draw(st.booleans()):
            out.extend(outbox.ready())
    out.extend(outbox.ready())
    assert out == said.expected
    assert outbox.size == 0
    assert sum(credit for _, credit in outbox.credits(1)) == sum(len(lines) for lines in said.pages.values())


def test_a_ticket_holds_back_what_stands_behind_it() -> None:
    outbox = new_outbox()
    outbox.put(Ticket(1, 2))
    outbox.put(Lines((":bob QUIT",)))
    assert outbox.ready() == []
    outbox.put_page(page(1, 5, ":bob PRIVMSG #a :x"), buffer(1))
    assert outbox.ready() == [":bob PRIVMSG #a :x"]
    outbox.put_page(page(1, 6, ":bob PRIVMSG #a :y"), buffer(1))
    assert outbox.ready() == [":bob PRIVMSG #a :y", ":bob QUIT"]


def test_a_busy_channel_costs_one_ticket_for_who_does_not_read() -> None:
    outbox = new_outbox()
    for _ in range(1000):
        outbox.put(Ticket(1, 300))
    assert outbox.size == 1


def test_what_is_skipped_is_not_received() -> None:
    """Row RCP-11: unless something behind it is."""
    outbox = new_outbox()
    line = ":bob PRIVMSG #a :{}"
    outbox.put(Ticket(1, 1))
    outbox.put(Skipped(1, 1))
    outbox.put(Skipped(1, 2))
    assert outbox.size == 2
    outbox.put_page(page(1, 5, *map(line.format, (5, 6, 7, 8, 9))), buffer(1))
    assert outbox.ready() == [line.format(5)]
    assert outbox.received() == {buffer(1): 6}
    outbox.put(Skipped(1, 1))
    assert outbox.ready() == []
    assert outbox.received() == {}
    outbox.put(Ticket(1, -1))
    outbox.put_page(page(1, 10, line.format(10)), buffer(1))
    assert outbox.ready() == []
    assert outbox.received() == {buffer(1): 11}
    assert outbox.credits(1) == [(buffer(1), 6)]


def test_of_a_backlog_the_last_that_is_shown_is_received() -> None:
    """Row RCP-11: what is hidden behind it may be shown another time."""
    outbox = new_outbox()
    outbox.put(Backlog(1, 14, "#soju"))
    outbox.put_page(page(1, 10, "", ":bob PRIVMSG #soju :x", "", ""), buffer(1))
    assert outbox.ready() == [":bob PRIVMSG #soju :x"]
    assert outbox.received() == {buffer(1): 12}


def test_a_backlog_is_a_batch() -> None:
    """Row RCP-07."""
    outbox = new_outbox("batch", "server-time")
    outbox.put(Backlog(1, 12, "#soju"))
    outbox.put(Ticket(1, 1))
    line = "@time=2024-01-01T00:00:00.000Z :bob PRIVMSG #soju :{}"
    outbox.put_page(page(1, 10, line.format(10)), buffer(1))
    assert outbox.ready() == ["BATCH +h1 chathistory #soju", "@batch=h1;" + line.format(10)[1:]]
    outbox.put_page(page(1, 11, "", line.format(12)), buffer(1))
    assert outbox.ready() == ["BATCH -h1", line.format(12)]


def test_a_backlog_of_nothing_is_no_batch() -> None:
    outbox = new_outbox("batch")
    outbox.put(Backlog(1, 12, "#soju"))
    outbox.put(Lines((":bob QUIT",)))
    outbox.put_page(page(1, 12), buffer(1))
    assert outbox.ready() == [":bob QUIT"]


def test_a_question_is_asked_when_what_stands_before_it_has_gone_out() -> None:
    """So its answer holds what the client was shown before, whenever that was stored."""
    outbox = new_outbox()
    outbox.put(QUESTION)
    outbox.put(Lines((":bob QUIT",)))
    outbox.put(QUESTION)
    outbox.put(Ticket(1, 1))
    outbox.put(QUESTION)
    assert outbox.ready() == []
    assert outbox.questions() == [(1, QUESTION), (2, QUESTION)]
    assert outbox.questions() == []
    outbox.put_page(page(1, 0, ":bob PRIVMSG #a :x"), buffer(1))
    assert outbox.ready() == []
    assert outbox.questions() == []
    outbox.answer(answer(2, ":bob NOTICE #a :2"))
    outbox.answer(answer(7, "to nothing"))
    assert outbox.ready() == []
    outbox.answer(answer(1, ":bob NOTICE #a :1"))
    assert outbox.ready() == [":bob NOTICE #a :1", ":bob QUIT", ":bob NOTICE #a :2", ":bob PRIVMSG #a :x"]
    assert outbox.questions() == [(3, QUESTION)]


def test_a_few_questions_are_under_way_at_a_time() -> None:
    """Answers wait for those before them, and must not fill the memory meanwhile."""
    outbox = new_outbox()
    for _ in range(2 * MOST_ASKED):
        outbox.put(QUESTION)
    numbers = [number for number, _ in outbox.questions()]
    assert numbers == list(range(1, MOST_ASKED + 1))
    outbox.answer(answer(2, ":bob NOTICE #a :2"))
    assert (outbox.ready(), outbox.questions()) == ([], [])
    outbox.answer(ReadFailed("disk on fire", 1))
    assert len(outbox.ready()) == 2
    assert [number for number, _ in outbox.questions()] == [MOST_ASKED + 1, MOST_ASKED + 2]


def test_answers_are_named_in_the_order_in_which_they_go_out() -> None:
    outbox = new_outbox("batch")
    outbox.put(QUESTION)
    outbox.put(QUESTION)
    outbox.answer(answer(2))
    outbox.answer(ReadFailed("disk on fire", 1))
    assert outbox.ready() == [
        "FAIL CHATHISTORY MESSAGE_ERROR #soju :History cannot be read now: disk on fire",
        "BATCH +h2 chathistory #soju",
        "BATCH -h2",
    ]
    assert outbox.size == 0


def test_a_receipt_stands_for_what_was_sent() -> None:
    """Row RCP-02, with one PING for each round trip."""
    outbox, receipts = new_outbox(), Receipts()
    outbox.put(Interleaved((1, 1, -2)))
    outbox.put_page(page(1, 10, "a", "b"), buffer(1))
    outbox.put_page(page(2, 3, "own"), buffer(2))
    assert outbox.ready() == ["a", "b"]
    ping = receipts.ask(outbox.received())
    assert receipts.under_way
    assert outbox.received() == {}
    assert receipts.confirm(("something else",)) == {}
    assert receipts.confirm((ping.removeprefix("PING :"),)) == {buffer(1): 12, buffer(2): 4}
    assert not receipts.under_way
    assert receipts.confirm((ping.removeprefix("PING :"),)) == {}, "a PONG counts once"


def test_numbers_of_deleted_history_stand_for_nothing() -> None:
    outbox = new_outbox()
    outbox.put(Interleaved((1, 2, 1, 1, 1)))
    outbox.put_page(Page(1, 0, 0, ()), buffer(1))
    outbox.put_page(page(1, 2, "c", "d"), buffer(1))
    assert outbox.ready() == []
    outbox.put_page(page(2, 0, "b"), buffer(2))
    assert outbox.ready() == ["b", "c", "d"]
    assert outbox.size == 0


@st.composite
def answers(draw: st.DrawFn) -> tuple[list[Slot], dict[int, list[str]], list[str]]:
    """Parts of answers to labels, mixed; the lines of each answer; the lines of the buffer that has some of them."""
    slots: list[Slot] = []
    wanted: dict[int, list[str]] = {}
    pages: list[str] = []
    frames = draw(st.lists(st.integers(1, 3), min_size=1, max_size=8))
    for at, frame in enumerate(frames):
        lines = tuple(f":bob NICK {frame}x{at}x{n}" for n in range(draw(st.integers(0, 3))))
        parts: list[Part] = [Lines(lines)] if lines else []
        wanted.setdefault(frame, []).extend(lines)
        if draw(st.booleans()):
            pages.append(f":bob PRIVMSG #a :{at}")
            parts.append(Ticket(1, 1))
            wanted[frame].append(pages[-1])
        slots.append(Labelled(frame, f"l{frame}", tuple(parts), done=frame not in frames[at + 1 :]))
    return slots, wanted, pages


@given(answers(), st.booleans())
def test_each_label_is_on_exactly_one_message_that_is_or_holds_the_answer(
    said: tuple[list[Slot], dict[int, list[str]], list[str]], late: bool
) -> None:
    """Spec: https://ircv3.net/specs/extensions/labeled-response."""
    slots, wanted, pages = said
    outbox, out = new_outbox("batch", "labeled-response"), list[str]()
    for slot in slots:
        outbox.put(slot)
    if late:
        out += outbox.ready()
    outbox.put_page(page(1, 0, *pages), buffer(1))
    out += outbox.ready()
    found: dict[str, list[str]] = {}
    batches: dict[str, str] = {}
    for message in map(parse_message, out):
        label, batch = message.tag("label"), message.tag("batch")
        if label is not None:
            assert label not in found
            found[label] = [] if message.command in ("ACK", "BATCH") else [str(message.without_tags())]
        if message.command == "BATCH" and label is not None:
            assert message.params[1] == "labeled-response"
            batches[message.params[0][1:]] = label
        elif batch is not None:
            found[batches[batch]].append(str(message.without_tags()))
        else:
            assert label is not None or batches.pop(message.params[0][1:])
    assert not batches, "every batch is closed"
    assert found == {f"l{frame}": lines for frame, lines in wanted.items()}
    assert outbox.size == 0


def test_an_answer_that_is_a_batch_already_has_the_label_on_that() -> None:
    """An existing type that applies to the entire response; behind something else it is a batch within one."""
    outbox = new_outbox("batch", "labeled-response")
    outbox.put(Labelled(1, "a", (QUESTION,), done=True))
    outbox.put(Labelled(2, "b", (Lines((":bob QUIT",)), QUESTION), done=True))
    assert outbox.questions() == [(1, QUESTION), (2, QUESTION)]
    outbox.answer(answer(1, ":bob NOTICE #a :1"))
    outbox.answer(answer(2, ":bob NOTICE #a :2"))
    assert outbox.ready() == [
        "@label=a BATCH +h1 chathistory #soju",
        "@batch=h1 :bob NOTICE #a :1",
        "BATCH -h1",
        "@label=b BATCH +h3 labeled-response",
        "@batch=h3 :bob QUIT",
        "@batch=h3 BATCH +h2 chathistory #soju",
        "@batch=h2 :bob NOTICE #a :2",
        "@batch=h3 BATCH -h2",
        "BATCH -h3",
    ]


def test_what_waits_for_a_buffer_of_which_nothing_is_shown_goes_when_that_is_stored() -> None:
    """Row DET-03; a question behind it is not asked before."""
    outbox = new_outbox()
    for slot in (Lines(("one",)), Wait(1, 3), Lines(("two",)), QUESTION):
        outbox.put(slot)
    outbox.stored_up_to(1, 2)
    outbox.stored_up_to(2, 9)
    assert outbox.questions() == []
    assert outbox.ready() == ["one"]
    outbox.stored_up_to(1, 3)
    assert len(outbox.questions()) == 1
    assert outbox.ready() == ["two"]
    outbox.answer(answer(1, "three"))
    assert outbox.ready() == ["three"]
    assert outbox.size == 0
