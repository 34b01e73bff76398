"""Waiting until one transaction waits for another."""

import asyncio

from sqlalchemy import text

from bot.storage.database import Database
from tests.patience import GENEROUS


async def wait_for_blocked_transaction(database: Database) -> None:
    """Wait until PostgreSQL reports a transaction that waits for a lock."""
    async with asyncio.timeout(GENEROUS), database.reading() as connection:
        while not await connection.scalar(text("SELECT count(*) FROM pg_locks WHERE NOT granted")):
            pass
