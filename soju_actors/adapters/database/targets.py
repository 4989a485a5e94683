"""The targets of networks: who has history, under which id, and up to which number."""

from dataclasses import dataclass

from sqlalchemy import BigInteger, bindparam, cast, func, literal, select

from soju_actors.adapters.database.packing import pack
from soju_actors.adapters.database.query import Kind, Rows, Statement
from soju_actors.adapters.database.session import Session
from soju_actors.adapters.database.tables import (
    DELETIONS,
    MESSAGES,
    NETWORKS,
    NUMBER_BITS,
    RECENT,
    TARGETS,
    number_of,
)

FIRST_ID = cast(TARGETS.c.id, BigInteger) * literal(1 << NUMBER_BITS, BigInteger)
"""The least message id of a target, in queries."""
FIRST_KEPT_ID = FIRST_ID + TARGETS.c.floor
"""The least message id of a target that is not purged, in queries."""
LAST_ID = FIRST_ID + literal((1 << NUMBER_BITS) - 1, BigInteger)
"""The greatest message id of a target, in queries."""
NEWEST_ID = select(func.max(MESSAGES.c.id)).where(MESSAGES.c.id.between(FIRST_ID, LAST_ID)).scalar_subquery()
"""The id of a target's last message that is filed, in queries; null if there is none."""

_FIND = Rows(
    select(TARGETS.c.id, TARGETS.c.floor, NEWEST_ID).where(
        TARGETS.c.network_id == bindparam("network_id"), TARGETS.c.name == bindparam("name")
    )
)
_DELETIONS = Rows(select(DELETIONS.c.count))
_RECENT_ENDS = Rows(select(RECENT.c.target, func.max(RECENT.c.id)).group_by(RECENT.c.target))


def _insert(kind: Kind) -> object:
    network = select(NETWORKS.c.id, bindparam("name", type_=TARGETS.c.name.type)).where(
        NETWORKS.c.id == bindparam("network_id")
    )
    return kind.insert(TARGETS).from_select(["network_id", "name"], network).returning(TARGETS.c.id)


_INSERT = Statement(_insert)


@dataclass(slots=True)
class KnownTarget:
    """A target as its writer knows it."""

    id: int
    end: int
    """The number after its last message."""
    unfiled: bool
    """Whether some of its messages are recent."""


def find_or_make(session: Session, network_id: int, name: str) -> KnownTarget | None:
    """Return a target as far as it is filed, made now if it is new; None if the network does not exist."""
    stored = pack(name)
    found = session.rows(_FIND, network_id=network_id, name=stored)
    if found:
        [(target, floor, newest)] = found
        return KnownTarget(target, end_of(floor, newest), unfiled=False)
    made = session.insert(_INSERT, network_id=network_id, name=stored)
    return None if made is None else KnownTarget(made, 0, unfiled=False)


def end_of(floor: int, newest: int | None) -> int:
    """Return the number after a target's last message, given the last one's id; numbers of purged ones never return."""
    return floor if newest is None else max(floor, number_of(newest) + 1)


def recent_ends(session: Session) -> dict[int, int]:
    """Return the number after the last recent message of each target that has any."""
    return {target: number_of(newest) + 1 for target, newest in session.rows(_RECENT_ENDS)}


class KnownTargets:
    """What a writer has looked up, until somebody deletes a user or a network, or a transaction fails."""

    def __init__(self) -> None:
        self._targets: dict[tuple[int, str], KnownTarget] = {}
        self._recent: dict[int, int] = {}
        self._deletions = -1

    def refresh(self, session: Session) -> None:
        """Forget all if there was a deletion since; to be called in each transaction that uses this."""
        [(deletions,)] = session.rows(_DELETIONS)
        if deletions != self._deletions:
            self._targets.clear()
            self._recent = recent_ends(session)
            self._deletions = deletions

    def find_or_make(self, session: Session, network_id: int, name: str) -> KnownTarget | None:
        """Return a target, made now if it is new; None if the network does not exist."""
        target = self._targets.get((network_id, name))
        if target is None:
            target = find_or_make(session, network_id, name)
            if target is not None:
                self._targets[network_id, name] = target
                if target.id in self._recent:
                    target.end = self._recent[target.id]
                    target.unfiled = True
        return target

    def all_filed(self) -> None:
        """Note that nothing is recent any more."""
        self._recent.clear()
        for target in self._targets.values():
            target.unfiled = False

    def forget(self) -> None:
        """Look everything up again: a transaction has failed, or how it ended is not known."""
        self._deletions = -1
