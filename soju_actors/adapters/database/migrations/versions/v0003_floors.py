"""From which number on a target's messages are kept."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Add the column; nothing is purged yet."""
    op.add_column("targets", sa.Column("floor", sa.BigInteger, nullable=False, server_default="0"))
