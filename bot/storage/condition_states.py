"""Condition states: what checks have confirmed of a server's fleet and account as a whole."""

from collections.abc import Mapping

from sqlalchemy import bindparam, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.domain.alert_types import IncidentType
from bot.domain.conditions import ConditionState
from bot.storage.account_revisions import server_changed
from bot.storage.schema import condition_states
from bot.storage.upsert import upsert

_STATES = select(condition_states.c.type, condition_states.c.state).where(
    condition_states.c.server_id == bindparam("its_server")
)


async def condition_states_of(connection: AsyncConnection, server_id: int) -> dict[IncidentType, ConditionState]:
    """Return a server's condition states by incident type."""
    rows = await connection.execute(_STATES, {"its_server": server_id})
    return {IncidentType(row.type): row.state for row in rows}


async def save_condition_states(
    connection: AsyncConnection, server_id: int, states: Mapping[IncidentType, ConditionState]
) -> None:
    """Save condition states of a server, replacing the previous ones."""
    if states:
        server_changed(connection, server_id)
    rows = [{"server_id": server_id, "type": type_, "state": state} for type_, state in states.items()]
    await upsert(connection, condition_states, rows)
