"""Fingerprints, as networks want to be told them (rows SVC-11, SVC-12)."""

import hashlib
import ssl
from typing import NamedTuple


class Fingerprints(NamedTuple):
    """Hashes of a certificate, in lower-case hexadecimal digits."""

    sha1: str
    sha256: str
    sha512: str


def fingerprints(certificate: str) -> Fingerprints:
    """Return the fingerprints of a certificate in PEM.

    Raises:
        ValueError: it is none.
    """
    der = ssl.PEM_cert_to_DER_cert(certificate.strip())
    sha1 = hashlib.sha1(der, usedforsecurity=False)
    return Fingerprints(sha1.hexdigest(), hashlib.sha256(der).hexdigest(), hashlib.sha512(der).hexdigest())
