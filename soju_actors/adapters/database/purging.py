"""Purging history: it is hidden at once, and deleted when there is time (``indexing``)."""

from sqlalchemy import bindparam, update

from soju_actors.adapters.database.query import Statement
from soju_actors.adapters.database.reading import big, find_target
from soju_actors.adapters.database.session import Session
from soju_actors.adapters.database.tables import TARGETS
from soju_actors.ports.database import PurgeHistory

_RAISE_FLOOR = Statement(
    update(TARGETS).where(TARGETS.c.id == bindparam("which"), TARGETS.c.floor < big("end")).values(floor=big("end"))
)


def purge(session: Session, job: PurgeHistory) -> set[int]:
    """Hide the messages of targets below a number each; return the targets that have some to delete now."""
    raised = set()
    for name, end in job.ends.items():
        target = find_target(session, job.network_id, name)
        if target is not None and session.run(_RAISE_FLOOR, which=target.id, end=end):
            raised.add(target.id)
    return raised
