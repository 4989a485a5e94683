"""Decisions as text for people."""

from collections.abc import Iterable, Iterator, Sequence

from actors.placement.filters import FILTERS
from actors.placement.plan import Plan
from actors.placement.strategy import Explanation


def explanation_text(explanation: Explanation) -> str:
    """What runs where, why, and what was considered: a table with a line for each node."""
    spec = explanation.request.spec
    lines = [
        f"{spec.unit} → {explanation.node or 'nowhere'}",
        f"{explanation.strategy}: {explanation.why}",
    ]
    if explanation.failure:
        lines.append(f"The strategy failed, and another had to choose: {explanation.failure}")
    if explanation.verdicts:
        lines += ["", *table(_rows(explanation))]
    return "\n".join(lines)


def _rows(explanation: Explanation) -> Iterator[Sequence[str]]:
    """A row for each node, the chosen first, then by score, then those that were refused."""
    yield ("", "node", "score", "filters")
    refusals: dict[str, list[str]] = {}
    for verdict in explanation.verdicts:
        said = refusals.setdefault(verdict.node, [])
        if verdict.refusal:
            said.append(f"{verdict.filter}: {verdict.refusal}")

    def order(node: str) -> tuple[bool, bool, float, str]:
        return node != explanation.node, bool(refusals[node]), -explanation.scores.get(node, 0.0), node

    for node in sorted(refusals, key=order):
        score = explanation.scores.get(node)
        mark = "*" if node == explanation.node else ""
        passed = f"all {len(FILTERS)} passed"
        yield (mark, node, "" if score is None else f"{score:.4g}", "; ".join(refusals[node]) or passed)


def plan_text(plan: Plan) -> str:
    """What moves, and what does not."""
    lines = [*table((move.unit, move.source, "→", move.target, move.why) for move in plan.moves)]
    lines += [f"not moved: {refusal.unit}: {refusal.why}" for refusal in plan.refusals]
    if plan.failure:
        lines.append(f"The strategy failed: {plan.failure}")
    return "\n".join(lines) or "Nothing is to be moved."


def table(rows: Iterable[Sequence[str]]) -> Iterator[str]:
    """Rows with columns of equal width."""
    whole = list(rows)
    widths = [max(map(len, column)) for column in zip(*whole, strict=True)]
    for row in whole:
        yield "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
