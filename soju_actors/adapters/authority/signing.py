"""Keys, certificates and lists of revoked ones, made with ``cryptography``: PEM in, PEM out, no files.

The key is of the curve P-256, which every OpenSSL takes for TLS 1.3. All is as strict verifiers want it.

Spec: https://www.rfc-editor.org/rfc/rfc5280#section-4.2
"""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from actors.cluster.identity import Identity

LASTS = timedelta(days=365 * 20)
SKEW = timedelta(days=1)
"""A clock that is late by this much takes what is new as valid."""


class Made(NamedTuple):
    """A key and its certificate, PEM, and what the register notes of it."""

    key: str
    certificate: str
    serial: str
    expires: float


def make_authority(cluster: str, generation: int, now: float) -> Made:
    """Make the key of an authority, and the certificate by which it is known."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = _name(f"authority {generation} of {cluster}"[:64])
    builder = (
        _builder(name, key.public_key(), now, _time(now) + LASTS)
        .issuer_name(name)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(signs=True), critical=True)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(key.public_key()), critical=False)
    )
    return _made(key, builder.sign(key, hashes.SHA256()))


def make_node(identity: Identity, authority_key: str, authority: str, now: float) -> Made:
    """Make the key of a node, and its certificate, which is valid no longer than that of the authority."""
    key = ec.generate_private_key(ec.SECP256R1())
    signer = x509.load_pem_x509_certificate(authority.encode())
    until = min(_time(now) + LASTS, signer.not_valid_after_utc)
    names = x509.SubjectAlternativeName([x509.UniformResourceIdentifier(identity.uri)])
    both = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH])
    builder = (
        _builder(_name(identity.node), key.public_key(), now, until)
        .issuer_name(signer.subject)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(signs=False), critical=True)
        .add_extension(both, critical=False)
        .add_extension(names, critical=False)
        .add_extension(_signed_by(signer), critical=False)
    )
    return _made(key, builder.sign(_load_key(authority_key), hashes.SHA256()))


def list_revoked(revoked: Iterable[tuple[str, float]], authority_key: str, authority: str, now: float) -> str:
    """Make the list of serial numbers, each with its time, that an authority has revoked; it is never too old."""
    signer = x509.load_pem_x509_certificate(authority.encode())
    builder = (
        x509.CertificateRevocationListBuilder()
        .issuer_name(signer.subject)
        .last_update(_time(now) - SKEW)
        .next_update(signer.not_valid_after_utc)
        .add_extension(x509.CRLNumber(int(now * 1000)), critical=False)
        .add_extension(_signed_by(signer), critical=False)
    )
    for serial, when in revoked:
        one = x509.RevokedCertificateBuilder().serial_number(int(serial, 16)).revocation_date(_time(when)).build()
        builder = builder.add_revoked_certificate(one)
    return builder.sign(_load_key(authority_key), hashes.SHA256()).public_bytes(Encoding.PEM).decode()


def _builder(
    subject: x509.Name, key: ec.EllipticCurvePublicKey, now: float, until: datetime
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(_time(now) - SKEW)
        .not_valid_after(until)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)
    )


def _usage(*, signs: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs,
        key_cert_sign=signs,
        crl_sign=signs,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )


def _signed_by(signer: x509.Certificate) -> x509.AuthorityKeyIdentifier:
    known = signer.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value
    return x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(known)


def _made(key: ec.EllipticCurvePrivateKey, certificate: x509.Certificate) -> Made:
    return Made(
        key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode(),
        certificate.public_bytes(Encoding.PEM).decode(),
        f"{certificate.serial_number:x}",
        certificate.not_valid_after_utc.timestamp(),
    )


def _load_key(pem: str) -> ec.EllipticCurvePrivateKey:
    key = load_pem_private_key(pem.encode(), None)
    if not isinstance(key, ec.EllipticCurvePrivateKey):
        raise TypeError(f"not a key of an authority: {type(key).__name__}")
    return key


def _name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


def _time(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC).replace(microsecond=0)
