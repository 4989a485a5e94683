"""Which capabilities clients are offered, as their network has them (rows CAPD-18, CAPD-22 to CAPD-24)."""

from soju_actors.irc.cap_table import PASSTHROUGH
from soju_actors.irc.multiline import KIND, OWN, Limits, parse_limits
from soju_actors.user.state import NetworkState

PLAYBACK = "draft/event-playback"
REGISTRATION = "draft/account-registration"


def multiline_limits(network: NetworkState | None) -> Limits:
    """Return what a client's message of several lines may have: no more than its server takes."""
    if network is None or KIND not in network.caps:
        return OWN
    return OWN.within(parse_limits(network.available.get(KIND, "")))


def offer(network: NetworkState | None) -> tuple[dict[str, str], tuple[str, ...]]:
    """Return what is offered after registration and what is withdrawn.

    Without a network, or while its server is away, everything is offered that needs no server to be of use.
    """
    always = {KIND: str(multiline_limits(network))}
    if network is None:
        return dict.fromkeys(PASSTHROUGH, "") | always, (PLAYBACK,)
    if not network.up:
        return dict.fromkeys((*PASSTHROUGH, PLAYBACK), "") | always, ("sasl", REGISTRATION)
    offered = dict.fromkeys([cap for cap in PASSTHROUGH if cap in network.caps] + [PLAYBACK], "") | always
    if takes_plain(network):
        offered["sasl"] = "PLAIN,ANONYMOUS"
    if REGISTRATION in network.caps:
        offered[REGISTRATION] = _registration(network.available.get(REGISTRATION, ""))
    return offered, tuple(cap for cap in (*PASSTHROUGH, "sasl", REGISTRATION) if cap not in offered)


def takes_plain(network: NetworkState) -> bool:
    """Whether the server lets users log in with SASL PLAIN; what it does not say, it may (row CAPD-18)."""
    mechanisms = network.available.get("sasl", "")
    return "sasl" in network.caps and (not mechanisms or "PLAIN" in mechanisms.upper().split(","))


def _registration(value: str) -> str:
    """Return what the server says of accounts; before the connection the bouncer is in between (row CAPD-23)."""
    return ",".join(word for word in value.split(",") if word != "before-connect")
