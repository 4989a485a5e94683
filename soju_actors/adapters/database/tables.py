"""The schema (rows DBT-01 to DBT-12, better where they list a defect).

A message is stored under ``target << 32 | number``, so that one b-tree holds each
target's messages together and in their order. But a line for each of a hundred targets
would change a hundred pages of it, and as many of the index by time, which costs ten
times what the lines do. So few lines for a target go to the end of ``recent``, and
are filed with ``messages`` in large portions; what searches need is filled after that
(``indexing``). A reader looks into both: of each target, what is recent comes after
what is filed.

Text of IRC is packed (``packing``), lines are bytes.
"""

from sqlalchemy import (
    ARRAY,
    BigInteger,
    Boolean,
    Column,
    DateTime,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
    column,
    false,
    table,
)

SCHEMA = MetaData()

USERS = Table(
    "users",
    SCHEMA,
    Column("id", Integer, primary_key=True),
    Column("name", Text, nullable=False, unique=True),
    Column("password_hash", Text, nullable=False),
    Column("admin", Boolean, nullable=False),
    Column("enabled", Boolean, nullable=False),
    Column("nick", Text, nullable=False),
    Column("realname", Text, nullable=False),
    Column("max_networks", Integer, nullable=False),
    Column("created_at", Float(53), nullable=False),
    Column("revision", Integer, nullable=False),
    Column("scram", Text, nullable=False, server_default=""),
    Column("interacted_at", Float(53), nullable=False, server_default="0"),
    Column("generation", Integer, nullable=False, server_default="0"),
    sqlite_autoincrement=True,
)

DEVICE_CERTIFICATES = Table(
    "device_certificates",
    SCHEMA,
    Column("id", Integer, primary_key=True),
    Column("user_id", Integer, ForeignKey("users.id", ondelete="CASCADE"), nullable=False),
    Column("label", Text, nullable=False),
    Column("fingerprint", Text, nullable=False, unique=True),
    Column("created_at", Float(53), nullable=False),
    Column("last_used", Float(53), nullable=False),
    Column("last_address", Text, nullable=False),
    sqlite_autoincrement=True,
)

APP_PASSWORDS = Table(
    "app_passwords",
    SCHEMA,
    Column("id", Integer, primary_key=True),
    Column("user_id", Integer, ForeignKey("users.id", ondelete="CASCADE"), nullable=False),
    Column("name", Text, nullable=False),
    Column("digest", Text, nullable=False, unique=True),
    Column("scram", Text, nullable=False),
    Column("created_at", Float(53), nullable=False),
    Column("last_used", Float(53), nullable=False),
    Column("last_address", Text, nullable=False),
    UniqueConstraint("user_id", "name"),
    sqlite_autoincrement=True,
)

SERVER_SECRETS = Table(
    "server_secrets",
    SCHEMA,
    # What the bouncer has made for itself once and keeps for ever, in hexadecimal digits.
    Column("name", Text, primary_key=True),
    Column("value", Text, nullable=False),
)

NETWORKS = Table(
    "networks",
    SCHEMA,
    Column("id", Integer, primary_key=True),
    Column("user_id", Integer, ForeignKey("users.id", ondelete="CASCADE"), nullable=False),
    Column("name", Text, nullable=False),
    Column("addr", Text, nullable=False),
    Column("nick", Text, nullable=False),
    Column("username", Text, nullable=False),
    Column("realname", Text, nullable=False),
    Column("certfp", Text, nullable=False),
    Column("password", Text, nullable=False),
    Column("connect_commands", Text, nullable=False),
    Column("sasl", Text, nullable=False),
    Column("sasl_username", Text, nullable=False),
    Column("sasl_password", Text, nullable=False),
    Column("sasl_certificate", Text, nullable=False),
    Column("sasl_key", Text, nullable=False),
    Column("sasl_required", Boolean, nullable=False),
    Column("auto_away", Boolean, nullable=False),
    Column("forward_away", Boolean, nullable=False, server_default=false()),
    Column("enabled", Boolean, nullable=False),
    Column("casemapping", Text, nullable=False),
    Column("egress", Text, nullable=False, server_default=""),
    UniqueConstraint("user_id", "name"),
    sqlite_autoincrement=True,
)

CHANNELS = Table(
    "channels",
    SCHEMA,
    Column("network_id", Integer, ForeignKey("networks.id", ondelete="CASCADE"), primary_key=True),
    Column("name", Text, primary_key=True),
    Column("key", Text, nullable=False),
    Column("detached", Boolean, nullable=False),
    Column("relay_detached", Text, nullable=False),
    Column("reattach_on", Text, nullable=False),
    Column("detach_on", Text, nullable=False),
    Column("detach_after", Integer, nullable=False),
)

CLIENTS = Table(
    "clients",
    SCHEMA,
    Column("network_id", Integer, ForeignKey("networks.id", ondelete="CASCADE"), primary_key=True),
    Column("name", Text, primary_key=True),
)

MARKERS = Table(
    "markers",
    SCHEMA,
    Column("network_id", Integer, ForeignKey("networks.id", ondelete="CASCADE"), primary_key=True),
    Column("target", Text, primary_key=True),
    Column("time", BigInteger, nullable=False),
)

FLAGS = Table(
    "flags",
    SCHEMA,
    Column("network_id", Integer, ForeignKey("networks.id", ondelete="CASCADE"), primary_key=True),
    Column("target", Text, primary_key=True),
    Column("pinned", Boolean, nullable=False),
    Column("muted", Boolean, nullable=False),
    Column("blocked", Boolean, nullable=False),
)

STS_POLICIES = Table(
    "sts_policies",
    SCHEMA,
    Column("user_id", Integer, ForeignKey("users.id", ondelete="CASCADE"), primary_key=True),
    Column("host", Text, primary_key=True),
    Column("port", Integer, nullable=False),
    Column("expires", Float(53), nullable=False),
)

TARGETS = Table(
    "targets",
    SCHEMA,
    Column("id", Integer, primary_key=True),
    # Null once the network is deleted: its messages are then deleted little by little.
    Column("network_id", Integer, ForeignKey("networks.id", ondelete="SET NULL")),
    Column("name", Text, nullable=False),
    # The number up to which the search and msgid indexes know the messages.
    Column("indexed", BigInteger, nullable=False, server_default="0"),
    # Messages below this number are purged: hidden at once, deleted little by little.
    Column("floor", BigInteger, nullable=False, server_default="0"),
    UniqueConstraint("network_id", "name"),
    # Ids are part of message ids, and must not come back for another target.
    sqlite_autoincrement=True,
)

CURSORS = Table(
    "cursors",
    SCHEMA,
    Column("target_id", Integer, ForeignKey("targets.id", ondelete="CASCADE"), primary_key=True),
    Column("client", Text, primary_key=True),
    Column("number", BigInteger, nullable=False),
)

MESSAGES = Table(
    "messages",
    SCHEMA,
    # INTEGER is what SQLite needs for the key to be the row's own place.
    Column("id", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=False),
    # No foreign key: it would cost every message a look-up. The writer knows its targets.
    Column("target", Integer, nullable=False),
    Column("time", BigInteger, nullable=False),
    Column("sender", Text, nullable=False),
    Column("command", Text, nullable=False),
    Column("line", LargeBinary, nullable=False),
    Column("msgid", Text, nullable=False),
    Index("ix_messages_target_time", "target", "time"),
)

RECENT = Table(
    "recent",
    SCHEMA,
    Column("seq", BigInteger().with_variant(Integer, "sqlite"), primary_key=True),
    *(Column(column.name, column.type, nullable=False) for column in MESSAGES.c),
)

MSGIDS = Table(
    "msgids",
    SCHEMA,
    Column("target", Integer, primary_key=True, autoincrement=False),
    Column("msgid", Text, primary_key=True),
    Column("message", BigInteger, primary_key=True, autoincrement=False),
    sqlite_with_rowid=False,
)

DELETIONS = Table(
    "deletions",
    SCHEMA,
    # Raised with each deletion of a user or network, so that writers forget the targets they know.
    Column("count", BigInteger, nullable=False),
)

NODE_SESSIONS = Table(
    "node_sessions",
    SCHEMA,
    Column("id", BigInteger().with_variant(Integer, "sqlite"), primary_key=True),
    Column("node", Text, nullable=False),
    # By the database's clock. A session that has ended is deleted, and its leases are free.
    Column("expires", DateTime(timezone=True), nullable=False),
    sqlite_autoincrement=True,
)

LEASES = Table(
    "leases",
    SCHEMA,
    Column("user_id", Integer, ForeignKey("users.id", ondelete="CASCADE"), primary_key=True),
    Column("session", BigInteger, ForeignKey("node_sessions.id", ondelete="SET NULL"), index=True),
    # It only grows: with each change of hands by one.
    Column("epoch", BigInteger, nullable=False),
    # The epoch with which the user was claimed; the user's actors have moved since then.
    Column("claim", BigInteger, nullable=False, server_default="0"),
)

DIALS = Table(
    "dials",
    SCHEMA,
    # A server's host, and the address that connections to it come from.
    Column("host", Text, primary_key=True),
    Column("address", Text, primary_key=True),
    # When the last ones may begin, oldest first, by the database's clock in seconds.
    Column("times", ARRAY(Float(53)).with_variant(Text, "sqlite"), nullable=False),
)

WORDS = table("message_words", column("rowid", BigInteger), column("words", Text), column("message_words", Text))
"""The full-text index, which each kind of database makes in its own way: words by message id."""

NUMBER_BITS = 32


def message_id(target: int, number: int) -> int:
    """Return the id under which a target's message is stored."""
    return target << NUMBER_BITS | number


def number_of(message: int) -> int:
    """Return a message's number within its target."""
    return message & ((1 << NUMBER_BITS) - 1)
