"""The forecast: how long fast time lasts at the burn rate of the last 7 days, and at that of the last 2 days.

A burn rate is consumption over whole days that end now, so that every hour of the day has the same weight. Time of
unknown consumption is left out and does not count as time without consumption. docs/forecast.md has the reasoning, and
a comparison with other methods.
"""

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import zip_longest
from math import inf

_NOTHING = timedelta()
_DAY = timedelta(days=1)
# Two windows, like the multi-window burn rates of SRE practice: 7 days hold exactly one weekend and so are right for
# steady use, 2 days are right after a sudden rise. Neither suits all use (measured in docs/forecast.md).
_WEEK_DAYS = 7
_RECENT_DAYS = 2
# A whole day, less the time that a few cuts in the series may cost.
_MIN_KNOWN = timedelta(hours=20)
# A single sample this far below its neighbours is a misreading.
_OUTLIER = timedelta(minutes=30)
# No account has years of fast time, and sums of such numbers would overflow a timedelta.
_MAX_LEFT = timedelta(days=10_000)
# A forecast farther away than a yearly plan is not shown.
_HORIZON = timedelta(days=400)

# Alerts begin below 40 %, where both windows must agree; one window alone would alert after one busy day, or long after
# a rise is over. Below 20 %, and within 4 hours at the faster rate, an alert is urgent.
_LIKELY_BELOW_SHARE = 0.4
_IMMINENT_BELOW_SHARE = 0.2
_IMMINENT_WITHIN = timedelta(hours=4)

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_FIVE_MINUTES = timedelta(minutes=5)
_HOUR = timedelta(hours=1)
_WHOLE_DAYS_BEYOND = timedelta(days=14)


@dataclass(frozen=True, slots=True)
class Sample:
    """The fast time left at one time. `total` is None if unknown."""

    at: datetime
    left: timedelta
    total: timedelta | None = None


@dataclass(frozen=True, slots=True)
class Consumption:
    """Fast time used within a window, and the part of the window for which that is known."""

    time: timedelta
    known: timedelta


@dataclass(frozen=True, slots=True)
class BurnRate:
    """Fast time used per day, and when it runs out at that rate; None if more than 400 days away."""

    per_day: timedelta
    runs_out_at: datetime | None


@dataclass(frozen=True, slots=True)
class Forecast:
    """How long the fast time left at `now` lasts. `share` is of the total, 0 to 1 or more; None if it is unknown."""

    now: datetime
    left: timedelta
    share: float | None
    refill_at: datetime | None
    early: bool
    """Whether it is based on less than 7 days, or on a week of which more than half is unknown."""
    week: BurnRate
    """The rate of the last 7 days, or of as many whole days as there are samples for."""
    recent: BurnRate
    """The rate of the last 2 days; the rate of the week if too little of the 2 days is known."""

    @property
    def faster(self) -> BurnRate:
        """The rate at which fast time runs out first."""
        return max(self.recent, self.week, key=lambda rate: rate.per_day)

    def shortfall(self, rate: BurnRate) -> timedelta | None:
        """Return how long before the refill it runs out at this rate; None if it lasts or no refill is known."""
        if rate.runs_out_at is None or self.refill_at is None or rate.runs_out_at >= self.refill_at:
            return None
        return self.refill_at - rate.runs_out_at

    def runs_out_before_refill(self, rate: BurnRate) -> bool:
        """Whether it runs out before the refill at this rate; False if no refill is known."""
        return self.shortfall(rate) is not None


def forecast(
    samples: Iterable[Sample],
    *,
    left: timedelta,
    total: timedelta | None,
    refill_at: datetime | None,
    refills: Sequence[datetime],
    now: datetime,
) -> Forecast | None:
    """Return the forecast from a token's samples and what was left at `now`; None if nothing is left or known.

    At least a day of known consumption is needed. Only the last 7 days and the sample before them are used. `refills`
    are the past ones, and `refill_at` is the next one.
    """
    past = [sample for sample in samples if sample.at < now]
    days = min(_WEEK_DAYS, (now - min(sample.at for sample in past)) // _DAY) if past else 0
    if left <= _NOTHING:
        return None
    segments = split_at_refills([*past, Sample(now, left, total)], refills)
    week = consumption(segments, now - days * _DAY, now)
    week_rate = _daily_rate(week)
    if week_rate is None:
        return None
    recent_rate = _daily_rate(consumption(segments, now - min(_RECENT_DAYS, days) * _DAY, now))
    return Forecast(
        now=now,
        left=left,
        share=left / total if total else None,
        refill_at=refill_at,
        early=days < _WEEK_DAYS or week.known < _WEEK_DAYS * _DAY / 2,
        week=_burn_rate(week_rate, left, now),
        recent=_burn_rate(recent_rate if recent_rate is not None else week_rate, left, now),
    )


def split_at_refills(samples: Iterable[Sample], refills: Sequence[datetime]) -> list[list[Sample]]:
    """Split a series into segments in which fast time was only used, so that no sample is above the one before it.

    The samples may come in any order; of several at the same time the last one counts. The series is cut at each
    refill, where the total changes and where more is left than before. It is also cut after nothing was left, because
    that time says nothing about the burn rate. Outliers are dropped.
    """
    refills = sorted(refills)
    segments: list[list[Sample]] = []
    for sample in _without_outliers(_sorted_with_totals(samples), refills):
        before = segments[-1][-1] if segments else None
        if before is None or not before.left or sample.left > before.left or not _same_fill(before, sample, refills):
            segments.append([])
        segments[-1].append(sample)
    return segments


def consumption(segments: Iterable[Sequence[Sample]], since: datetime, until: datetime) -> Consumption:
    """Return the consumption within a window, with linear interpolation between the samples of a segment."""
    time, known = _NOTHING, _NOTHING
    for segment in segments:
        start, end = max(since, segment[0].at), min(until, segment[-1].at)
        if start < end:
            time += max(_left_at(segment, start) - _left_at(segment, end), _NOTHING)
            known += end - start
    return Consumption(time, known)


def round_to_confidence(runs_out_at: datetime, now: datetime) -> datetime:
    """Round a forecast time to its precision: to 5 minutes within a day, to the hour within 14 days, else to the day.

    A day is represented by noon UTC, which nearly every time zone shows as the same date. The result is not before
    `now`.
    """
    away = runs_out_at - now
    if away > _WHOLE_DAYS_BEYOND:
        return _EPOCH + (runs_out_at - _EPOCH) // _DAY * _DAY + _DAY / 2
    step = _FIVE_MINUTES if away < _DAY else _HOUR
    nearest = _EPOCH + (runs_out_at - _EPOCH + step / 2) // step * step
    return nearest if nearest >= now else nearest + step


def is_run_out_likely(forecast: Forecast) -> bool:
    """Whether a run-out before the refill is worth an alert: below 40 %, and at the rates of both windows."""
    return (
        not forecast.early
        and _is_below(forecast, _LIKELY_BELOW_SHARE)
        and forecast.runs_out_before_refill(forecast.week)
        and forecast.runs_out_before_refill(forecast.recent)
    )


def is_run_out_imminent(forecast: Forecast) -> bool:
    """Whether that alert is urgent: below 20 %, and a run-out within 4 hours at the faster rate."""
    runs_out_at = forecast.faster.runs_out_at
    return (
        is_run_out_likely(forecast)
        and _is_below(forecast, _IMMINENT_BELOW_SHARE)
        and runs_out_at is not None
        and runs_out_at - forecast.now <= _IMMINENT_WITHIN
    )


def _is_below(forecast: Forecast, share: float) -> bool:
    return forecast.share is not None and forecast.share < share


def _sorted_with_totals(samples: Iterable[Sample]) -> list[Sample]:
    """Return the samples in order of time, with the last known total carried forward: an unknown total is no change."""
    by_time = {sample.at: sample for sample in samples if _NOTHING <= sample.left <= _MAX_LEFT}
    ordered, total = [], None
    for _, sample in sorted(by_time.items()):
        total = sample.total or total
        ordered.append(Sample(sample.at, sample.left, total))
    return ordered


def _without_outliers(samples: Sequence[Sample], refills: Sequence[datetime]) -> list[Sample]:
    """Return the samples without outliers. Each is compared with the last one kept, which is not an outlier itself."""
    kept = list(samples[:1])
    for sample, after in zip_longest(samples[1:], samples[2:]):
        if after is None or not _is_outlier(kept[-1], sample, after, refills):
            kept.append(sample)
    return kept


def _is_outlier(before: Sample, sample: Sample, after: Sample, refills: Sequence[datetime]) -> bool:
    """Whether a sample is a single jump up, or a single drop of over 30 minutes, in an otherwise continuous series.

    The low point before a refill is not an outlier, since more is left after it than before.
    """
    is_continuous = after.left <= before.left and _same_fill(before, after, refills)
    return is_continuous and (sample.left > before.left or after.left - sample.left > _OUTLIER)


def _same_fill(before: Sample, after: Sample, refills: Sequence[datetime]) -> bool:
    """Whether two samples have no refill and no change of the total between them. `refills` must be sorted."""
    same_total = before.total is None or before.total == after.total
    return same_total and bisect_right(refills, before.at) == bisect_right(refills, after.at)


def _left_at(segment: Sequence[Sample], at: datetime) -> timedelta:
    """Return what was left at a time within a segment, by linear interpolation."""
    after = bisect_right(segment, at, key=lambda sample: sample.at)
    if after == len(segment):
        return segment[-1].left
    earlier, later = segment[after - 1], segment[after]
    return earlier.left - (earlier.left - later.left) * ((at - earlier.at) / (later.at - earlier.at))


def _daily_rate(window: Consumption) -> timedelta | None:
    """Return the consumption per day; None if too little of the window is known."""
    return window.time * (_DAY / window.known) if window.known >= _MIN_KNOWN else None


def _burn_rate(per_day: timedelta, left: timedelta, now: datetime) -> BurnRate:
    days = left / per_day if per_day > _NOTHING else inf
    return BurnRate(per_day, now + days * _DAY if days <= _HORIZON / _DAY else None)
