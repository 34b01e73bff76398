"""Fixtures for all tests."""

from hypothesis import settings

import tests.profiles  # noqa: F401 - registers the profiles
from tests.databases import (
    empty_postgres_url,
    empty_sqlite_url,
    migrated_postgres,
    migrated_sqlite,
    postgres_server,
    postgres_url,
    sqlite_url,
)
from tests.end_to_end.forks import fork_server

__all__ = [
    "empty_postgres_url",
    "empty_sqlite_url",
    "fork_server",
    "migrated_postgres",
    "migrated_sqlite",
    "postgres_server",
    "postgres_url",
    "sqlite_url",
]

settings.load_profile("dev")
