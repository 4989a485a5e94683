"""The ring, against a list."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from soju_actors.history.hiding import Hidden
from soju_actors.history.reader import Reader, Span, lines_of, without_gaps
from soju_actors.history.ring import Ring, shown_lines
from soju_actors.irc.casemap import Casemapping
from soju_actors.irc.filtering import View
from soju_actors.model.entry import Entry

FIRST = 7
STEPS = st.lists(st.tuples(st.sampled_from(("append", "store", "trim", "drop")), st.integers(1, 9)), max_size=40)


def entry(number: int, command: str = "PRIVMSG") -> Entry:
    return Entry(number, 0, "bob", command, f"@time=2024-01-01T00:00:00.000Z :bob!b@h {command} #soju :{number}")


@given(STEPS, st.integers(1, 12))
def test_a_ring_is_the_end_of_a_list(steps: list[tuple[str, int]], capacity: int) -> None:
    ring, said = Ring(capacity, FIRST), [entry(number) for number in range(FIRST)]
    for what, count in steps:
        if what == "append":
            new = tuple(entry(len(said) + n) for n in range(count))
            ring.append(new)
            said.extend(new)
        elif what == "store":
            ring.store_up_to(ring.durable + count)
        elif what == "drop":
            ring.drop_below(ring.start + count)
        else:
            ring.trim()
            assert ring.durable - ring.start <= capacity
        assert ring.end == len(said)
        assert FIRST <= ring.durable <= ring.end
        assert ring.start <= ring.durable, "what is not durable can be read nowhere else"
        for first in range(ring.start, ring.durable + 1):
            assert list(ring.read(first, ring.durable)) == shown_lines(said[first : ring.durable])
            assert list(ring.read(ring.start, first)) == shown_lines(said[ring.start : first])


def test_what_is_purged_is_dropped_as_far_as_it_is_durable() -> None:
    ring = Ring(9, FIRST)
    ring.append(tuple(entry(FIRST + n) for n in range(5)))
    ring.store_up_to(FIRST + 3)
    ring.drop_below(FIRST + 2)
    assert ring.start == FIRST + 2
    ring.drop_below(FIRST + 9)
    assert (ring.start, ring.end) == (FIRST + 3, FIRST + 5)
    ring.drop_below(FIRST)
    assert ring.start == FIRST + 3


def test_a_message_out_of_turn_is_refused() -> None:
    ring = Ring(4, FIRST)
    with pytest.raises(ValueError, match="message 9 is not the next, which is 7"):
        ring.append((entry(9),))


@pytest.mark.parametrize(("first", "end"), [(6, 8), (7, 10), (8, 7), (7, 9)])
def test_what_is_not_kept_or_not_durable_is_not_read(first: int, end: int) -> None:
    ring = Ring(4, FIRST)
    ring.append((entry(7), entry(8)))
    ring.store_up_to(8)
    with pytest.raises(ValueError, match="is not within"):
        ring.read(first, end)


def test_a_page_of_backlog_ends_where_the_live_messages_begin() -> None:
    reader = Reader(1, "laptop", View(), next=10, credit=100, spans=(Span(10, 20, talk=True),))
    assert reader.stretch(50, 1000) == 20
    assert reader.in_backlog
    reader.take(20, 10)
    assert reader.stretch(50, 1000) == 50
    assert reader.stretch(50, 5) == 25
    reader.take(50, 30)
    assert reader.credit == 60
    assert not reader.in_backlog


def test_a_reader_that_is_held_back_passes_over_what_comes_or_gets_its_talk() -> None:
    """Rows DET-01, DET-08."""
    reader = Reader(1, "laptop", View(), next=10, credit=100)
    reader.hold(20)
    assert reader.stretch(50, 1000) == 20
    reader.take(20, 10)
    assert reader.stretch(50, 1000) == 20
    assert not reader.passes_over(50)
    reader.go_on(30, talk=False)
    assert not reader.passes_over(29), "what it passes over is not stored yet"
    assert reader.passes_over(30)
    assert reader.stretch(50, 1000) == 50
    reader.hold(40)
    reader.go_on(45, talk=True)
    assert reader.stretch(50, 1000) == 40
    reader.take(40, 10)
    assert reader.in_backlog
    assert not reader.passes_over(50)
    assert reader.stretch(50, 1000) == 45


def test_backlog_is_talk_alone() -> None:
    """Row RCP-07: PRIVMSG and NOTICE."""
    entries = [entry(1), entry(2, "JOIN"), entry(3, "TAGMSG"), entry(4, "NOTICE")]
    lines, view = shown_lines(entries), View.of({"message-tags"})
    assert [bool(line) for line in lines_of(lines, view, backlog=True)] == [True, False, False, True]
    assert [bool(line) for line in lines_of(lines, view, backlog=False)] == [True, False, True, True]


def test_a_backlog_lacks_what_hidden_senders_say() -> None:
    """Rows MET-03, RCP-11: later messages are the tickets' to show or not."""
    lines = [f"{tags}:{who} PRIVMSG #soju :hi" for tags in ("", "@time=x ") for who in ("[Pest]!p@h", "bob!b@h", "bob")]
    hidden = Hidden(frozenset({"{pest}"}), Casemapping.RFC1459)
    view = View.of({"message-tags"})
    assert [bool(line) for line in lines_of(lines, view, backlog=True, hidden=hidden)] == [False, True, True] * 2
    assert all(lines_of(lines, view, backlog=False, hidden=hidden))
    assert not lines_of([""], view, backlog=True, hidden=hidden)[0]


def test_lines_are_cut_to_what_the_client_knows() -> None:
    assert lines_of([entry(1).line], View.of(()), backlog=False) == (":bob!b@h PRIVMSG #soju :1",)


def test_deleted_messages_leave_empty_ones() -> None:
    whole = without_gaps([entry(3), entry(4), entry(7)])
    assert [e.number for e in whole] == [3, 4, 5, 6, 7]
    assert [bool(e.line) for e in whole] == [True, True, False, False, True]


def test_messages_are_found_by_their_ids() -> None:
    ring = Ring(4, FIRST)
    assert ring.numbers_of(("a",)) == []
    said = (
        ("PRIVMSG", "@msgid=a :bob PRIVMSG #soju :@msgid=b"),
        ("NOTICE", ":bob NOTICE #soju msgid=b"),
        ("TAGMSG", "@x=y;msgid=b :bob TAGMSG #soju"),
        ("TOPIC", "@msgid=b :bob TOPIC #soju :not shown from here"),
    )
    ring.append(tuple(Entry(FIRST + at, 0, "bob", *one) for at, one in enumerate(said)))
    assert ring.numbers_of(("a", "c")) == [FIRST]
    assert ring.numbers_of(("b",)) == [FIRST + 2]
    assert ring.numbers_of(("a", "b")) == [FIRST, FIRST + 2]
