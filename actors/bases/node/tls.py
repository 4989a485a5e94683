"""TLS contexts, and who the peer is."""

import contextlib
import functools
import hashlib
import os
import ssl
import tempfile
from collections.abc import Iterator

from actors.link import Tls


class PinError(Exception):
    """The peer's certificate is none of those that are pinned."""


@functools.lru_cache(maxsize=64)
def _shared_client_context(tls: Tls) -> ssl.SSLContext:
    return _new_client_context(tls)


def client_context(tls: Tls) -> ssl.SSLContext:
    """Return the context for a dial. Slow the first time: it reads the system's authorities.

    Raises:
        OSError, ssl.SSLError: a certificate cannot be read.
    """
    # A certificate's file may be replaced while we run.
    return _new_client_context(tls) if tls.certificate else _shared_client_context(tls)


def _new_client_context(tls: Tls) -> ssl.SSLContext:
    if tls.verify and not tls.pins:
        context = ssl.create_default_context()
    else:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return _prepare(context, tls)


def server_context(tls: Tls) -> ssl.SSLContext:
    """Return the context for a listener.

    Raises:
        OSError, ssl.SSLError: a certificate cannot be read.
        ValueError: there is none.
    """
    if not tls.certificate:
        raise ValueError("a TLS listener needs a certificate")
    if tls.request_client_certificate:
        from actors.bases.node.asking import AskingContext  # noqa: PLC0415 - large, and most do without it

        with _as_file(tls.certificate) as certificate, _as_file(tls.key) as key:
            return AskingContext(certificate, key, tls.alpn)
    return _prepare(ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER), tls)


def _prepare(context: ssl.SSLContext, tls: Tls) -> ssl.SSLContext:
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    if tls.alpn:
        context.set_alpn_protocols(list(tls.alpn))
    if tls.certificate:
        with _as_file(tls.certificate) as certificate, _as_file(tls.key) as key:
            context.load_cert_chain(certificate, key or None)
    return context


@contextlib.contextmanager
def _as_file(pem: str) -> Iterator[str]:
    """Give a path to what may be a path or PEM text; OpenSSL reads nothing but files."""
    if "-----BEGIN" not in pem:
        yield pem
        return
    handle, path = tempfile.mkstemp()
    try:
        with os.fdopen(handle, "w") as file:
            file.write(pem)
        yield path
    finally:
        os.unlink(path)  # noqa: PTH108 - a path of the operating system


def fingerprint_of(tls_object: ssl.SSLObject | None) -> str:
    """Return the SHA-512 of the peer's certificate in hexadecimal, or nothing without one."""
    der = tls_object.getpeercert(binary_form=True) if tls_object is not None else None
    return hashlib.sha512(der).hexdigest() if der else ""


def check_pins(tls: Tls | None, tls_object: ssl.SSLObject | None) -> None:
    """Check the peer's certificates against the pinned ones, if there are any.

    Any certificate of the chain may be pinned where Python shows the chain (3.13),
    otherwise the peer's own.

    Raises:
        PinError: none is pinned; the text names the fingerprints of the peer's own.
    """
    if tls is None or not tls.pins or tls_object is None:
        return
    leaf = tls_object.getpeercert(binary_form=True) or b""
    chain_of = getattr(tls_object, "get_unverified_chain", None)
    chain: list[bytes] = [leaf, *(chain_of() if chain_of else ())]
    pins = {pin.lower().replace(":", "").replace("-", "") for pin in tls.pins}
    if not any(
        f"{hash_name}{hashlib.new(hash_name, der).hexdigest()}" in pins for der in chain for hash_name in HASHES
    ):
        seen = ", ".join(
            f"{hash_name[:3]}-{hash_name[3:]}:{hashlib.new(hash_name, leaf).hexdigest()}" for hash_name in HASHES
        )
        raise PinError(f"the certificate is not the pinned one; the server shows {seen}")


HASHES = ("sha256", "sha512")
