"""The vital signs of this process: whether it is alive, and whether it is ready."""

import asyncio
from collections.abc import Callable

import discord
from sqlalchemy.exc import SQLAlchemyError

from bot.app.services import Services
from bot.clock import Clock
from bot.monitor.progress import Progress
from bot.storage.app_state import get_value
from bot.storage.database import DatabaseUnavailable

_DATABASE_SECONDS = 10


class Vitals:
    """What is known of this process. The services and the client are None until they are open.

    `check_succeeded` is called after each check that has read tokens.
    """

    def __init__(self, clock: Clock, *, check_succeeded: Callable[[], None] = lambda: None) -> None:
        self.check_succeeded = check_succeeded
        self.progress = Progress(clock)
        self.services: Services | None = None
        self.client: discord.Client | None = None

    def why_not_live(self) -> str | None:
        """Return why this process should be restarted; None if it is alive.

        ImaginePro, Discord and the database do not count: a restart would not bring them back.
        """
        return "The checks have stopped." if self.progress.is_overdue else None

    async def why_not_ready(self) -> str | None:
        """Return what this process still needs to do its work; None if it is ready."""
        if self.services is None:
            return "The database is being opened and migrated."
        try:
            async with asyncio.timeout(_DATABASE_SECONDS), self.services.database.reading() as connection:
                await get_value(connection, "")
        except (DatabaseUnavailable, SQLAlchemyError, TimeoutError):
            return "The database does not respond."
        if self.client is None or self.client.user is None:
            return "Not logged in to Discord yet."
        return None
