"""The data of `/token list` and of the board."""

from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.concurrency.offload import offload
from bot.domain.fleet import build_fleet
from bot.queries.alerts import incidents_overview
from bot.queries.forecasts import run_outs_of
from bot.storage.accounts import get_account
from bot.storage.server_settings import rules_of
from bot.storage.token_names import names_of
from bot.storage.tokens import known_tokens
from bot.ui.board import BoardOverview
from bot.ui.fleet import FleetOverview


async def fleet_overview(
    connection: AsyncConnection, account_id: int, server_id: int, now: datetime, *, poll_interval: timedelta
) -> FleetOverview:
    """Return the fleet with a server's names and rules, from one transaction, so that its parts are consistent."""
    account = await get_account(connection, account_id, now)
    rules = await rules_of(connection, server_id)
    known = await known_tokens(connection, account_id)
    run_outs = await run_outs_of(connection, account_id, (token.reading for token in known.values()), now)
    fleet = await offload(
        len(known),
        build_fleet,
        known,
        account.last_success_at,
        now,
        poll_interval=poll_interval,
        unknown_after=rules.no_data_after,
        run_outs=run_outs,
    )
    return FleetOverview(
        fleet, account.lists_fleet, await names_of(connection, server_id), account.outage, account.never_read or ()
    )


async def board_overview(
    connection: AsyncConnection, account_id: int, server_id: int, now: datetime, *, poll_interval: timedelta
) -> BoardOverview:
    """Return what a server's board shows."""
    overview = await fleet_overview(connection, account_id, server_id, now, poll_interval=poll_interval)
    readings = {token.reading.token_id: token.reading for token in overview.fleet.tokens}
    return BoardOverview(overview, await incidents_overview(connection, server_id, readings), now)
