"""Partitions of the accounts, and the processes that share them, in place of a lease for each account."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

_TIME = sa.DateTime(timezone=True)
_NUMBER = 64
_LEASE = "rounds of account "


def upgrade() -> None:
    """Create the tables. A process of the former version that still runs keeps its account until its lease ends."""
    op.create_table(
        "processes",
        sa.Column("id", sa.String(25), nullable=False),
        sa.Column("expires_at", _TIME, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_processes"),
    )
    partitions = op.create_table(
        "partitions",
        sa.Column("number", sa.Integer, autoincrement=False, nullable=False),
        sa.Column("holder", sa.String(25)),
        sa.Column("expires_at", _TIME),
        sa.PrimaryKeyConstraint("number", name="pk_partitions"),
    )
    leases = sa.table("leases", sa.column("name"), sa.column("holder"), sa.column("expires_at", _TIME))
    connection = op.get_bind()
    is_of_account = leases.c.name.startswith(_LEASE)
    for lease in connection.execute(sa.select(leases).where(is_of_account)).all():
        number = int(lease.name.removeprefix(_LEASE)) % _NUMBER
        connection.execute(partitions.insert().values(number=number, holder=lease.holder, expires_at=lease.expires_at))
    connection.execute(leases.delete().where(is_of_account))
