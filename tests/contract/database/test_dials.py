"""All nodes together connect to a host so often, and not more often."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from soju_actors.adapters.database.leaser import Leaser
from soju_actors.ports.dials import DialReserved, ReserveDial, ReserveFailed
from tests.contract.database.conftest import POSTGRESQL
from tests.contract.database.storage import Storage
from tests.support.postgres import Postgres

NEAR = 5.0
"""Seconds by which a busy machine may be late."""


@pytest.fixture(params=[POSTGRESQL])
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def waits(leaser: Leaser, count: int, host: str = "irc.test", address: str = "", most: int = 3) -> list[float]:
    answers = [leaser.perform(ReserveDial(host, address, most, 100.0)) for _ in range(count)]
    assert all(isinstance(answer, DialReserved) and answer.host == host for answer in answers), answers
    return [answer.wait for answer in answers if isinstance(answer, DialReserved)]


def test_so_many_in_each_window_whoever_asks(storage: Storage) -> None:
    nodes = storage.database.leaser(), storage.database.leaser()
    found = [wait for _ in range(4) for node in nodes for wait in waits(node, 1)]
    expected = [0, 0, 0, 100, 100, 100, 200, 200]
    assert all(abs(wait - at) < NEAR for wait, at in zip(found, expected, strict=True)), found
    for node in nodes:
        node.close()


def test_hosts_and_addresses_have_their_own(storage: Storage) -> None:
    leaser = storage.database.leaser()
    for host, address in (("irc.test", ""), ("irc.test", "eu"), ("\udcff.test", "eu")):
        assert waits(leaser, 3, host, address) == [0, 0, 0]
        assert waits(leaser, 1, host, address)[0] > 100 - NEAR
    leaser.close()


def test_a_smaller_number_counts_from_then_on(storage: Storage) -> None:
    leaser = storage.database.leaser()
    assert waits(leaser, 3) == [0, 0, 0]
    assert waits(leaser, 1, most=1)[0] > 100 - NEAR
    assert waits(leaser, 1, most=1)[0] > 200 - NEAR
    leaser.close()


def test_many_at_once_get_times_of_their_own(storage: Storage) -> None:
    with ThreadPoolExecutor(4) as pool:
        nodes = [storage.database.leaser() for _ in range(4)]
        found = sorted(wait for got in pool.map(lambda node: waits(node, 10, most=2), nodes) for wait in got)
    assert [round(wait / 100) for wait in found] == [number // 2 for number in range(40)]
    for node in nodes:
        node.close()


def test_hosts_that_nobody_connects_to_are_forgotten(storage: Storage) -> None:
    leaser = storage.database.leaser()
    for number in range(25):
        waits(leaser, 1, f"irc{number}.test")
    storage.execute("UPDATE dials SET times = ARRAY[times[1] - 4000]")
    waits(leaser, 2)
    assert storage.count("dials") == 25 - 20 + 1
    leaser.close()


def test_a_failure_is_told_to_the_pacer(storage: Storage, postgres: Postgres) -> None:
    leaser = storage.database.leaser()
    postgres.crash()
    try:
        failed = leaser.perform(ReserveDial("irc.test", "", 3, 10.0))
        assert failed == ReserveFailed("irc.test", "PostgreSQL cannot be used")
    finally:
        postgres.start()
    assert waits(leaser, 1) == [0]
    leaser.close()
