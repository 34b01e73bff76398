"""Due deliveries: indexes for the order in which they are looked for, and for what waits of one incident."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

_UNDELIVERED = sa.text("delivered_at IS NULL")


def upgrade() -> None:
    """Create the indexes."""
    _create("ix_deliveries_incident_id_id", ["incident_id", "id"])
    _create("ix_deliveries_urgency_next_attempt_at", [sa.text("urgency DESC"), "next_attempt_at"])


def _create(name: str, columns: list[str | sa.TextClause]) -> None:
    op.create_index(name, "deliveries", columns, sqlite_where=_UNDELIVERED, postgresql_where=_UNDELIVERED)
