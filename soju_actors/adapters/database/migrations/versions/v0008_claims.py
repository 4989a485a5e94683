"""Which claim of a user a lease goes back to; when the nodes of a cluster connect to servers."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    """Add a column, and a table that a lone node leaves empty."""
    op.add_column("leases", sa.Column("claim", sa.BigInteger, nullable=False, server_default="0"))
    op.create_table(
        "dials",
        sa.Column("host", sa.Text, primary_key=True),
        sa.Column("address", sa.Text, primary_key=True),
        sa.Column("times", sa.ARRAY(sa.Float(53)).with_variant(sa.Text, "sqlite"), nullable=False),
    )
