"""Commands about client certificates (rows SVC-11, SVC-12, AUP-03)."""

import hashlib
import ssl
from collections.abc import Iterator, Mapping

import msgspec

from actors import Turn
from soju_actors.model.records import SaslMechanism
from soju_actors.ports.certificates import CertificateMade, MakeCertificate
from soju_actors.ports.database import WriteFailed
from soju_actors.service.commands import Caller, Given
from soju_actors.service.errors import CommandError
from soju_actors.user.saving import Pending, continuation, expect
from soju_actors.user.service.errand import Errand, Handler, answer
from soju_actors.user.service.sasl import store
from soju_actors.user.state import UserState

LEAST_BITS, MOST_BITS = 2048, 8192
HASHES = ("sha1", "sha256", "sha512")
"""Those that networks want to be told."""


def generate(errand: Errand, given: Given) -> None:
    """Have a certificate made."""
    network = errand.network(given.text("network"))
    kind, bits = given.text("key-type") or "rsa", given.number("bits")
    if bits is not None and kind != "rsa":
        raise CommandError("-bits is for RSA keys")
    if bits is not None and not LEAST_BITS <= bits <= MOST_BITS:
        raise CommandError(f"-bits is from {LEAST_BITS} to {MOST_BITS}")
    request = errand.user.new_request()
    job = MakeCertificate(kind, request=request)
    errand.later = True
    expect(errand.user, request, errand.pending("certificate_made", words=(str(network.id),)))
    errand.turn.perform("certifier", job if bits is None else msgspec.structs.replace(job, bits=bits))


def fingerprint(errand: Errand, given: Given) -> None:
    """Tell the fingerprints of the certificate that is used."""
    network = errand.network(given.text("network"))
    certificate = network.record.sasl_certificate
    if not certificate:
        raise CommandError(f"{network.record.name} has no certificate: say help certfp generate")
    errand.say(*fingerprint_lines(certificate))


HANDLERS: Mapping[str, Handler] = {"certfp generate": generate, "certfp fingerprint": fingerprint}


@continuation
def certificate_made(user: UserState, pending: Pending, made: CertificateMade | WriteFailed, turn: Turn) -> None:
    """Store a new certificate, and log in with it from the next connection on."""
    network = user.networks.get(int(pending.words[0]))
    error = made.error if isinstance(made, CertificateMade) else made.reason
    if network is None and not error:
        error = "the network was deleted meanwhile"
    if error or network is None or isinstance(made, WriteFailed):
        answer(user, pending, turn, error=error)
        return
    errand = Errand(user, turn, pending, Caller(user.record.name))
    record = msgspec.structs.replace(
        errand.record(network),
        sasl=SaslMechanism.EXTERNAL,
        sasl_username="",
        sasl_password="",
        sasl_certificate=made.certificate,
        sasl_key=made.key,
    )
    lines = fingerprint_lines(made.certificate)
    store(errand, record, f"{record.name}: SASL EXTERNAL with this certificate from the next connection on", *lines)


def fingerprint_lines(certificate: str) -> Iterator[str]:
    """Yield the fingerprints of a certificate in PEM."""
    der = ssl.PEM_cert_to_DER_cert(certificate.strip())
    for name in HASHES:
        digits = hashlib.new(name, der, usedforsecurity=False).hexdigest()
        yield f"{name.upper().replace('SHA', 'SHA-')} fingerprint: {digits}"
