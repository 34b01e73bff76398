"""Probes the database without changing it: a start would upgrade it, a check only reports that it would."""

import asyncio
import sqlite3
import tempfile
from pathlib import Path

from pydantic import SecretStr
from sqlalchemy import Connection, create_engine, insert, select, union
from sqlalchemy.engine import URL
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from bot.check.facts import AlertRoute, DatabaseFacts, DatabaseFault
from bot.check.findings import reason
from bot.domain.alert_routes import DisabledReason
from bot.storage.database import DatabaseUnusable, engine_for
from bot.storage.database_url import parse_url
from bot.storage.schema import alert_routes, app_state, token_routes
from bot.storage.sqlite_file import check_pages
from bot.storage.upgrade import current_revision, is_current, newest_revision

_SQLITE, _POSTGRESQL = "SQLite", "PostgreSQL"
_PROBE = "fastwatch_check"


async def look_at_database(secret: SecretStr, seconds: float) -> DatabaseFacts | DatabaseFault:
    """Return the version and the routes of the database, after a test write that is rolled back."""
    try:
        async with asyncio.timeout(seconds):
            return await _look(secret, seconds)
    except TimeoutError:
        return DatabaseFault(f"It did not respond within {seconds:g} s; check DATABASE_URL.")
    except DatabaseUnusable as error:
        return DatabaseFault(str(error))
    except (SQLAlchemyError, OSError, TypeError, ValueError) as error:
        # The driver raises TypeError and ValueError for options of the address that it does not accept.
        cause = error.orig if isinstance(error, DBAPIError) else error
        return DatabaseFault(f"It cannot be used ({reason(cause)}); check DATABASE_URL.")


async def _look(secret: SecretStr, seconds: float) -> DatabaseFacts:
    url = parse_url(secret.get_secret_value())
    if url.get_backend_name() == "sqlite":
        return await asyncio.to_thread(_look_at_file, url, seconds)
    engine = engine_for(secret.get_secret_value())
    try:
        async with engine.connect() as connection:
            facts = await connection.run_sync(_look_inside, _POSTGRESQL)
            await connection.rollback()
            return facts
    finally:
        await engine.dispose()


def _look_at_file(url: URL, seconds: float) -> DatabaseFacts:
    path = Path(url.database or "").absolute()
    try:
        # SQLite writes files of its own beside the database.
        tempfile.TemporaryFile(dir=path.parent).close()
    except OSError as error:
        raise DatabaseUnusable(f"Its folder cannot be written to ({error.strerror}); check DATABASE_URL.") from None
    if not path.exists():
        return DatabaseFacts(_SQLITE, exists=False, version=None, newest=newest_revision())

    def connect() -> sqlite3.Connection:
        # Without an isolation level the driver begins and commits nothing by itself.
        return sqlite3.connect(f"{path.as_uri()}?mode=rw", uri=True, isolation_level=None, timeout=seconds / 2)

    engine = create_engine("sqlite://", creator=connect)
    try:
        with engine.connect() as connection:
            connection.exec_driver_sql("BEGIN IMMEDIATE")
            try:
                check_pages(connection)
                return _look_inside(connection, _SQLITE)
            finally:
                connection.exec_driver_sql("ROLLBACK")
    finally:
        engine.dispose()


def _look_inside(connection: Connection, engine: str) -> DatabaseFacts:
    """Read the version and the routes, in a transaction that the caller rolls back. Raises DatabaseUnusable."""
    version = current_revision(connection)
    if not is_current(connection):
        connection.exec_driver_sql(f"CREATE TABLE {_PROBE} (probe INTEGER)")
        routes = None if version else ()
        return DatabaseFacts(engine, exists=True, version=version, newest=newest_revision(), routes=routes)
    connection.execute(insert(app_state).values(name=_PROBE, value=""))
    # It is our newest version, or a newer one that this program can use: there is nothing to upgrade.
    newest = version or newest_revision()
    return DatabaseFacts(engine, exists=True, version=version, newest=newest, routes=_routes(connection))


def _routes(connection: Connection) -> tuple[AlertRoute, ...]:
    """Read where alerts go: the servers' own channels, and those of single tokens."""
    own, of_tokens = (
        select(table.c.server_id, table.c.channel_id, table.c.role_id, table.c.disabled_reason)
        for table in (alert_routes, token_routes)
    )
    rows = connection.execute(union(own, of_tokens).order_by("server_id"))
    return tuple(
        AlertRoute(server_id, channel_id, role_id, DisabledReason(disabled) if disabled else None)
        for server_id, channel_id, role_id, disabled in rows
    )
