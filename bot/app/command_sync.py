"""Registering the commands with Discord, which limits how often they may be registered."""

import contextlib
import hashlib
from datetime import timedelta
from typing import Any

import aiohttp
import discord
import orjson
import structlog
from discord import app_commands

from bot.app.one_at_a_time import wait_for_lease
from bot.clock import Clock
from bot.storage.app_state import get_value, set_value
from bot.storage.database import Database, DatabaseUnavailable
from bot.storage.leases import release_lease

log = structlog.get_logger(__name__)

_COMMANDS = "commands"
_LASTS = timedelta(seconds=30)  # the time to register them
EARLIER_DATABASE = "earlier_database"
"""The name of the value in `app_state` that says that this bot has run before with another database."""


async def sync_commands(tree: app_commands.CommandTree[Any], database: Database, clock: Clock) -> bool:
    """Register the commands with Discord if they have changed. Return whether Discord has them now.

    Of several processes that start at once, one registers them, and the others wait for it.
    """
    payload = [command.to_dict(tree) for command in tree.get_commands()]
    described = orjson.dumps([tree.client.application_id, payload], option=orjson.OPT_SORT_KEYS)
    fingerprint = hashlib.sha256(described).hexdigest()
    if await _registered(database) == fingerprint:
        return True
    holder = clock.nonce()
    await wait_for_lease(database, clock, _COMMANDS, holder, lasts=_LASTS, at_most=_LASTS)
    known = await _registered(database)
    if known == fingerprint:
        return True
    try:
        if known is None:
            await _notice_earlier_database(tree, database)
        await tree.sync()
    except (discord.HTTPException, discord.RateLimited, aiohttp.ClientError, OSError, TimeoutError) as error:
        log.warning("The commands could not be registered. Retrying when connected.", error=str(error))
        return False
    with contextlib.suppress(DatabaseUnavailable):
        async with database.transaction() as connection:
            await set_value(connection, _COMMANDS, fingerprint)
            await release_lease(connection, _COMMANDS, holder)
    log.info("The commands were registered.", commands=len(payload))
    return True


async def _registered(database: Database) -> str | None:
    """Return what was registered last; None if nothing was. Without the database it is done again, without harm."""
    with contextlib.suppress(DatabaseUnavailable):
        async with database.reading() as connection:
            return await get_value(connection, _COMMANDS)
    return ""


async def _notice_earlier_database(tree: app_commands.CommandTree[Any], database: Database) -> None:
    """Record whether this bot has run before with another database: Discord has its commands, and this one does not."""
    ran_before = bool(await tree.fetch_commands())
    with contextlib.suppress(DatabaseUnavailable):
        async with database.transaction() as connection:
            if await get_value(connection, _COMMANDS) is not None:
                return  # another process has registered them just now
            # A start that ends here has not registered anything yet.
            await set_value(connection, _COMMANDS, "")
            if ran_before:
                await set_value(connection, EARLIER_DATABASE, "yes")
    if ran_before:
        log.warning(
            "The database is new, but this bot has run before. What was set up then is not in it. If that is not "
            "intended, stop the bot, and correct DATABASE_URL or put the database back."
        )
