"""The service ``certifier``."""

from typing import Any

import msgspec

from soju_actors.adapters.certificates.wanted import Made, Wanted
from soju_actors.adapters.elsewhere import ElsewhereError, run_elsewhere
from soju_actors.ports.certificates import CertificateMade, MakeCertificate

KINDS = ("rsa", "ecdsa", "ed25519")
LEAST_BITS, MOST_BITS = 2048, 8192
PATIENCE = 120.0
"""Seconds; the greatest RSA key takes some twenty on a slow machine."""


class Certifier:
    """Does the jobs of ``ports.certificates``."""

    def perform(self, job: Any) -> CertificateMade:  # noqa: ANN401 - each service knows its jobs
        """Make a certificate; what is wrong with the wish is an answer too."""
        if not isinstance(job, MakeCertificate):
            raise TypeError(f"not a job of the certifier: {type(job).__name__}")
        if job.kind not in KINDS:
            return CertificateMade(error=f"{job.kind!r} is no kind of key: {', '.join(KINDS)} are", request=job.request)
        if job.kind == "rsa" and not LEAST_BITS <= job.bits <= MOST_BITS:
            return CertificateMade(error=f"an RSA key has {LEAST_BITS} to {MOST_BITS} bits", request=job.request)
        try:
            made = make_certificate(Wanted(job.kind, job.bits, job.common_name))
        except ElsewhereError as error:
            return CertificateMade(error=f"the certificate could not be made: {error}", request=job.request)
        return CertificateMade(made.certificate, made.key, request=job.request)

    def close(self) -> None:
        """Nothing is held."""


def make_certificate(wanted: Wanted) -> Made:
    """Make a certificate in a process of its own.

    Raises:
        ElsewhereError: it could not be made.
    """
    answer = run_elsewhere("soju_actors.adapters.certificates", msgspec.json.encode(wanted), PATIENCE)
    return msgspec.json.decode(answer, type=Made)
