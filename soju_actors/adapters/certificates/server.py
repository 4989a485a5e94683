"""The self-signed certificate of a server that was given none."""

from pathlib import Path

from soju_actors.adapters.certificates.certifier import make_certificate
from soju_actors.adapters.certificates.wanted import Wanted
from soju_actors.adapters.elsewhere import ElsewhereError
from soju_actors.adapters.files import write_whole

CERTIFICATE, KEY = "server.crt", "server.key"


class CertificateError(Exception):
    """There is no certificate for the server; the text is a sentence for the operator."""


def ensure_server_certificate(data_dir: Path, hostname: str) -> tuple[Path, Path]:
    """Return the files of the server's certificate and key, made now if one of them is missing.

    Raises:
        CertificateError: they could not be made.
    """
    certificate, key = data_dir / CERTIFICATE, data_dir / KEY
    if not (certificate.exists() and key.exists()):
        try:
            made = make_certificate(Wanted("ecdsa", 0, hostname, server=True))
            data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
            write_whole(key, made.key, 0o600)
            write_whole(certificate, made.certificate, 0o644)
        except (ElsewhereError, OSError) as error:
            raise CertificateError(f"no certificate could be made in {data_dir}: {error}") from error
    return certificate, key
