"""``network export``."""

from collections.abc import Mapping

from soju_actors.service.commands import Given
from soju_actors.service.exporting import export_lines
from soju_actors.user.service.errand import Errand, Handler


def export(errand: Errand, given: Given) -> None:
    """Print the networks, or one, as ``provision`` reads them; secrets only when asked for."""
    networks = [errand.network(given.param(0))] if given.params else list(errand.user.networks.values())
    if not networks:
        errand.say("You have no networks")
        return
    shown = [(network.record, network.saved.values()) for network in networks]
    errand.say(*export_lines(errand.user.record, shown, secrets=given.boolean("secrets") or False))


HANDLERS: Mapping[str, Handler] = {"network export": export}
