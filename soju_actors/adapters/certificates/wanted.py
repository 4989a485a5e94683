"""What is told to the process that makes a certificate, and what it answers."""

import msgspec


class Wanted(msgspec.Struct, frozen=True):
    """A certificate to be made."""

    kind: str
    """``rsa``, ``ecdsa`` or ``ed25519``."""
    bits: int
    """The size of an RSA key."""
    common_name: str
    server: bool = False
    """Whether it is shown to clients, not to servers."""


class Made(msgspec.Struct, frozen=True):
    """A certificate and its private key, PEM."""

    certificate: str
    key: str
