"""The hand-over of alerts: claimed in the transaction that records them, sent after its commit, whatever is killed."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import discord
import pytest

from bot.domain.incidents import Incident
from bot.monitor import recording
from bot.monitor.monitor import Monitor
from bot.notifier import dispatcher, handover
from bot.notifier.dispatcher import Dispatcher
from bot.notifier.handover import Handover
from bot.notifier.sender import Sender
from bot.storage.due_times import CLAIM_DURATION, LEASE_DURATION
from bot.storage.schema import deliveries
from tests.monitor.world import NotifierHarness, Team, World
from tests.notifier.test_dispatcher import BANNED


class Killed(BaseException):
    """In place of the end of the process: nothing catches it, and nothing after it is done."""


@dataclass
class Process:
    """A monitor that hands over to a notifier, which never looks for deliveries by itself."""

    monitor: Monitor
    notifier: Dispatcher
    group: asyncio.TaskGroup


@asynccontextmanager
async def process(world: World, client: discord.Client) -> AsyncIterator[Process]:
    notifier = Dispatcher(world.database, world.clock, Sender(client, world.clock))
    async with asyncio.TaskGroup() as group:
        with notifier.handover.accepted(group):
            yield Process(world.monitor(hand_over=notifier.handover.handing_over), notifier, group)


def raise_at(patch: pytest.MonkeyPatch, owner: object, name: str, error: BaseException, *, after: bool) -> None:
    """Let a function raise, before or after it has done its work."""
    work: Callable[..., Any] = getattr(owner, name)

    async def broken(*args: Any, **options: Any) -> Any:
        if after:
            await work(*args, **options)
        raise error

    patch.setattr(owner, name, broken)


def take_over(world: World) -> None:
    """Let so much time pass that another process takes over the rounds, and the claims of a killed one."""
    world.clock.advance(max(LEASE_DURATION, CLAIM_DURATION) + timedelta(seconds=1))


async def test_an_alert_is_claimed_by_the_commit_that_records_it(
    harness: NotifierHarness, team: Team, client: discord.Client
) -> None:
    world = harness.world
    take_over(world)
    async with process(world, client) as fast:
        await fast.monitor.round()
        world.set_status(111, "BANNED")
        await fast.monitor.round()
        ((claimed_until, attempts),) = [
            (row.claimed_until, row.attempts) for row in await rows(world) if row.delivered_at is None
        ]
        assert (claimed_until, attempts) == (world.clock.now() + CLAIM_DURATION, 1)

    assert (team.titles(), team.pinged()) == ([BANNED], 1)
    assert await harness.waiting(team) == 0


async def test_what_cannot_be_claimed_is_recorded_and_sent_later(
    harness: NotifierHarness, team: Team, client: discord.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = harness.world
    take_over(world)
    async with process(world, client) as fast:
        raise_at(monkeypatch, handover, "claim_next_batch", ValueError("a bug"), after=True)
        world.set_status(111, "BANNED")
        await fast.monitor.round()
    assert team.posted() == []
    (recorded,) = await rows(world)
    assert (recorded.claimed_until, recorded.attempts) == (None, 0)

    await fast.notifier.deliver_due()
    assert (team.titles(), team.pinged()) == ([BANNED], 1)


async def test_nothing_is_claimed_while_sending_is_paused(
    harness: NotifierHarness, team: Team, client: discord.Client
) -> None:
    world = harness.world
    take_over(world)
    async with process(world, client) as fast:
        fast.notifier._sender.pause(10)
        world.set_status(111, "BANNED")
        await fast.monitor.round()
    assert team.posted() == []
    assert [row.claimed_until for row in await rows(world)] == [None]

    await fast.notifier.deliver_due()
    assert team.titles() == [BANNED]


async def test_a_transaction_that_fails_leaves_its_servers_to_the_next(
    harness: NotifierHarness, team: Team, client: discord.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = harness.world
    take_over(world)
    async with process(world, client) as fast:
        with monkeypatch.context() as patch:
            raise_at(patch, Handover, "_claim", ValueError("a bug"), after=True)
            world.set_status(111, "BANNED")
            await fast.monitor.round()
        assert await rows(world) == []
        await fast.monitor.round()
    assert (team.titles(), team.pinged()) == ([BANNED], 1)


@pytest.mark.slow
@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize(
    ("owner", "name"),
    [
        (recording, "record_updates"),
        (handover, "claim_next_batch"),
        (Handover, "_claim"),
        (Handover, "_begin"),
        (Dispatcher, "_complete"),
        (Sender, "perform"),
        (dispatcher, "record_outcome"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
async def test_an_alert_is_posted_once_wherever_the_process_is_killed(
    harness: NotifierHarness,
    team: Team,
    client: discord.Client,
    monkeypatch: pytest.MonkeyPatch,
    owner: object,
    name: str,
    *,
    after: bool,
) -> None:
    world = harness.world
    take_over(world)
    with monkeypatch.context() as patch:
        raise_at(patch, owner, name, Killed(), after=after)
        with pytest.raises(BaseExceptionGroup) as killed:
            await alert(world, client)
    assert killed.group_contains(Killed)

    take_over(world)
    async with process(world, client) as next_one:
        await next_one.monitor.round()
        await next_one.notifier.deliver_due()
    assert (team.titles(), team.pinged()) == ([BANNED], 1)
    assert await harness.waiting(team) == 0
    incidents: list[Incident] = await world.open_incidents(team.id)
    assert len(incidents) == 1


async def alert(world: World, client: discord.Client) -> None:
    """Run a process until it has seen a ban and alerted it."""
    async with process(world, client) as killed:
        world.set_status(111, "BANNED")
        await killed.monitor.round()


async def rows(world: World) -> list[Any]:
    async with world.database.reading() as connection:
        return list((await connection.execute(deliveries.select().order_by(deliveries.c.id))).all())
