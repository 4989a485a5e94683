"""Where a network is, and how a connection to it begins."""

from msgspec.structs import replace

from actors import Endpoint, Tls, Turn
from soju_actors.model.records import Network, SaslMechanism, StsPolicy
from soju_actors.policy.address import Address, AddressError, parse_address, source_addresses
from soju_actors.policy.egress import Egress, EgressError, parse_egress
from soju_actors.policy.rate import TokenBucket
from soju_actors.policy.sts import secured
from soju_actors.policy.upstream import UpstreamSettings
from soju_actors.upstream.outgoing import Outgoing
from soju_actors.upstream.registration import Identity
from soju_actors.upstream.session import begin_session
from soju_actors.upstream.state import Connection


def way_to(network: Network, sts: StsPolicy | None, wall: float) -> tuple[Address, Egress]:
    """Return where a network is, and from where it is to be connected to.

    Raises:
        ValueError: one of these settings cannot be used; the text is for a person.
    """
    try:
        address = secured(parse_address(network.addr), sts, wall)
    except AddressError as error:
        raise ValueError(f"the address {network.addr!r} cannot be used: {error}") from None
    try:
        return address, parse_egress(network.egress)
    except EgressError as error:
        raise ValueError(f"the egress {network.egress!r} cannot be used: {error}") from None


def dial(turn: Turn, identity: Identity, address: Address, settings: UpstreamSettings) -> Connection:
    """Begin a connection to an address of the identity's network."""
    network = identity.network
    chosen = parse_egress(network.egress).addresses
    sources = chosen or source_addresses(settings.user_addresses, network.user_id)
    link = turn.dial(replace(endpoint_of(network, address), sources=sources, bound=bool(chosen)))
    nonce = f"{turn.rng.getrandbits(144):036x}"
    session = begin_session(identity, nonce, plain=not (address.tls or address.path))
    bucket = TokenBucket(settings.rate_burst, settings.rate_every)
    return Connection(link, session, Outgoing(bucket, settings.queue))


def explained(reason: str, network: Network, address: Address) -> str:
    """Return why a server cannot be reached, for a person who did not ask for TLS."""
    if address.tls and not parse_address(network.addr).tls:
        return f"{reason} (by TLS on port {address.port}, as the server wants: STS)"
    return reason


def endpoint_of(network: Network, address: Address) -> Endpoint:
    """Return the endpoint of a network's server.

    A pinned fingerprint replaces the check of the certificate's authority (row AUP-07);
    our own certificate is shown only where it is the login (row AUP-03).
    """
    if not address.tls:
        return Endpoint(address.host, address.port, address.path)
    external = network.sasl is SaslMechanism.EXTERNAL
    tls = Tls(
        pins=(network.certfp,) if network.certfp else (),
        certificate=network.sasl_certificate if external else "",
        key=network.sasl_key if external else "",
        alpn=("irc",),
    )
    return Endpoint(address.host, address.port, tls=tls)
