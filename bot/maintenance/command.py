"""`python -m bot backup`, `restore`, `migrate` and `copy`: what they print, and what they refuse."""

import asyncio
from pathlib import Path

from pydantic import SecretStr
from sqlalchemy import URL

from bot.clock import Clock
from bot.maintenance import copying, sqlite_backup
from bot.maintenance.errors import NotDone
from bot.maintenance.postgres_tools import dump_line, restore_line
from bot.storage.database import migrate_database
from bot.storage.database_url import parse_url
from bot.storage.process_lock import hold_process_lock

_MEGABYTE = 1_000_000


async def back_up(secret: SecretStr, file: Path, *, overwrite: bool) -> None:
    """Write a backup of an SQLite database, which may be in use. Raises NotDone and DatabaseUnusable."""
    url = parse_url(secret.get_secret_value())
    if (database := _sqlite_file(url)) is None:
        raise NotDone(f"Nothing was written: PostgreSQL has its own tool for backups. Run:\n{dump_line(url, file)}")
    written = await asyncio.to_thread(sqlite_backup.back_up, database, file, overwrite=overwrite)
    _say(f"Backup written and checked: {written.path}, {_size(written.size)}, version {written.version}.")


async def restore(secret: SecretStr, file: Path) -> None:
    """Put a backup in the place of an SQLite database that is not in use. Raises NotDone and DatabaseUnusable."""
    url = parse_url(secret.get_secret_value())
    if (database := _sqlite_file(url)) is None:
        raise NotDone(
            "Nothing was restored: PostgreSQL has its own tool for it. "
            f"Stop all processes of the bot, then run:\n{restore_line(url, file)}"
        )
    async with hold_process_lock(secret):
        written, aside = await asyncio.to_thread(sqlite_backup.restore, file, database, Clock().now())
    if aside is not None:
        _say(f"The former database is now {aside}. Delete it when you no longer need it.")
    _say(f"Restored and checked: {written.path}, {_size(written.size)}, version {written.version}.")


async def migrate(secret: SecretStr) -> None:
    """Upgrade the tables to this program's version, as a start does. Raises DatabaseUnusable."""
    async with hold_process_lock(secret):
        done = await migrate_database(secret)
    if done.before is None:
        _say(f"The tables were created, version {done.after}.")
    elif done.before == done.after:
        _say(f"The database has version {done.after} already.")
    else:
        _say(f"The database was upgraded from version {done.before} to {done.after}.")


async def copy(source: SecretStr, target: SecretStr) -> None:
    """Copy everything from one database to another. Raises NotDone and DatabaseUnusable."""
    await copying.copy(source, target, Clock(), _say)
    _say("Copied. To continue with the new database, set DATABASE_URL to its address and start the bot.")


def _sqlite_file(url: URL) -> Path | None:
    """Return the file of an SQLite database, by its real name; None for PostgreSQL."""
    return Path(url.database or "").resolve() if url.get_backend_name() == "sqlite" else None


def _size(size: int) -> str:
    return f"{size / _MEGABYTE:,.1f} MB"


def _say(line: str) -> None:
    print(line, flush=True)  # noqa: T201 - for the person who typed the command
