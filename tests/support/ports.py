"""Loopback ports for servers that a test starts."""

import os
import socket
from itertools import cycle

FIRST = 20_000
"""Below the range from which the system takes ports of outgoing connections, so that none of those is in the way."""
SPAN = 1_000
"""Ports for each worker of a parallel run: two workers never try the same one."""

_worker = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
_candidates = cycle(range(FIRST + SPAN * (_worker % 10), FIRST + SPAN * (_worker % 10 + 1)))


def free_port() -> int:
    """Return a port of 127.0.0.1 on which nobody listens, another one at each call."""
    for _ in range(SPAN):
        port = next(_candidates)
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise RuntimeError(f"no free port from {FIRST} on for worker {_worker}")
