"""Databases with the newest schema, made once and copied: to make one takes longer than most tests."""

from functools import cache
from pathlib import Path
from sqlite3 import Connection

from soju_actors.adapters.database import Database, open_database
from soju_actors.adapters.database.sqlite import SqliteMemory


def database_in_memory() -> Database:
    """Return a database with nothing in it."""
    database = _new()
    _connection_of(database).deserialize(empty_database())
    return database


@cache
def empty_database() -> bytes:
    """Return what a file has with nothing in it."""
    database = _new()
    database.prepare()
    image = _connection_of(database).serialize()
    database.close()
    return image


def _new() -> Database:
    return open_database("sqlite://", Path("/nonexistent"))


def _connection_of(database: Database) -> Connection:
    assert isinstance(database._place, SqliteMemory)
    return database._place._connection
