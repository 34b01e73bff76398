"""What moderators do: who works on an incident, notes, its thread, and mutes that let urgent alerts through."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the columns. A mute from before holds back urgent alerts too, as whoever set it was told."""
    op.add_column("mutes", sa.Column("include_urgent", sa.Boolean, nullable=False, server_default=sa.false()))
    op.execute(sa.text("UPDATE mutes SET include_urgent = true"))
    op.add_column("incidents", sa.Column("assigned_to", sa.BigInteger))
    op.add_column("incidents", sa.Column("thread_id", sa.BigInteger))
    op.add_column("incident_events", sa.Column("assignee_id", sa.BigInteger))
    op.add_column("incident_events", sa.Column("note", sa.Text))
