"""SQLite is for one process: a second one on the same file is refused."""

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
    """Keep other processes off an SQLite file; whether this one is alone, which on PostgreSQL it need not be.

    The operating system lets go of the file when the process ends, however it ends. Raises DatabaseUnusable.
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
    """Tell the file of an SQLite address; None where there is none, or none can be, which opening it tells."""
    try:
        target = make_url(url.get_secret_value())
    except (ArgumentError, ValueError):
        return None
    if target.get_backend_name() != "sqlite" or not target.database:
        return None
    # SQLite follows links as well: a file is the same by whatever name.
    file = Path(target.database).resolve()
    # The lock would make a missing folder, and a mistyped address an empty database.
    return file if file.parent.is_dir() else None
