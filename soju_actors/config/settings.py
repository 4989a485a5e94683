"""Every setting of the configuration file, with its default.

``config/default.toml`` says what each is for; a test holds the two equal. Times are
in seconds. A path is empty where there is none, and absolute once it is loaded.
"""

from enum import StrEnum
from typing import Annotated

import msgspec
from msgspec import Meta

from soju_actors.config.listening import ListenAddress, parse_listen_uri

Count = Annotated[int, Meta(ge=1)]
Limit = Annotated[int, Meta(ge=-1)]
"""A number that may be -1: no limit."""
Seconds = Annotated[float, Meta(gt=0)]
Days = Annotated[float, Meta(ge=0, le=36_500)]
"""Fractions are allowed; 0: never."""
DAY = 86_400.0
"""Seconds."""


class Sync(StrEnum):
    """When a commit counts as done in SQLite."""

    NORMAL = "normal"
    """Once the operating system has it: it survives the end of the process, not of the machine."""
    FULL = "full"
    """Once the disk has it."""


class LogLevel(StrEnum):
    """The least that is logged."""

    DEBUG = "debug"
    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


class Table(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A table of the file."""


class Listen(Table, frozen=True):
    """Where clients connect (rows LSN-01 to LSN-05); see :mod:`soju_actors.config.listening`.

    A certificate and key of its own take the place of those of :class:`Tls`.
    """

    uri: str
    insecure: bool = False
    """Plain text may be spoken beyond this machine."""
    certificate: str = ""
    key: str = ""

    @property
    def address(self) -> ListenAddress:
        """What the URI says.

        Raises:
            ValueError: it is none; that of a loaded configuration is one.
        """
        return parse_listen_uri(self.uri)


class Database(Table, frozen=True):
    """The database: ``sqlite:///file`` (in ``data_dir``), ``sqlite:////file`` or ``postgresql://…`` (row CFG-06)."""

    url: str = "sqlite:///soju.db"


class Tls(Table, frozen=True):
    """PEM files for TLS listeners (row CFG-05); without them a self-signed pair in ``data_dir`` is used."""

    certificate: str = ""
    key: str = ""


class Sts(Table, frozen=True):
    """What clients are told about TLS (row AUP-08). Spec: https://ircv3.net/specs/extensions/sts."""

    port: Annotated[int, Meta(ge=0, le=65535)] = 0
    """Where those in plain text are to go; 0: they may stay."""
    duration: Annotated[int, Meta(ge=-1)] = -1
    """For how many seconds those by TLS are to use nothing else; -1: that is not said."""
    preload: bool = False


class Limits(Table, frozen=True):
    """What one peer may use. What exceeds a limit gets an error that says so."""

    connections_per_address: Count = 1024
    connections_before_login: Count = 2048
    connections_per_user: Count = 1024
    registration_time: Seconds = 30.0
    line_bytes: Annotated[int, Meta(ge=512)] = 8703
    command_burst: Count = 200
    commands_per_second: Annotated[float, Meta(gt=0)] = 100.0
    targets: Count = 100
    channels: Count = 10_000
    buffers: Count = 10_000
    send_queue: Count = 10_000
    ping_after: Seconds = 180.0
    read_deadline: Seconds = 420.0
    login_tries: Count = 5
    login_failures: Count = 10
    login_failure_time: Seconds = 60.0


class Accounts(Table, frozen=True):
    """How users log in, and which accounts are closed (rows CFG-17, CFG-19, CFG-21)."""

    client_cert_auth: bool = False
    enable_user_on_auth: bool = False
    disable_inactive_user: Days = 0.0
    scram_iterations: Annotated[int, Meta(ge=0, le=1_000_000)] = 64_000


class History(Table, frozen=True):
    """How much is kept at hand, how safely it is stored, and for how long."""

    ring: Count = 1024
    sync: Sync = Sync.NORMAL
    message_expiry: Days = 0.0


class Upstream(Table, frozen=True):
    """How servers are connected to, and how fast they are spoken to (row LIM-01)."""

    at_once: Count = 16
    burst: Count = 5
    every: Annotated[float, Meta(ge=0)] = 2.0
    registration_timeout: Seconds = 60.0
    ping_after: Seconds = 60.0
    read_deadline: Seconds = 150.0
    rate_burst: Count = 10
    rate_every: Annotated[float, Meta(ge=0)] = 2.0
    queue: Count = 1000
    user_addresses: tuple[str, ...] = ()
    addresses: tuple[str, ...] = ()


class Role(StrEnum):
    """Which actors a node of a cluster runs."""

    EDGE = "edge"
    """Those that own sockets: clients and servers connect here."""
    CORE = "core"
    """Those that own none."""
    BOTH = "both"


Capability = bool | int | float | Annotated[str, Meta(max_length=256)]
"""What a node has or can: a plain value that placement is told."""


class Cluster(Table, frozen=True):
    """This node's part in a cluster; see :mod:`soju_actors.config.clustering`."""

    node: str = ""
    """Its name; empty: there is no cluster."""
    zone: str = "default"
    role: Role = Role.BOTH
    leaders: tuple[str, ...] = ()
    listen: str = ":7667"
    advertise: str = ""
    """Empty: as ``listen``; never empty once a node's configuration is loaded."""
    keys: str = "keys"
    placement: str = "rendezvous"
    answers: str = ""
    """The file, or the socket, where a program outside says where users run; empty: there is none."""
    rebalance: Annotated[float, Meta(ge=0)] = 0.0
    """Seconds from one look at whether users should move to the next; 0: none moves by itself."""
    rest: Annotated[float, Meta(ge=0)] = 60.0
    """Seconds that a user stays at least where it has come to."""
    lease: Seconds = 6.0
    heartbeat: Annotated[float, Meta(ge=0.05)] = 0.25
    capabilities: Annotated[
        dict[Annotated[str, Meta(min_length=1, max_length=64)], Capability], Meta(max_length=64)
    ] = {}


class Log(Table, frozen=True):
    """What is told about the bouncer's own life, on standard error."""

    level: LogLevel = LogLevel.INFO


class Metrics(Table, frozen=True):
    """Where what the bouncer does can be read by Prometheus (rows LSN-15, LSN-16)."""

    listen: str = ""
    """An address, host:port; empty: nowhere."""
    insecure: bool = False
    """It may be read beyond this machine."""


class Config(Table, frozen=True):
    """The whole configuration (rows CFG)."""

    hostname: str = ""
    """Empty: that of the machine (row CFG-02); never empty once it is loaded."""
    title: str = ""
    icon: str = ""
    motd: str = ""
    data_dir: str = "data"
    max_user_networks: Limit = -1
    listen: tuple[Listen, ...] = (Listen("irc+insecure://127.0.0.1:6667"), Listen("ircs://127.0.0.1:6697"))
    database: Database = Database()
    tls: Tls = Tls()
    sts: Sts = Sts()
    limits: Limits = Limits()
    accounts: Accounts = Accounts()
    history: History = History()
    upstream: Upstream = Upstream()
    cluster: Cluster = Cluster()
    metrics: Metrics = Metrics()
    log: Log = Log()

    @property
    def control_socket(self) -> str:
        """The Unix socket on which a running bouncer takes service commands (row OPS-12)."""
        return f"{self.data_dir}/control.sock"
