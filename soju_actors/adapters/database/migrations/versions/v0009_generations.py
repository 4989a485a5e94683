"""How often what a user logs in with was changed, for all nodes of a cluster."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    """Add a number to the users."""
    op.add_column("users", sa.Column("generation", sa.Integer, nullable=False, server_default="0"))
