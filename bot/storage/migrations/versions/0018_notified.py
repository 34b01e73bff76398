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
    unsent_ids = set(connection.scalars(waiting))
    for row in connection.execute(sa.select(INCIDENTS).where(INCIDENTS.c.resolved_at.is_(None))).all():
        members = json.loads(row.members)
        conditions = [json.loads(row.condition)] if row.condition else []
        # Where one is known to be news, the others are not.
        are_notified = row.id not in unsent_ids or any("worst_notified" in one for one in members + conditions)
        members = [_converted(one, are_notified=are_notified) for one in members]
        conditions = [_converted(one, are_notified=are_notified) for one in conditions]
        values = {"members": json.dumps(members), "condition": json.dumps(conditions[0]) if conditions else None}
        connection.execute(sa.update(INCIDENTS).where(INCIDENTS.c.id == row.id).values(values))


def _converted(one: dict[str, Any], *, are_notified: bool) -> dict[str, Any]:
    """Return a token or condition as this version has it. What is milder than the worst one was no news so far."""
    was_notified = one.pop("worst_notified", are_notified)
    if not was_notified and one["kind"] == one["worst"]:
        return one
    return one | {"notified": one["worst"] if was_notified else one["kind"]}
