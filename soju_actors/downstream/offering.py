"""What a client is told and offered before it is attached (rows CAPD-01 to CAPD-24)."""

from collections.abc import Collection

from soju_actors.irc.batch import close_batch, open_batch
from soju_actors.irc.cap_table import PASSTHROUGH, PERMANENT, WITH_HISTORY
from soju_actors.irc.isupport import format_isupport, of_bouncer
from soju_actors.irc.message import Message
from soju_actors.messages.downstream import DownstreamArgs
from soju_actors.policy.downstream import DownstreamSettings


def mechanisms_for(args: DownstreamArgs) -> tuple[str, ...]:
    """Return the SASL mechanisms for a connection: EXTERNAL where it has shown a certificate (row CAPD-18)."""
    external = args.settings.client_cert_auth and args.fingerprint
    return (*args.settings.mechanisms, *(["EXTERNAL"] if external else []))


def offered_to(args: DownstreamArgs, mechanisms: tuple[str, ...]) -> dict[str, str]:
    """Return the capabilities for a connection, with their values."""
    offered = {**PERMANENT, **WITH_HISTORY, **dict.fromkeys(PASSTHROUGH, ""), "sasl": ",".join(mechanisms)}
    if args.settings.client_cert_auth:
        offered["soju.im/client-cert"] = ""  # row CAPD-21
    if args.sts:
        offered["sts"] = args.sts  # row AUP-08
    return offered


def early_isupport(settings: DownstreamSettings, caps: Collection[str]) -> list[Message]:
    """Return what is supported before registration.

    Spec: https://ircv3.net/specs/extensions/extended-isupport
    """
    tokens = list(format_isupport(of_bouncer(settings.title, settings.icon)))
    if "batch" not in caps:
        return tokens
    inside = [token.with_tags({"batch": "isupport"}) for token in tokens]
    return [open_batch("isupport", "draft/isupport"), *inside, close_batch("isupport")]
