"""Whether a network is told the user's own words on going away."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Add a setting to the networks."""
    op.add_column("networks", sa.Column("forward_away", sa.Boolean, nullable=False, server_default=sa.false()))
