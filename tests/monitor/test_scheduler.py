"""The scheduler: hours of many accounts on virtual time, and one account with a real database and ImaginePro."""

from __future__ import annotations

import asyncio
from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import pairwise
from random import Random
from types import SimpleNamespace
from typing import Any, cast

import pytest

from bot.monitor.monitor import Monitor
from bot.monitor.partitions import Partitions
from bot.monitor.scheduler import MAX_IN_FLIGHT, Scheduler
from bot.monitor.unchanged import UnchangedChecks
from bot.storage.accounts import ensure_account
from bot.storage.database import Database
from bot.storage.schema import partitions
from tests.clocks import NOON
from tests.monitor.world import MINUTE, World
from tests.simulation.loop import VirtualClock, VirtualLoop, run_virtually
from tests.standins.imaginepro_server import Hold

FLEET = "/api/v1/discord/tokens"


@dataclass
class Held:
    """Partitions whose accounts the test sets."""

    clock: VirtualClock
    accounts: frozenset[int]
    renewed: Callable[[], None] = field(init=False)

    async def keep(self, renewed: Callable[[], None]) -> None:
        self.renewed = renewed
        while True:
            renewed()
            await self.clock.sleep(10)

    @asynccontextmanager
    async def released_at_the_end(self) -> AsyncIterator[None]:
        yield


@dataclass
class Account:
    """An account's monitor: its checks take a while, and the test says how long until the next."""

    office: Office
    delay: float = 60
    takes: float = 0.2
    is_quota_due: bool = False
    checks: list[tuple[float, float]] = field(default_factory=list)
    """When each began and ended."""

    async def round(self) -> timedelta:
        self.office.in_flight += 1
        self.office.most_in_flight = max(self.office.most_in_flight, self.office.in_flight)
        began = self.office.clock.monotonic()
        await asyncio.sleep(self.takes)
        self.checks.append((began, self.office.clock.monotonic()))
        self.office.in_flight -= 1
        return timedelta(seconds=self.delay)

    async def poll_account(self) -> None:
        self.is_quota_due = False
        self.office.polls.append(self.office.clock.monotonic())
        await asyncio.sleep(20)

    def begins(self) -> list[float]:
        return [began for began, _ in self.checks]


class Office:
    """A scheduler of accounts in memory."""

    def __init__(self, loop: VirtualLoop, chance: Random, number: int) -> None:
        self.clock = VirtualClock(loop, chance)
        self.held = Held(self.clock, frozenset(range(number)))
        self.accounts: dict[int, Account] = defaultdict(lambda: Account(self))
        self.in_flight = self.most_in_flight = 0
        self.polls: list[float] = []
        # Without a database, since nothing is noted.
        database = cast("Database", SimpleNamespace(on_change=lambda _: None))
        unchanged = UnchangedChecks(database, self.clock)
        self.scheduler = Scheduler(cast("Partitions", self.held), self._monitor_of, self.clock, unchanged)

    def _monitor_of(self, account_id: int) -> Monitor:
        return cast("Monitor", self.accounts[account_id])

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        task = asyncio.create_task(self.scheduler.run())
        try:
            yield
        finally:
            task.cancel()
            await asyncio.wait({task})


def virtually(number: int, test: Callable[[Office], Coroutine[Any, Any, None]], seed: int = 1) -> None:
    """Run a test with an office of so many accounts on virtual time."""

    async def main(loop: VirtualLoop, chance: Random) -> None:
        await test(Office(loop, chance, number))

    run_virtually(main, seed)


@pytest.mark.parametrize("seed", range(3))
def test_each_account_is_checked_each_minute_with_jitter_and_never_twice_at_once(seed: int) -> None:
    async def test(office: Office) -> None:
        async with office.running():
            await asyncio.sleep(600)
        for account in office.accounts.values():
            first, *pauses = (after[0] - before[1] for before, after in pairwise(account.checks))
            assert len(account.checks) >= 9
            assert first <= 60.1
            assert all(54 <= pause <= 66.1 for pause in pauses)
            assert len({round(pause, 1) for pause in pauses}) > 5

    virtually(100, test, seed)


def test_accounts_that_begin_together_do_not_stay_together() -> None:
    async def test(office: Office) -> None:
        async with office.running():
            await asyncio.sleep(240)
        begins = [began for account in office.accounts.values() for began in account.begins()]
        counts = Counter(int(began) for began in begins if began > 60)
        # 500 in a minute are 8 a second. With jitter alone there would be 40 a second, and none in between.
        assert max(counts.values()) < 25
        assert len(counts) > 170

    virtually(500, test)


def test_an_account_alone_is_checked_each_minute_from_the_start() -> None:
    async def test(office: Office) -> None:
        async with office.running():
            await asyncio.sleep(300)
        assert all(54 <= after - before <= 67 for before, after in pairwise(office.accounts[0].begins()))

    virtually(1, test)


def test_no_more_run_at_once_than_the_limit_and_all_get_their_turn() -> None:
    async def test(office: Office) -> None:
        for number in range(500):
            office.accounts[number].takes = 2
        async with office.running():
            await asyncio.sleep(500 / MAX_IN_FLIGHT * 2 + 2)
            assert office.most_in_flight == MAX_IN_FLIGHT
            assert all(account.checks for account in office.accounts.values())
            await asyncio.sleep(120)
            assert all(len(account.checks) >= 2 for account in office.accounts.values())
            assert office.most_in_flight == MAX_IN_FLIGHT

    virtually(500, test)


def test_accounts_that_wait_have_no_tasks() -> None:
    async def test(office: Office) -> None:
        async with office.running():
            await asyncio.sleep(100)
            # This one, the scheduler, its renewals and records, two of its wait for the next check, and two of each.
            assert len(asyncio.all_tasks()) <= 6 + 2 * office.in_flight
            assert office.in_flight < 20

    virtually(1000, test)


def test_a_change_is_confirmed_within_ten_seconds_while_others_wait() -> None:
    async def test(office: Office) -> None:
        office.accounts[7].delay = 8
        async with office.running():
            await asyncio.sleep(50)
        assert len(office.accounts[7].checks) > 4
        assert all(after - before < 10 for before, after in pairwise(office.accounts[7].begins()))

    virtually(20, test)


def test_a_check_that_is_brought_forward_begins_at_once() -> None:
    async def test(office: Office) -> None:
        async with office.running():
            await asyncio.sleep(20)
            office.scheduler.check_soon(3)
            await asyncio.sleep(1)
            assert [round(at) for at in office.accounts[3].begins()] == [0, 20]
            await asyncio.sleep(54)
            # The one that was planned before is not made in addition.
            assert len(office.accounts[3].checks) == 2
            office.scheduler.check_soon(999)
            await asyncio.sleep(60)
        assert 999 not in office.accounts

    virtually(5, test)


def test_a_check_that_is_brought_forward_during_one_follows_it() -> None:
    async def test(office: Office) -> None:
        office.accounts[3].takes = 10
        async with office.running():
            await asyncio.sleep(5)
            office.scheduler.check_soon(3)
            office.scheduler.check_soon(3)
            await asyncio.sleep(25)
        # What was asked for during the first may have changed after its answer.
        assert [(round(began), round(ended)) for began, ended in office.accounts[3].checks] == [(0, 10), (10, 20)]

    virtually(5, test)


def test_accounts_come_and_go_within_ten_seconds() -> None:
    async def test(office: Office) -> None:
        office.accounts[2].takes = 35
        async with office.running():
            await asyncio.sleep(1)
            office.held.accounts = frozenset({1, 2, 5})
            await asyncio.sleep(9.5)
            assert [round(at) for at in office.accounts[5].begins()] == [10]
            office.held.accounts = frozenset({1})
            await asyncio.sleep(10)
            # Its check is still in progress, although another process had the account meanwhile.
            office.held.accounts = frozenset({1, 2})
            await asyncio.sleep(20)
            assert [round(at) for at in office.accounts[2].begins()] == [0]
            await asyncio.sleep(180)
        assert len(office.accounts[0].checks) == 1
        assert len(office.accounts[5].checks) == 1
        assert len(office.accounts[1].checks) > 3
        rounded = [(round(began), round(ended)) for began, ended in office.accounts[2].checks[:2]]
        assert rounded == [(0, 35), (35, 70)]

    virtually(3, test)


@pytest.mark.parametrize("steps", range(8))
def test_an_account_may_be_lost_at_any_step_before_its_check_begins(steps: int) -> None:
    async def test(office: Office) -> None:
        async with office.running():
            await asyncio.sleep(1)
            office.scheduler.check_soon(0)
            for _ in range(steps):
                await asyncio.sleep(0)
            office.held.accounts = frozenset({1})
            office.held.renewed()
            await asyncio.sleep(180)
        assert len(office.accounts[1].checks) > 1

    virtually(2, test)


def test_slots_of_accounts_that_are_gone_are_used_again() -> None:
    async def test(office: Office) -> None:
        for number in range(MAX_IN_FLIGHT):
            office.accounts[number].takes = 25
        async with office.running():
            await asyncio.sleep(5)
            office.held.accounts = frozenset({100})
            await asyncio.sleep(25)
        assert [round(at) for at in office.accounts[100].begins()] == [25]

    virtually(MAX_IN_FLIGHT, test)


def test_credits_are_polled_beside_the_checks() -> None:
    async def test(office: Office) -> None:
        office.accounts[0].delay, office.accounts[0].is_quota_due = 8, True
        async with office.running():
            await asyncio.sleep(30)
        assert [round(at) for at in office.polls] == [0]
        assert len(office.accounts[0].checks) > 3

    virtually(1, test)


def test_a_check_in_progress_may_end_when_the_process_stops() -> None:
    async def test(office: Office) -> None:
        office.accounts[0].takes = 2
        async with office.running():
            await asyncio.sleep(1)
        assert [round(ended) for _, ended in office.accounts[0].checks] == [2]
        assert round(office.clock.monotonic()) == 2

    virtually(1, test)


# --- With a real database and ImaginePro


async def test_a_new_account_is_checked_within_seconds(world: World) -> None:
    monitors = {world.account_id: world.monitor()}
    first = monitors[world.account_id]
    partitions = first.partitions
    scheduler = Scheduler(partitions, monitors.get, world.clock, first.unchanged)
    running = asyncio.create_task(scheduler.run())
    await world.imaginepro.wait_for(lambda: world.imaginepro.log)
    async with world.database.transaction() as connection:
        new_id = await ensure_account(connection, "another", NOON)
    monitors[new_id] = Monitor(
        new_id,
        world.client,
        world.database,
        world.clock,
        poll_interval=MINUTE,
        deliveries_recorded=lambda: None,
        partitions=partitions,
    )
    while not await _was_checked(world, new_id):  # noqa: ASYNC110 - there is no event to wait for
        await asyncio.sleep(0)
    running.cancel()
    await asyncio.wait({running})


async def _was_checked(world: World, account_id: int) -> bool:
    other = World(world.imaginepro, world.database, world.clock, account_id, world.client)
    return (await other.account()).last_success_at is not None


async def test_a_stopping_process_records_its_check_and_frees_its_accounts(world: World) -> None:
    answer = asyncio.Event()
    world.imaginepro.queue(Hold(answer), path=FLEET)
    running = asyncio.create_task(world.scheduler().run())
    await world.imaginepro.wait_for(lambda: world.imaginepro.log)
    running.cancel()
    answer.set()
    await asyncio.wait({running})

    assert (await world.account()).last_success_at is not None
    assert {row[1:] for row in await world.rows(partitions)} == {(None, None)}
