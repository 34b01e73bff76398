"""Several processes on one database that start at once: one registers the commands, and they identify in turn."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from pydantic import SecretStr

from bot.app.command_sync import sync_commands
from bot.app.one_at_a_time import wait_to_identify
from bot.storage.database import Database, open_database
from tests.clocks import NOON, SetClock


@pytest.fixture
async def shared(sqlite_url: str, in_loop_sqlite: None) -> AsyncIterator[Database]:
    """A database that other processes may use too; that it is PostgreSQL then makes no difference here."""
    async with open_database(SecretStr(sqlite_url)) as database:
        database.is_shared = True
        yield database


class Commands:
    """What a process registers with Discord, and how often it has."""

    def __init__(self) -> None:
        self.client = SimpleNamespace(application_id=7)
        self.registered = 0

    def get_commands(self) -> list[Any]:
        return []

    async def fetch_commands(self) -> list[Any]:
        return []

    async def sync(self) -> None:
        await asyncio.sleep(0)
        self.registered += 1


async def test_one_of_several_processes_registers_the_commands(shared: Database) -> None:
    processes, clock = [Commands() for _ in range(4)], SetClock()
    done = await asyncio.gather(*(sync_commands(one, shared, clock) for one in processes))  # type: ignore[arg-type]

    assert done == [True] * 4
    assert sum(one.registered for one in processes) == 1


async def test_commands_are_registered_although_another_process_has_died_over_it(
    shared: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    dying, commands, clock, begun = Commands(), Commands(), SetClock(), asyncio.Event()

    async def hang() -> None:
        begun.set()
        await asyncio.Event().wait()

    monkeypatch.setattr(dying, "sync", hang)
    killed = asyncio.create_task(sync_commands(dying, shared, clock))  # type: ignore[arg-type]
    await begun.wait()
    killed.cancel()

    assert await sync_commands(commands, shared, clock)  # type: ignore[arg-type]
    assert commands.registered == 1


async def test_processes_identify_one_after_the_other(shared: Database) -> None:
    clock, at = SetClock(), []
    for _ in range(3):
        await wait_to_identify(shared, clock)
        at.append(clock.now() - NOON)
    assert at == [timedelta(), timedelta(seconds=6), timedelta(seconds=12)]


async def test_a_process_identifies_although_its_turn_does_not_come(shared: Database) -> None:
    clock = SetClock()
    await asyncio.gather(*(wait_to_identify(shared, clock) for _ in range(9)))
    assert clock.now() - NOON >= timedelta(seconds=20)
