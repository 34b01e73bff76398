"""Token owners: who is pinged when the account of a token must be verified or is banned."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None
compatible_with = "0007"


def upgrade() -> None:
    """Add the table."""
    op.create_table(
        "token_owners",
        sa.Column("server_id", sa.BigInteger, autoincrement=False, nullable=False),
        sa.Column("token_id", sa.BigInteger, autoincrement=False, nullable=False),
        sa.Column("member_id", sa.BigInteger, nullable=False),
        sa.Column("named_by", sa.BigInteger, nullable=False),
        sa.Column("named_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("server_id", "token_id", name="pk_token_owners"),
    )
