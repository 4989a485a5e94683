"""Databases of the experiment: one for each run, made from one that is ready, and what leases tell of it."""

from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

import psycopg
from psycopg import sql

from soju_actors.cli.failure import Failure

HELD = (
    "SELECT count(*) FROM leases l JOIN node_sessions s ON s.id = l.session JOIN users u ON u.id = l.user_id"
    " WHERE s.expires > now() AND u.enabled"
)
CHANGES = "SELECT coalesce(sum(epoch), 0) FROM leases"


@contextmanager
def made(url: str, name: str, template: str = "template1") -> Iterator[str]:
    """A database beside the one of the URL, from another one that nobody is connected to; it is removed afterwards.

    Raises:
        Failure: it cannot be made.
    """
    make = sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(sql.Identifier(name), sql.Identifier(template))
    remove = sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name))
    try:
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute(make)
    except psycopg.Error as error:
        raise Failure(f"no database can be made: {' '.join(str(error).split())}") from None
    try:
        yield urlsplit(url)._replace(path=f"/{name}").geturl()
    finally:
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute(remove)


def held(url: str) -> int:
    """So many users are run by some node."""
    return _number(url, HELD)


def changes_of_hands(url: str) -> int:
    """How often leases have been taken, over all users."""
    return _number(url, CHANGES)


def _number(url: str, question: str) -> int:
    with psycopg.connect(url) as connection:
        row = connection.execute(question.encode()).fetchone()
    return int(row[0]) if row else 0
