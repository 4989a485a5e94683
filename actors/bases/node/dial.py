"""Connecting to a host by the fastest of its addresses."""

import asyncio
import itertools
import os
import socket
import ssl
from collections.abc import Sequence
from ipaddress import ip_address
from typing import Any

AddressInfo = tuple[Any, ...]

STAGGER = 0.25
"""Seconds between two attempts. Spec: https://www.rfc-editor.org/rfc/rfc8305#section-5"""


async def connect(
    loop: asyncio.AbstractEventLoop, host: str, port: int, sources: Sequence[str] = (), *, bound: bool = False
) -> socket.socket:
    """Return a connected socket; ``sources`` and ``bound`` as :class:`actors.link.Endpoint` has them.

    Spec: https://www.rfc-editor.org/rfc/rfc8305

    Raises:
        OSError: no address answers, or the name has none.
    """
    found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    ours = {_family(source): source for source in sources}
    reached = [info for info in found if info[0] in ours]
    if bound and not reached:
        raise OSError(f"it has no address that can be connected to from {' or '.join(sources)}")
    return await _race(loop, interleave(reached or found), ours)


def interleave(found: Sequence[AddressInfo]) -> list[AddressInfo]:
    """Order addresses so that families alternate, starting with the first one's.

    Spec: https://www.rfc-editor.org/rfc/rfc8305#section-4
    """
    families: dict[int, list[AddressInfo]] = {}
    for info in found:
        families.setdefault(info[0], []).append(info)
    rounds = itertools.zip_longest(*families.values())
    return [info for one_round in rounds for info in one_round if info is not None]


def _family(address: str) -> int:
    return socket.AF_INET if ip_address(address).version == 4 else socket.AF_INET6  # noqa: PLR2004


async def _race(
    loop: asyncio.AbstractEventLoop, addresses: list[AddressInfo], sources: dict[int, str]
) -> socket.socket:
    """Try one address after the other, each before the last has failed; the first to connect wins."""
    pending: set[asyncio.Task[socket.socket]] = set()
    failures: list[BaseException] = []
    try:
        while addresses or pending:
            if addresses:
                pending.add(loop.create_task(_attempt(loop, addresses.pop(0), sources)))
            timeout = STAGGER if addresses else None
            done, pending = await asyncio.wait(pending, timeout=timeout, return_when=asyncio.FIRST_COMPLETED)
            won = [task.result() for task in done if task.exception() is None]
            for late in won[1:]:
                late.close()
            if won:
                return won[0]
            failures += [error for task in done if (error := task.exception()) is not None]
    finally:
        for task in pending:
            task.cancel()
            task.add_done_callback(_close_late)
    reason = "; ".join(dict.fromkeys(describe(error) for error in failures)) or "the name has no address"
    if failures and all(isinstance(error, ConnectionRefusedError) for error in failures):
        raise ConnectionRefusedError(reason)
    raise OSError(reason)


async def _attempt(loop: asyncio.AbstractEventLoop, info: AddressInfo, sources: dict[int, str]) -> socket.socket:
    sock = socket.socket(info[0], info[1], info[2])
    try:
        sock.setblocking(False)
        if info[0] in sources:
            sock.bind((sources[info[0]], 0))
        await loop.sock_connect(sock, info[4])
    except BaseException:
        sock.close()
        raise
    return sock


def _close_late(task: asyncio.Task[socket.socket]) -> None:
    """Close the socket of an attempt that succeeded although it was not wanted any more."""
    if not task.cancelled() and task.exception() is None:
        task.result().close()


def describe(error: BaseException) -> str:
    """Say in a few words why a socket failed."""
    match error:
        case TimeoutError():
            return "timed out"
        case socket.gaierror():
            return f"name look-up failed: {error.strerror}"
        case ssl.SSLCertVerificationError():
            return f"the certificate is not trusted: {error.verify_message}"
        case ssl.SSLError():
            return f"TLS failed: {(getattr(error, 'reason', None) or str(error)).replace('_', ' ').lower()}"
        case OSError() if error.errno is not None:
            return os.strerror(error.errno).lower()  # asyncio's own text has a tuple in it
        case _:
            return str(error) or type(error).__name__
