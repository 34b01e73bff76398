"""The share of Discord's limit of requests: 45 a second for all processes, at most 5 of them at the same moment."""

import asyncio
from datetime import timedelta

import pytest

from bot.notifier.shared_limit import SharedLimit
from bot.storage.due_times import LEASE_DURATION
from bot.storage.partitions import count_processes, leave, take_partitions
from tests.clocks import NOON
from tests.monitor.world import World

HUNDREDTHS = 1000


async def sent_within(processes: int, monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Return how many requests one of the processes may send in each hundredth of a second, if it sends all it may."""
    now = 1000.0
    monkeypatch.setattr(asyncio.get_running_loop(), "time", lambda: now)
    limit = SharedLimit()
    limit.share(processes)
    sent = []
    for _ in range(HUNDREDTHS):
        sent.append(0)
        while await limit.acquire_now():
            sent[-1] += 1
        now += 0.01
    monkeypatch.undo()
    return sent


@pytest.mark.parametrize("processes", [1, 2, 3, 45])
async def test_all_processes_together_send_no_more_than_discord_allows(
    processes: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent = await sent_within(processes, monkeypatch)
    in_a_second = [sum(sent[start : start + 100]) for start in range(HUNDREDTHS - 100)]
    assert max(in_a_second) * processes <= 50 + processes - 1  # each has its next request ready
    assert sum(sent) * processes == pytest.approx(0.45 * HUNDREDTHS, rel=0.15)


async def test_the_live_processes_share_it(world: World) -> None:
    async with world.database.transaction() as connection:
        assert await count_processes(connection, NOON) == 0
        await take_partitions(connection, "one", NOON)
        await take_partitions(connection, "another", NOON)
        assert await count_processes(connection, NOON) == 2
        await leave(connection, "one")
        assert await count_processes(connection, NOON) == 1
        assert await count_processes(connection, NOON + LEASE_DURATION + timedelta(seconds=1)) == 0
