"""The same tests on SQLite and on a real PostgreSQL."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
from pydantic import SecretStr
from sqlalchemy import text

from bot.storage.accounts import ensure_account
from bot.storage.database import Database, open_database
from bot.storage.schema import metadata
from tests.clocks import NOON


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.slow)])
def empty_url(request: pytest.FixtureRequest) -> SecretStr:
    """The URL of a database without tables: of each engine in turn."""
    return SecretStr(request.getfixturevalue(f"empty_{request.param}_url"))


@pytest.fixture(params=["sqlite", "postgres"])
def url(request: pytest.FixtureRequest) -> SecretStr:
    """The URL of a database with the current schema: of each engine in turn."""
    return SecretStr(request.getfixturevalue(f"{request.param}_url"))


@pytest.fixture(scope="session")
def reused_postgres_url(postgres_server: Any, migrated_postgres: str, worker_id: str) -> str:
    """One database for all tests that accept a used one: creating one takes longer than a test."""
    name = f"reused_{worker_id}"
    postgres_server.psql(f"CREATE DATABASE {name} TEMPLATE {migrated_postgres};")
    return str(postgres_server.get_uri(database=name))


@pytest.fixture(params=["sqlite", pytest.param("reused_postgres", marks=pytest.mark.slow)])
async def database(request: pytest.FixtureRequest) -> AsyncIterator[Database]:
    """Open an empty database: of each engine in turn."""
    async with open_database(SecretStr(request.getfixturevalue(f"{request.param}_url"))) as database:
        if request.param == "reused_postgres":
            async with database.transaction() as connection:
                names = ", ".join(metadata.tables)
                await connection.execute(text(f"TRUNCATE {names} RESTART IDENTITY CASCADE"))
        yield database


@pytest.fixture
async def account_id(database: Database) -> int:
    async with database.transaction() as connection:
        return await ensure_account(connection, "primary", NOON)
