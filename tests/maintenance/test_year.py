"""A year of history is copied to PostgreSQL and back by real processes, one of which is killed on the way."""

from __future__ import annotations

import asyncio
import signal
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.demo.scenarios.fleet import FLEET
from bot.demo.world import open_world
from bot.maintenance.tables import Summary, copied_tables, sum_up
from bot.storage.database import engine_for
from bot.storage.schema import samples
from tests.end_to_end.bot_process import inherited_environment
from tests.end_to_end.fork_server import Start
from tests.end_to_end.forks import Running, start_interpreter

pytestmark = pytest.mark.slow

A_FEW = replace(FLEET, tokens=FLEET.tokens[:4])


async def start_copy(source: str, target: str, folder: Path) -> Running:
    arguments = ["copy", "--from", source, "--to", target]
    return await start_interpreter(Start("bot", arguments, str(folder), inherited_environment()))


async def said_by(process: Running) -> str:
    """Wait for the end, and return what it said."""
    assert process.stdout is not None
    assert process.stderr is not None
    said, errors = await process.stdout.read(), await process.stderr.read()
    assert (await process.wait(), errors.decode()) == (0, "")
    return said.decode()


async def summaries(url: str) -> dict[str, Summary]:
    engine = engine_for(url)
    found = {table.name: await sum_up(engine.connect, table) for table in copied_tables()}
    await engine.dispose()
    return found


async def until_samples_arrive(url: str) -> None:
    """Wait until a batch of samples is in the database."""
    engine = engine_for(url)

    async def arrived(connection: AsyncConnection) -> bool:
        if await connection.scalar(select(func.to_regclass("samples"))) is None:
            return False
        return bool(await connection.scalar(select(func.count()).select_from(samples)))

    is_there = False
    while not is_there:
        async with engine.connect() as connection:
            is_there = await arrived(connection)
        await asyncio.sleep(0.01)
    await engine.dispose()


async def test_a_year_goes_to_postgresql_and_back(empty_postgres_url: str, tmp_path: Path) -> None:
    source, back = (f"sqlite:///{tmp_path}/{name}.db" for name in ("fastwatch", "back"))
    async with open_world(datetime.now(UTC), A_FEW, database_url=source):
        pass
    before = await summaries(source)

    killed = await start_copy(source, empty_postgres_url, tmp_path)
    await until_samples_arrive(empty_postgres_url)
    killed.send_signal(signal.SIGKILL)
    await killed.wait()
    part = (await summaries(empty_postgres_url))["samples"].rows
    there = await said_by(await start_copy(source, empty_postgres_url, tmp_path))
    again = await said_by(await start_copy(empty_postgres_url, back, tmp_path))

    assert 0 < part < before["samples"].rows
    assert there.startswith("Continuing a copy that was interrupted.")
    assert "from the beginning" not in there
    assert there.splitlines()[-1] == again.splitlines()[-1]
    assert await summaries(empty_postgres_url) == before
    assert await summaries(back) == before
