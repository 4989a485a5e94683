"""Making keys and certificates, with ``cryptography``."""

from datetime import UTC, datetime, timedelta
from ipaddress import ip_address

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from soju_actors.adapters.certificates.wanted import Made, Wanted

YEARS = 20
_SKEW = timedelta(days=1)
"""A clock that is late by this much takes the certificate as valid."""
_LONGEST_NAME = 64
"""Letters of a common name. Spec: https://www.rfc-editor.org/rfc/rfc5280#appendix-A.1"""

PrivateKey = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey


def make(wanted: Wanted) -> Made:
    """Make a key and its self-signed certificate (row SVC-11)."""
    key = _make_key(wanted)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, wanted.common_name[:_LONGEST_NAME])])
    now = datetime.now(UTC)
    usage = ExtendedKeyUsageOID.SERVER_AUTH if wanted.server else ExtendedKeyUsageOID.CLIENT_AUTH
    builder = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - _SKEW)
        .not_valid_after(now + timedelta(days=365 * YEARS))
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(x509.ExtendedKeyUsage([usage]), critical=False)
    )
    if wanted.server:
        builder = builder.add_extension(x509.SubjectAlternativeName([_alternative(wanted.common_name)]), critical=False)
    certificate = builder.sign(key, None if isinstance(key, ed25519.Ed25519PrivateKey) else hashes.SHA256())
    return Made(
        certificate.public_bytes(serialization.Encoding.PEM).decode(),
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        ).decode(),
    )


def _make_key(wanted: Wanted) -> PrivateKey:
    match wanted.kind:
        case "rsa":
            return rsa.generate_private_key(65537, wanted.bits)
        case "ecdsa":
            # Servers must take it in a handshake of TLS 1.2 too, which few do for P-521.
            return ec.generate_private_key(ec.SECP256R1() if wanted.server else ec.SECP521R1())
        case _:
            return ed25519.Ed25519PrivateKey.generate()


def _alternative(hostname: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ip_address(hostname))
    except ValueError:
        return x509.DNSName(hostname)
