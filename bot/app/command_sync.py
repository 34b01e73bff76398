"""Registering the commands with Discord, which limits how often they may be registered."""

import contextlib
import hashlib
from typing import Any

import aiohttp
import discord
import orjson
import structlog
from discord import app_commands

from bot.storage.app_state import get_value, set_value
from bot.storage.database import Database, DatabaseUnavailable

log = structlog.get_logger(__name__)


async def sync_commands(tree: app_commands.CommandTree[Any], database: Database) -> bool:
    """Register the commands with Discord if they have changed. Return whether Discord has them now."""
    payload = [command.to_dict(tree) for command in tree.get_commands()]
    described = orjson.dumps([tree.client.application_id, payload], option=orjson.OPT_SORT_KEYS)
    fingerprint = hashlib.sha256(described).hexdigest()
    # Without the database they are registered once more, which does no harm.
    with contextlib.suppress(DatabaseUnavailable):
        async with database.reading() as connection:
            if await get_value(connection, "commands") == fingerprint:
                return True
    try:
        await tree.sync()
    except (discord.HTTPException, discord.RateLimited, aiohttp.ClientError, OSError, TimeoutError) as error:
        log.warning("The commands could not be registered. Retrying when connected.", error=str(error))
        return False
    with contextlib.suppress(DatabaseUnavailable):
        async with database.transaction() as connection:
            await set_value(connection, "commands", fingerprint)
    log.info("The commands were registered.", commands=len(payload))
    return True
