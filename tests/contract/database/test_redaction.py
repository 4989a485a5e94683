"""What was redacted is found no more, wherever it was stored (row STO-06).

Spec: https://ircv3.net/specs/extensions/message-redaction
"""

import pytest

from soju_actors.adapters.database import redacting
from soju_actors.model.entry import Entry
from soju_actors.model.records import NetworkId
from soju_actors.ports.database import (
    Appended,
    Commit,
    Committed,
    DeleteNetwork,
    Direction,
    QueryHistory,
    QueryTargets,
    Reference,
)
from tests.contract.database.storage import Storage, line

SECRET = line(3, "secret words", msgid="m3")


def redaction(number: int, *msgids: str) -> Appended:
    """Return the redaction of messages of #a, as it is committed."""
    entries = [
        Entry(at, at, "bob", "REDACT", f"@msgid=r{at} :bob!bob@host REDACT #a {msgid} :oops", f"r{at}")
        for at, msgid in enumerate(msgids, number)
    ]
    return Appended(NetworkId(0), "#a", tuple(entries), msgids)


def redact(storage: Storage, network: NetworkId, number: int, *msgids: str) -> None:
    appended = redaction(number, *msgids)
    job = Commit((Appended(network, "#a", appended.entries, msgids),))
    assert storage.write(job) == Committed()


def history(
    network: NetworkId, *, events: bool = False, before: Reference | None = None, after: Reference | None = None
) -> QueryHistory:
    return QueryHistory(network, "#a", 100, Direction.NEWEST, after, before, events=events)


@pytest.mark.parametrize("where", ["indexed", "filed", "recent", "one commit"])
def test_a_redacted_message_keeps_its_place_and_nothing_else(storage: Storage, where: str) -> None:
    network = storage.network()
    around = [line(number, f"said {number}", msgid=f"m{number}") for number in range(6)]
    around[3] = SECRET
    if where == "one commit":
        entries = (*around, *redaction(6, "m3").entries)
        storage.write(Commit((Appended(network, "#a", entries, ("m3",)),)))
    else:
        storage.store(network, "#a", *around)
        if where != "recent":
            storage.index({"indexed": 100, "filed": 3}[where])
        redact(storage, network, 6, "m3")
    for _ in range(2):
        assert storage.entries(network, "#a")[3] == Entry(3, 3, "bob", "", "", "m3")
        assert [entry.number for entry in storage.entries(network, "#a")] == list(range(7))
        assert storage.search(network, "secret") == []
        assert storage.search(network, target="#a") == [0, 1, 2, 4, 5]
        assert storage.search(network, "said", target="#a") == [0, 1, 2, 4, 5]
        assert storage.history(history(network)) == [0, 1, 2, 4, 5]
        assert storage.history(history(network, events=True)) == [0, 1, 2, 4, 5, 6]
        assert storage.history(history(network, before=Reference(msgid="m3"))) == [0, 1, 2]
        assert storage.history(history(network, after=Reference(msgid="m3"))) == [4, 5]
        storage.index()
    condition = "words @@ %s::tsquery" if storage.kind == "postgresql" else "message_words MATCH ?"
    assert storage.count(f"message_words WHERE {condition}", "secret") == 0
    assert storage.count(f"message_words WHERE {condition}", "said") == 5


def test_several_messages_are_redacted_at_once_and_others_are_not(storage: Storage) -> None:
    network, other = storage.network(), storage.network()
    entries = [
        line(0, "zero", msgid="a"),
        line(1, "one", msgid="b", command="JOIN"),
        line(2, "two", msgid="b", command="NOTICE"),
        line(3, "three", msgid="c", command="TAGMSG"),
        line(4, "four", msgid="d"),
        line(5, "five"),
    ]
    for one in (network, other):
        storage.store(one, "#a", *entries)
    storage.store(network, "#b", line(0, "elsewhere", msgid="a"))
    redact(storage, network, 6, "a", "b", "c", "unknown", "")
    assert [entry.command for entry in storage.entries(network, "#a")[:6]] == ["", "JOIN", "", "", "PRIVMSG", "PRIVMSG"]
    assert list(storage.entries(other, "#a")) == entries
    assert storage.search(network, "elsewhere") == [0]


def test_a_target_of_which_all_was_redacted_is_none(storage: Storage) -> None:
    """Its newest message is what nobody can see."""
    network = storage.network()
    storage.store(network, "#a", line(0, msgid="x"))
    redact(storage, network, 1, "x")
    assert storage.read(QueryTargets(network, -1, 100, 10)).targets == ()


def test_a_redaction_that_is_given_again_changes_nothing(storage: Storage) -> None:
    """A commit whose answer was lost is given again."""
    network = storage.network()
    storage.store(network, "#a", line(0, msgid="x"), line(1, msgid="y"))
    storage.index()
    redact(storage, network, 2, "x")
    before = storage.entries(network, "#a")
    redact(storage, network, 2, "x")
    assert storage.entries(network, "#a") == before
    assert storage.search(network, "hello") == [1]


def test_what_the_index_lacks_far_back_is_redacted_when_it_is_indexed(
    storage: Storage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A commit does not look through all that waits to be indexed; a later process does not forget it."""
    monkeypatch.setattr(redacting, "LOOKED_THROUGH", 2)
    network = storage.network()
    storage.store(network, "#a", *(line(number, msgid=f"m{number}") for number in range(1000)))
    storage.index(1)
    redact(storage, network, 1000, "m1")
    assert storage.search(network, "hello", limit=2000) == list(range(1000))
    storage.writer = storage.database.writer()
    storage.index(5000)
    assert storage.search(network, "hello", limit=2000) == [0, *range(2, 1000)]


def test_a_network_with_redacted_messages_is_deleted_with_all_that_is_in_it(storage: Storage) -> None:
    user = storage.user()
    network = storage.network(user)
    storage.store(network, "#a", line(0, msgid="x"), line(1, msgid="y"))
    storage.index()
    redact(storage, network, 2, "x")
    storage.write(DeleteNetwork(network))
    storage.index()
    assert [storage.count(name) for name in ("messages", "recent", "targets", "msgids")] == [0, 0, 0, 0]
    condition = "words @@ %s::tsquery" if storage.kind == "postgresql" else "message_words MATCH ?"
    assert storage.count(f"message_words WHERE {condition}", "hello") == 0
