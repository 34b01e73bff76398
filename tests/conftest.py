"""Fixtures for all tests."""

import gc
import os
import signal
from collections.abc import Iterator
from pathlib import Path

import certifi
import pytest
import structlog
from hypothesis import settings

import tests.profiles  # noqa: F401 - registers the profiles
from tests.databases import (
    empty_postgres_url,
    empty_sqlite_url,
    in_loop_sqlite,
    migrated_postgres,
    migrated_sqlite,
    one_dialect,
    postgres_server,
    postgres_url,
    sqlite_url,
)
from tests.end_to_end.forks import fork_server

__all__ = [
    "empty_postgres_url",
    "empty_sqlite_url",
    "fork_server",
    "in_loop_sqlite",
    "migrated_postgres",
    "migrated_sqlite",
    "one_dialect",
    "postgres_server",
    "postgres_url",
    "sqlite_url",
]

settings.load_profile("dev")


@pytest.fixture(scope="session", autouse=True)
def one_certificate(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Trust one certificate authority: loading all takes longer than most tests, which only use loopback.

    httpx asks certifi where a test uses it directly; processes that tests start read the variable.
    """
    end = "-----END CERTIFICATE-----\n"
    path = tmp_path_factory.mktemp("certificates") / "one.pem"
    path.write_text(Path(certifi.where()).read_text("utf-8").split(end)[0] + end)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(certifi, "where", lambda: str(path))
        patch.setenv("SSL_CERT_FILE", str(path))
        patch.delenv("SSL_CERT_DIR", raising=False)
        yield


@pytest.fixture(scope="session", autouse=True)
def plain_log_lines() -> None:
    """Log lines without structlog's coloured tracebacks, each of which takes half a second."""
    layout = structlog.dev.ConsoleRenderer(colors=False, exception_formatter=structlog.dev.plain_traceback)
    structlog.configure(processors=[*structlog.get_config()["processors"][:-1], layout])


@pytest.fixture(scope="session", autouse=True)
def sigint_not_ignored() -> None:
    """Processes that tests start react to SIGINT, even in the background of a shell, which ignores it."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_collection_finish() -> None:
    """Leave the modules and tests loaded by now out of the garbage collector's searches, and search more seldom."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)


def pytest_xdist_auto_num_workers() -> int:
    """Two workers more than there are processors: those that wait for processes or timers leave theirs idle."""
    return (os.cpu_count() or 1) + 2
