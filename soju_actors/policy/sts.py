"""Strict Transport Security: who is to be connected to by TLS alone (row AUP-08).

Spec: https://ircv3.net/specs/extensions/sts
"""

from typing import NamedTuple

import msgspec

from soju_actors.model.records import StsPolicy
from soju_actors.policy.address import Address

CAP = "sts"
LONGEST = 10 * 365 * 86400
"""Seconds for which a server is believed at the most."""
LONGEST_REFRESH = 86400.0
"""Seconds after which the expiry is set anew on a connection that goes on."""


class Offer(NamedTuple):
    """The value of the capability: None for what it does not say, or not in a way that can be used."""

    port: int | None = None
    """Where to connect by TLS: for who is not."""
    duration: int | None = None
    """For how many seconds to do nothing else: for who is connected by TLS. 0: no longer."""


NOTHING = Offer()


def parse_sts(value: str) -> Offer:
    """Read the capability's value; keys that are not known are passed over."""
    keys = {key: number for key, _, number in (token.partition("=") for token in value.split(","))}
    port, duration = _number(keys.get("port")), _number(keys.get("duration"))
    return Offer(
        port if port is not None and 0 < port < 1 << 16 else None,
        None if duration is None else min(duration, LONGEST),
    )


def offer_to_change(port: int) -> str:
    """Return the value for clients that have come in plain text."""
    return f"port={port}"


def offer_to_stay(duration: int, *, preload: bool) -> str:
    """Return the value for clients that have come by TLS."""
    return f"duration={duration},preload" if preload else f"duration={duration}"


def secured(address: Address, policy: StsPolicy | None, now: float) -> Address:
    """Return where to connect to: by TLS if the host has asked for that, and what it has said still holds."""
    if policy is None or address.tls or address.host != policy.host or now >= policy.expires:
        return address
    return upgraded(address, policy.port)


def upgraded(address: Address, port: int) -> Address:
    """Return the address of the same host by TLS."""
    return msgspec.structs.replace(address, port=port, tls=True)


def refresh_after(duration: int) -> float:
    """Return the seconds after which an expiry is set anew, so that a sudden end of the bouncer costs little of it."""
    return min(duration / 2, LONGEST_REFRESH)


def _number(text: str | None) -> int | None:
    if text is None or not (text.isascii() and text.isdigit()):
        return None
    return int(text) if len(text) <= len(str(LONGEST)) else LONGEST
