"""Self-signed certificates for servers of a test."""

import ssl
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256, sha512
from ipaddress import ip_address
from pathlib import Path
from typing import Self

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

ALWAYS = (datetime(2020, 1, 1, tzinfo=UTC), datetime(2049, 12, 31, tzinfo=UTC))
"""Fixed, so that no test depends on the day on which it runs."""


@dataclass(frozen=True, slots=True)
class Certificate:
    """A pair of PEM files."""

    chain: Path
    key: Path

    @classmethod
    def make(cls, folder: Path, name: str) -> Self:
        """Make a certificate for 127.0.0.1 under the name, signed by itself."""
        secret = generate_private_key(SECP256R1())
        subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
        names = x509.SubjectAlternativeName([x509.DNSName(name), x509.IPAddress(ip_address("127.0.0.1"))])
        builder = x509.CertificateBuilder(subject, subject, secret.public_key(), x509.random_serial_number(), *ALWAYS)
        signed = builder.add_extension(names, critical=False).sign(secret, SHA256())
        self = cls(folder / f"{name}.pem", folder / f"{name}.key")
        self.chain.write_bytes(signed.public_bytes(Encoding.PEM))
        self.key.write_bytes(secret.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
        return self

    @property
    def pin(self) -> str:
        """The fingerprint by which a client may trust it."""
        return f"sha-256:{sha256(ssl.PEM_cert_to_DER_cert(self.chain.read_text())).hexdigest()}"

    @property
    def fingerprint(self) -> str:
        """The one by which the actor layer tells peers apart."""
        return sha512(ssl.PEM_cert_to_DER_cert(self.chain.read_text())).hexdigest()

    @property
    def trust(self) -> ssl.SSLContext:
        """A client's context that trusts this certificate and no other."""
        return ssl.create_default_context(cafile=self.chain)
