"""The forecast: how long fast time lasts at the pace of the last week, and at that of the last two days.

What was used is counted over whole days that end now, so that each hour of the day counts as often as any other. Where
it is not known what was used, that time is left out: it is no time in which nothing was.
"""

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import zip_longest
from math import inf

_NOTHING = timedelta()
_DAY = timedelta(days=1)
_WEEK_DAYS = 7
_RECENT_DAYS = 2
# A day, less what a few cuts may cost of it.
_MIN_KNOWN = timedelta(hours=20)
_OUTLIER = timedelta(minutes=30)
# No account has years of fast time, and sums of such numbers would overflow.
_MAX_LEFT = timedelta(days=10_000)
_HORIZON = timedelta(days=400)

_LIKELY_BELOW_SHARE = 0.4
_IMMINENT_BELOW_SHARE = 0.2
_IMMINENT_WITHIN = timedelta(hours=4)

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_FIVE_MINUTES = timedelta(minutes=5)
_HOUR = timedelta(hours=1)
_WHOLE_DAYS_BEYOND = timedelta(days=14)


@dataclass(frozen=True, slots=True)
class Sample:
    """The fast time that was left at one time; `total` is None where it was not said."""

    at: datetime
    left: timedelta
    total: timedelta | None = None


@dataclass(frozen=True, slots=True)
class Consumption:
    """Fast time used within a window, and how much of the window that is known of."""

    time: timedelta
    known: timedelta


@dataclass(frozen=True, slots=True)
class BurnRate:
    """Fast time used a day, and when it is gone at that pace; None where that is more than 400 days away."""

    per_day: timedelta
    runs_out_at: datetime | None


@dataclass(frozen=True, slots=True)
class Forecast:
    """How long the fast time lasts that was left at `now`; `share` and `refill_at` are None where not known."""

    now: datetime
    left: timedelta
    share: float | None
    refill_at: datetime | None
    early: bool
    """It rests on less than 7 days, or on a week of which more than half is unknown."""
    week: BurnRate
    """At the pace of the last 7 days, or of as many whole days as are known."""
    recent: BurnRate
    """At the pace of the last 2 days; the week's where too little of them is known."""

    @property
    def faster(self) -> BurnRate:
        """The pace at which the fast time is gone first."""
        return max(self.recent, self.week, key=lambda pace: pace.per_day)

    def shortfall(self, rate: BurnRate) -> timedelta | None:
        """Tell how long before the refill it is gone at this pace; None where it lasts or no refill is known."""
        if rate.runs_out_at is None or self.refill_at is None or rate.runs_out_at >= self.refill_at:
            return None
        return self.refill_at - rate.runs_out_at

    def runs_out_before_refill(self, rate: BurnRate) -> bool:
        """Tell whether it is gone before it comes back, as far as is known."""
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
    """Forecast from a token's samples and what was left at `now`. `refills` are past ones, `refill_at` is the next.

    None where nothing is left or less than a day is known. Only the last 7 days and the sample before them are needed.
    """
    past = [sample for sample in samples if sample.at < now]
    days = min(_WEEK_DAYS, (now - min(sample.at for sample in past)) // _DAY) if past else 0
    if left <= _NOTHING:
        return None
    pieces = split_at_refills([*past, Sample(now, left, total)], refills)
    whole = consumption(pieces, now - days * _DAY, now)
    a_day = _daily_rate(whole)
    if a_day is None:
        return None
    lately = _daily_rate(consumption(pieces, now - min(_RECENT_DAYS, days) * _DAY, now))
    return Forecast(
        now=now,
        left=left,
        share=left / total if total else None,
        refill_at=refill_at,
        early=days < _WEEK_DAYS or whole.known < _WEEK_DAYS * _DAY / 2,
        week=_burn_rate(a_day, left, now),
        recent=_burn_rate(lately if lately is not None else a_day, left, now),
    )


def split_at_refills(samples: Iterable[Sample], refills: Sequence[datetime]) -> list[list[Sample]]:
    """Cut a series into stretches in which fast time was only used: in none of them is a sample above the one before.

    The samples may come in any order; of several at one time the last given counts. It is cut at each refill, where the
    total changes and where more is left than before. After the last of the fast time it is cut too: what nobody could
    use says nothing of the pace. Single samples that do not fit their neighbours are dropped.
    """
    refills = sorted(refills)
    pieces: list[list[Sample]] = []
    for sample in _without_outliers(_sorted_with_totals(samples), refills):
        before = pieces[-1][-1] if pieces else None
        if before is None or not before.left or sample.left > before.left or not _same_fill(before, sample, refills):
            pieces.append([])
        pieces[-1].append(sample)
    return pieces


def consumption(pieces: Iterable[Sequence[Sample]], since: datetime, until: datetime) -> Consumption:
    """Add up what was used in a window, of the segments that lie in it; between two samples use is taken to be even."""
    time, known = _NOTHING, _NOTHING
    for piece in pieces:
        start, end = max(since, piece[0].at), min(until, piece[-1].at)
        if start < end:
            time += max(_left_at(piece, start) - _left_at(piece, end), _NOTHING)
            known += end - start
    return Consumption(time, known)


def round_to_confidence(runs_out_at: datetime, now: datetime) -> datetime:
    """Round a forecast time so as not to pretend: to 5 minutes within a day, to the hour within 14, else to the day.

    A day is told by its noon in UTC, which nearly every zone shows as the same date.
    """
    away = runs_out_at - now
    if away > _WHOLE_DAYS_BEYOND:
        return _EPOCH + (runs_out_at - _EPOCH) // _DAY * _DAY + _DAY / 2
    step = _FIVE_MINUTES if away < _DAY else _HOUR
    nearest = _EPOCH + (runs_out_at - _EPOCH + step / 2) // step * step
    return nearest if nearest >= now else nearest + step


def is_run_out_likely(forecast: Forecast) -> bool:
    """Tell whether it is worth an alert that the fast time is gone before it comes back: both paces must say so."""
    return (
        not forecast.early
        and _is_below(forecast, _LIKELY_BELOW_SHARE)
        and forecast.runs_out_before_refill(forecast.week)
        and forecast.runs_out_before_refill(forecast.recent)
    )


def is_run_out_imminent(forecast: Forecast) -> bool:
    """Tell whether that alert is urgent: little is left, and it may be gone within 4 hours."""
    gone_at = forecast.faster.runs_out_at
    return (
        is_run_out_likely(forecast)
        and _is_below(forecast, _IMMINENT_BELOW_SHARE)
        and gone_at is not None
        and gone_at - forecast.now <= _IMMINENT_WITHIN
    )


def _is_below(forecast: Forecast, share: float) -> bool:
    return forecast.share is not None and forecast.share < share


def _sorted_with_totals(samples: Iterable[Sample]) -> list[Sample]:
    """Sort by time and carry the last known total on, so that one that was not said is no change."""
    by_time = {sample.at: sample for sample in samples if _NOTHING <= sample.left <= _MAX_LEFT}
    ordered, total = [], None
    for _, sample in sorted(by_time.items()):
        total = sample.total or total
        ordered.append(Sample(sample.at, sample.left, total))
    return ordered


def _without_outliers(samples: Sequence[Sample], refills: Sequence[datetime]) -> list[Sample]:
    """Drop each sample that the next takes back. It is compared with the last that was kept, not with an odd one."""
    kept = list(samples[:1])
    for sample, after in zip_longest(samples[1:], samples[2:]):
        if after is None or not _is_outlier(kept[-1], sample, after, refills):
            kept.append(sample)
    return kept


def _is_outlier(before: Sample, sample: Sample, after: Sample, refills: Sequence[datetime]) -> bool:
    """Tell whether a sample is a single jump up, or one down of over 30 minutes, without which the series just goes on.

    The low point before a refill is none, since more is left afterwards than before it.
    """
    goes_on = after.left <= before.left and _same_fill(before, after, refills)
    return goes_on and (sample.left > before.left or after.left - sample.left > _OUTLIER)


def _same_fill(before: Sample, after: Sample, refills: Sequence[datetime]) -> bool:
    """Tell whether no refill and no change of the total lies between two samples. `refills` must be sorted."""
    same_total = before.total is None or before.total == after.total
    return same_total and bisect_right(refills, before.at) == bisect_right(refills, after.at)


def _left_at(piece: Sequence[Sample], at: datetime) -> timedelta:
    """Tell what was left at a time within a segment."""
    after = bisect_right(piece, at, key=lambda sample: sample.at)
    if after == len(piece):
        return piece[-1].left
    earlier, later = piece[after - 1], piece[after]
    return earlier.left - (earlier.left - later.left) * ((at - earlier.at) / (later.at - earlier.at))


def _daily_rate(window: Consumption) -> timedelta | None:
    """Tell the use of a whole day; None where too little of the window is known."""
    return window.time * (_DAY / window.known) if window.known >= _MIN_KNOWN else None


def _burn_rate(a_day: timedelta, left: timedelta, now: datetime) -> BurnRate:
    days = left / a_day if a_day > _NOTHING else inf
    return BurnRate(a_day, now + days * _DAY if days <= _HORIZON / _DAY else None)
