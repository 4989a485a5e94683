"""Whether a node is what a network asks for."""

from actors.placement import Node, Request, Spec, View
from actors.placement.filters import capability, zone
from soju_actors.messages.pacer import PacerArgs
from soju_actors.policy.egress import Egress


def is_met(egress: Egress, args: PacerArgs) -> bool:
    """Whether connections with this egress may be made on the pacer's node, whoever has chosen it."""
    node = Node("here", args.zone, capabilities=args.offers)
    request, view = Request(Spec("egress", needs=egress.needs, zones=egress.zones)), View(())
    return not (zone(request, view, node) or capability(request, view, node))
