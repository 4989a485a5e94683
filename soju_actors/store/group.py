"""Which of the waiting entries and cursors make up the next commit."""

from collections.abc import Collection
from dataclasses import dataclass, field

from actors import Ref
from soju_actors.messages.store import Store
from soju_actors.model.lease import Mandate
from soju_actors.ports.database import Commit, CursorMoved
from soju_actors.ports.protocols import ToBuffer, ToLeases, ToUser

MOST = 20_000
"""Entries in one commit, more only where one append alone has more."""


@dataclass(slots=True)
class Group:
    """What is stored together, and who waits for it."""

    commit: Commit
    stores: list[Store]
    ready: set[Ref[ToUser]] = field(default_factory=set)
    """Users that wait until this is stored."""

    awaited: list[tuple[Ref[ToLeases], int]] = field(default_factory=list)
    """The same for who asked with a request."""

    def ends(self, lapsed: Collection[Mandate] = ()) -> dict[Ref[ToBuffer], int]:
        """Return for each buffer the number after its last entry, but for those under a mandate that has lapsed."""
        stored = self.stores
        if lapsed:
            stored = [store for store in stored if store.appended.mandate not in lapsed]
        return {store.buffer: store.appended.entries[-1].number + 1 for store in stored}


@dataclass(slots=True)
class Waiting:
    """What came while the last commit ran."""

    appends: list[Store] = field(default_factory=list)
    cursors: dict[tuple[int, str, str], CursorMoved] = field(default_factory=dict)
    users: set[Ref[ToUser]] = field(default_factory=set)
    """Users that wait until all this is stored."""
    awaited: list[tuple[Ref[ToLeases], int]] = field(default_factory=list)

    def __bool__(self) -> bool:
        """Whether there is anything to store."""
        return bool(self.appends or self.cursors)

    def add_cursor(self, moved: CursorMoved) -> None:
        """Keep the newest place of a cursor."""
        self.cursors[moved.network_id, moved.target, moved.client] = moved

    def take(self, request: int) -> Group:
        """Take the oldest entries, up to the bound, and all cursors."""
        count = taken = 0
        while taken < len(self.appends) and count < MOST:
            count += len(self.appends[taken].appended.entries)
            taken += 1
        stores, self.appends = self.appends[:taken], self.appends[taken:]
        cursors, self.cursors = tuple(self.cursors.values()), {}
        group = Group(Commit(tuple([store.appended for store in stores]), cursors, request), stores)
        if not self.appends:
            group.ready, self.users = self.users, set()
            group.awaited, self.awaited = self.awaited, []
        return group
