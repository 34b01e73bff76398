"""What holds for every forecast, whatever the series."""

from datetime import datetime, timedelta
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from bot.domain.forecast import (
    BurnRate,
    Forecast,
    Sample,
    consumption,
    forecast,
    is_run_out_imminent,
    is_run_out_likely,
    round_to_confidence,
    split_at_refills,
)
from tests.clocks import NOON
from tests.domain.token_course import HOUR
from tests.profiles import fewer_examples

DAY = timedelta(days=1)
NOTHING = timedelta()
TOTAL = 100 * HOUR


def times(days: int) -> st.SearchStrategy[datetime]:
    """Times around NOON: any, and some repeated ones."""
    away = st.timedeltas(-days * DAY, days * DAY) | st.integers(-24 * days, 24 * days).map(lambda hours: hours * HOUR)
    return away.map(lambda away: NOON + away)


durations = st.timedeltas() | st.integers(0, 20).map(lambda hours: hours * HOUR)
totals = st.none() | st.sampled_from([NOTHING, TOTAL, 200 * HOUR]) | st.timedeltas()
serieses = st.lists(st.builds(Sample, at=times(12) | times(10_000), left=durations, total=totals), max_size=40)
some_times = st.lists(times(12), max_size=5)
# A token's steps: an hour's usage, sometimes bought hours, an outlier or a gap.
steps = st.integers(0, 90) | st.sampled_from([0, -600, 2000])
believable = st.lists(st.tuples(st.integers(1, 3), steps), min_size=24, max_size=250)


def series(steps: list[tuple[int, int]]) -> list[Sample]:
    """Return a series until NOON from gaps in hours and falls in minutes."""
    at, left = NOON - sum(gap for gap, _ in steps) * HOUR, 60 * HOUR
    samples = [Sample(at, left, TOTAL)]
    for gap, fall in steps:
        at, left = at + gap * HOUR, max(left - timedelta(minutes=fall), NOTHING)
        samples.append(Sample(at, left, TOTAL))
    return samples


def of(samples: list[Sample], refills: list[datetime], now: datetime = NOON) -> Forecast | None:
    """Forecast from the last sample, with the refill ten days away."""
    last = samples[-1]
    return forecast(samples, left=last.left, total=last.total, refill_at=now + 10 * DAY, refills=refills, now=now)


@given(
    samples=serieses,
    left=durations,
    total=totals,
    refill_at=st.none() | times(10_000),
    refills=some_times,
    now=times(12),
)
def test_no_series_raises_an_error(
    samples: list[Sample],
    left: timedelta,
    total: timedelta | None,
    refill_at: datetime | None,
    refills: list[datetime],
    now: datetime,
) -> None:
    predicted = forecast(samples, left=left, total=total, refill_at=refill_at, refills=refills, now=now)

    if predicted is not None:
        is_run_out_likely(predicted)
        is_run_out_imminent(predicted)
        for rate in (predicted.week, predicted.recent):
            assert rate.per_day >= NOTHING
            assert rate.runs_out_at is None or round_to_confidence(rate.runs_out_at, now) >= now
            assert predicted.shortfall(rate) is None or predicted.runs_out_before_refill(rate)


@given(steps=believable, refills=some_times)
def test_no_plausible_series_raises_an_error(steps: list[tuple[int, int]], refills: list[datetime]) -> None:
    predicted = of(series(steps), refills)

    assert predicted is None or predicted.week.per_day >= NOTHING


@given(samples=serieses, refills=some_times)
def test_within_a_segment_fast_time_never_rises_and_time_never_goes_back(
    samples: list[Sample], refills: list[datetime]
) -> None:
    pieces = split_at_refills(samples, refills)

    for earlier, later in (pair for piece in pieces for pair in pairwise(piece)):
        assert earlier.at < later.at
        assert earlier.left >= later.left
        assert not any(earlier.at < refill <= later.at for refill in refills)
    assert [piece[0].at for piece in pieces] == sorted(piece[0].at for piece in pieces)


@given(samples=serieses, refills=some_times, window=st.tuples(times(12), times(12)).map(sorted))
def test_use_is_never_negative_and_known_time_fits_the_window(
    samples: list[Sample], refills: list[datetime], window: list[datetime]
) -> None:
    since, until = window
    found = consumption(split_at_refills(samples, refills), since, until)

    assert found.time >= NOTHING
    assert NOTHING <= found.known <= until - since


@given(steps=believable, window=st.tuples(times(12), times(12), times(12)).map(sorted))
def test_two_adjacent_windows_add_up(steps: list[tuple[int, int]], window: list[datetime]) -> None:
    first, middle, last = window
    pieces = split_at_refills(series(steps), [])
    whole, before, after = (
        consumption(pieces, first, last),
        consumption(pieces, first, middle),
        consumption(pieces, middle, last),
    )

    assert before.known + after.known == whole.known
    assert abs(before.time + after.time - whole.time) < timedelta(milliseconds=1)


@given(steps=believable, refills=some_times, offset=st.timedeltas(-9000 * DAY, 9000 * DAY))
def test_the_date_does_not_matter(steps: list[tuple[int, int]], refills: list[datetime], offset: timedelta) -> None:
    samples = series(steps)
    moved = [Sample(sample.at + offset, sample.left, sample.total) for sample in samples]

    assert moved_by(of(samples, refills), offset) == of(moved, [at + offset for at in refills], NOON + offset)


def moved_by(predicted: Forecast | None, offset: timedelta) -> Forecast | None:
    """Shift a forecast by a duration."""
    if predicted is None:
        return None
    week, lately = (
        BurnRate(rate.per_day, rate.runs_out_at + offset if rate.runs_out_at is not None else None)
        for rate in (predicted.week, predicted.recent)
    )
    refill_at = predicted.refill_at + offset if predicted.refill_at is not None else None
    return Forecast(predicted.now + offset, predicted.left, predicted.share, refill_at, predicted.early, week, lately)


shuffled = believable.map(series).flatmap(lambda samples: st.tuples(st.just(samples), st.permutations(samples)))


@given(both=shuffled)
def test_the_order_of_the_samples_does_not_matter(both: tuple[list[Sample], list[Sample]]) -> None:
    ordered, mixed = both

    assert split_at_refills(mixed, []) == split_at_refills(ordered, [])


@given(
    a_day=st.timedeltas(timedelta(minutes=5), 3 * DAY),
    left=st.timedeltas(timedelta(minutes=1), 30 * HOUR),
    gaps=st.lists(st.timedeltas(timedelta(seconds=10), 6 * HOUR), min_size=30, max_size=60),
)
def test_flat_use_is_forecast_exactly(a_day: timedelta, left: timedelta, gaps: list[timedelta]) -> None:
    at = NOON
    samples = [Sample(NOON - 8 * DAY, left + 8 * a_day, TOTAL)]
    for gap in gaps:
        at -= gap
        samples.append(Sample(at, left + a_day * ((NOON - at) / DAY), TOTAL))
    predicted = forecast(samples, left=left, total=TOTAL, refill_at=None, refills=[], now=NOON)

    assert predicted is not None
    for rate in (predicted.week, predicted.recent):
        assert abs(rate.per_day - a_day) < timedelta(seconds=1)
        assert rate.runs_out_at is None or abs((rate.runs_out_at - NOON) / (left / a_day * DAY) - 1) < 0.001


fortnights = st.lists(st.integers(0, 90), min_size=14 * 24, max_size=14 * 24)


@settings(max_examples=fewer_examples(3))
@given(falls=fortnights, refill=st.integers(1, 14 * 24 - 1))
def test_a_refill_costs_the_rate_at_most_its_hour(falls: list[int], refill: int) -> None:
    full = 600 * HOUR
    lefts = [full - timedelta(minutes=sum(falls[:number])) for number in range(len(falls) + 1)]
    start = NOON - len(falls) * HOUR
    plain = [Sample(start + number * HOUR, left, full) for number, left in enumerate(lefts)]
    refilled = [*plain[:refill], *(Sample(one.at, one.left + full, full) for one in plain[refill:])]
    without, with_one = of(plain, []), of(refilled, [])

    assert without is not None
    assert with_one is not None
    # An hour with at most 90 minutes used, averaged over the days of the window.
    assert abs(without.week.per_day - with_one.week.per_day) <= timedelta(minutes=90) / 6.9
    assert abs(without.recent.per_day - with_one.recent.per_day) <= timedelta(minutes=90) / 1.9
