"""Upgrades a database to the newest version of its tables, at the start."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import structlog
from sqlalchemy import Connection, delete, insert, inspect, select, text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from bot.storage.schema import app_state
from bot.storage.unavailable import DatabaseUnusable

if TYPE_CHECKING:
    from alembic.script import ScriptDirectory

log = structlog.get_logger(__name__)

# A migration's file name begins with its number, which is its revision.
_VERSIONS = Path(__file__).parent / "migrations" / "versions"
# The key of a PostgreSQL advisory lock: arbitrary, but the same in every process. It is "fastwa" in ASCII.
_MIGRATION_LOCK = 0x666173747761
COMPATIBLE = "oldest_compatible_version"
"""The name of that version in `app_state`."""
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
    if done.before is None:
        log.info("A new database was created.", database=_place_of(engine), version=done.after)
    elif done.before != done.after:
        log.info("The database was upgraded.", from_version=done.before, to_version=done.after)
    return done


def _place_of(engine: AsyncEngine) -> str:
    """Return the path of an SQLite file, or the name of a PostgreSQL database."""
    name = engine.url.database or ""
    return str(Path(name).resolve()) if engine.dialect.name == "sqlite" else name


async def lock_version(connection: AsyncConnection) -> None:
    """Let no other process upgrade this database until the transaction ends. It must be one that writes."""
    if connection.dialect.name == "postgresql":
        await connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _MIGRATION_LOCK})


def is_current(connection: Connection) -> bool:
    """Whether there is nothing to upgrade.

    That is also so for a database of a newer version that this program can use. Raises DatabaseUnusable for any other
    newer version, and for an unfinished copy.
    """
    current = current_revision(connection)
    if version_of_unfinished_copy(current) is not None:
        raise DatabaseUnusable("A copy into this database has not finished; run python -m bot copy again.")
    if current is None or current in known_revisions():
        return current == newest_revision()
    compatible = _oldest_compatible_version(connection, current)
    if compatible is None or compatible > newest_revision():
        raise DatabaseUnusable("A newer version of Fastwatch wrote this database; start that version, or a newer one.")
    return True


def migrate(connection: Connection) -> Upgrade:
    """Run the migrations in a transaction. Alembic is imported only for that: it costs memory and time."""
    before = current_revision(connection)
    after = newest_revision()
    if before is not None and is_current(connection):
        return Upgrade(before, before)
    from alembic import command  # noqa: PLC0415
    from alembic.config import Config  # noqa: PLC0415
    from alembic.script import ScriptDirectory  # noqa: PLC0415

    if before is not None:
        # Large tables take their time.
        log.info("Upgrading the database.", from_version=before, to_version=after)
    config = Config()
    config.set_main_option("script_location", str(_VERSIONS.parent))
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
    _record_compatibility(connection, ScriptDirectory.from_config(config))
    return Upgrade(before, after)


def _record_compatibility(connection: Connection, scripts: "ScriptDirectory") -> None:
    """Record the oldest version of the program that can use these tables, together with their own.

    An older program finds it there. A migration that does not say `compatible_with` is for programs that know it.
    """
    oldest = max(getattr(script.module, "compatible_with", script.revision) for script in scripts.walk_revisions())
    connection.execute(delete(app_state).where(app_state.c.name == COMPATIBLE))
    connection.execute(insert(app_state).values(name=COMPATIBLE, value=f"{newest_revision()} {oldest}"))


def _oldest_compatible_version(connection: Connection, current: str) -> str | None:
    """Return what was recorded with this version of the tables; None if nothing was."""
    if not inspect(connection).has_table(app_state.name):
        return None
    recorded = connection.scalar(select(app_state.c.value).where(app_state.c.name == COMPATIBLE)) or ""
    version, _, oldest = recorded.partition(" ")
    return oldest if version == current else None


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


def version_of_unfinished_copy(revision: str | None) -> str | None:
    """Return the version of the tables that a copy fills, from what stands in place of it; None if there is no copy."""
    marker, _, version = (revision or "").partition(" ")
    return version if marker == _UNFINISHED_COPY else None


def unfinished_copy() -> str:
    """Return what stands in place of the version while a database is filled by this program."""
    return f"{_UNFINISHED_COPY} {newest_revision()}"


def set_revision(connection: Connection, revision: str) -> None:
    """Set the version of the tables in a database that has one."""
    connection.execute(text("UPDATE alembic_version SET version_num = :revision"), {"revision": revision})
