"""Token states: the confirmed state of each token, as each server's rules decide it."""

from collections.abc import Iterable

from sqlalchemy import bindparam, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.domain.tracking import TokenState
from bot.storage.account_revisions import server_changed
from bot.storage.parts import rows_of
from bot.storage.schema import token_states
from bot.storage.upsert import upsert

_STATES = select(token_states.c.token_id, token_states.c.state).where(
    token_states.c.server_id == bindparam("its_server")
)
_SOME_STATES = _STATES.limit(bindparam("most"))


async def states_of(connection: AsyncConnection, server_id: int, *, most: int | None = None) -> dict[int, TokenState]:
    """Return a server's token states by token id, `most` at most."""
    query = _STATES if most is None else _SOME_STATES
    values = {"its_server": server_id, "most": most}
    return {row.token_id: row.state async for row in rows_of(connection, query, values)}


async def save_states(connection: AsyncConnection, server_id: int, states: Iterable[TokenState]) -> None:
    """Save token states of a server, replacing the previous ones."""
    rows = [{"server_id": server_id, "token_id": state.token_id, "state": state} for state in states]
    if rows:
        server_changed(connection, server_id)
    await upsert(connection, token_states, rows)
