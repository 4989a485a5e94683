"""How the bouncer behaves towards servers."""

import msgspec


class UpstreamSettings(msgspec.Struct, frozen=True):
    """Times in seconds (rows LIM-01, LIM-10; LIF-05 is the defect that the others mend)."""

    registration_timeout: float = 60.0
    ping_after: float = 60.0
    """Silence after which the server is sent a PING."""
    read_deadline: float = 150.0
    """Silence after which the connection is given up."""
    rate_burst: int = 10
    """Lines that may be sent at once."""
    rate_every: float = 2.0
    """Seconds for each further line."""
    queue: int = 1000
    """Lines that may wait for the rate limit."""
    user_addresses: tuple[str, ...] = ()
    """Ranges of addresses, of which each user has one to connect from (row CFG-16)."""
