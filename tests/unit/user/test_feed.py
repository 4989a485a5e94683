"""What one turn shows to each client, in order."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from actors import Ref, Turn
from actors.testing import Bench
from soju_actors.messages.downstream import Deliver
from soju_actors.messages.slots import Backlog, Interleaved, Labelled, Lines, Skipped, Slot, Ticket
from soju_actors.messages.store import StoreArgs
from soju_actors.store.actor import StoreActor
from soju_actors.user.feed import Feed, Frame
from soju_actors.user.state import Client

CLIENTS = [
    Client(serial, Ref(f"listener/{serial}"), "", "alice", caps, 1, admin=False, remote="", since=0.0)
    for serial, caps in (
        (1, frozenset[str]()),
        (2, frozenset({"away-notify"})),
        (3, frozenset({"setname", "away-notify"})),
    )
]
CAPS = ("", "away-notify", "setname")

items = st.one_of(
    st.tuples(st.just("line"), st.integers(0, 9)),
    st.tuples(st.just("to"), st.integers(0, 9), st.sampled_from(CLIENTS)),
    st.tuples(st.just("if"), st.integers(0, 9), st.integers(0, 3), st.sampled_from(CAPS), st.sampled_from(CAPS)),
    st.tuples(st.just("run"), st.integers(1, 2), st.booleans(), st.integers(0, 3)),
    st.tuples(st.just("blocked"), st.integers(1, 2), st.frozensets(st.integers(1, 3))),
    st.tuples(st.just("slot"), st.integers(1, 2), st.sampled_from(CLIENTS)),
)


def delivered(feed: Feed) -> dict[int, list[Slot]]:
    """Return what each client is sent, by serial."""
    bench = Bench(StoreActor, StoreArgs())
    turn = Turn(bench, bench.ref, 0.0)
    feed.deliver(CLIENTS, turn)
    found: dict[int, list[Slot]] = {client.serial: [] for client in CLIENTS}
    for _, ref, message in turn.effects:
        assert isinstance(message, Deliver)
        assert message.slots, "nothing is worth no message"
        (client,) = (client for client in CLIENTS if client.ref == ref)
        found[client.serial] += message.slots
    return found


def flat(slots: list[Slot]) -> list[Any]:
    """Return lines one by one and runs one message by one."""
    out: list[Any] = []
    for slot in slots:
        match slot:
            case Lines(lines):
                out += lines
            case Ticket(key, count):
                out += [(key, count > 0)] * abs(count)
            case Skipped(key, count):
                out += [(key, "skipped")] * count
            case Interleaved(keys):
                out += [(abs(key), key > 0) for key in keys]
            case _:
                out.append(slot)
    return out


@given(st.lists(items, max_size=15))
def test_each_client_gets_what_is_for_it_in_order(said: list[Any]) -> None:
    feed = Feed()
    expected: dict[int, list[Any]] = {client.serial: [] for client in CLIENTS}
    for item in said:
        for client in CLIENTS:
            expected[client.serial] += _put(item, client)
        match item:
            case ("line", n):
                feed.line(f"line {n}")
            case ("to", n, client):
                feed.line_to(client, f"line {n}")
            case ("if", n, but, needs, lacks):
                feed.line_if(f"line {n}", but=but, needs=needs, lacks=lacks)
            case ("run", key, shown, hidden):
                feed.run(key, shown=shown, hidden_from=hidden)
            case ("blocked", key, serials):
                feed.run_blocked(key, serials)
            case ("slot", key, client):
                feed.slot_to(client, Backlog(key, 5, "#soju"))
    assert {serial: flat(slots) for serial, slots in delivered(feed).items()} == expected
    assert all(slots == [] for slots in delivered(feed).values()), "it begins anew"


def _put(item: Any, client: Client) -> list[Any]:  # noqa: ANN401 - one of the items
    """Return what an item of the model is to a client."""
    match item:
        case ("line", n):
            return [f"line {n}"]
        case ("to", n, only):
            return [f"line {n}"] if only is client else []
        case ("if", n, but, needs, lacks):
            wanted = (
                client.serial != but and (not needs or needs in client.caps) and (not lacks or lacks not in client.caps)
            )
            return [f"line {n}"] if wanted else []
        case ("run", key, shown, hidden):
            return [(key, shown and hidden != client.serial)]
        case ("blocked", key, serials):
            return [(key, "skipped" if client.serial in serials else True)]
        case ("slot", key, only):
            return [Backlog(key, 5, "#soju")] if only is client else []
    raise AssertionError(item)


def test_what_is_for_all_is_made_once() -> None:
    """The hot path: clients share one message, and a run of messages is one pair of numbers."""
    feed = Feed()
    for _ in range(50):
        feed.run(7)
    feed.line("NICK")
    found = delivered(feed)
    assert found[1] == [Ticket(7, 50), Lines(("NICK",))]
    assert found[1][0] is found[2][0] is found[3][0]


def test_one_client_gets_a_part_of_an_answer_where_others_get_lines() -> None:
    """Row FLT-05: what is for nobody but the asker, and what all see, is its answer; what is apart is not."""
    feed, frame = Feed(), Frame(4, "x", 2, waits=1)
    feed.line("before")
    mark = feed.mark()
    feed.line("MODE")
    feed.run(7)
    feed.line_to(CLIENTS[0], "another's")
    feed.line_to(CLIENTS[1], "own")
    feed.apart = True
    feed.line_to(CLIENTS[1], "apart")
    feed.apart = False
    feed.enclose(mark, frame)
    feed.enclose(feed.mark(), frame)
    frame.waits = 0
    feed.enclose(feed.mark(), frame)
    found = delivered(feed)
    assert found[1] == [Lines(("before", "MODE")), Ticket(7, 1), Lines(("another's",))]
    assert found[2] == [
        Lines(("before",)),
        Labelled(4, "x", (Lines(("MODE",)), Ticket(7, 1), Lines(("own",))), done=False),
        Lines(("apart",)),
        Labelled(4, "x", (), done=True),
    ]
    assert found[3] == [Lines(("before", "MODE")), Ticket(7, 1)]


def test_an_answer_that_was_given_at_once_is_not_given_again() -> None:
    feed = Feed()
    feed.line_to(CLIENTS[1], "x")
    feed.enclose(0, Frame(4, "x", 2, spent=True))
    assert flat(delivered(feed)[2]) == ["x"]
