"""Forecasts from stored samples."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from pydantic import SecretStr

from bot.queries.forecasts import ForecastCache, forecast_of, run_outs_of
from bot.storage.accounts import ensure_account
from bot.storage.database import open_database
from bot.storage.schema import samples
from tests.clocks import NOON
from tests.queries.test_tokens import Stored, reading, steady

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
NOW = reading(NOON, 5)


@pytest.fixture
async def stored(sqlite_url: str) -> AsyncIterator[Stored]:
    async with open_database(SecretStr(sqlite_url)) as database:
        async with database.transaction() as connection:
            account_id = await ensure_account(connection, "primary", NOON)
        yield Stored(database, account_id)


async def test_a_forecast_uses_the_samples_of_the_last_week(stored: Stored) -> None:
    await stored.keep([*steady(7), *(replace(one, token_id=222) for one in steady(7, a_day=5))])
    async with stored.database.reading() as connection:
        forecast = await forecast_of(connection, stored.account_id, NOW, NOON)

    assert forecast is not None
    assert (forecast.early, forecast.week.per_day, forecast.week.runs_out_at) == (False, DAY / 24, NOON + 5 * DAY)
    assert forecast.refill_at == NOW.plan.renews_at


async def test_a_renewal_within_the_week_is_not_usage(stored: Stored) -> None:
    """The plan renewed two days ago, to less than was left before."""
    plan = replace(NOW.plan, renews_at=NOON + 28 * DAY)
    since = NOON - 2 * DAY
    before = [reading(one.read_at, 9 + (since - one.read_at) / DAY) for one in steady(7) if one.read_at < since]
    await stored.keep([*before, *steady(2)])
    async with stored.database.reading() as connection:
        forecast = await forecast_of(connection, stored.account_id, replace(NOW, plan=plan), NOON)

    assert forecast is not None
    assert forecast.week.per_day / HOUR == pytest.approx(1, abs=0.02)


@pytest.mark.parametrize(
    "without",
    [{"fast_time": None}, {"listed": False}, {"status": "BANNED"}, {"status": "VERIFYING"}, {"is_active": False}],
)
async def test_unknown_or_unusable_tokens_have_no_forecast(stored: Stored, without: dict[str, Any]) -> None:
    await stored.keep(steady(8))
    token = replace(NOW, **without)
    async with stored.database.reading() as connection:
        assert await forecast_of(connection, stored.account_id, token, NOON) is None
    assert await ForecastCache(stored.account_id, stored.database).get(token, NOON) is None


async def test_a_repeated_request_comes_from_the_cache(stored: Stored) -> None:
    await stored.keep(steady(8))
    quick = ForecastCache(stored.account_id, stored.database)
    first = await quick.get(NOW, NOON)
    async with stored.database.transaction() as connection:
        await connection.execute(samples.delete())
    lower = await quick.get(reading(NOON, 4), NOON)

    assert first is not None
    assert lower is not None
    assert lower.left == 4 * HOUR
    assert lower.week.per_day > first.week.per_day
    assert await quick.get(reading(NOON, 4, token_id=222), NOON) is None


async def test_only_tokens_that_will_run_out_before_their_hours_return_have_a_time(stored: Stored) -> None:
    lasts = replace(NOW, token_id=222, plan=replace(NOW.plan, renews_at=NOON + 2 * DAY))
    await stored.keep([*steady(8), *(replace(one, token_id=222, plan=lasts.plan) for one in steady(8))])
    in_relax = replace(NOW, token_id=333, status="RELAX")
    async with stored.database.reading() as connection:
        run_outs = await run_outs_of(connection, stored.account_id, [NOW, lasts, in_relax], NOON)

    assert run_outs == {NOW.token_id: NOON + 5 * DAY}
