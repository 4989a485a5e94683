"""Which node of a cluster acts for which user."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    """Create the tables; a lone node leaves them empty."""
    op.create_table(
        "node_sessions",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer, "sqlite"), primary_key=True),
        sa.Column("node", sa.Text, nullable=False),
        sa.Column("expires", sa.DateTime(timezone=True), nullable=False),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "leases",
        sa.Column("user_id", sa.Integer, sa.ForeignKey("users.id", ondelete="CASCADE"), primary_key=True),
        sa.Column("session", sa.BigInteger, sa.ForeignKey("node_sessions.id", ondelete="SET NULL"), index=True),
        sa.Column("epoch", sa.BigInteger, nullable=False),
    )
