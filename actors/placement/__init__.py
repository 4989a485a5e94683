"""Where actors run: what is known of the nodes, and strategies that choose among them.

All of it is pure: it looks at no clock, does no IO, and what it needs of chance it is given.
"""

from actors.placement.filters import FILTERS, Verdict
from actors.placement.move import Limits, Move, may_move, movable
from actors.placement.node import NEVER, UNKNOWN, Load, Measure, Node, Role
from actors.placement.plan import Plan, Refusal, make_plan
from actors.placement.spec import Peer, Request, Side, Spec
from actors.placement.strategies import BUILT_IN
from actors.placement.strategy import Choice, Explanation, Strategy, StrategyError, explain, place
from actors.placement.view import Group, Traffic, View

__all__ = [
    "BUILT_IN",
    "FILTERS",
    "NEVER",
    "UNKNOWN",
    "Choice",
    "Explanation",
    "Group",
    "Limits",
    "Load",
    "Measure",
    "Move",
    "Node",
    "Peer",
    "Plan",
    "Refusal",
    "Request",
    "Role",
    "Side",
    "Spec",
    "Strategy",
    "StrategyError",
    "Traffic",
    "Verdict",
    "View",
    "explain",
    "make_plan",
    "may_move",
    "movable",
    "place",
]
