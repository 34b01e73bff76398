"""The bot behind a real PgBouncer, which gives each transaction another session of PostgreSQL."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from pydantic import SecretStr

from bot.clock import Clock
from bot.storage import notifications
from bot.storage.app_state import get_value, set_value
from bot.storage.database import open_database
from bot.storage.notifications import Listener
from tests.end_to_end.world import World
from tests.patience import GENEROUS
from tests.standins.pgbouncer import NoPgBouncer, is_required, open_pgbouncer

pytestmark = pytest.mark.slow

TASKS, TRANSACTIONS = 8, 40


@pytest_asyncio.fixture
async def pgbouncer_url(empty_postgres_url: str) -> AsyncIterator[str]:
    """The `DATABASE_URL` of a database without tables, through PgBouncer."""
    try:
        async with open_pgbouncer(empty_postgres_url) as url:
            yield url
    except NoPgBouncer as error:
        if is_required():
            raise
        pytest.skip(str(error))


async def test_transactions_of_many_tasks_all_succeed(pgbouncer_url: str) -> None:
    async with open_database(SecretStr(pgbouncer_url)) as database:

        async def work(task: int) -> None:
            for number in range(TRANSACTIONS):
                async with database.transaction() as connection:
                    await set_value(connection, f"task {task}", str(number))
                async with database.reading() as connection:
                    assert await get_value(connection, f"task {task}") == str(number)

        await asyncio.gather(*map(work, range(TASKS)))


async def test_several_processes_migrate_at_once(pgbouncer_url: str) -> None:
    async def open_once() -> None:
        async with open_database(SecretStr(pgbouncer_url)) as database, database.transaction() as connection:
            await set_value(connection, "opened", "yes")

    await asyncio.gather(*(open_once() for _ in range(3)))


async def test_the_bot_delivers(world: World, pgbouncer_url: str) -> None:
    world.bot.settings["DATABASE_URL"] = pgbouncer_url
    await world.watching()
    for number, status in enumerate(("RELAX", "FAST", "BANNED"), start=1):
        world.set_status(111, status)
        await world.alert_posts(number)
        await world.settled()
    await world.restart()
    await world.rounds(3)

    assert not world.bot.said("cannot be used")
    assert len(world.discord.messages(world.alerts)) == 3


async def test_what_cannot_be_heard_is_tried_again_seldom(pgbouncer_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each transaction may have another session, and so has what listens."""
    monkeypatch.setattr(notifications, "_ARRIVES_WITHIN_SECONDS", 0.5)
    pauses: asyncio.Queue[float] = asyncio.Queue()

    class WithoutPauses(Clock):
        async def sleep(self, seconds: float) -> None:
            if seconds < 1:
                await super().sleep(seconds)
            else:
                pauses.put_nowait(seconds)

    async with open_database(SecretStr(pgbouncer_url)) as database:
        listening = asyncio.create_task(Listener(database, WithoutPauses(), lambda: None).run())
        assert [await asyncio.wait_for(pauses.get(), GENEROUS) for _ in range(2)] == [3600, 3600]
        listening.cancel()
