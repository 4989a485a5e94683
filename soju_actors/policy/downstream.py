"""What a client's connection may do."""

import msgspec


class DownstreamSettings(msgspec.Struct, frozen=True):
    """Limits of connections; what exceeds one gets an error that says so. Times in seconds."""

    hostname: str
    title: str = ""
    icon: str = ""
    connections_per_address: int = 1024
    connections_before_login: int = 2048
    registration_time: float = 30.0
    line_bytes: int = 8703
    """A whole line with its tags."""
    command_burst: int = 200
    commands_per_second: float = 100.0
    send_queue: int = 10_000
    """Lines and tickets that may wait for a client that does not read."""
    ping_after: float = 180.0
    """Silence after which the client is sent a PING."""
    read_deadline: float = 420.0
    """Silence after which the connection is closed."""
    login_tries: int = 5
    """Failed logins of one connection."""
    mechanisms: tuple[str, ...] = ("PLAIN",)
    """Of SASL, for everybody; who has shown a certificate may have EXTERNAL too."""
    resume_time: float = 0.0
    """For how long a client waits for its user, whose node was lost, to run on another one; 0: it is closed at once."""
    client_cert_auth: bool = False
    """Clients may log in with certificates (row CFG-21)."""
