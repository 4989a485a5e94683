"""A database under test, and short ways to ask it."""

from collections.abc import Sequence
from itertools import count
from typing import Any

import msgspec

from soju_actors.adapters.database import Database
from soju_actors.model.entry import Entry
from soju_actors.model.records import Network, NetworkId, User, UserId, UserSettings
from soju_actors.ports.database import (
    Appended,
    Commit,
    Committed,
    HistoryRead,
    Index,
    Indexed,
    LoadSettings,
    RangeRead,
    ReadRange,
    Saved,
    SaveNetwork,
    SaveUser,
    Search,
    SettingsLoaded,
)

EVERYTHING = 1 << 30


def line(
    number: int,
    text: str = "hello",
    *,
    time: int | None = None,
    sender: str = "bob",
    command: str = "PRIVMSG",
    msgid: str = "",
) -> Entry:
    """Return an entry whose line says the text."""
    tags = f"@msgid={msgid} " if msgid else ""
    raw = f"{tags}:{sender}!bob@host {command} #soju :{text}"
    return Entry(number, number if time is None else time, sender, command, raw, msgid)


class Storage:
    """A database with its writer and its reader."""

    def __init__(self, database: Database, kind: str) -> None:
        self.database = database
        self.kind = kind
        self.writer = database.writer()
        self.reader = database.reader()
        self._names = count()

    def close(self) -> None:
        """Close all connections."""
        self.writer.close()
        self.reader.close()
        self.database.close()

    def write(self, job: msgspec.Struct) -> Any:  # noqa: ANN401 - the answers have no common fields
        """Return the writer's answer."""
        return self.writer.perform(job)

    def read(self, job: msgspec.Struct) -> Any:  # noqa: ANN401
        """Return the reader's answer."""
        return self.reader.perform(job)

    def execute(self, statement: str, *values: object) -> list[Any]:
        """Run a statement behind the back of the services, on a connection of its own."""
        with self.database.transaction() as session:
            done = session._open.execute(statement, values)  # type: ignore[attr-defined]
            return list(done.fetchall()) if done.description else []

    def user(self, name: str = "") -> UserId:
        """Store a user and return the id."""
        saved = self.write(SaveUser(User(UserId(0), name or f"user{next(self._names)}")))
        assert isinstance(saved, Saved), saved
        return UserId(saved.id)

    def network(self, user: UserId | None = None, name: str = "net") -> NetworkId:
        """Store a network, of a new user unless one is given, and return the id."""
        saved = self.write(SaveNetwork(Network(NetworkId(0), self.user() if user is None else user, name, "irc.test")))
        assert isinstance(saved, Saved), saved
        return NetworkId(saved.id)

    def settings(self, user: UserId) -> UserSettings:
        """Return all settings of a user."""
        loaded = self.read(LoadSettings(user))
        assert isinstance(loaded, SettingsLoaded), loaded
        assert loaded.settings is not None, f"there is no user {user}"
        return loaded.settings

    def store(self, network: NetworkId, target: str, *entries: Entry) -> None:
        """Commit entries of one target."""
        assert self.write(Commit((Appended(network, target, entries),))) == Committed()

    def index(self, limit: int = EVERYTHING) -> int:
        """File and index; return how many entries."""
        indexed = self.write(Index(limit))
        assert isinstance(indexed, Indexed), indexed
        return indexed.entries

    def entries(self, network: NetworkId, target: str, first: int = 0, end: int = EVERYTHING) -> Sequence[Entry]:
        """Return what is stored of a target."""
        found = self.read(ReadRange(network, target, first, end, EVERYTHING))
        assert isinstance(found, RangeRead), found
        return found.entries

    def history(self, query: msgspec.Struct) -> list[int]:
        """Return the numbers that a query of history or a search finds."""
        found = self.read(query)
        assert isinstance(found, HistoryRead), found
        return [entry.number for entry in found.entries]

    def search(self, network: NetworkId, text: str = "", **more: Any) -> list[int]:  # noqa: ANN401 - whatever a search has
        """Return the numbers of the entries that a search finds."""
        return self.history(Search(network, text=text, **more))

    def count(self, rows: str, *values: object) -> int:
        """Count rows behind the back of the services: ``messages``, or ``messages WHERE ...``."""
        with self.database.transaction(write=False) as session:
            execute = session._open.execute  # type: ignore[attr-defined]
            return int(execute(f"SELECT count(*) FROM {rows}", values).fetchone()[0])  # noqa: S608 - of tests
