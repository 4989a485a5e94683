"""Keys and certificates (row SVC-11, AUP-03)."""

import ssl
import stat
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from soju_actors.adapters.certificates import CertificateError, Certifier, ensure_server_certificate
from soju_actors.ports.certificates import CertificateMade, MakeCertificate

KEYS = {"rsa": rsa.RSAPrivateKey, "ecdsa": ec.EllipticCurvePrivateKey, "ed25519": ed25519.Ed25519PrivateKey}


@pytest.mark.parametrize("kind", KEYS)
def test_a_client_certificate_is_signed_by_its_own_key_for_twenty_years(kind: str, tmp_path: Path) -> None:
    made = Certifier().perform(MakeCertificate(kind, 2048, "alice", request=5))
    assert (made.error, made.request) == ("", 5)
    certificate = x509.load_pem_x509_certificate(made.certificate.encode())
    key = serialization.load_pem_private_key(made.key.encode(), None)
    assert isinstance(key, KEYS[kind])
    if isinstance(key, rsa.RSAPrivateKey):
        assert key.key_size == 2048
    if isinstance(key, ec.EllipticCurvePrivateKey):
        assert key.curve.name == "secp521r1"
    certificate.verify_directly_issued_by(certificate)
    assert certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)[0].value == "alice"
    left = certificate.not_valid_after_utc - datetime.now(UTC)
    assert timedelta(days=7299) < left <= timedelta(days=7300)
    usage = certificate.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    assert list(usage) == [ExtendedKeyUsageOID.CLIENT_AUTH]
    (tmp_path / "pair.pem").write_text(made.certificate + made.key)
    ssl.create_default_context().load_cert_chain(tmp_path / "pair.pem")


@pytest.mark.parametrize(
    ("job", "error"),
    [
        (MakeCertificate("dsa", request=2), "'dsa' is no kind of key: rsa, ecdsa, ed25519 are"),
        (MakeCertificate("rsa", 1024, request=2), "an RSA key has 2048 to 8192 bits"),
        (MakeCertificate("rsa", 16384, request=2), "an RSA key has 2048 to 8192 bits"),
    ],
)
def test_a_wish_that_cannot_be_granted_is_answered(job: MakeCertificate, error: str) -> None:
    assert Certifier().perform(job) == CertificateMade(error=error, request=2)


def test_a_failure_of_the_other_process_is_answered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", "/nowhere/python")
    made = Certifier().perform(MakeCertificate("ed25519", request=2))
    assert made.request == 2
    assert made.error.startswith("the certificate could not be made: /nowhere/python cannot be started")


def test_other_jobs_are_a_bug() -> None:
    with pytest.raises(TypeError, match="not a job of the certifier: str"):
        Certifier().perform("make")


@pytest.mark.parametrize("hostname", ["bouncer.test", "127.0.0.1", "b" * 80 + ".test"])
def test_the_server_has_a_certificate_that_is_made_once(hostname: str, tmp_path: Path) -> None:
    files = ensure_server_certificate(tmp_path / "data", hostname)
    assert [stat.S_IMODE(file.stat().st_mode) for file in files] == [0o644, 0o600]
    before = [file.read_bytes() for file in files]
    assert ensure_server_certificate(tmp_path / "data", hostname) == files
    assert [file.read_bytes() for file in files] == before
    certificate = x509.load_pem_x509_certificate(before[0])
    names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert [str(name.value) for name in names] == [hostname]
    ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(*files)
    assert list((tmp_path / "data").glob(".*")) == []


def test_a_certificate_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(CertificateError, match="no certificate could be made in"):
        ensure_server_certificate(tmp_path / "file" / "data", "bouncer.test")
