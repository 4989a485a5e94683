"""Jobs for the service ``certifier``, which makes keys and certificates off the event loop."""

import msgspec

from soju_actors.ports.protocols import ToUser


class MakeCertificate(msgspec.Struct, frozen=True, tag="certifier.make"):
    """Make a self-signed client certificate (row SVC-11). Answer: :class:`CertificateMade`.

    ``kind`` is ``rsa``, ``ecdsa`` or ``ed25519``; ``bits`` counts for RSA alone.
    """

    kind: str = "rsa"
    bits: int = 3072
    common_name: str = "soju-actors"
    request: int = 0


class CertificateMade(msgspec.Struct, ToUser, frozen=True, tag="certifier.made"):
    """A certificate and its private key, PEM; ``error`` says why there is none."""

    certificate: str = ""
    key: str = ""
    error: str = ""
    request: int = 0
