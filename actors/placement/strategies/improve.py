"""Plans by score: whatever would be better off elsewhere moves."""

from collections.abc import Callable

from actors.placement import filters
from actors.placement.move import Limits, Move, movable
from actors.placement.node import Node
from actors.placement.spec import Request
from actors.placement.view import View

Scores = Callable[[Request, tuple[Node, ...], View], dict[str, float]]


def improve(scores_of: Scores, why: str, view: View, limits: Limits, gain: float) -> tuple[Move, ...]:
    """Propose to move the groups that would win most.

    The scores may depend on the group and on where its peers are, but not on where other groups are: so each move
    brings its group to where it stays, and what is proposed ends.
    A score must be better by the share ``gain`` of itself; 0 is for scores that do not come from measurements.
    """
    found: list[Move] = []
    for group in movable(view, limits):
        request = Request(group.spec, group.node)
        candidates = filters.candidates(request, view)
        scores = scores_of(request, candidates, view)
        now = scores.get(group.node)
        if now is None:
            continue
        highest = max(scores.values())
        if highest - now > gain * max(abs(highest), abs(now)):
            target = min((view.pressures[name], name) for name, score in scores.items() if score == highest)[1]
            found.append(Move(group.unit, group.node, target, why, highest - now))
    found.sort(key=lambda move: (-move.gain, move.unit))
    return _one_by_one(found, view, limits)


def _one_by_one(moves: list[Move], view: View, limits: Limits) -> tuple[Move, ...]:
    """Leave out what the moves before it have made impossible, and what is too much."""
    kept: list[Move] = []
    for move in moves:
        if len(kept) == limits.moves:
            break
        request = Request(view.group[move.unit].spec, move.source)
        if filters.is_allowed(request, view, view.node[move.target]):
            kept.append(move)
            view = view.moved(move.unit, move.target)
    return tuple(kept)
