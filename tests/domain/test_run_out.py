"""What a forecast means for alerts."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from bot.domain.fast_time import FastTime, Unit
from bot.domain.forecast import BurnRate, Forecast
from bot.domain.modes import Mode
from bot.domain.readings import Reading
from bot.domain.run_out import RunOut, RunOutStatus, has_plenty, needs_forecast, run_out_of
from tests.clocks import NOON
from tests.domain.token_course import HOUR, MINUTE, TOKEN, reading

DAY = timedelta(days=1)
LASTS = RunOut(RunOutStatus.SUFFICIENT)


def rate(gone_in: timedelta | None) -> BurnRate:
    """Return a rate that runs out in this time."""
    return BurnRate(DAY * (HOUR / gone_in) if gone_in else timedelta(), NOON + gone_in if gone_in else None)


def predicted(
    percent: float | None = 30,
    week: timedelta | None = 2 * DAY,
    lately: timedelta | None = DAY,
    refill_at: datetime | None = NOON + 10 * DAY,
    *,
    early: bool = False,
) -> Forecast:
    """Return a forecast, by default of 30 % that runs out in a day or two, long before the refill."""
    share = percent / 100 if percent is not None else None
    return Forecast(NOON, HOUR, share, refill_at, early, week=rate(week), recent=rate(lately))


@pytest.mark.parametrize(
    ("forecast", "prospect"),
    [
        (predicted(), RunOutStatus.SHORTFALL),
        (predicted(39.9), RunOutStatus.SHORTFALL),
        (predicted(10), RunOutStatus.SHORTFALL),
        (predicted(19.9, lately=4 * HOUR), RunOutStatus.IMMINENT),
        (predicted(20, lately=4 * HOUR), RunOutStatus.SHORTFALL),
        (predicted(19.9, lately=4 * HOUR + MINUTE), RunOutStatus.SHORTFALL),
        (predicted(week=11 * DAY), RunOutStatus.SUFFICIENT),
        (predicted(lately=11 * DAY), RunOutStatus.SUFFICIENT),
        (predicted(week=None, lately=None), RunOutStatus.SUFFICIENT),
        (predicted(42, week=11 * DAY), RunOutStatus.SUFFICIENT),
    ],
)
def test_both_rates_and_the_remainder_decide(forecast: Forecast, prospect: RunOutStatus) -> None:
    outlook = run_out_of(forecast)

    assert outlook is not None
    assert outlook.status is prospect


@pytest.mark.parametrize(
    "forecast",
    [
        predicted(early=True),
        predicted(lately=None, early=True),
        predicted(None),
        predicted(refill_at=None),
        # Neither low enough for an alert nor the end of one.
        predicted(40),
        predicted(44.9),
    ],
)
def test_too_little_data_gives_no_run_out(forecast: Forecast) -> None:
    assert run_out_of(forecast) is None


def test_it_gives_the_run_out_at_the_faster_rate_without_false_precision() -> None:
    assert run_out_of(predicted(lately=DAY + 29 * MINUTE)) == RunOut(RunOutStatus.SHORTFALL, NOON + DAY)
    assert run_out_of(predicted(week=DAY, lately=2 * DAY)) == RunOut(RunOutStatus.SHORTFALL, NOON + DAY)
    assert run_out_of(predicted(19, lately=3 * HOUR + 2 * MINUTE)) == RunOut(RunOutStatus.IMMINENT, NOON + 3 * HOUR)
    assert run_out_of(predicted(lately=None)) == LASTS


@pytest.mark.parametrize(
    ("percent", "plenty", "needed"),
    [
        (None, False, False),
        (0, False, False),
        (0.1, False, True),
        (44.9, False, True),
        (45, True, False),
        (130, True, False),
    ],
)
def test_a_forecast_is_needed_only_if_neither_empty_nor_plentiful(
    percent: float | None, plenty: bool, needed: bool
) -> None:
    one = reading(Mode.FAST, NOON, percent=percent)

    assert (has_plenty(one), needs_forecast(one)) == (plenty, needed)


@pytest.mark.parametrize("mode", [mode for mode in [*Mode, None] if mode is not Mode.FAST])
@pytest.mark.parametrize("percent", [10, 90])
def test_a_token_out_of_fast_has_no_forecast(mode: Mode | None, percent: float) -> None:
    one = reading(mode, NOON, percent=percent)

    assert (has_plenty(one), needs_forecast(one)) == (False, False)


def test_without_a_total_there_is_no_forecast() -> None:
    one = replace(Reading(TOKEN, NOON, status="FAST"), fast_time=FastTime(HOUR, None, Unit.HOURS))

    assert (has_plenty(one), needs_forecast(one)) == (False, False)
