"""Why there is no data: the failed checks of an account, and the cause in an incident."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the columns. An incident from before has no cause."""
    op.add_column("accounts", sa.Column("outage", sa.Text))
    op.add_column("incidents", sa.Column("cause", sa.String(20)))
