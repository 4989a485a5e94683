"""Whether mandates count on this node, for the transaction that asks: until it ends they cannot be taken away.

Two small statements for each transaction, whatever it writes. The first locks the session's row, so that who ends
the session or takes a lease of it waits for this transaction, or this one for them; renewing goes on meanwhile. The
second one sees what they have done.
"""

from collections.abc import Collection

from msgspec.structs import replace
from sqlalchemy import ARRAY, Integer, any_, bindparam, func, select

from soju_actors.adapters.database.query import Rows
from soju_actors.adapters.database.session import Session
from soju_actors.adapters.database.tables import LEASES, NODE_SESSIONS
from soju_actors.model.lease import Mandate, SessionId
from soju_actors.ports.database import Commit

_LOCK = Rows(
    select(NODE_SESSIONS.c.id)
    .where(NODE_SESSIONS.c.id == bindparam("which"), NODE_SESSIONS.c.expires > func.clock_timestamp())
    .with_for_update(read=True, key_share=True)
)
_HELD = Rows(
    select(LEASES.c.user_id, LEASES.c.claim).where(
        LEASES.c.session == bindparam("which"), LEASES.c.user_id == any_(bindparam("users", type_=ARRAY(Integer)))
    )
)


def lapsed(session: Session, mandates: Collection[Mandate], of: SessionId | None) -> set[Mandate]:
    """Return those mandates that a node's session has not; it has the others until the transaction ends."""
    if of is None or not session.rows(_LOCK, which=of):
        return set(mandates)
    users = sorted({mandate.user_id for mandate in mandates})
    return set(mandates) - {Mandate(*row) for row in session.rows(_HELD, which=of, users=users)}


def without(job: Commit, gone: set[Mandate]) -> Commit:
    """Return the commit without what comes under these mandates."""
    appends = tuple(appended for appended in job.appends if appended.mandate not in gone)
    return replace(job, appends=appends, cursors=tuple(moved for moved in job.cursors if moved.mandate not in gone))
