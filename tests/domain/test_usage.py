"""Usage: how a history is summarized in a few numbers."""

from datetime import datetime, timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from bot.domain.forecast import Sample
from bot.domain.modes import Mode
from bot.domain.usage import ModePeriod, mode_periods, summarize_usage, usage_by_step
from tests.clocks import NOON

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


def at(hours: float) -> datetime:
    return NOON + hours * HOUR


def samples(*lefts: float, total: float | None = 15) -> list[Sample]:
    """Return hourly samples with these hours left."""
    of_total = total * HOUR if total is not None else None
    return [Sample(at(number), left * HOUR, of_total) for number, left in enumerate(lefts)]


# --- Mode periods


def test_unchanged_modes_make_one_period() -> None:
    seen = [(at(0), Mode.FAST), (at(1), Mode.FAST), (at(2), Mode.RELAX), (at(3), Mode.RELAX), (at(4), Mode.FAST)]

    assert mode_periods(seen, NOON, at(6)) == [
        ModePeriod(Mode.FAST, NOON, at(2)),
        ModePeriod(Mode.RELAX, at(2), at(4)),
        ModePeriod(Mode.FAST, at(4), at(6)),
    ]


def test_the_mode_before_the_window_holds_at_its_start() -> None:
    seen = [(at(-5), Mode.BANNED), (at(-3), Mode.RELAX), (at(2), Mode.FAST)]

    assert mode_periods(seen, NOON, at(4)) == [ModePeriod(Mode.RELAX, NOON, at(2)), ModePeriod(Mode.FAST, at(2), at(4))]


def test_before_the_first_sample_nothing_is_known() -> None:
    assert mode_periods([(at(3), Mode.FAST)], NOON, at(4)) == [ModePeriod(Mode.FAST, at(3), at(4))]
    assert mode_periods([], NOON, at(4)) == []


def test_a_change_at_the_end_is_included() -> None:
    seen = [(at(0), Mode.FAST), (at(4), Mode.BANNED)]

    assert mode_periods(seen, NOON, at(4))[-1] == ModePeriod(Mode.BANNED, at(4), at(4))


@given(st.lists(st.tuples(st.integers(-50, 50), st.sampled_from(Mode)), unique_by=lambda one: one[0]))
def test_periods_are_contiguous_and_differ(seen: list[tuple[int, Mode]]) -> None:
    found = mode_periods([(at(hours), mode) for hours, mode in seen], NOON, at(20))

    assert all(one.since >= NOON and one.since <= one.until for one in found)
    assert all(before.until == after.since and before.mode is not after.mode for before, after in pairwise(found))
    assert not found or found[-1].until == at(20)
    assert bool(found) == any(hours <= 20 for hours, _ in seen)


# --- Totals


def test_usage_is_the_decrease_whatever_was_refilled() -> None:
    course = summarize_usage(samples(10, 8, 5, 15, 14), (), (), NOON, at(4))

    assert (course.first, course.last) == (10 * HOUR, 14 * HOUR)
    assert course.used == 6 * HOUR
    assert course.refills == (at(3),)


def test_a_planned_refill_is_at_its_planned_time() -> None:
    course = summarize_usage(samples(5, 4, 15, 14), (), [at(1.25), at(70)], NOON, at(3))

    assert course.refills == (at(1.25),)


def test_bought_hours_are_at_the_time_they_were_observed() -> None:
    assert summarize_usage(samples(5, 4, 15, 14), (), [at(70)], NOON, at(3)).refills == (at(2),)


def test_the_plan_shows_a_refill_without_a_visible_rise() -> None:
    """A refill of a full plan is invisible, and need not be reported."""
    assert summarize_usage(samples(15, 15, 15), (), [at(0.5)], NOON, at(2)).refills == ()


def test_a_changed_total_alone_is_no_refill() -> None:
    smaller = [*samples(10, 9), Sample(at(2), 9 * HOUR, 10 * HOUR)]

    assert summarize_usage(smaller, (), (), NOON, at(2)).refills == ()


def test_daily_usage_needs_at_least_a_day() -> None:
    of_a_day = [Sample(NOON + number * HOUR, (15 - number / 8) * HOUR, 15 * HOUR) for number in range(26)]

    assert summarize_usage(of_a_day, (), (), NOON, at(25)).per_day == 3 * HOUR
    assert summarize_usage(of_a_day[:20], (), (), NOON, at(19)).per_day is None


def test_no_samples_give_no_summary() -> None:
    course = summarize_usage([], (), (), NOON, at(5))

    assert (course.first, course.last, course.used, course.per_day) == (None, None, None, None)
    assert (course.refills, course.times_out, course.out_for) == ((), 0, timedelta())


def test_a_single_sample_shows_the_remainder_but_no_usage() -> None:
    course = summarize_usage(samples(10), (), (), NOON, at(5))

    assert (course.first, course.last, course.used) == (10 * HOUR, 10 * HOUR, None)


def test_changing_modes_out_of_fast_counts_once() -> None:
    modes = mode_periods(
        [(at(0), Mode.FAST), (at(1), Mode.RELAX), (at(2), Mode.BANNED), (at(5), Mode.FAST), (at(8), Mode.OFF)],
        NOON,
        at(10),
    )
    course = summarize_usage([], modes, (), NOON, at(10))

    assert course.times_out == 2
    assert course.out_for == 6 * HOUR


def test_starting_out_of_fast_counts() -> None:
    course = summarize_usage([], [ModePeriod(Mode.GONE, NOON, at(3))], (), NOON, at(3))

    assert (course.times_out, course.out_for) == (1, 3 * HOUR)


# --- Usage by step


def test_each_step_has_its_usage_as_a_share_of_the_busiest() -> None:
    assert usage_by_step(samples(15, 14, 13, 9, 5), (), NOON, at(4), 2) == [0.25, 1.0]


def test_a_step_known_by_less_than_half_is_unknown() -> None:
    assert usage_by_step(samples(15, 12), (), NOON, at(4), 2) == [1.0, None]
    assert usage_by_step(samples(15, 12), (), NOON, at(6), 2) == [None, None]
    assert usage_by_step([], (), NOON, at(4), 2) == [None, None]


def test_steps_with_nothing_left_are_unknown() -> None:
    assert usage_by_step(samples(4, 0, 0, 0, 0), (), NOON, at(4), 4) == [1.0, None, None, None]


def test_a_refill_is_not_usage() -> None:
    assert usage_by_step(samples(5, 3, 15, 13), (at(1.5),), NOON, at(3), 3) == [1.0, None, 1.0]


def test_without_usage_every_step_is_zero() -> None:
    assert usage_by_step(samples(8, 8, 8), (), NOON, at(2), 2) == [0.0, 0.0]


_HOURS = st.integers(0, 200).map(lambda number: number * HOUR)
_SERIES = st.lists(
    st.builds(Sample, st.integers(-60, 600).map(lambda minutes: NOON + timedelta(minutes=minutes)), _HOURS, _HOURS)
)


@given(_SERIES, st.integers(1, 40))
def test_steps_are_shares_or_unknown(series: list[Sample], number: int) -> None:
    found = usage_by_step(series, (), NOON, at(8), number)

    assert len(found) == number
    assert all(share is None or 0 <= share <= 1 for share in found)


@given(_SERIES)
def test_no_series_has_negative_usage(series: list[Sample]) -> None:
    course = summarize_usage(series, (), (), NOON, at(8))

    assert course.used is None or course.used >= timedelta()
    assert (course.first is None) == (course.last is None)
