"""Watches the version of a database that several processes share: a newer one may upgrade it at any time."""

import structlog
from sqlalchemy.exc import SQLAlchemyError

from bot.clock import Clock
from bot.storage.database import Database, DatabaseUnavailable
from bot.storage.upgrade import current_revision, is_current, newest_revision

log = structlog.get_logger(__name__)

_INTERVAL_SECONDS = 10


async def watch_version(database: Database, clock: Clock) -> None:
    """Check the version until cancelled. Returns at once for SQLite, which one process uses alone.

    Raises DatabaseUnusable if a newer process has upgraded the tables in a way that this one cannot use.
    """
    seen, has_failed = newest_revision(), False
    while database.is_shared:
        await clock.sleep(_INTERVAL_SECONDS)
        try:
            revision = await _version(database, seen)
        except DatabaseUnavailable:
            continue
        except SQLAlchemyError:
            # Such as a table that is being restored. Checks and deliveries go on as far as they can.
            if not has_failed:
                log.exception("The version of the database could not be read. Retrying.")
            has_failed = True
            continue
        has_failed = False
        if revision is not None and revision != seen:
            log.warning(
                "A newer version of Fastwatch has upgraded the database. This process goes on; replace it soon.",
                from_version=seen,
                to_version=revision,
            )
            seen = revision


async def _version(database: Database, known: str) -> str | None:
    """Return the version of the tables. Raises DatabaseUnusable and DatabaseUnavailable."""
    async with database.reading() as connection:
        revision = await connection.run_sync(current_revision)
        if revision != known:
            await connection.run_sync(is_current)
        return revision
