"""Whether leases still count, for the transaction that asks: until it ends they cannot be taken away.

Two small statements for each transaction, whatever it writes. The first locks the sessions' rows, so that who ends
a session or takes a lease of it waits for this transaction, or this one for them; renewing goes on meanwhile. The
second one sees what they have done.
"""

from collections.abc import Collection

from msgspec.structs import replace
from sqlalchemy import ARRAY, BigInteger, Integer, any_, bindparam, func, select

from soju_actors.adapters.database.query import Rows
from soju_actors.adapters.database.session import Session
from soju_actors.adapters.database.tables import LEASES, NODE_SESSIONS
from soju_actors.model.lease import Lease
from soju_actors.ports.database import Commit

_LOCK = Rows(
    select(NODE_SESSIONS.c.id)
    .where(
        NODE_SESSIONS.c.id == any_(bindparam("sessions", type_=ARRAY(BigInteger))),
        NODE_SESSIONS.c.expires > func.clock_timestamp(),
    )
    .order_by(NODE_SESSIONS.c.id)
    .with_for_update(read=True, key_share=True)
)
_HELD = Rows(
    select(LEASES.c.user_id, LEASES.c.session, LEASES.c.epoch).where(
        LEASES.c.user_id == any_(bindparam("users", type_=ARRAY(Integer)))
    )
)


def lapsed(session: Session, leases: Collection[Lease]) -> set[Lease]:
    """Return those of the leases that do not count any more; the others do until the transaction ends."""
    living = {number for (number,) in session.rows(_LOCK, sessions=sorted({lease.session for lease in leases}))}
    held = session.rows(_HELD, users=sorted({lease.user_id for lease in leases})) if living else ()
    return set(leases) - {Lease(*row) for row in held if row[1] in living}


def without(job: Commit, gone: set[Lease]) -> Commit:
    """Return the commit without what comes under these leases."""
    appends = tuple(appended for appended in job.appends if appended.lease not in gone)
    return replace(job, appends=appends, cursors=tuple(moved for moved in job.cursors if moved.lease not in gone))
