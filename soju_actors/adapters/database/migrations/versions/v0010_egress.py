"""From where networks are connected to."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    """Add a column: networks so far may be connected to from anywhere."""
    op.add_column("networks", sa.Column("egress", sa.Text, nullable=False, server_default=""))
