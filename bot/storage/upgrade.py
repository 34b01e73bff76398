"""Upgrades a database to the newest version of its tables, at the start."""

from pathlib import Path

from sqlalchemy import Connection, inspect, text
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.storage.unavailable import DatabaseUnusable

# A migration's file name begins with its number, which is its revision.
_VERSIONS = Path(__file__).parent / "migrations" / "versions"
# The key of a PostgreSQL advisory lock: arbitrary, but the same in every process. It is "fastwa" in ASCII.
_MIGRATION_LOCK = 0x666173747761


async def upgrade(engine: AsyncEngine) -> None:
    """Run the migrations that are new to this database. Several processes may do so at once."""
    async with engine.execution_options(begin_immediate=True).begin() as connection:
        if connection.dialect.name == "postgresql":
            await connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _MIGRATION_LOCK})
        await connection.run_sync(_migrate)


def is_current(connection: Connection) -> bool:
    """Whether there is nothing to upgrade. Raises DatabaseUnusable for a database of a newer version."""
    ours = {path.name.split("_")[0] for path in _VERSIONS.glob("[0-9]*.py")}
    current = _current_revision(connection)
    if current is not None and current not in ours:
        raise DatabaseUnusable("A newer version of Fastwatch wrote this database; start that version, or a newer one.")
    return current == max(ours)


def _migrate(connection: Connection) -> None:
    """Run the migrations that are new to this database. Alembic is imported only then: it costs memory and time."""
    if is_current(connection):
        return
    from alembic import command  # noqa: PLC0415
    from alembic.config import Config  # noqa: PLC0415

    config = Config()
    config.set_main_option("script_location", str(_VERSIONS.parent))
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


def _current_revision(connection: Connection) -> str | None:
    if not inspect(connection).has_table("alembic_version"):
        return None
    revision: str | None = connection.scalar(text("SELECT version_num FROM alembic_version"))
    return revision
