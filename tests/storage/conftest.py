"""The same tests on SQLite and on a real PostgreSQL."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr
from sqlalchemy import text

from bot.storage.accounts import ensure_account
from bot.storage.database import Database, open_database
from bot.storage.tables import metadata
from tests.clocks import NOON


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path}/fastwatch.db"


@pytest.fixture(params=["sqlite", "postgres"])
def url(request: pytest.FixtureRequest) -> SecretStr:
    """Tell where an empty database is: of one sort, and then of the other."""
    return SecretStr(request.getfixturevalue(f"{request.param}_url"))


@pytest.fixture(scope="session")
def reused_postgres_url(postgres_server: Any) -> str:
    """Make one database for all tests that do not mind whose tables they are: making one takes longer than a test."""
    postgres_server.psql("CREATE DATABASE reused;")
    return str(postgres_server.get_uri(database="reused"))


@pytest.fixture(params=["sqlite", "reused_postgres"])
async def database(request: pytest.FixtureRequest) -> AsyncIterator[Database]:
    """Open a database in which nothing is kept yet: of one sort, and then of the other."""
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
