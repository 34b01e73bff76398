"""Forecasts: which tokens are forecast, how often, and the results."""

from datetime import datetime, timedelta

import pytest
import structlog
from sqlalchemy import text

from bot.domain.alert_types import AlertType, IncidentType
from bot.domain.evaluation import TrackedToken
from bot.domain.fast_time import FastTime, Unit
from bot.domain.modes import Mode
from bot.domain.readings import Reading
from bot.domain.rules import Rules
from bot.domain.run_out import RunOut, RunOutStatus
from bot.domain.subscription import Plan
from bot.monitor.forecasts import RunOutForecasts
from bot.monitor.monitor import Monitor
from bot.storage.token_states import states_of
from bot.storage.tokens import save_tokens
from tests.clocks import NOON
from tests.monitor.using_up import TOTAL, set_hours_left, used_up
from tests.monitor.world import MINUTE, World
from tests.standins.imaginepro_server import linked_token

SERVER, ANOTHER = 1, 2
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def reading(token_id: int, left: float, status: str = "FAST", now: datetime = NOON) -> Reading:
    fast_time = FastTime(left * HOUR, TOTAL * HOUR, Unit.HOURS)
    return Reading(token_id, now, status=status, fast_time=fast_time, plan=Plan(renews_at=NOON + 18 * DAY))


async def forecast_tokens(world: World, *token_ids: int, left: float = 5, a_day: float = 1) -> list[Reading]:
    """Save tokens with a history. Return the readings of the next round."""
    readings = [reading(token_id, left) for token_id in token_ids]
    async with world.database.transaction() as connection:
        await save_tokens(connection, world.account_id, [TrackedToken(one, NOON, in_fleet=True) for one in readings])
    for token_id in token_ids:
        await used_up(world.database, world.account_id, world.clock, token_id, left=left, a_day=a_day)
    return readings


@pytest.fixture
async def ahead(world: World) -> RunOutForecasts:
    await world.set_route(SERVER)
    return RunOutForecasts(world.account_id, world.database, world.clock)


# --- Which tokens are forecast


async def test_it_forecasts_how_long_each_tokens_fast_time_lasts(world: World, ahead: RunOutForecasts) -> None:
    readings = [
        *await forecast_tokens(world, 1, left=5, a_day=1),
        *await forecast_tokens(world, 2, left=5, a_day=0.1),
        *await forecast_tokens(world, 3, left=0.9, a_day=6),
        reading(4, left=12),
    ]

    assert await ahead.forecast(readings, NOON) == {
        1: RunOut(RunOutStatus.SHORTFALL, NOON + 5 * DAY),
        2: RunOut(RunOutStatus.SUFFICIENT),
        3: RunOut(RunOutStatus.IMMINENT, NOON + 3.6 * HOUR - MINUTE),
        4: RunOut(RunOutStatus.PLENTY),
    }


async def test_poorly_known_tokens_have_no_forecast(world: World, ahead: RunOutForecasts) -> None:
    assert await ahead.forecast([reading(1, left=5)], NOON) == {}


@pytest.mark.parametrize("status", ["RELAX", "BANNED", ""])
async def test_a_token_out_of_fast_is_not_forecast(world: World, ahead: RunOutForecasts, status: str) -> None:
    await forecast_tokens(world, 1)

    assert await ahead.forecast([reading(1, 5, status), reading(2, 12, status)], NOON) == {}


async def looks(world: World, ahead: RunOutForecasts, *token_ids: int, minutes: int) -> list[list[int]]:
    """Play a number of rounds, a minute apart, with decreasing hours. Return the newly forecast tokens of each."""
    seen: list[list[int]] = []
    before: dict[int, RunOut] = {}
    for minute in range(minutes):
        now = NOON + minute * MINUTE
        world.clock.set(now)
        outlooks = await ahead.forecast([reading(token_id, 5 - minute / 10, now=now) for token_id in token_ids], now)
        seen.append([token_id for token_id, outlook in outlooks.items() if before.get(token_id) != outlook])
        assert set(before) <= set(outlooks)
        before = outlooks
    return seen


async def test_a_token_is_forecast_every_five_minutes_and_cached_in_between(
    world: World, ahead: RunOutForecasts
) -> None:
    await forecast_tokens(world, 1)

    assert await looks(world, ahead, 1, minutes=12) == [[1], [], [], [], [], [1], [], [], [], [], [1], []]


async def test_plenty_of_fast_time_is_recognized_at_once(world: World, ahead: RunOutForecasts) -> None:
    before = await ahead.forecast(await forecast_tokens(world, 1), NOON)
    assert before[1].status is RunOutStatus.SHORTFALL

    assert await ahead.forecast([reading(1, 12)], NOON + MINUTE) == {1: RunOut(RunOutStatus.PLENTY)}


async def test_a_cached_forecast_is_dropped_once_a_token_has_left_fast(world: World, ahead: RunOutForecasts) -> None:
    await ahead.forecast(await forecast_tokens(world, 1), NOON)

    assert await ahead.forecast([reading(1, 5, "RELAX")], NOON + MINUTE) == {}


@pytest.mark.slow
async def test_at_most_twenty_are_forecast_per_round_in_turn(world: World, ahead: RunOutForecasts) -> None:
    token_ids = range(1, 46)
    await forecast_tokens(world, *token_ids)
    seen = await looks(world, ahead, *token_ids, minutes=7)

    first, second, third = list(range(1, 21)), list(range(21, 41)), list(range(41, 46))
    assert [sorted(each) for each in seen] == [first, second, third, [], [], first, second]


async def test_tokens_never_forecast_come_first(world: World, ahead: RunOutForecasts) -> None:
    """Five rounds of twenty are done when the first of them are due again."""
    *others, last = [reading(token_id, 5) for token_id in range(1, 101)] + await forecast_tokens(world, 101)
    seen = []
    for _ in range(6):
        seen.append(set(await ahead.forecast([*others, last], world.clock.now())))
        world.clock.advance(MINUTE)

    assert seen == [set(), set(), set(), set(), set(), {101}]


async def test_an_old_forecast_is_not_reused(world: World, ahead: RunOutForecasts) -> None:
    readings = await forecast_tokens(world, 1, 2)
    assert set(await ahead.forecast(readings, NOON)) == {1, 2}
    async with world.database.transaction() as connection:
        await connection.execute(text("UPDATE samples SET fast_left = 'no number' WHERE token_id = 1"))

    world.clock.advance(5 * MINUTE)
    assert await ahead.forecast(readings, NOON + 5 * MINUTE) == {}


async def test_nothing_is_forecast_until_a_server_wants_alerts(world: World) -> None:
    ahead, readings = RunOutForecasts(world.account_id, world.database, world.clock), await forecast_tokens(world, 1)
    assert await ahead.forecast(readings, NOON) == {}

    await world.set_route(SERVER)
    assert set(await ahead.forecast(readings, NOON + MINUTE)) == {1}


async def test_a_clock_set_back_does_not_stop_forecasts(world: World, ahead: RunOutForecasts) -> None:
    readings = await forecast_tokens(world, 1)
    world.clock.jump(DAY)
    await ahead.forecast(readings, NOON + DAY)
    world.clock.jump(-DAY)
    world.clock.advance(5 * MINUTE)

    assert await ahead.forecast(readings, NOON) == {1: RunOut(RunOutStatus.SHORTFALL, NOON + 5 * DAY)}


async def test_a_failed_forecast_blocks_neither_the_round_nor_other_tokens(
    world: World, ahead: RunOutForecasts
) -> None:
    readings = await forecast_tokens(world, 1, 2, 3)
    async with world.database.transaction() as connection:
        await connection.execute(text("UPDATE samples SET fast_left = 'no number' WHERE token_id = 2"))

    with structlog.testing.capture_logs() as logs:
        assert set(await ahead.forecast(readings, NOON)) == {1}
    assert [line["log_level"] for line in logs] == ["error"]
    assert set(await ahead.forecast(readings, NOON + MINUTE)) == {1, 3}


# --- Results


async def runs_low(world: World, token_id: int = 111, *, left: float = 5, a_day: float = 1) -> None:
    set_hours_left(world.imaginepro, token_id, left)
    await used_up(world.database, world.account_id, world.clock, token_id, left=left, a_day=a_day)


@pytest.fixture
async def monitor(world: World) -> Monitor:
    """One round has read two full tokens, and a server has alerts."""
    await world.set_route(SERVER)
    monitor = world.monitor()
    await monitor.round()
    return monitor


async def rounds(world: World, monitor: Monitor, minutes: int) -> None:
    for _ in range(minutes):
        world.clock.advance(MINUTE)
        await monitor.round()


async def run_out_incidents(world: World, server_id: int = SERVER) -> list[tuple[int, AlertType]]:
    """Return the open run-out incidents."""
    return [
        (member.token_id, member.kind)
        for incident in await world.open_incidents(server_id)
        if incident.type is IncidentType.RUN_OUT
        for member in incident.members
    ]


async def test_a_shortfall_is_an_incident_with_its_run_out_time(world: World, monitor: Monitor) -> None:
    await runs_low(world)
    await rounds(world, monitor, 60)
    assert await run_out_incidents(world) == []

    await rounds(world, monitor, 6)
    (incident,) = await world.open_incidents(SERVER)
    (member,) = incident.members
    assert (member.token_id, member.kind, member.mode) == (111, AlertType.WILL_NOT_LAST, Mode.FAST)
    assert member.gone_at is not None
    assert timedelta(days=4) < member.gone_at - NOON < timedelta(days=6)


@pytest.mark.slow
async def test_a_restart_neither_delays_nor_repeats_it(world: World, monitor: Monitor) -> None:
    await runs_low(world)
    await rounds(world, monitor, 40)
    await rounds(world, world.monitor(), 26)
    assert await run_out_incidents(world) == [(111, AlertType.WILL_NOT_LAST)]

    recorded = world.recorded
    await rounds(world, world.monitor(), 90)
    assert world.recorded == recorded


@pytest.mark.slow
async def test_a_server_set_up_during_a_shortfall_is_not_alerted(world: World, monitor: Monitor) -> None:
    await runs_low(world)
    await rounds(world, monitor, 2)
    await world.set_route(ANOTHER)
    await rounds(world, monitor, 90)

    assert await run_out_incidents(world) == [(111, AlertType.WILL_NOT_LAST)]
    assert await run_out_incidents(world, ANOTHER) == []


@pytest.mark.slow
async def test_a_server_that_disabled_it_is_not_alerted(world: World, monitor: Monitor) -> None:
    await world.set_route(ANOTHER)
    await world.set_rules(ANOTHER, Rules(run_out=False))
    await rounds(world, monitor, 1)
    await runs_low(world)
    await rounds(world, monitor, 66)

    assert await run_out_incidents(world) == [(111, AlertType.WILL_NOT_LAST)]
    assert await run_out_incidents(world, ANOTHER) == []


@pytest.mark.slow
async def test_three_shortfalls_share_an_alert(world: World, monitor: Monitor) -> None:
    world.imaginepro.link(linked_token(333))
    await rounds(world, monitor, 1)
    for token_id in (111, 222, 333):
        await runs_low(world, token_id)
    await rounds(world, monitor, 66)

    (incident,) = await world.open_incidents(SERVER)
    assert [member.token_id for member in incident.members] == [111, 222, 333]


async def test_a_failed_forecast_does_not_block_a_ban_alert(world: World, monitor: Monitor) -> None:
    await runs_low(world)
    async with world.database.transaction() as connection:
        await connection.execute(text("UPDATE samples SET fast_left = 'no number' WHERE token_id = 111"))
    world.set_status(222, "BANNED")
    await rounds(world, monitor, 1)

    (incident,) = await world.open_incidents(SERVER)
    assert incident.kind is AlertType.BANNED


async def test_a_sufficient_token_has_no_saved_state(world: World, monitor: Monitor) -> None:
    await runs_low(world, a_day=0.1)
    await rounds(world, monitor, 12)

    async with world.database.reading() as connection:
        state = (await states_of(connection, SERVER))[111]
    assert (state.outlook, state.shortfall_since, state.imminent_since, state.sufficient_since) == (
        None,
        None,
        None,
        None,
    )
