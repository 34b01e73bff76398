"""Forums: whether the channel of a route is one."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the columns. No route led to a forum before."""
    for table in ("alert_routes", "token_routes"):
        op.add_column(table, sa.Column("is_forum", sa.Boolean, nullable=False, server_default=sa.false()))
