"""Boards in forums: the forum of a board's post."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column. No board was in a forum before."""
    op.add_column("boards", sa.Column("forum_id", sa.BigInteger))
