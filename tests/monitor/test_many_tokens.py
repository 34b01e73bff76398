"""Thousands of tokens: the work of a round grows with them in rows, not in statements, and in pieces."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import event

from bot.domain.rules import Rules
from bot.monitor.monitor import Monitor
from bot.storage.schema import deliveries
from bot.storage.token_states import states_of
from bot.storage.tokens import known_tokens
from tests.monitor.world import World
from tests.standins.imaginepro_server import linked_token

SERVER = 1
APART = Rules(group_from=10**9, min_fast=0)


@contextmanager
def statements(world: World) -> Iterator[list[str]]:
    """Collect the statements that the database runs."""
    ran: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        ran.append(statement)

    engine = world.database._engine.sync_engine
    event.listen(engine, "before_cursor_execute", note)
    try:
        yield ran
    finally:
        event.remove(engine, "before_cursor_execute", note)


async def with_tokens(world: World, number: int) -> Monitor:
    world.imaginepro.link(*(linked_token(token_id) for token_id in range(1, number + 1)))
    await world.set_route(SERVER)
    await world.set_rules(SERVER, APART)
    monitor = world.monitor()
    await monitor.round()
    return monitor


async def put_all(world: World, monitor: Monitor, status: str) -> int:
    """Let all tokens change. Return the number of statements of the round that records it."""
    for token_id in world.imaginepro.tokens:
        world.set_status(token_id, status)
    await monitor.round()
    with statements(world) as ran:
        await monitor.round()
    return len(ran)


@pytest.mark.parametrize("number", [10, 250])
async def test_a_round_takes_as_many_statements_for_ten_incidents_as_for_hundreds(world: World, number: int) -> None:
    monitor = await with_tokens(world, number)
    left = await put_all(world, monitor, "RELAX")
    back = await put_all(world, monitor, "FAST")

    assert len(await world.rows(deliveries)) == 2 * len(world.imaginepro.tokens)
    assert await world.open_incidents(SERVER) == []
    assert left < 30
    assert back < 30


async def test_who_switched_tokens_off_takes_one_statement(world: World) -> None:
    monitor = await with_tokens(world, 250)
    for token in world.imaginepro.tokens.values():
        token.is_active = False
    await monitor.round()
    with statements(world) as ran:
        await monitor.round()

    assert len(await world.open_incidents(SERVER)) == 250
    assert len(ran) < 30


async def test_other_tasks_run_while_many_rows_are_read(world: World) -> None:
    await with_tokens(world, 1000)
    turns = 0

    async def take_turns() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    async with world.database.transaction() as connection:
        other = asyncio.create_task(take_turns())
        for read in (known_tokens(connection, world.account_id), states_of(connection, SERVER)):
            before = turns
            assert len(await read) == 1000
            assert turns - before >= 3
        other.cancel()
