"""Token names, boards and digests; how far samples are downsampled, and since when a token has not been read."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

# What the column it refers to is.
ROW_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Add the tables and the columns."""
    op.add_column("accounts", sa.Column("figures", sa.Text()))
    op.add_column("tokens", sa.Column("unread_since", TIME))
    op.add_column("tokens", sa.Column("thinned_until", TIME))
    op.create_table(
        "token_names",
        sa.Column("server_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("token_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("name", sa.String(length=50), nullable=False),
        sa.Column("named_by", sa.BigInteger(), nullable=False),
        sa.Column("named_at", TIME, nullable=False),
        sa.PrimaryKeyConstraint("server_id", "token_id", name=op.f("pk_token_names")),
    )
    op.create_table(
        "boards",
        sa.Column("server_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("account_id", ROW_ID, nullable=False),
        sa.Column("channel_id", sa.BigInteger(), nullable=False),
        sa.Column("posted_message_id", sa.BigInteger()),
        sa.Column("nonce", sa.String(length=25), nullable=False),
        sa.Column("posted_by", sa.BigInteger(), nullable=False),
        sa.Column("posted_at", TIME, nullable=False),
        sa.Column("shown", sa.String(length=64)),
        sa.Column("shown_at", TIME),
        sa.Column("problem", sa.Text()),
        sa.Column("tried_again_at", TIME),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.id"], name=op.f("fk_boards_account_id_accounts"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("server_id", name=op.f("pk_boards")),
    )
    op.create_table(
        "digests",
        sa.Column("server_id", sa.BigInteger(), nullable=False),
        sa.Column("told_until", TIME, nullable=False),
        sa.ForeignKeyConstraint(
            ["server_id"], ["servers.server_id"], name=op.f("fk_digests_server_id_servers"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("server_id", name=op.f("pk_digests")),
    )
