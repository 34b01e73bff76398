"""The tokens whose present status is unknown to a server."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.domain.alert_types import IncidentType
from bot.domain.evaluation import TrackedToken
from bot.domain.fleet import WHOLE_FLEET
from bot.domain.freshness import unread_tokens
from bot.domain.rules import Rules
from bot.storage.accounts import Account
from bot.storage.incidents import has_open_incident


async def outage_since(connection: AsyncConnection, account: Account, server_id: int) -> dict[int, datetime]:
    """Return when any token was last read, for WHOLE_FLEET, while there is an alert that none can be read."""
    if not await has_open_incident(connection, server_id, IncidentType.NO_DATA):
        return {}
    return {WHOLE_FLEET: account.last_success_at} if account.last_success_at is not None else {}


async def unread_since(
    connection: AsyncConnection,
    account: Account,
    server_id: int,
    rules: Rules,
    tokens: Iterable[TrackedToken],
    now: datetime,
) -> dict[int, datetime]:
    """Return when those of these tokens were last read whose present status is unknown by the server's rules."""
    is_outage = await has_open_incident(connection, server_id, IncidentType.NO_DATA)
    return unread_tokens(tokens, account.last_success_at, now, is_outage=is_outage, unknown_after=rules.no_data_after)
