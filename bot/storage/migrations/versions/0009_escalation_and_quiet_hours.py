"""Escalation to a second role, and what was alerted in quiet hours."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Add the columns."""
    op.add_column("incidents", sa.Column("unacknowledged_since", TIME))
    op.add_column("incidents", sa.Column("escalated_at", TIME))
    op.add_column("incidents", sa.Column("quiet_at", TIME))
