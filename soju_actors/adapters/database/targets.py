"""The targets of networks: who has history, under which id."""

from sqlalchemy import BigInteger, bindparam, cast, func, literal, select

from soju_actors.adapters.database.packing import pack
from soju_actors.adapters.database.query import Kind, Rows, Statement
from soju_actors.adapters.database.session import Session
from soju_actors.adapters.database.tables import DELETIONS, MESSAGES, NETWORKS, NUMBER_BITS, TARGETS

_FIND = Rows(
    select(TARGETS.c.id).where(TARGETS.c.network_id == bindparam("network_id"), TARGETS.c.name == bindparam("name"))
)


def _insert(kind: Kind) -> object:
    network = select(NETWORKS.c.id, bindparam("name", type_=TARGETS.c.name.type)).where(
        NETWORKS.c.id == bindparam("network_id")
    )
    return kind.insert(TARGETS).from_select(["network_id", "name"], network).returning(TARGETS.c.id)


_INSERT = Statement(_insert)
_DELETIONS = Rows(select(DELETIONS.c.count))

FIRST_ID = cast(TARGETS.c.id, BigInteger) * literal(1 << NUMBER_BITS, BigInteger)
"""The least message id of a target, in queries."""
LAST_ID = FIRST_ID + literal((1 << NUMBER_BITS) - 1, BigInteger)
"""The greatest message id of a target, in queries."""
NEWEST_ID = select(func.max(MESSAGES.c.id)).where(MESSAGES.c.id.between(FIRST_ID, LAST_ID)).scalar_subquery()
"""The id of the target's last message, in queries."""


def find_or_make(session: Session, network_id: int, name: str) -> int | None:
    """Return the id of a target, made now if it is new; None if the network does not exist."""
    stored = pack(name)
    found = session.rows(_FIND, network_id=network_id, name=stored)
    if found:
        [(target,)] = found
        return int(target)
    return session.insert(_INSERT, network_id=network_id, name=stored)


class KnownTargets:
    """The ids that a writer has looked up, until somebody deletes a user or a network."""

    def __init__(self) -> None:
        self._ids: dict[tuple[int, str], int] = {}
        self._deletions = -1

    def refresh(self, session: Session) -> None:
        """Forget the ids if there was a deletion since; to be called in each transaction."""
        [(deletions,)] = session.rows(_DELETIONS)
        if deletions != self._deletions:
            self._ids.clear()
            self._deletions = deletions

    def find_or_make(self, session: Session, network_id: int, name: str) -> int | None:
        """Return the id of a target, made now if it is new; None if the network does not exist."""
        target = self._ids.get((network_id, name))
        if target is None:
            target = find_or_make(session, network_id, name)
            if target is not None:
                self._ids[network_id, name] = target
        return target

    def forget(self) -> None:
        """Forget all: the transaction that made some of them has failed."""
        self._ids.clear()
