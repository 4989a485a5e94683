"""Whether a certificate that was valid is so by other authorities: what OpenSSL tells only in a handshake."""

import re

from cryptography import x509
from cryptography.exceptions import InvalidSignature

_CERTIFICATE, _LIST = (
    re.compile(rf"-----BEGIN {what}-----.*?-----END {what}-----".encode(), re.DOTALL)
    for what in ("CERTIFICATE", "X509 CRL")
)
NOT_OURS = "its certificate is not of this cluster's authority any more"
REVOKED = "its certificate was revoked"


class Authorities:
    """Those of an ``authorities.pem``, each with the list of what it has revoked."""

    def __init__(self, pem: bytes) -> None:
        self._trusted = [x509.load_pem_x509_certificate(one) for one in _CERTIFICATE.findall(pem)]
        self._lists = [x509.load_pem_x509_crl(one) for one in _LIST.findall(pem)]

    def objection(self, certificate: bytes) -> str:
        """Say why a certificate, DER, that was verified before counts no more; nothing if it does."""
        shown = x509.load_der_x509_certificate(certificate)
        if not any(_has_issued(authority, shown) for authority in self._trusted):
            return NOT_OURS
        lists = [one for one in self._lists if one.issuer == shown.issuer]
        if any(one.get_revoked_certificate_by_serial_number(shown.serial_number) for one in lists):
            return REVOKED
        return ""


def _has_issued(authority: x509.Certificate, certificate: x509.Certificate) -> bool:
    try:
        certificate.verify_directly_issued_by(authority)
    except (ValueError, InvalidSignature):
        return False
    return True
