"""The first schema."""

from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Create the tables of settings, of history, and of its indexes."""
    _create_settings()
    _create_history()
    if op.get_bind().dialect.name == "sqlite":
        op.execute(
            "CREATE VIRTUAL TABLE message_words USING "
            "fts5(words, content='', columnsize=0, detail=none, tokenize='ascii')"
        )
    else:
        op.execute("CREATE TABLE message_words (rowid BIGINT PRIMARY KEY, words TSVECTOR NOT NULL)")
        op.execute("CREATE INDEX ix_message_words_words ON message_words USING gin (words)")


def _create_settings() -> None:
    op.create_table(
        "users",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("name", sa.Text, nullable=False, unique=True),
        _text("password_hash"),
        _flag("admin"),
        _flag("enabled"),
        _text("nick"),
        _text("realname"),
        sa.Column("max_networks", sa.Integer, nullable=False),
        sa.Column("created_at", sa.Float(53), nullable=False),
        sa.Column("revision", sa.Integer, nullable=False),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "networks",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("user_id", sa.Integer, sa.ForeignKey("users.id", ondelete="CASCADE"), nullable=False),
        *map(_text, ("name", "addr", "nick", "username", "realname", "certfp", "password", "connect_commands")),
        *map(_text, ("sasl", "sasl_username", "sasl_password", "sasl_certificate", "sasl_key")),
        *map(_flag, ("sasl_required", "auto_away", "enabled")),
        _text("casemapping"),
        sa.UniqueConstraint("user_id", "name"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "channels",
        _network(primary_key=True),
        sa.Column("name", sa.Text, primary_key=True),
        _text("key"),
        _flag("detached"),
        *map(_text, ("relay_detached", "reattach_on", "detach_on")),
        sa.Column("detach_after", sa.Integer, nullable=False),
    )
    op.create_table("clients", _network(primary_key=True), sa.Column("name", sa.Text, primary_key=True))


def _create_history() -> None:
    # INTEGER is what SQLite needs for a key to be the row's own place.
    big = sa.BigInteger().with_variant(sa.Integer, "sqlite")
    op.create_table(
        "targets",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("network_id", sa.Integer, sa.ForeignKey("networks.id", ondelete="SET NULL")),
        _text("name"),
        sa.Column("indexed", sa.BigInteger, nullable=False, server_default="0"),
        sa.UniqueConstraint("network_id", "name"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "cursors",
        sa.Column("target_id", sa.Integer, sa.ForeignKey("targets.id", ondelete="CASCADE"), primary_key=True),
        sa.Column("client", sa.Text, primary_key=True),
        sa.Column("number", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "messages",
        sa.Column("id", big, primary_key=True, autoincrement=False),
        *_message_columns(),
    )
    op.create_index("ix_messages_target_time", "messages", ["target", "time"])
    op.create_table(
        "recent",
        sa.Column("seq", big, primary_key=True),
        sa.Column("id", big, nullable=False),
        *_message_columns(),
    )
    op.create_table(
        "msgids",
        sa.Column("target", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("msgid", sa.Text, primary_key=True),
        sa.Column("message", sa.BigInteger, primary_key=True, autoincrement=False),
        sqlite_with_rowid=False,
    )
    op.create_table("deletions", sa.Column("count", sa.BigInteger, nullable=False))
    op.execute("INSERT INTO deletions (count) VALUES (0)")


def _message_columns() -> "Iterator[sa.Column[Any]]":
    yield sa.Column("target", sa.Integer, nullable=False)
    yield sa.Column("time", sa.BigInteger, nullable=False)
    yield _text("sender")
    yield _text("command")
    yield sa.Column("line", sa.LargeBinary, nullable=False)
    yield _text("msgid")


def _text(name: str) -> "sa.Column[str]":
    return sa.Column(name, sa.Text, nullable=False)


def _flag(name: str) -> "sa.Column[bool]":
    return sa.Column(name, sa.Boolean, nullable=False)


def _network(*, primary_key: bool) -> "sa.Column[int]":
    return sa.Column(
        "network_id", sa.Integer, sa.ForeignKey("networks.id", ondelete="CASCADE"), primary_key=primary_key
    )
