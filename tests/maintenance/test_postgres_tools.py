"""The command lines of PostgreSQL's tools: they work as printed, and hold no password."""

import asyncio
import os
import shlex
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from bot.maintenance.command import back_up, restore
from bot.maintenance.errors import NotDone
from bot.maintenance.postgres_tools import libpq_address
from bot.storage.app_state import get_value, set_value
from bot.storage.database import open_database
from bot.storage.database_url import parse_url


@pytest.mark.parametrize(
    ("url", "address"),
    [
        ("postgres://me:made-up-p%40ss@db.example/fast", "postgresql://me@db.example/fast"),
        ("postgresql://me:made-up-p%40ss@[::1]:6432/fast?pgbouncer=true", "postgresql://me@[::1]:6432/fast"),
        (
            "postgresql://a%40b:made-up-p%40ss@one,two:5433/fast?sslmode=verify-full&sslpassword=made-up-p@ss",
            "postgresql://a%40b@one:5432,two:5433/fast?sslmode=verify-full",
        ),
        ("postgresql://me@/fast?host=/run/postgresql", "postgresql://me@/fast?host=/run/postgresql"),
    ],
)
def test_an_address_has_what_libpq_needs_and_no_password(url: str, address: str) -> None:
    assert libpq_address(parse_url(url)) == address


async def run(line: str, tools: Path) -> None:
    """Run a printed line."""
    tool, *arguments = shlex.split(line)
    process = await asyncio.create_subprocess_exec(tools / tool, *arguments, env=dict(os.environ))
    assert await process.wait() == 0


def line_of(refusal: NotDone) -> str:
    return str(refusal).splitlines()[-1]


@pytest.mark.slow
async def test_the_printed_lines_back_up_and_restore(
    postgres_server: Any, postgres_url: str, empty_postgres_url: str, tmp_path: Path
) -> None:
    url = SecretStr(postgres_url)
    file = tmp_path / "my backup.dump"
    async with open_database(url) as database, database.transaction() as connection:
        await set_value(connection, "name", "backed up")
    with pytest.raises(NotDone, match="PostgreSQL has its own tool for backups") as refused:
        await back_up(url, file, overwrite=False)
    await run(line_of(refused.value), postgres_server.bin_path)
    async with open_database(url) as database, database.transaction() as connection:
        await set_value(connection, "name", "later")

    for target in (url, SecretStr(empty_postgres_url)):
        with pytest.raises(NotDone, match="Stop all processes of the bot") as refused:
            await restore(target, file)
        await run(line_of(refused.value), postgres_server.bin_path)

        async with open_database(target) as database, database.reading() as connection:
            assert await get_value(connection, "name") == "backed up"
