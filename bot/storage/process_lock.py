"""The process lock: SQLite supports one process, so a second one on the same file is refused."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from filelock import FileLock, Timeout
from pydantic import SecretStr
from sqlalchemy import make_url
from sqlalchemy.exc import ArgumentError

from bot.storage.database import DatabaseUnusable


@asynccontextmanager
async def hold_process_lock(url: SecretStr) -> AsyncIterator[bool]:
    """Lock an SQLite file against other processes. Yields True if this process is alone, and False on PostgreSQL.

    The operating system releases the lock when the process ends, however it ends. Raises DatabaseUnusable.
    """
    path = _file_of(url)
    if path is None:
        yield False
        return
    lock = FileLock(f"{path}.lock")
    try:
        lock.acquire(blocking=False)
    except Timeout:
        raise DatabaseUnusable(
            "Another Fastwatch is running on this SQLite file; stop it first, or use PostgreSQL for several."
        ) from None
    except OSError as error:
        raise DatabaseUnusable(f"The database cannot be opened ({error}); check DATABASE_URL.") from None
    try:
        yield True
    finally:
        lock.release()


def _file_of(url: SecretStr) -> Path | None:
    """Return the file of an SQLite URL; None if there is none, or if it cannot exist, which opening it reports."""
    try:
        target = make_url(url.get_secret_value())
    except (ArgumentError, ValueError):
        return None
    if target.get_backend_name() != "sqlite" or not target.database:
        return None
    # SQLite follows symbolic links, so the lock must be the same by whatever name the file is opened.
    file = Path(target.database).resolve()
    # FileLock would create a missing folder, and SQLite would then create an empty database for a mistyped URL.
    return file if file.parent.is_dir() else None
