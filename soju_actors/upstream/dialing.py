"""Where a network is, as an endpoint."""

from actors import Endpoint, Tls
from soju_actors.model.records import Network, SaslMechanism
from soju_actors.policy.address import Address


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
