"""The forecast in words."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.forecast import BurnRate, Forecast
from bot.ui.forecasts import forecast_words
from tests.clocks import NOON
from tests.ui.limits import check_escaped

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


def rate(days: float | None) -> BurnRate:
    """Return a rate that runs out after these days."""
    return BurnRate(HOUR, NOON + days * DAY if days is not None else None)


def forecast(week: float | None, lately: float | None, refill: float | None = 10, *, early: bool = False) -> Forecast:
    refill_at = NOON + refill * DAY if refill is not None else None
    return Forecast(NOON, 5 * HOUR, 0.5, refill_at, early, rate(week), rate(lately))


def when(days: float) -> str:
    return f"<t:{int((NOON + days * DAY).timestamp())}:f>"


@pytest.mark.parametrize(
    ("shown_forecast", "words"),
    [
        (forecast(6, 6), f"At this week's rate it runs out {when(6)}, 4 d before fast hours return."),
        (
            forecast(6, 2),
            (
                f"At this week's rate it runs out {when(6)}, 4 d before fast hours return; at the rate "
                f"of the last two days, {when(2)}."
            ),
        ),
        (forecast(6, 8), f"At this week's rate it runs out {when(6)}, 4 d before fast hours return."),
        (forecast(6, None), f"At this week's rate it runs out {when(6)}, 4 d before fast hours return."),
        (forecast(8.5, 8.5), f"At this week's rate it runs out {when(8.5)}, 2 d before fast hours return."),
        (forecast(9.75, 9.75), f"At this week's rate it runs out {when(9.75)}, 6 h before fast hours return."),
        (
            forecast(9.99, 9.99),
            f"At this week's rate it runs out {when(10)}, less than an hour before fast hours return.",
        ),
        (forecast(6, 6, None), f"At this week's rate it runs out {when(6)}."),
        (forecast(12, 11), "At this week's rate it lasts until fast hours return."),
        (forecast(10, 10), "At this week's rate it lasts until fast hours return."),
        (forecast(None, None), "At this week's rate it lasts until fast hours return."),
        (
            forecast(12, 7),
            (
                "At this week's rate it lasts until fast hours return, but at the rate of the "
                f"last two days it runs out {when(7)}, 3 d before fast hours return."
            ),
        ),
        (forecast(None, None, None), "At this week's rate it lasts for more than a year."),
        (
            forecast(None, 13, None),
            (
                "At this week's rate it lasts for more than a year, but at the rate of the "
                f"last two days it runs out {when(13)}."
            ),
        ),
        (
            forecast(6, 6, early=True),
            (
                f"At this week's rate it runs out {when(6)}, 4 d before fast hours return. This is an "
                "early estimate: there is less than a week of data."
            ),
        ),
    ],
)
def test_a_forecast_says_when_it_runs_out_or_that_it_lasts(shown_forecast: Forecast, words: str) -> None:
    assert forecast_words(shown_forecast, NOON) == words


def test_unused_fast_time_says_so() -> None:
    unused = BurnRate(timedelta(), None)

    for refill in (10, None):
        shown_forecast = replace(forecast(None, None, refill), week=unused, recent=unused)
        assert forecast_words(shown_forecast, NOON) == "Not used this week."


def test_equal_rounded_rates_are_shown_once() -> None:
    shown_forecast = forecast(6.001, 5.999)

    assert "last two days" not in forecast_words(shown_forecast, NOON)


_times = st.none() | st.integers(0, 60 * 24 * 500).map(lambda minutes: NOON + timedelta(minutes=minutes))
_paces = st.builds(BurnRate, st.integers(0, 10**6).map(lambda minutes: timedelta(minutes=minutes)), _times)


@given(_times, st.booleans(), _paces, _paces)
def test_any_forecast_makes_a_sentence(refill: datetime | None, early: bool, week: BurnRate, lately: BurnRate) -> None:
    words = forecast_words(Forecast(NOON, HOUR, None, refill, early, week, lately), NOON)

    assert words.endswith(".")
    check_escaped(words)
