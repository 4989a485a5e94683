"""Loopback ports for servers that a test starts."""

import fcntl
import os
import socket
import tempfile
from collections.abc import Iterator
from itertools import cycle, islice
from pathlib import Path

PORTS = range(20_000, 32_000)
"""Below the range from which the system takes ports of outgoing connections, so that none of those is in the way."""

_claims = (Path(tempfile.gettempdir()) / f"soju-actors-test-ports-{os.getuid()}").open("ab")
"""The lock on byte N is the claim on port N, for as long as this process lives: all runs of tests share the file."""
_candidates: Iterator[int] = islice(cycle(PORTS), os.getpid() % len(PORTS), None)


def free_port() -> int:
    """Return a port of 127.0.0.1 on which nobody listens, another one at each call and in each process."""
    for _ in PORTS:
        port = next(_candidates)
        try:
            fcntl.lockf(_claims, fcntl.LOCK_EX | fcntl.LOCK_NB, 1, port)
            with socket.socket() as probe:
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                probe.bind(("127.0.0.1", port))
        except OSError:
            continue
        return port
    raise RuntimeError(f"no free port in {PORTS}")


def ports_in_a_row(count: int) -> int:
    """The first of some free ports."""
    first = free_port()
    while [free_port() for _ in range(count - 1)] != list(range(first + 1, first + count)):
        first = free_port()
    return first
