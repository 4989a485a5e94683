"""What waited for an answer of a service or of the registry goes on."""

from actors import Turn
from soju_actors.user.framing import part_of
from soju_actors.user.saving import CONTINUATIONS, Pending
from soju_actors.user.state import UserState


def answered(user: UserState, request: int, answer: object, turn: Turn) -> Pending | None:
    """Go on with what waited for this answer; return it, or None if nothing did."""
    pending = user.pending.pop(request, None)
    if pending is None or not pending.then:
        return pending
    go_on = CONTINUATIONS[pending.then]
    frame = pending.frame
    client = user.with_serial(frame.client) if frame is not None else None
    if frame is None or client is None:
        go_on(user, pending, answer, turn)
        return pending
    frame.waits -= 1
    with part_of(user, user.feed_of(client), frame):
        go_on(user, pending, answer, turn)
    return pending
