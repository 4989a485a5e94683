"""Read markers, and what the user has noted of targets."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Create the two tables."""
    op.create_table("markers", *_target(), sa.Column("time", sa.BigInteger, nullable=False))
    flags = [sa.Column(name, sa.Boolean, nullable=False) for name in ("pinned", "muted", "blocked")]
    op.create_table("flags", *_target(), *flags)


def _target() -> "tuple[sa.Column[Any], sa.Column[Any]]":
    """Return the columns that name a target of a network."""
    network = sa.ForeignKey("networks.id", ondelete="CASCADE")
    return (
        sa.Column("network_id", sa.Integer, network, primary_key=True),
        sa.Column("target", sa.Text, primary_key=True),
    )
