"""Causes and states: why there is no data, and since when a route is broken."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Add the columns. An incident from before has no cause; a route that is broken already is tried again at once."""
    op.add_column("accounts", sa.Column("outage", sa.Text))
    op.add_column("accounts", sa.Column("never_read", sa.Text))
    op.add_column("incidents", sa.Column("cause", sa.String(20)))
    op.add_column("incidents", sa.Column("close_reason", sa.String(20)))
    for table in ("alert_routes", "token_routes"):
        op.add_column(table, sa.Column("disabled_at", TIME))
        op.add_column(table, sa.Column("retry_at", TIME))
        op.add_column(table, sa.Column("ping_problem", sa.String(30)))
    op.add_column("deliveries", sa.Column("route_token_id", sa.BigInteger))
    rejections = sa.Column("rejections", sa.Integer, nullable=False, server_default=sa.text("0"))
    op.add_column("deliveries", rejections)
