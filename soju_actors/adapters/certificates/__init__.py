"""Keys and self-signed certificates: the service ``certifier``, and the server's own pair."""

from soju_actors.adapters.certificates.certifier import Certifier
from soju_actors.adapters.certificates.server import CertificateError, ensure_server_certificate

__all__ = ["CertificateError", "Certifier", "ensure_server_certificate"]
