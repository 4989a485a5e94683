from hypothesis import given
from hypothesis import strategies as st

from soju_actors.irc.batch import MOST_OPEN, Batch, BatchNames, BatchReader, close_batch, open_batch
from soju_actors.irc.labels import LONGEST, make_label, parse_label
from soju_actors.irc.message import parse_message


def _receive(reader: BatchReader, line: str) -> str | None:
    batch = reader.receive(parse_message(line))
    return batch.name if batch else None


def test_messages_belong_to_nested_batches() -> None:
    """Spec: https://ircv3.net/specs/extensions/batch#nested-batches."""
    reader = BatchReader()
    assert _receive(reader, "@label=7 BATCH +outer labeled-response") == "outer"
    assert _receive(reader, "@batch=outer BATCH +inner chathistory #a") == "inner"
    message = parse_message("@batch=inner PRIVMSG #a :hi")
    batch = reader.receive(message)
    assert batch is not None
    assert (batch.kind, batch.params, batch.outermost.name) == ("chathistory", ("#a",), "outer")
    assert reader.label_of(message) == "7"
    assert _receive(reader, "@batch=outer BATCH -inner") == "inner"
    assert _receive(reader, "@batch=inner PRIVMSG #a :late") is None
    assert _receive(reader, "@batch=outer PRIVMSG #a :hi") == "outer"
    assert _receive(reader, "BATCH -outer") == "outer"
    assert len(reader) == 0


def test_a_message_without_a_batch_stands_alone() -> None:
    reader = BatchReader()
    _receive(reader, "BATCH +1 netsplit a b")
    for line in (
        "PRIVMSG #a hi",
        "@batch=2 QUIT",
        "@label=7 PRIVMSG #a hi",
        "@batch QUIT",
        "BATCH",
        "BATCH +2",
        "BATCH x y",
        "BATCH -3",
    ):
        assert _receive(reader, line) is None
    assert reader.label_of(parse_message("@label=7 ACK")) == "7"
    assert reader.label_of(parse_message("@batch=1 QUIT")) == ""
    assert reader.label_of(parse_message("QUIT")) == ""


def test_what_is_never_closed_is_forgotten() -> None:
    reader = BatchReader()
    for number in range(3 * MOST_OPEN):
        _receive(reader, f"BATCH +{number} x")
    assert len(reader) == MOST_OPEN
    assert _receive(reader, "@batch=0 PING") is None
    assert _receive(reader, f"@batch={3 * MOST_OPEN - 1} PING") is not None


def test_a_batch_in_itself_ends() -> None:
    reader = BatchReader()
    _receive(reader, "BATCH +1 x")
    _receive(reader, "@batch=1 BATCH +1 y")
    batch = reader.receive(parse_message("@batch=1 PING"))
    assert batch is not None
    assert batch.outermost == Batch("1", "x")


def test_names_are_new_each_time() -> None:
    names = BatchNames("x")
    made = [names.new() for _ in range(5)]
    assert len(set(made)) == 5
    reader = BatchReader()
    assert reader.receive(open_batch(made[0], "netsplit", "a", "b")) == Batch(made[0], "netsplit", ("a", "b"))
    assert reader.receive(close_batch(made[0])) is not None


@given(st.integers(0, 2**64), st.integers(0, 2**64))
def test_labels_tell_who_asked(client: int, number: int) -> None:
    label = make_label(client, number)
    assert parse_label(label) == (client, number)
    assert len(label) <= LONGEST


@given(st.one_of(st.text("0123456789-²x", max_size=6), st.just("1" * 64 + "-1")))
def test_foreign_labels_are_told_apart(label: str) -> None:
    parsed = parse_label(label)
    assert parsed is None or all(part.isascii() and part.isdigit() for part in label.split("-"))
