"""When an incident was muted, so that a mute that was set by a clock that was ahead can be corrected."""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None
compatible_with = "0016"


def upgrade() -> None:
    """Add the column. Of the mutes so far, it is not known."""
    op.add_column("incidents", sa.Column("muted_at", sa.DateTime(timezone=True)))
