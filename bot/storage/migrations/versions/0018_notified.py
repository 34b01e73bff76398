"""The most severe alert type that people were notified of, in place of whether they were notified of the worst one."""

import json
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

INCIDENTS = sa.table(
    "incidents",
    sa.column("id", sa.BigInteger),
    sa.column("members", sa.Text),
    sa.column("condition", sa.Text),
    sa.column("resolved_at", sa.DateTime(timezone=True)),
)
DELIVERIES = sa.table(
    "deliveries",
    sa.column("incident_id", sa.BigInteger),
    sa.column("kind", sa.String),
    sa.column("delivered_at", sa.DateTime(timezone=True)),
)


def upgrade() -> None:
    """Convert the open incidents. One whose change for the worse has yet to be sent is news."""
    connection = op.get_bind()
    waiting = sa.select(DELIVERIES.c.incident_id).where(
        DELIVERIES.c.kind.in_(["started", "worsened", "held_back"]), DELIVERIES.c.delivered_at.is_(None)
    )
    news = set(connection.scalars(waiting))
    for row in connection.execute(sa.select(INCIDENTS).where(INCIDENTS.c.resolved_at.is_(None))).all():
        members = [_converted(member, is_told=row.id not in news) for member in json.loads(row.members)]
        condition = _converted(json.loads(row.condition), is_told=row.id not in news) if row.condition else None
        values = {"members": json.dumps(members), "condition": json.dumps(condition) if condition else None}
        connection.execute(sa.update(INCIDENTS).where(INCIDENTS.c.id == row.id).values(values))


def _converted(one: dict[str, Any], *, is_told: bool) -> dict[str, Any]:
    """Return a token or condition as this version has it. What was milder than the worst one is not known."""
    was_told = one.pop("worst_notified", is_told)
    return one | ({"notified": one["worst"]} if was_told else {})
