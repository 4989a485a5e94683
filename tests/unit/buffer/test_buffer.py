"""The channel buffer: shows what is stored, against credit, and moves cursors (DESIGN section 5)."""

from typing import Any

import pytest

from actors import Ref
from actors.testing import Bench, BenchTurn
from soju_actors.buffer.actor import PAGE, READ_AGAIN, BufferActor
from soju_actors.irc.filtering import View
from soju_actors.messages.buffer import (
    Acknowledge,
    Append,
    BufferArgs,
    EntriesStored,
    Hold,
    MoreCredit,
    NameClient,
    Purge,
    Subscribe,
    TellStored,
    Unsubscribe,
    ViewChanged,
)
from soju_actors.messages.downstream import Page, StoredUpTo
from soju_actors.messages.store import Store, StoreCursor
from soju_actors.messages.user import LinesCommitted
from soju_actors.model.entry import Entry
from soju_actors.model.records import NetworkId
from soju_actors.ports.database import Appended, RangeRead, ReadFailed, ReadRange

USER: Ref[Any] = Ref("user/alice")
STORE: Ref[Any] = Ref("store")
LAPTOP: Ref[Any] = Ref("listener/1")
PHONE: Ref[Any] = Ref("listener/2")
PLAIN, TAGGED = View.of(()), View.of({"message-tags"})


def entry(number: int, command: str = "PRIVMSG") -> Entry:
    return Entry(number, 0, "bob", command, f"@a=b :bob {command} #soju :{number}")


class Scene:
    """A buffer with what it has been told."""

    def __init__(self, end: int = 0, *, capacity: int = 100, fresh: bool = False, **cursors: int) -> None:
        args = BufferArgs(USER, STORE, 1, "#soju", 9, end, cursors, fresh, capacity)
        self.bench = Bench(BufferActor, args, path="buffer")
        self.end = end

    def say(self, *commands: str) -> BenchTurn:
        entries = tuple(entry(self.end + n, command) for n, command in enumerate(commands))
        self.end += len(entries)
        turn = self.bench.tell(Append(entries))
        assert turn.sent == [(STORE, Store(self.bench.ref, Appended(NetworkId(1), "#soju", entries)))]
        return turn

    def talk(self, count: int) -> None:
        """Let so much be said and stored."""
        self.say(*["PRIVMSG"] * count)
        self.stored()

    def stored(self, end: int | None = None) -> BenchTurn:
        return self.bench.tell(EntriesStored(self.end if end is None else end))

    def subscribe(
        self,
        reader: Ref[Any] = LAPTOP,
        name: str = "laptop",
        *,
        backlog: bool = False,
        credit: int = 100,
        view: View = PLAIN,
        talk: bool = True,
    ) -> BenchTurn:
        return self.bench.tell(Subscribe(reader, 9, name, self.end, backlog, view, credit, talk))

    def hold(self) -> None:
        """Detach the channel."""
        assert self.bench.tell(Hold(self.end)).effects == []


def pages(turn: BenchTurn, reader: Ref[Any] = LAPTOP) -> list[Page]:
    return [msg for to, msg in turn.sent if to == reader and isinstance(msg, Page)]


def numbers(turn: BenchTurn, reader: Ref[Any] = LAPTOP) -> list[tuple[int, int]]:
    for page in pages(turn, reader):
        assert len(page.lines) == page.end - page.first
    return [(page.first, page.end) for page in pages(turn, reader)]


def asked(turn: BenchTurn) -> list[ReadRange]:
    return [job for service, job in turn.performed if service == "reader"]


def test_nothing_is_shown_before_it_is_stored() -> None:
    scene = Scene()
    scene.subscribe()
    assert pages(scene.say("PRIVMSG", "PRIVMSG")) == []
    turn = scene.stored(1)
    assert (USER, LinesCommitted(9, 1)) in turn.sent
    assert pages(turn) == [Page(9, 0, 1, (":bob PRIVMSG #soju :0",))]
    assert numbers(scene.stored(2)) == [(1, 2)]
    assert pages(scene.stored(2)) == []


def test_each_number_has_a_line_empty_where_the_client_gets_none() -> None:
    """Events are shown by the dispatcher; here they only take their number."""
    scene = Scene()
    scene.subscribe()
    scene.subscribe(PHONE, "phone", view=TAGGED)
    scene.say("PRIVMSG", "JOIN", "TAGMSG")
    turn = scene.stored()
    assert pages(turn)[0].lines == (":bob PRIVMSG #soju :0", "", "")
    assert pages(turn, PHONE)[0].lines == ("@a=b :bob PRIVMSG #soju :0", "", "@a=b :bob TAGMSG #soju :2")


def test_a_reader_gets_no_more_than_its_credit() -> None:
    scene = Scene()
    scene.subscribe(credit=3)
    scene.subscribe(PHONE, "phone", credit=100)
    scene.say(*["PRIVMSG"] * 8)
    turn = scene.stored()
    assert numbers(turn) == [(0, 3)]
    assert numbers(turn, PHONE) == [(0, 8)]
    assert numbers(scene.bench.tell(MoreCredit(2), LAPTOP)) == [(3, 5)]
    assert numbers(scene.bench.tell(MoreCredit(100), LAPTOP)) == [(5, 8)]
    assert scene.bench.tell(MoreCredit(100), Ref("listener/77")).effects == []


def test_a_backlog_begins_at_the_cursor_of_the_name_and_is_talk() -> None:
    scene = Scene(laptop=2)
    scene.say("PRIVMSG", "PRIVMSG", "PRIVMSG", "JOIN", "NOTICE")
    scene.stored()
    turn = scene.subscribe(backlog=True)
    assert pages(turn) == [Page(9, 2, 5, (":bob PRIVMSG #soju :2", "", ":bob NOTICE #soju :4"))]


@pytest.mark.parametrize("name", ["laptop", "new"])
def test_who_has_missed_nothing_is_told_so(name: str) -> None:
    """The slot of its backlog waits for that. A name without a cursor has missed nothing."""
    scene = Scene(laptop=5)
    scene.talk(5)
    assert pages(scene.subscribe(name=name, backlog=True)) == [Page(9, 5, 5, ())]


def test_without_a_backlog_a_reader_begins_with_the_next_message() -> None:
    scene = Scene(laptop=2)
    scene.talk(5)
    assert pages(scene.subscribe()) == []
    scene.say("PRIVMSG")
    assert numbers(scene.stored()) == [(5, 6)]


def test_pages_do_not_mix_backlog_and_live_messages() -> None:
    """In a backlog a reaction is not shown, as a live message it is."""
    scene = Scene(laptop=0)
    scene.say("PRIVMSG", "TAGMSG")
    scene.subscribe(backlog=True, view=TAGGED)
    scene.say("TAGMSG")
    turn = scene.stored()
    assert numbers(turn) == [(0, 2), (2, 3)]
    assert [bool(line) for page in pages(turn) for line in page.lines] == [True, False, True]


def test_what_the_ring_has_no_more_is_read_from_the_database_page_by_page() -> None:
    scene = Scene(capacity=2, laptop=0)
    scene.talk(6)
    turn = scene.subscribe(backlog=True, credit=3)
    (job,) = asked(turn)
    assert (job.first, job.end, job.limit) == (0, 4, 3)
    assert pages(turn) == []
    assert asked(scene.bench.tell(MoreCredit(9), LAPTOP)) == [], "one question at a time"
    turn = scene.bench.tell(RangeRead(tuple(entry(n) for n in range(3)), job.request))
    assert numbers(turn) == [(0, 3)]
    (job,) = asked(turn)
    assert (job.first, job.end) == (3, 4)
    turn = scene.bench.tell(RangeRead((entry(3),), job.request))
    assert numbers(turn) == [(3, 4), (4, 6)]


def test_deleted_messages_are_passed_over() -> None:
    scene = Scene(capacity=1, laptop=0)
    scene.talk(6)
    (job,) = asked(scene.subscribe(backlog=True))
    turn = scene.bench.tell(RangeRead((entry(2), entry(4)), job.request))
    assert pages(turn)[0] == Page(9, 2, 5, (":bob PRIVMSG #soju :2", "", ":bob PRIVMSG #soju :4"))
    scene = Scene(capacity=1, laptop=0)
    scene.talk(6)
    (job,) = asked(scene.subscribe(backlog=True))
    assert numbers(scene.bench.tell(RangeRead((), job.request))) == [(5, 5), (5, 6)]


def test_what_is_purged_is_shown_to_nobody_and_its_numbers_are_passed_over() -> None:
    """Who has got none of it goes on behind it; numbers go on and cursors hold."""
    scene = Scene(laptop=2, phone=0)
    scene.talk(6)
    scene.subscribe(PHONE, "phone", backlog=True, credit=2)
    assert scene.bench.tell(Purge(5)).effects == []
    turn = scene.subscribe(backlog=True)
    (job,) = asked(turn)
    assert (job.first, job.end) == (2, 5)
    assert numbers(scene.bench.tell(RangeRead((), job.request))) == [(5, 5), (5, 6)]
    (job,) = asked(scene.bench.tell(MoreCredit(9), PHONE))
    assert (job.first, job.end) == (2, 5)
    assert numbers(scene.bench.tell(RangeRead((), job.request)), PHONE) == [(5, 5), (5, 6)]
    scene.say("PRIVMSG")
    assert numbers(scene.stored()) == [(6, 7)]


def test_a_question_about_what_was_purged_meanwhile_skips_nothing_that_came_after_it() -> None:
    scene = Scene(capacity=3, laptop=0)
    scene.talk(6)
    (job,) = asked(scene.subscribe(backlog=True, credit=9))
    assert (job.first, job.end) == (0, 3)
    scene.talk(4)  # the ring has moved on
    turn = scene.bench.tell(RangeRead((), job.request))
    assert numbers(turn) == [(3, 3)]
    (job,) = asked(turn)
    assert (job.first, job.end) == (3, 6)


def test_a_page_holds_what_comes_behind_a_long_gap() -> None:
    scene = Scene(capacity=1, laptop=0)
    scene.talk(PAGE + 9)
    (job,) = asked(scene.subscribe(backlog=True, credit=4))
    assert (job.first, job.end, job.limit) == (0, PAGE + 8, 4)
    turn = scene.bench.tell(RangeRead(tuple(entry(PAGE + n) for n in range(4)), job.request))
    assert numbers(turn) == [(PAGE, PAGE + 4)]


def test_of_a_detached_channel_nothing_is_shown_and_later_what_was_missed() -> None:
    """Row DET-08: from where each was held back, talk only, also if it has not read all of before."""
    scene = Scene(laptop=0, phone=0)
    scene.subscribe(credit=1)
    scene.subscribe(PHONE, "phone")
    scene.say("PRIVMSG", "TAGMSG")
    scene.hold()
    turn = scene.stored()
    assert numbers(turn) == [(0, 1)]
    assert numbers(turn, PHONE) == [(0, 2)]
    scene.say("PRIVMSG", "JOIN")
    assert numbers(scene.stored(), PHONE) == []
    assert numbers(scene.subscribe(PHONE, "phone", backlog=True), PHONE) == [(2, 4)]
    scene.subscribe(backlog=True)
    turn = scene.bench.tell(MoreCredit(10), LAPTOP)
    assert numbers(turn) == [(1, 2), (2, 4)]
    scene.say("PRIVMSG")
    turn = scene.stored()
    assert numbers(turn) == numbers(turn, PHONE) == [(4, 5)]


def test_a_client_that_fetches_what_it_has_missed_is_told_where_that_ends() -> None:
    """The slot waits for it; and what is passed over is stored by then."""
    scene = Scene(laptop=0)
    scene.subscribe()
    scene.talk(1)
    scene.hold()
    scene.say("PRIVMSG", "PRIVMSG")
    assert pages(scene.subscribe(backlog=True, talk=False)) == []
    assert pages(scene.subscribe(PHONE, "phone", backlog=True, talk=False), PHONE) == []
    turn = scene.stored()
    assert pages(turn) == pages(turn, PHONE) == [Page(9, 3, 3, ())]


def test_clients_are_told_when_what_their_lines_wait_for_is_stored() -> None:
    """Row DET-03."""
    scene = Scene()
    scene.say("PRIVMSG", "PRIVMSG")
    assert scene.bench.tell(TellStored((LAPTOP,), 1)).sent == []
    assert scene.bench.tell(TellStored((LAPTOP, PHONE), 2)).sent == []
    assert scene.stored(1).sent == [(USER, LinesCommitted(9, 1)), (LAPTOP, StoredUpTo(9, 1))]
    assert scene.stored(2).sent[1:] == [(LAPTOP, StoredUpTo(9, 2)), (PHONE, StoredUpTo(9, 2))]
    assert scene.bench.tell(TellStored((PHONE,), 2)).sent == [(PHONE, StoredUpTo(9, 2))]


def test_a_page_for_who_has_left_is_dropped() -> None:
    scene = Scene(capacity=1, laptop=0)
    scene.talk(6)
    (job,) = asked(scene.subscribe(backlog=True))
    scene.bench.tell(Unsubscribe(LAPTOP))
    assert scene.bench.tell(RangeRead((entry(0),), job.request)).effects == []
    scene.say("PRIVMSG")
    assert pages(scene.stored()) == []


def test_a_page_that_cannot_be_read_is_read_again() -> None:
    scene = Scene(capacity=1, laptop=0)
    scene.talk(6)
    (job,) = asked(scene.subscribe(backlog=True))
    scene.bench.tell(ReadFailed("disk on fire", job.request))
    assert asked(scene.bench.advance(READ_AGAIN - 0.1)) == []
    (again,) = asked(scene.bench.advance(0.1))
    assert (again.first, again.end) == (job.first, job.end)
    scene.bench.tell(ReadFailed("disk on fire", again.request))
    scene.bench.tell(Unsubscribe(LAPTOP))
    assert asked(scene.bench.advance(READ_AGAIN)) == []


def test_later_messages_are_shown_as_the_capabilities_then_want_them() -> None:
    scene = Scene()
    scene.subscribe()
    scene.talk(1)
    scene.bench.tell(ViewChanged(TAGGED), LAPTOP)
    scene.bench.tell(ViewChanged(TAGGED), Ref("listener/77"))
    scene.say("PRIVMSG")
    assert pages(scene.stored())[0].lines == ("@a=b :bob PRIVMSG #soju :1",)


def test_a_cursor_moves_forward_alone_and_not_beyond_what_is_stored() -> None:
    """Row RCP-02."""
    scene = Scene(laptop=0)

    def acknowledged(number: int) -> list[int]:
        turn = scene.bench.tell(Acknowledge("laptop", number))
        return [msg.moved.number for _, msg in turn.sent if isinstance(msg, StoreCursor)]

    scene.talk(4)
    scene.say("PRIVMSG")
    assert acknowledged(3) == [3]
    assert acknowledged(3) == []
    assert acknowledged(2) == []
    assert acknowledged(9) == [4]
    assert numbers(scene.subscribe(backlog=True)) == []
    assert numbers(scene.stored()) == [(4, 5)]


def test_a_name_that_is_new_begins_where_it_was_named() -> None:
    """Row RCP-05; one that is known keeps its place."""
    scene = Scene(laptop=1)
    scene.talk(4)
    scene.bench.tell(NameClient("phone", 3))
    scene.bench.tell(NameClient("laptop", 4))
    assert numbers(scene.subscribe(PHONE, "phone", backlog=True), PHONE) == [(3, 4)]
    assert numbers(scene.subscribe(backlog=True)) == [(1, 4)]


def test_a_fresh_target_stores_the_cursors_of_all_known_names() -> None:
    """Row RCP-06: so that who is away gets its first message."""
    scene = Scene(fresh=True, laptop=0, phone=0)
    moved = [msg.moved for _, msg in scene.bench.first.sent if isinstance(msg, StoreCursor)]
    assert [(cursor.target, cursor.client, cursor.number) for cursor in moved] == [
        ("#soju", "laptop", 0),
        ("#soju", "phone", 0),
    ]
    assert Scene(laptop=0).bench.first.effects == []
