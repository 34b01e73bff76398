"""Inhibited incidents by their standard name, and an index for the summary after quiet hours."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Rename the column, and create the index."""
    op.execute("ALTER TABLE incidents RENAME COLUMN covered TO inhibited")
    op.create_index(
        op.f("ix_incidents_server_id_started_at"),
        "incidents",
        ["server_id", "started_at"],
        sqlite_where=sa.text("quiet_at IS NOT NULL"),
        postgresql_where=sa.text("quiet_at IS NOT NULL"),
    )
