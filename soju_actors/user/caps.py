"""Which capabilities clients are offered, as their network has them (rows CAPD-22 to CAPD-24)."""

from soju_actors.irc.cap_table import PASSTHROUGH
from soju_actors.user.state import NetworkState


def offer(network: NetworkState | None) -> tuple[dict[str, str], tuple[str, ...]]:
    """Return what is offered after registration and what is withdrawn.

    Without a network, or while its server is away, everything is offered.
    """
    playback = "draft/event-playback"
    if network is None:
        return dict.fromkeys(PASSTHROUGH, ""), (playback,)
    if not network.up:
        return dict.fromkeys((*PASSTHROUGH, playback), ""), ()
    kept = [cap for cap in PASSTHROUGH if cap in network.caps]
    return dict.fromkeys((*kept, playback), ""), tuple(cap for cap in PASSTHROUGH if cap not in network.caps)
