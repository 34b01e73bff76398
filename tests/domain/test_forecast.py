"""The forecast, by examples that can be calculated by hand."""

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import accumulate

import pytest

from bot.domain.forecast import (
    BurnRate,
    Consumption,
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
from tests.domain.token_course import HOUR, MINUTE

DAY = timedelta(days=1)
NOTHING = timedelta()


def hourly(*left: float, total: float = 100, start: datetime = NOON) -> list[Sample]:
    """Return hourly samples with these hours left, of a plan of 100 hours."""
    return [Sample(start + number * HOUR, hours * HOUR, total * HOUR) for number, hours in enumerate(left)]


def hours(samples: Iterable[Sample]) -> list[float]:
    return [sample.left / HOUR for sample in samples]


def cut(*left: float, refills: Iterable[datetime] = ()) -> list[list[float]]:
    return [hours(piece) for piece in split_at_refills(hourly(*left), list(refills))]


def hourly_history(days: float, use: Callable[[datetime], float], left: float = 100) -> list[Sample]:
    """Return hourly samples for a number of days until NOON; the last has `left` hours left. `use` returns the usage of
    the hour that starts at a time.
    """
    start = NOON - round(days * 24) * HOUR
    starts = [start + number * HOUR for number in range(round(days * 24))]
    before = left + sum(use(at) for at in starts)
    return hourly(
        *accumulate((use(at) for at in starts), lambda sum_, used_: sum_ - used_, initial=before), start=start
    )


def steadily(daily: float) -> Callable[[datetime], float]:
    return lambda at: daily / 24


def ahead(
    samples: list[Sample],
    *,
    refill_at: datetime | None = None,
    refills: Iterable[datetime] = (),
    now: datetime = NOON,
) -> Forecast | None:
    last = samples[-1]
    return forecast(samples, left=last.left, total=last.total, refill_at=refill_at, refills=list(refills), now=now)


def sure(predicted: Forecast | None) -> Forecast:
    assert predicted is not None
    return predicted


def daily(rate: BurnRate) -> float:
    return round(rate.per_day / HOUR, 6)


def days_to(at: datetime | None, since: datetime = NOON) -> float:
    assert at is not None
    return round((at - since) / DAY, 6)


# Where a series is cut.


def test_a_decreasing_series_is_one_segment() -> None:
    assert cut(10, 9, 9, 8.5, 8) == [[10, 9, 9, 8.5, 8]]
    assert cut() == []


def test_bought_hours_start_a_segment() -> None:
    assert cut(10, 9, 14, 13, 12) == [[10, 9], [14, 13, 12]]


def test_a_rise_in_the_last_sample_starts_a_segment() -> None:
    assert cut(10, 9, 14) == [[10, 9], [14]]


@pytest.mark.parametrize("jump", [9.1, 14, 200])
def test_a_single_sample_above_the_others_is_dropped(jump: float) -> None:
    assert cut(10, 9, jump, 8.5, 8) == [[10, 9, 8.5, 8]]
    assert cut(10, 9, jump, 9, 8) == [[10, 9, 9, 8]]


@pytest.mark.parametrize("jump", [0, 3, 8.49])
def test_a_single_sample_far_below_the_others_is_dropped(jump: float) -> None:
    assert cut(10, 9.1, jump, 9, 8) == [[10, 9.1, 9, 8]]
    assert cut(10, 9, jump, 9, 8) == [[10, 9, 9, 8]]


def test_a_single_sample_half_an_hour_below_the_others_is_kept() -> None:
    assert cut(10, 9, 8.5, 9, 8.9) == [[10, 9, 8.5], [9, 8.9]]


def test_the_low_point_before_a_refill_is_kept() -> None:
    assert cut(5, 3, 15, 14) == [[5, 3], [15, 14]]


def test_heavy_steady_use_is_no_jump() -> None:
    assert cut(50, 45, 40, 35, 30) == [[50, 45, 40, 35, 30]]


def test_outliers_alternating_with_good_samples_are_dropped() -> None:
    assert cut(10, 10, 3, 10, 3, 10, 90, 9) == [[10, 10, 10, 10, 9]]


def test_a_refill_without_a_rise_splits_segments() -> None:
    refill = NOON + 90 * MINUTE

    assert cut(10, 9, 8, 7, refills=[refill]) == [[10, 9], [8, 7]]


def test_a_refill_belongs_to_the_sample_at_its_time() -> None:
    assert cut(10, 9, 8, 7, refills=[NOON + 2 * HOUR]) == [[10, 9], [8, 7]]


def test_refills_may_come_in_any_order() -> None:
    refills = [NOON + 2 * HOUR, NOON + 9 * HOUR, NOON + HOUR, NOON - DAY]

    assert cut(10, 9, 8, 7, refills=refills) == [[10], [9], [8, 7]]


def test_a_refill_used_at_once_is_no_outlier() -> None:
    assert cut(14, 15, 13, 12, refills=[NOON + 30 * MINUTE]) == [[14], [15, 13, 12]]


def test_a_changed_total_starts_a_segment() -> None:
    samples = [*hourly(10, 9), *hourly(8, 7, total=200, start=NOON + 2 * HOUR)]

    assert [hours(piece) for piece in split_at_refills(samples, [])] == [[10, 9], [8, 7]]


def test_a_low_point_before_a_changed_total_is_kept() -> None:
    samples = [*hourly(10, 6), *hourly(9, 8, total=200, start=NOON + 2 * HOUR)]

    assert [hours(piece) for piece in split_at_refills(samples, [])] == [[10, 6], [9, 8]]


def test_a_missing_total_is_no_change() -> None:
    unsaid = replace(hourly(8)[0], at=NOON + 2 * HOUR, total=None)
    first_unsaid = replace(hourly(11)[0], at=NOON - HOUR, total=None)
    same = [first_unsaid, *hourly(10, 9), unsaid, *hourly(7, start=NOON + 3 * HOUR)]
    changed = [*same[:-1], *hourly(7, total=200, start=NOON + 3 * HOUR)]

    assert [hours(piece) for piece in split_at_refills(same, [])] == [[11, 10, 9, 8, 7]]
    assert [hours(piece) for piece in split_at_refills(changed, [])] == [[11, 10, 9, 8], [7]]


def test_time_with_nothing_left_is_excluded() -> None:
    assert cut(2, 1, 0, 0, 0, 15, 14) == [[2, 1, 0], [0], [0], [15, 14]]


def test_samples_may_come_in_any_order() -> None:
    samples = hourly(10, 9, 8, 7)

    assert split_at_refills(samples[::-1], []) == split_at_refills(samples, [])


def test_of_two_samples_at_the_same_time_the_last_counts() -> None:
    samples = hourly(10, 9, 8)

    assert split_at_refills([*samples, replace(samples[1], left=8.5 * HOUR)], []) == split_at_refills(
        hourly(10, 8.5, 8), []
    )


@pytest.mark.parametrize("left", [-HOUR, timedelta(days=10_000, microseconds=1)])
def test_implausible_samples_are_skipped(left: timedelta) -> None:
    samples = hourly(10, 9, 8)
    absurd = replace(samples[1], at=NOON + 30 * MINUTE, left=left)

    assert split_at_refills([*samples, absurd], []) == split_at_refills(samples, [])


# What was used.


def test_decreases_are_summed_over_segments() -> None:
    pieces = split_at_refills(hourly(10, 9, 7, 15, 14, 14), [])

    assert consumption(pieces, NOON, NOON + 5 * HOUR) == Consumption(4 * HOUR, known=4 * HOUR)


def test_use_is_interpolated_at_the_edges_of_a_window() -> None:
    pieces = split_at_refills(hourly(10, 8, 7, 6), [])

    assert consumption(pieces, NOON + 15 * MINUTE, NOON + 90 * MINUTE) == Consumption(2 * HOUR, known=75 * MINUTE)


def test_time_before_the_first_sample_and_after_the_last_is_unknown() -> None:
    pieces = split_at_refills(hourly(10, 8), [])

    assert consumption(pieces, NOON - DAY, NOON + DAY) == Consumption(2 * HOUR, known=HOUR)
    assert (
        consumption(pieces, NOON - DAY, NOON)
        == consumption(pieces, NOON + HOUR, NOON + DAY)
        == Consumption(NOTHING, known=NOTHING)
    )
    assert consumption([], NOON, NOON + DAY) == Consumption(NOTHING, known=NOTHING)


def test_time_across_a_cut_is_unknown() -> None:
    pieces = split_at_refills(hourly(10, 8, 20, 19), [])

    assert consumption(pieces, NOON + 90 * MINUTE, NOON + 150 * MINUTE) == Consumption(0.5 * HOUR, known=0.5 * HOUR)


def test_use_in_a_gap_is_known_from_its_ends() -> None:
    samples = [Sample(NOON, 10 * HOUR), Sample(NOON + 2 * DAY, 6 * HOUR)]

    assert consumption(split_at_refills(samples, []), NOON, NOON + 2 * DAY) == Consumption(4 * HOUR, known=2 * DAY)
    assert consumption(split_at_refills(samples, []), NOON, NOON + DAY) == Consumption(2 * HOUR, known=DAY)


# The forecast.


def test_steady_use_is_extrapolated() -> None:
    predicted = sure(ahead(hourly_history(14, steadily(4), left=10), refill_at=NOON + 5 * DAY))

    assert (daily(predicted.week), daily(predicted.recent)) == (4, 4)
    assert days_to(predicted.week.runs_out_at) == days_to(predicted.recent.runs_out_at) == 2.5
    assert (predicted.now, predicted.left, predicted.share) == (NOON, 10 * HOUR, 0.1)
    assert not predicted.early


def test_the_two_rates_are_of_the_last_week_and_the_last_two_days() -> None:
    rising = hourly_history(14, lambda at: (10 if NOON - at <= 2 * DAY else 3 if NOON - at <= 7 * DAY else 90) / 24)
    predicted = sure(ahead(rising))

    assert daily(predicted.week) == 5
    assert daily(predicted.recent) == 10
    assert predicted.faster is predicted.recent
    assert (days_to(predicted.week.runs_out_at), days_to(predicted.recent.runs_out_at)) == (20, 10)


def test_the_faster_rate_is_the_weeks_after_two_quiet_days() -> None:
    predicted = sure(ahead(hourly_history(14, lambda at: 0.1 if NOON - at <= 2 * DAY else 0.5)))

    assert predicted.faster is predicted.week


def _by_day(at: datetime) -> float:
    return 0.5 if 8 <= at.hour < 18 else 0


def _office_hours(at: datetime) -> float:
    return _by_day(at) if at.weekday() < 5 else 0


@pytest.mark.parametrize("days", [1, 2, 3.5, 14])
def test_every_hour_of_the_day_counts_equally(days: float) -> None:
    whole = hourly_history(days + 1, _by_day)
    for hour in range(24):
        samples = [sample for sample in whole if sample.at <= NOON - DAY + hour * HOUR]
        predicted = sure(ahead(samples, now=samples[-1].at))
        assert (daily(predicted.week), daily(predicted.recent)) == (5, 5), hour


@pytest.mark.parametrize("weekday", range(7))
def test_a_week_has_one_weekend_whenever_it_ends(weekday: int) -> None:
    samples = [sample for sample in hourly_history(21, _office_hours) if sample.at <= NOON - weekday * DAY]

    assert daily(sure(ahead(samples, now=samples[-1].at)).week) == round(25 / 7, 6)


def test_a_partial_day_does_not_count() -> None:
    """Of 3 days and 20 hours, the last 3 days count: the twenty hours before them were idle like a night."""
    predicted = sure(ahead(hourly_history(3 + 20 / 24, lambda at: 0 if NOON - at > 3 * DAY else 0.25)))

    assert daily(predicted.week) == 6


def test_both_rates_use_one_day_below_two_days() -> None:
    predicted = sure(ahead(hourly_history(1.9, lambda at: 0.25 if NOON - at <= DAY else 1)))

    assert (daily(predicted.week), daily(predicted.recent)) == (6, 6)


def test_less_than_a_day_gives_no_forecast() -> None:
    assert ahead(hourly_history(23 / 24, steadily(4))) is None
    assert ahead(hourly_history(1, steadily(4))) is not None


def test_no_samples_give_no_forecast() -> None:
    assert forecast([], left=HOUR, total=HOUR, refill_at=None, refills=[], now=NOON) is None


@pytest.mark.parametrize("left", [NOTHING, -HOUR])
def test_nothing_left_gives_no_forecast(left: timedelta) -> None:
    assert (
        forecast(hourly_history(14, steadily(4)), left=left, total=HOUR, refill_at=None, refills=[], now=NOON) is None
    )


@pytest.mark.parametrize(("days", "early"), [(1, True), (6.9, True), (7, False), (28, False)])
def test_it_is_early_before_there_are_seven_days(days: float, early: bool) -> None:
    assert sure(ahead(hourly_history(days, steadily(4)))).early is early


def test_it_is_early_when_more_than_half_of_the_week_is_unknown() -> None:
    def away(since: timedelta, until: timedelta) -> Forecast:
        samples = [sample for sample in hourly_history(14, steadily(4)) if not since < NOON - sample.at < until]
        return sure(ahead(samples, refills=[NOON - 5 * DAY]))

    assert away(3.5 * DAY, 9 * DAY).early is False
    assert away(3 * DAY, 9 * DAY).early is True


def test_what_is_left_now_is_the_last_sample() -> None:
    """The last sample is an hour old; six hours were used since."""
    samples = hourly_history(7, steadily(0), left=50)[:-1]
    predicted = sure(forecast(samples, left=44 * HOUR, total=100 * HOUR, refill_at=None, refills=[], now=NOON))

    assert (daily(predicted.recent), predicted.left, predicted.share) == (3, 44 * HOUR, 0.44)


def test_samples_from_the_future_are_passed_over() -> None:
    later = [replace(sample, at=sample.at + 3 * DAY) for sample in hourly_history(10, steadily(4), left=10)]
    samples = [sample for sample in later if sample.at <= NOON]

    assert ahead(later[: len(samples)]) == sure(
        forecast(later, left=samples[-1].left, total=samples[-1].total, refill_at=None, refills=[], now=NOON)
    )


def test_without_use_it_never_runs_out() -> None:
    predicted = sure(ahead(hourly_history(14, steadily(0)), refill_at=NOON + 300 * DAY))

    assert predicted.week == predicted.recent == BurnRate(NOTHING, None)
    assert not predicted.runs_out_before_refill(predicted.week)


@pytest.mark.parametrize(("left", "known"), [(399.9, True), (400.1, False)])
def test_a_run_out_more_than_four_hundred_days_away_is_not_given(left: float, known: bool) -> None:
    assert (sure(ahead(hourly_history(14, steadily(1), left=left))).week.runs_out_at is not None) is known


def test_an_offline_token_used_nothing_in_that_time() -> None:
    off = hourly_history(14, lambda at: 0 if 2 * DAY < NOON - at <= 4 * DAY else 0.5)

    assert daily(sure(ahead(off)).week) == round(12 * 5 / 7, 6)
    assert daily(sure(ahead(off)).recent) == 12


def test_a_two_day_gap_is_known_from_the_difference() -> None:
    samples = [sample for sample in hourly_history(14, steadily(4)) if not DAY < NOON - sample.at < 3 * DAY]
    predicted = sure(ahead(samples))

    assert (daily(predicted.week), daily(predicted.recent)) == (4, 4)


def test_a_two_day_gap_with_a_refill_is_unknown() -> None:
    """Fast time refilled within the gap, but less is left after it than before: a fall that is not usage."""
    samples = [*hourly_history(14, steadily(4), left=90)[:-72], *hourly_history(1, steadily(6), left=20)]
    predicted = sure(ahead(samples, refills=[NOON - 2 * DAY]))

    assert daily(predicted.recent) == 6
    assert daily(predicted.week) == (1 * 6 + 4 * 4) / 5


def test_the_week_is_used_when_the_last_two_days_are_mostly_unknown() -> None:
    samples = [sample for sample in hourly_history(14, steadily(4)) if not 10 * HOUR < NOON - sample.at < 3 * DAY]
    predicted = sure(ahead([*samples[:-10], *hourly_history(10 / 24, steadily(24))], refills=[NOON - DAY]))

    assert predicted.recent == predicted.week


def test_too_little_data_gives_no_forecast() -> None:
    def known(hours: int) -> Forecast | None:
        samples = [Sample(NOON - 10 * DAY, 90 * HOUR), *hourly_history(hours / 24, steadily(4))]
        return ahead(samples, refills=[NOON - DAY])

    assert known(19) is None
    assert known(20) is not None


def test_a_renewal_does_not_change_the_rate() -> None:
    refill = NOON - 3 * DAY
    samples = [
        replace(sample, left=sample.left + (30 * HOUR if sample.at >= refill else NOTHING))
        for sample in hourly_history(14, steadily(4), left=10)
    ]
    predicted = sure(ahead(samples, refills=[refill]))

    assert (daily(predicted.week), daily(predicted.recent)) == (4, 4)
    assert days_to(predicted.week.runs_out_at) == 10


@pytest.mark.parametrize("at", [range(30, 400), range(335, 400)])
def test_bought_hours_do_not_change_the_rate(at: range) -> None:
    samples = [
        replace(sample, left=sample.left + (5 * HOUR if number in at else NOTHING))
        for number, sample in enumerate(hourly_history(14, steadily(4)))
    ]
    predicted = sure(ahead(samples))

    assert (daily(predicted.week), daily(predicted.recent)) == (4, 4)


@pytest.mark.parametrize("jump", [-50, 50])
def test_one_outlier_does_not_change_the_rate(jump: float) -> None:
    samples = hourly_history(14, steadily(4))
    samples[-20] = replace(samples[-20], left=samples[-20].left + jump * HOUR)
    predicted = sure(ahead(samples))

    assert (daily(predicted.week), daily(predicted.recent)) == (4, 4)


def test_days_with_nothing_left_do_not_lower_the_rate() -> None:
    """Twelve hours a day until empty, four days of waiting, and twelve hours a day again."""
    samples = [
        *hourly_history(3, steadily(12), left=0),
        *[Sample(NOON + number * HOUR, NOTHING, 100 * HOUR) for number in range(1, 95)],
        *hourly(*(100 - number / 2 for number in range(25)), start=NOON + 4 * DAY),
    ]
    predicted = sure(ahead(samples, now=NOON + 5 * DAY))

    assert (daily(predicted.week), daily(predicted.recent)) == (12, 12)


def test_a_changed_plan_is_not_use() -> None:
    smaller = [
        replace(sample, left=sample.left - 60 * HOUR, total=40 * HOUR) if NOON - sample.at < 3 * DAY else sample
        for sample in hourly_history(14, steadily(4))
    ]
    predicted = sure(ahead(smaller))

    assert (daily(predicted.week), predicted.share) == (4, 1)


def test_without_a_total_there_is_a_forecast_but_no_share() -> None:
    samples = [replace(sample, total=None) for sample in hourly_history(14, steadily(4), left=8)]
    predicted = sure(ahead(samples))

    assert (daily(predicted.week), days_to(predicted.week.runs_out_at), predicted.share) == (4, 2, None)


# The refill.


def at_rates(
    *, left: float = 15, week: float = 12, lately: float = 12, refill: float | None = 5, total: float | None = 100
) -> Forecast:
    """Return the forecast for these hours left, hours used a day, and days until the refill."""
    samples = hourly_history(
        14, lambda at: (lately if NOON - at <= 2 * DAY else (7 * week - 2 * lately) / 5) / 24, left=left
    )
    samples = [replace(sample, total=total * HOUR if total is not None else None) for sample in samples]
    return sure(ahead(samples, refill_at=NOON + refill * DAY if refill is not None else None))


def test_it_says_how_long_before_the_refill_it_runs_out() -> None:
    predicted = at_rates(left=24, week=12, lately=4, refill=5)

    assert days_to(predicted.week.runs_out_at) == 2
    assert round(sure_of(predicted.shortfall(predicted.week)) / DAY, 6) == 3
    assert predicted.runs_out_before_refill(predicted.week)


def sure_of(duration: timedelta | None) -> timedelta:
    assert duration is not None
    return duration


@pytest.mark.parametrize(("lately", "refill"), [(4, 5), (4, 6), (4, None), (4, -1)])
def test_lasting_until_the_refill_is_no_shortfall(lately: float, refill: float | None) -> None:
    predicted = at_rates(left=24, week=12, lately=lately, refill=refill)

    assert predicted.shortfall(predicted.recent) is None
    assert not predicted.runs_out_before_refill(predicted.recent)


def test_a_shortfall_needs_both_rates() -> None:
    assert is_run_out_likely(at_rates(left=15, week=12, lately=12))
    assert not is_run_out_likely(at_rates(left=15, week=12, lately=1))
    assert not is_run_out_likely(at_rates(left=15, week=2, lately=6))


def test_no_refill_or_an_earlier_one_means_it_lasts() -> None:
    assert not is_run_out_likely(at_rates(refill=None))
    assert not is_run_out_likely(at_rates(left=15, week=12, lately=12, refill=1))


@pytest.mark.parametrize(("left", "alerted"), [(39.9, True), (40, False), (90, False)])
def test_with_forty_percent_left_there_is_no_alert(left: float, alerted: bool) -> None:
    assert is_run_out_likely(at_rates(left=left, refill=20)) is alerted


def test_without_a_total_there_is_no_alert() -> None:
    assert not is_run_out_likely(at_rates(total=None))


def test_an_early_forecast_causes_no_alert() -> None:
    early = hourly_history(6.9, steadily(12), left=15)
    known = hourly_history(7, steadily(12), left=15)

    assert not is_run_out_likely(sure(ahead(early, refill_at=NOON + 5 * DAY)))
    assert is_run_out_likely(sure(ahead(known, refill_at=NOON + 5 * DAY)))


@pytest.mark.parametrize(
    ("left", "week", "lately", "soon"),
    [
        (2, 12, 12.1, True),
        (2, 12.1, 6, True),
        (2.1, 12, 12, False),
        (19.9, 60, 120, True),
        (20, 60, 120, False),
        (2, 12, 0.1, False),
    ],
)
def test_run_out_is_imminent_when_little_is_left_and_gone_within_four_hours(
    left: float, week: float, lately: float, soon: bool
) -> None:
    assert is_run_out_imminent(at_rates(left=left, week=week, lately=lately)) is soon


# Rounding.


@pytest.mark.parametrize(
    ("away", "alerted"),
    [
        (timedelta(minutes=62), timedelta(minutes=60)),
        (timedelta(minutes=63), timedelta(minutes=65)),
        (timedelta(hours=23, minutes=57, seconds=29), timedelta(hours=23, minutes=55)),
        (timedelta(days=1, minutes=29), timedelta(days=1)),
        (timedelta(days=1, minutes=31), timedelta(days=1, hours=1)),
        (timedelta(days=13, hours=22, minutes=1), timedelta(days=13, hours=22)),
        (timedelta(days=14, hours=2), timedelta(days=14)),
        (timedelta(days=20, hours=11, minutes=59), timedelta(days=20)),
        (timedelta(days=20, hours=12), timedelta(days=21)),
        (timedelta(days=20, hours=-12), timedelta(days=20)),
    ],
)
def test_farther_times_are_rounded_more(away: timedelta, alerted: timedelta) -> None:
    assert round_to_confidence(NOON + away, NOON) == NOON + alerted


@pytest.mark.parametrize("seconds", [0, 1, 140, 160])
def test_a_time_is_never_rounded_into_the_past(seconds: int) -> None:
    now = NOON + MINUTE

    assert round_to_confidence(now + timedelta(seconds=seconds), now) == NOON + 5 * MINUTE


def test_noon_is_the_same_date_in_nearly_every_zone() -> None:
    alerted = round_to_confidence(NOON + 20 * DAY + 11 * HOUR, NOON)

    for offset in range(-12, 12):
        assert (alerted + offset * HOUR).date() == (NOON + 20 * DAY).date()
