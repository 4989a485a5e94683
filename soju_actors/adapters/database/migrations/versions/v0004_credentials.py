"""Certificates of devices, passwords of clients, SCRAM, when users were last there, and a secret for salts."""

import secrets
import time
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Add the tables, and two columns to the users."""
    op.add_column("users", sa.Column("scram", sa.Text, nullable=False, server_default=""))
    op.add_column("users", sa.Column("interacted_at", sa.Float(53), nullable=False, server_default="0"))
    # Nobody has kept count until now: nobody is to be taken for inactive because of that.
    users = sa.table("users", sa.column("interacted_at", sa.Float(53)))
    op.get_bind().execute(sa.update(users).values(interacted_at=time.time()))
    op.create_table(
        "device_certificates",
        *_owned(),
        _text("label"),
        sa.Column("fingerprint", sa.Text, nullable=False, unique=True),
        *_used(),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "app_passwords",
        *_owned(),
        _text("name"),
        sa.Column("digest", sa.Text, nullable=False, unique=True),
        _text("scram"),
        *_used(),
        sa.UniqueConstraint("user_id", "name"),
        sqlite_autoincrement=True,
    )
    op.create_table("server_secrets", sa.Column("name", sa.Text, primary_key=True), _text("value"))
    made = sa.table("server_secrets", sa.column("name", sa.Text), sa.column("value", sa.Text))
    op.get_bind().execute(sa.insert(made).values(name="scram", value=secrets.token_hex(32)))


def _owned() -> "tuple[sa.Column[Any], sa.Column[Any]]":
    """Return an id, and whose it is."""
    user = sa.ForeignKey("users.id", ondelete="CASCADE")
    return sa.Column("id", sa.Integer, primary_key=True), sa.Column("user_id", sa.Integer, user, nullable=False)


def _used() -> "tuple[sa.Column[Any], ...]":
    """Return when it was made and used."""
    times = [sa.Column(name, sa.Float(53), nullable=False) for name in ("created_at", "last_used")]
    return (*times, _text("last_address"))


def _text(name: str) -> "sa.Column[str]":
    return sa.Column(name, sa.Text, nullable=False)
