"""When nodes may connect to servers, on PostgreSQL: one statement for each time."""

from sqlalchemy import Float, Integer, bindparam, delete, func, literal, select, tuple_
from sqlalchemy.dialects.postgresql import array

from soju_actors.adapters.database.packing import pack
from soju_actors.adapters.database.query import Kind, Rows
from soju_actors.adapters.database.session import Session
from soju_actors.adapters.database.tables import DIALS
from soju_actors.ports.dials import DialReserved, ReserveDial

FORGOTTEN = 3600.0
"""Seconds after its last time after which a host is forgotten."""
FORGET = 10
"""Hosts that are forgotten with each reservation: more than it makes, so that the table does not grow."""

_NOW = func.extract("epoch", func.clock_timestamp()).cast(Float(53))
_LAST = DIALS.c.times[func.cardinality(DIALS.c.times)]


def _reserve(kind: Kind) -> object:
    most = bindparam("most", type_=Integer)
    count = func.cardinality(DIALS.c.times)
    # Null, which does not count, where there were fewer.
    free = func.greatest(_NOW, DIALS.c.times[count - most + 1] + bindparam("span", type_=Float(53)))
    kept = DIALS.c.times[count - most + 2 : count]
    inserted = kind.insert(DIALS).values(host=bindparam("server"), address=bindparam("egress"), times=array([_NOW]))
    return inserted.on_conflict_do_update(
        index_elements=["host", "address"], set_={"times": func.array_append(kept, free)}
    ).returning(_LAST - _NOW)


_RESERVE = Rows(_reserve)
_OLD = (
    select(DIALS.c.host, DIALS.c.address)
    .where(_NOW - literal(FORGOTTEN) > _LAST)
    .limit(FORGET)
    .with_for_update(skip_locked=True)
)
_FORGET = Rows(delete(DIALS).where(tuple_(DIALS.c.host, DIALS.c.address).in_(_OLD)).returning(DIALS.c.host))


def reserve(session: Session, job: ReserveDial) -> DialReserved:
    """Reserve the next time; forget hosts that nobody connects to any more."""
    session.alone(_FORGET)
    host = pack(job.host)
    [(wait,)] = session.alone(_RESERVE, server=host, egress=job.address, most=job.most, span=job.window)
    return DialReserved(job.host, max(0.0, wait))
