"""Conditions of the whole fleet and the account: their incidents, and what checks have confirmed."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the columns and the table. What is wrong already is no change, so no alert follows from an upgrade."""
    op.add_column("incidents", sa.Column("condition", sa.Text))
    op.add_column("incidents", sa.Column("covered", sa.Boolean, nullable=False, server_default=sa.false()))
    op.create_table(
        "condition_states",
        sa.Column("server_id", sa.BigInteger, primary_key=True),
        sa.Column("type", sa.String(20), primary_key=True),
        sa.Column("state", sa.Text, nullable=False),
        sa.ForeignKeyConstraint(
            ["server_id"],
            ["alert_routes.server_id"],
            name="fk_condition_states_server_id_alert_routes",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("server_id", "type", name="pk_condition_states"),
    )
