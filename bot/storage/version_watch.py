"""Watches the version of a database that several processes share: a newer one may upgrade it at any time."""

from contextlib import suppress

import structlog

from bot.clock import Clock
from bot.storage.database import Database, DatabaseUnavailable
from bot.storage.upgrade import current_revision, is_current, newest_revision

log = structlog.get_logger(__name__)

_INTERVAL_SECONDS = 10


async def watch_version(database: Database, clock: Clock) -> None:
    """Check the version until cancelled. Returns at once for SQLite, which one process uses alone.

    Raises DatabaseUnusable if a newer process has upgraded the tables in a way that this one cannot use.
    """
    seen = newest_revision()
    while database.is_shared:
        await clock.sleep(_INTERVAL_SECONDS)
        with suppress(DatabaseUnavailable):
            async with database.reading() as connection:
                await connection.run_sync(is_current)
                revision = await connection.run_sync(current_revision)
            if revision is not None and revision != seen:
                log.warning(
                    "A newer version of Fastwatch has upgraded the database. This process goes on; replace it soon.",
                    from_version=seen,
                    to_version=revision,
                )
                seen = revision
