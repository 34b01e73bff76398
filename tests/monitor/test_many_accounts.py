"""Three processes on one PostgreSQL share many accounts: they join, stop, are killed, and have clocks that jump."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import cast
from unittest.mock import patch

import pytest
from pydantic import SecretStr

from bot.clock import Clock
from bot.monitor import partitions as monitor_partitions
from bot.monitor.monitor import Monitor
from bot.monitor.partitions import Partitions
from bot.monitor.scheduler import Scheduler
from bot.monitor.unchanged import UnchangedChecks
from bot.storage.accounts import ensure_account
from bot.storage.database import Database, open_database
from tests.clocks import NOON
from tests.patience import GENEROUS

pytestmark = pytest.mark.slow

SPEED = 10
NUMBER = 64


class QuickClock(Clock):
    """Runs faster, and the wall clock may be wrong."""

    error = timedelta()

    def now(self) -> datetime:
        return super().now() + self.error

    def monotonic(self) -> float:
        return time.monotonic() * SPEED

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds / SPEED)


@dataclass
class Records:
    """Which process has recorded a check of each account last, and which do so now."""

    last: dict[int, str] = field(default_factory=dict)
    recording: dict[int, str] = field(default_factory=dict)
    most_at_once: int = 0
    by_two_at_once: list[int] = field(default_factory=list)


@dataclass
class Check:
    """In place of an account's monitor: it records a check as that does, and only while it holds the partition."""

    account_id: int
    process: Process
    is_quota_due: bool = False

    async def round(self) -> timedelta:
        records, name = self.process.records, self.process.name
        if not await self.process.partitions.hold(self.account_id):
            return timedelta(seconds=10)
        # ImaginePro takes its time, and the partition may be lost meanwhile.
        await self.process.clock.sleep(1)
        async with self.process.database.transaction() as connection:
            if await self.process.partitions.still_holds(connection, self.account_id):
                if records.recording.setdefault(self.account_id, name) != name:
                    records.by_two_at_once.append(self.account_id)
                records.most_at_once = max(records.most_at_once, len(records.recording))
                await asyncio.sleep(0.01)
                del records.recording[self.account_id]
                records.last[self.account_id] = name
        return timedelta(seconds=15)


@dataclass
class Process:
    """A process with a database of its own."""

    name: str
    records: Records
    database: Database
    clock: QuickClock
    partitions: Partitions
    task: asyncio.Task[None] | None = None

    def start(self) -> None:
        unchanged = UnchangedChecks(self.database, self.clock)
        scheduler = Scheduler(self.partitions, lambda id_: cast("Monitor", Check(id_, self)), self.clock, unchanged)
        self.task = asyncio.create_task(scheduler.run())

    async def stop(self) -> None:
        if self.task is not None:
            self.task.cancel()
            await asyncio.wait({self.task})

    async def kill(self) -> None:
        """End without freeing anything."""

        async def do_nothing(*_: object) -> None:
            """It is dead."""

        with patch.object(monitor_partitions, "leave", do_nothing):
            await self.stop()


@pytest.fixture
def records() -> Records:
    return Records()


@asynccontextmanager
async def _process(url: str, name: str, records: Records) -> AsyncIterator[Process]:
    clock = QuickClock()
    async with open_database(SecretStr(url), clock) as database:
        process = Process(name, records, database, clock, Partitions(database, clock))
        yield process
        await process.stop()


@pytest.fixture
async def processes(postgres_url: str, records: Records) -> AsyncIterator[list[Process]]:
    async with AsyncExitStack() as opened:
        found = [await opened.enter_async_context(_process(postgres_url, name, records)) for name in "abc"]
        async with found[0].database.transaction() as connection:
            for number in range(NUMBER):
                await ensure_account(connection, f"account {number}", NOON)
        yield found
    assert records.by_two_at_once == []


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(GENEROUS):
        while not condition():  # noqa: ASYNC110 - there is no event to wait for
            await asyncio.sleep(0.05)


async def all_checked_by(records: Records, *names: str) -> None:
    """Wait until these processes check all accounts, and share them equally."""

    def is_so() -> bool:
        shares = [[*records.last.values()].count(name) for name in names]
        return sum(shares) == NUMBER and max(shares) <= -(-NUMBER // len(names))

    records.last.clear()
    await until(is_so)


async def test_processes_join_stop_and_are_killed(processes: list[Process], records: Records) -> None:
    one, two, three = processes
    one.start()
    await all_checked_by(records, "a")
    two.start()
    three.start()
    await all_checked_by(records, "a", "b", "c")

    await two.kill()
    await all_checked_by(records, "a", "c")

    await one.stop()
    await all_checked_by(records, "c")
    assert records.most_at_once > 1


async def test_a_clock_that_jumps_leads_to_no_second_check_and_to_no_gap(
    processes: list[Process], records: Records
) -> None:
    one, two, _ = processes
    one.start()
    two.start()
    await all_checked_by(records, "a", "b")

    for error in (timedelta(hours=6), timedelta(), timedelta(hours=-6), timedelta()):
        one.clock.error = error
        records.last.clear()
        await until(lambda: len(records.last) == NUMBER)
    await all_checked_by(records, "a", "b")


async def test_a_check_whose_partition_was_lost_meanwhile_is_not_recorded(
    processes: list[Process], records: Records
) -> None:
    one, two, _ = processes
    recorded: list[bool] = []

    async def check(process: Process, meanwhile: Awaitable[None]) -> None:
        assert await process.partitions.hold(1)
        await meanwhile
        async with process.database.transaction() as connection:
            recorded.append(await process.partitions.still_holds(connection, 1))

    async def is_suspended() -> None:
        two.clock.error = timedelta(seconds=31)
        await two.partitions.renew()
        assert two.partitions.holds(1)

    await check(one, is_suspended())
    assert recorded == [False]
