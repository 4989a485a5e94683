"""Messages that are too old are hidden at once and deleted little by little (rows CFG-18, DBX-05)."""

from soju_actors.model.records import NetworkId
from soju_actors.ports.database import ExpireHistory, HistoryExpired
from tests.contract.database.storage import Storage, line


def expire(storage: Storage, before: int, limit: int = 500) -> int:
    """Look at all targets; return how many jobs that took."""
    after: int | None = 0
    jobs = 0
    while after is not None:
        answer = storage.write(ExpireHistory(before, after, limit))
        assert isinstance(answer, HistoryExpired), answer
        after = answer.after
        jobs += 1
    return jobs


def numbers(storage: Storage, network: NetworkId, target: str) -> list[int]:
    return [entry.number for entry in storage.entries(network, target)]


def test_what_is_older_is_gone_and_its_numbers_never_return(storage: Storage) -> None:
    user = storage.user()
    network = storage.network(user)
    storage.store(network, "#a", *(line(number, time=1000 + number) for number in range(10)))
    storage.store(network, "#old", line(0, time=5), line(1, time=6))
    storage.index()
    expire(storage, 1004)
    assert numbers(storage, network, "#a") == list(range(4, 10))
    assert numbers(storage, network, "#old") == []
    storage.index()
    assert storage.count("messages") == 6
    ends = {target.name: target.end for target in storage.settings(user).targets}
    assert ends == {"#a": 10, "#old": 2}


def test_a_message_behind_a_newer_one_stays_as_long_as_that(storage: Storage) -> None:
    """The order is that of the numbers, whatever a server's clock says."""
    network = storage.network()
    storage.store(network, "#a", line(0, time=1), line(1, time=100), line(2, time=2))
    storage.index()
    expire(storage, 50)
    assert numbers(storage, network, "#a") == [1, 2]


def test_it_is_done_in_portions(storage: Storage) -> None:
    network = storage.network()
    for target in range(45):
        storage.store(network, f"#t{target}", *(line(number, time=number) for number in range(7)))
    storage.index()
    storage.index()  # one job does not file so many
    assert expire(storage, 5, limit=3) >= 45 * 7 // 4
    assert {tuple(numbers(storage, network, f"#t{target}")) for target in range(45)} == {(5, 6)}
    assert expire(storage, 5) <= 4


def test_nothing_that_is_new_is_touched(storage: Storage) -> None:
    network = storage.network()
    storage.store(network, "#a", line(0, time=10))
    storage.index()
    assert storage.write(ExpireHistory(10, 0, 500)) == HistoryExpired(None, purged=False)
    assert numbers(storage, network, "#a") == [0]
