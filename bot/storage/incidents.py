"""Incidents: begun, carried on and ended by changes."""

from sqlalchemy import RowMapping, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.health.changes import Change, Kind
from bot.health.incidents import Incident
from bot.health.modes import Mode
from bot.storage.tables import incidents

INCIDENT_COLUMNS = (
    incidents.c.id,
    incidents.c.token_id,
    incidents.c.mode_before,
    incidents.c.mode,
    incidents.c.began_at,
    incidents.c.ended_at,
    incidents.c.switched_off_by,
)


def incident_of(row: RowMapping) -> Incident:
    """Make the incident of a row that holds INCIDENT_COLUMNS."""
    id_, token_id, mode_before, mode, began_at, ended_at, by = (row[column] for column in INCIDENT_COLUMNS)
    return Incident(id_, token_id, Mode(mode_before), Mode(mode), began_at, ended_at, by)


async def record_change(
    connection: AsyncConnection, account_id: int, change: Change, *, switched_off_by: int | None = None
) -> int:
    """Begin, carry on or end the token's incident, as the change says; the incident's id."""
    if change.kind is Kind.BEGAN:
        begun = insert(incidents).values(
            account_id=account_id,
            token_id=change.token_id,
            mode_before=change.before,
            mode=change.after,
            began_at=change.at,
            switched_off_by=switched_off_by,
        )
        return int((await connection.execute(begun.returning(incidents.c.id))).scalar_one())
    went_on_to = {"mode": change.after, "switched_off_by": switched_off_by}
    step = {"ended_at": change.at} if change.kind is Kind.ENDED else went_on_to
    went_on = (
        update(incidents)
        .where(incidents.c.account_id == account_id, incidents.c.token_id == change.token_id)
        .where(incidents.c.ended_at.is_(None))
        .values(step)
        .returning(incidents.c.id)
    )
    return int((await connection.execute(went_on)).scalar_one())


async def open_incidents(connection: AsyncConnection, account_id: int) -> list[Incident]:
    """List the account's open incidents, oldest first."""
    query = (
        select(*INCIDENT_COLUMNS)
        .where(incidents.c.account_id == account_id, incidents.c.ended_at.is_(None))
        .order_by(incidents.c.began_at, incidents.c.id)
    )
    return [incident_of(row) for row in (await connection.execute(query)).mappings()]
