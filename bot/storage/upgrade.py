"""Upgrades a database to the newest version of its tables, at the start."""

from dataclasses import dataclass
from pathlib import Path

import structlog
from sqlalchemy import Connection, inspect, text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from bot.storage.unavailable import DatabaseUnusable

log = structlog.get_logger(__name__)

# A migration's file name begins with its number, which is its revision.
_VERSIONS = Path(__file__).parent / "migrations" / "versions"
# The key of a PostgreSQL advisory lock: arbitrary, but the same in every process. It is "fastwa" in ASCII.
_MIGRATION_LOCK = 0x666173747761
# In place of a version while `python -m bot copy` fills a database, so that no bot of any version starts on it.
_UNFINISHED_COPY = "copying"


@dataclass(frozen=True, slots=True)
class Upgrade:
    """The version of the tables before and after; None before there were any. They are equal if nothing was to do."""

    before: str | None
    after: str


async def upgrade(engine: AsyncEngine) -> Upgrade:
    """Run the migrations that are new to this database. Several processes may do so at once."""
    async with engine.execution_options(begin_immediate=True).begin() as connection:
        await lock_version(connection)
        done = await connection.run_sync(migrate)
    if done.before != done.after:
        words = "The database was upgraded." if done.before else "The tables of a new database were created."
        log.info(words, from_version=done.before, to_version=done.after)
    return done


async def lock_version(connection: AsyncConnection) -> None:
    """Let no other process upgrade this database until the transaction ends. It must be one that writes."""
    if connection.dialect.name == "postgresql":
        await connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _MIGRATION_LOCK})


def is_current(connection: Connection) -> bool:
    """Whether there is nothing to upgrade. Raises DatabaseUnusable for a database of a newer version."""
    current = current_revision(connection)
    if current is not None and current.startswith(_UNFINISHED_COPY):
        raise DatabaseUnusable("A copy into this database has not finished; run python -m bot copy again.")
    if current is not None and current not in known_revisions():
        raise DatabaseUnusable("A newer version of Fastwatch wrote this database; start that version, or a newer one.")
    return current == newest_revision()


def migrate(connection: Connection) -> Upgrade:
    """Run the migrations in a transaction. Alembic is imported only for that: it costs memory and time."""
    before = current_revision(connection)
    after = newest_revision()
    if is_current(connection):
        return Upgrade(before, after)
    from alembic import command  # noqa: PLC0415
    from alembic.config import Config  # noqa: PLC0415

    if before is not None:
        # Large tables take their time.
        log.info("Upgrading the database.", from_version=before, to_version=after)
    config = Config()
    config.set_main_option("script_location", str(_VERSIONS.parent))
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
    return Upgrade(before, after)


def known_revisions() -> frozenset[str]:
    """Return the versions of the tables that this program knows."""
    return frozenset(path.name.split("_")[0] for path in _VERSIONS.glob("[0-9]*.py"))


def newest_revision() -> str:
    """Return the version of the tables that this program uses."""
    return max(known_revisions())


def current_revision(connection: Connection) -> str | None:
    """Return the version of the tables in a database; None if it has none of ours."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    revision: str | None = connection.scalar(text("SELECT version_num FROM alembic_version"))
    return revision


def unfinished_copy() -> str:
    """Return what stands in place of the version while a database is filled by this program."""
    return f"{_UNFINISHED_COPY} {newest_revision()}"


def set_revision(connection: Connection, revision: str) -> None:
    """Set the version of the tables in a database that has one."""
    connection.execute(text("UPDATE alembic_version SET version_num = :revision"), {"revision": revision})
