"""Where a network is, and how a connection to it begins."""

from actors import Endpoint, Tls, Turn
from soju_actors.model.records import Network, SaslMechanism
from soju_actors.policy.address import Address, parse_address, source_addresses
from soju_actors.policy.rate import TokenBucket
from soju_actors.policy.upstream import UpstreamSettings
from soju_actors.upstream.outgoing import Outgoing
from soju_actors.upstream.registration import Identity
from soju_actors.upstream.session import begin_session
from soju_actors.upstream.state import Connection


def dial(turn: Turn, identity: Identity, address: Address, settings: UpstreamSettings) -> Connection:
    """Begin a connection to an address of the identity's network."""
    network = identity.network
    sources = source_addresses(settings.user_addresses, network.user_id)
    link = turn.dial(endpoint_of(network, address, sources))
    nonce = f"{turn.rng.getrandbits(144):036x}"
    session = begin_session(identity, nonce, plain=not (address.tls or address.path))
    bucket = TokenBucket(settings.rate_burst, settings.rate_every)
    return Connection(link, session, Outgoing(bucket, settings.queue))


def explained(reason: str, network: Network, address: Address) -> str:
    """Return why a server cannot be reached, for a person who did not ask for TLS."""
    if address.tls and not parse_address(network.addr).tls:
        return f"{reason} (by TLS on port {address.port}, as the server wants: STS)"
    return reason


def endpoint_of(network: Network, address: Address, sources: tuple[str, ...] = ()) -> Endpoint:
    """Return the endpoint of a network's server, and where to connect from.

    A pinned fingerprint replaces the check of the certificate's authority (row AUP-07);
    our own certificate is shown only where it is the login (row AUP-03).
    """
    if not address.tls:
        return Endpoint(address.host, address.port, address.path, sources=sources)
    external = network.sasl is SaslMechanism.EXTERNAL
    tls = Tls(
        pins=(network.certfp,) if network.certfp else (),
        certificate=network.sasl_certificate if external else "",
        key=network.sasl_key if external else "",
        alpn=("irc",),
    )
    return Endpoint(address.host, address.port, tls=tls, sources=sources)
