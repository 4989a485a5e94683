"""Opening listening sockets."""

import asyncio
import contextlib
import socket
import stat
from pathlib import Path

from actors.link import Endpoint, format_address


async def bind(loop: asyncio.AbstractEventLoop, endpoint: Endpoint) -> list[socket.socket]:
    """Return a bound socket for each address of an endpoint.

    Raises:
        OSError: an address is in use, not ours, or not permitted.
    """
    if endpoint.path:
        return [_bind_unix(endpoint)]
    found = await loop.getaddrinfo(
        endpoint.host or None, endpoint.port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
    )
    bound: list[socket.socket] = []
    try:
        for family, kind, protocol, _, address in dict.fromkeys(found):
            bound.append(_bind_tcp(family, kind, protocol, address))
    except BaseException:
        for sock in bound:
            sock.close()
        raise
    return bound


def _bind_tcp(family: int, kind: int, protocol: int, address: tuple[object, ...]) -> socket.socket:
    sock = socket.socket(family, kind, protocol)
    try:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6:
            sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        sock.bind(address)
    except BaseException:
        sock.close()
        raise
    return sock


def _bind_unix(endpoint: Endpoint) -> socket.socket:
    _remove_stale(endpoint.path)
    sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        sock.bind(endpoint.path)
        if endpoint.mode is not None:  # before it listens, so nobody can slip in
            Path(endpoint.path).chmod(endpoint.mode)
    except BaseException:
        sock.close()
        raise
    return sock


def _remove_stale(path: str) -> None:
    """Remove the socket file of a process that has ended; one that still answers stays."""
    with contextlib.suppress(FileNotFoundError, ConnectionRefusedError):
        if not stat.S_ISSOCK(Path(path).stat().st_mode):
            return
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
            try:
                probe.settimeout(1.0)
                probe.connect(path)
            except ConnectionRefusedError:
                Path(path).unlink()


def name_of(sock: socket.socket) -> str:
    """Return the address of a listening socket for people."""
    name = sock.getsockname()
    return name if isinstance(name, str) else format_address(name[0], name[1])
