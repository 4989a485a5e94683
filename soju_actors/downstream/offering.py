"""Capabilities that a client is offered before it is attached (rows CAPD-01 to CAPD-24)."""

from soju_actors.irc.cap_table import PASSTHROUGH, PERMANENT, WITH_HISTORY
from soju_actors.messages.downstream import DownstreamArgs


def mechanisms_for(args: DownstreamArgs) -> tuple[str, ...]:
    """Return the SASL mechanisms for a connection: EXTERNAL where it has shown a certificate (row CAPD-18)."""
    external = args.settings.client_cert_auth and args.fingerprint
    return (*args.settings.mechanisms, *(["EXTERNAL"] if external else []))


def offered_to(args: DownstreamArgs, mechanisms: tuple[str, ...]) -> dict[str, str]:
    """Return the capabilities for a connection, with their values."""
    offered = {**PERMANENT, **WITH_HISTORY, **dict.fromkeys(PASSTHROUGH, ""), "sasl": ",".join(mechanisms)}
    if args.settings.client_cert_auth:
        offered["soju.im/client-cert"] = ""  # row CAPD-21
    return offered
