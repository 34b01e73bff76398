"""A backup made while the bot records hundreds of readings a second is restored, and the bot goes on with it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import count
from pathlib import Path

import pytest

from tests.end_to_end.world import World
from tests.maintenance.test_commands import run
from tests.standins.imaginepro_server import linked_token
from tests.titles import is_back

pytestmark = pytest.mark.slow

MANY = range(1000, 1100)


@asynccontextmanager
async def under_load(world: World) -> AsyncIterator[None]:
    """Change the fast time of many tokens for each round, so that each round records a sample of each."""

    async def change() -> None:
        for number in count():
            for token in MANY:
                left = 10 + (number + token) % 400 / 100
                world.imaginepro.tokens[token].info["fastTimeRemaining"] = f"{left:.2f}/15.0 hours ({left / 0.15:.2f}%)"
            await world.rounds()

    changing = asyncio.create_task(change())
    yield
    changing.cancel()


async def test_a_backup_made_under_load_restores_and_no_alert_is_posted_twice(world: World, tmp_path: Path) -> None:
    world.imaginepro.link(*(linked_token(token) for token in MANY))
    await world.start()
    await world.set_up_alerts()
    async with under_load(world):
        world.set_status(111, "BANNED")
        (alert,) = await world.alert_posts()
        await world.settled()
        await world.rounds(2)
        backups = [await run(tmp_path, "backup", f"{number}.db") for number in range(2)]
        await world.rounds(2)
        refused = await run(tmp_path, "restore", "1.db")
        await world.bot.kill()
    restored = await run(tmp_path, "restore", "1.db")

    await world.start()
    await world.rounds(2)
    await world.settled()
    assert world.discord.messages(world.alerts) == [alert]
    world.set_status(111, "FAST")
    _, reply = await world.alert_posts(2)
    await world.settled()

    assert [each.status for each in backups] == [0, 0]
    assert (refused.status, refused.errors[:28]) == (3, "Another Fastwatch is running")
    assert restored.status == 0, restored.errors
    assert (reply.reference_id, reply.silent) == (alert.id, True)
    assert is_back(alert)
    assert len(world.post_attempts()) == 2
