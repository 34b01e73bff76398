"""Usage: a part of a token's history, summarized in a few numbers."""

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby, pairwise
from typing import NamedTuple

from bot.domain.forecast import Sample, consumption, split_at_refills
from bot.domain.modes import Mode

_DAY = timedelta(days=1)
_NOTHING = timedelta()


class ModePeriod(NamedTuple):
    """A period during which a token was in one mode."""

    mode: Mode
    since: datetime
    until: datetime


@dataclass(frozen=True, slots=True)
class UsageSummary:
    """The summary of a history. None is unknown; before the first sample, everything is."""

    first: timedelta | None
    """Fast time left at the start."""
    last: timedelta | None
    """Fast time left at the end."""
    used: timedelta | None
    per_day: timedelta | None
    """The average consumption per day; None if less than a day is known."""
    refills: tuple[datetime, ...]
    """When more was left than before: the plan was renewed, or hours were bought."""
    times_out: int
    """How often it left FAST. A change between other modes does not count again."""
    out_for: timedelta
    """How long it was out of FAST."""


def mode_periods(modes: Iterable[tuple[datetime, Mode]], since: datetime, until: datetime) -> list[ModePeriod]:
    """Return the periods between changes of mode, clipped to `since` and `until`."""
    seen = sorted((at, mode) for at, mode in modes if at <= until)
    changes = [next(same_mode) for _, same_mode in groupby(seen, key=lambda one: one[1])]
    ends = [*(at for at, _ in changes[1:]), until]
    return [
        ModePeriod(mode, max(at, since), end) for (at, mode), end in zip(changes, ends, strict=False) if end > since
    ]


def summarize_usage(
    samples: Sequence[Sample],
    modes: Sequence[ModePeriod],
    refills: Sequence[datetime],
    since: datetime,
    until: datetime,
) -> UsageSummary:
    """Summarize a history. `refills` are those of the plan; further ones are detected in the samples."""
    segments = split_at_refills(samples, refills)
    window = consumption(segments, since, until)
    out = [period for period in modes if period.mode is not Mode.FAST]
    return UsageSummary(
        first=segments[0][0].left if segments else None,
        last=segments[-1][-1].left if segments else None,
        used=window.time if window.known else None,
        per_day=window.time * (_DAY / window.known) if window.known >= _DAY else None,
        refills=_observed_refills(segments, refills),
        times_out=sum(after.since != before.until for before, after in pairwise(out)) + bool(out),
        out_for=sum((period.until - period.since for period in out), _NOTHING),
    )


def usage_by_step(
    samples: Sequence[Sample], refills: Sequence[datetime], since: datetime, until: datetime, number: int
) -> list[float | None]:
    """Return the burn rate in each of `number` equal steps, as a share of the highest, 0 to 1.

    None if less than half of a step is known, or if nothing was left to use.
    """
    segments = split_at_refills(samples, refills)
    step = (until - since) / number
    windows = [consumption(segments, since + step * index, since + step * (index + 1)) for index in range(number)]
    rates = [window.time / window.known if window.known >= step / 2 else None for window in windows]
    highest = max((rate for rate in rates if rate is not None), default=0)
    return [rate / highest if rate is not None and highest else rate for rate in rates]


def _observed_refills(segments: Sequence[Sequence[Sample]], refills: Sequence[datetime]) -> tuple[datetime, ...]:
    """Return when more was left than before: the plan's time if that is between the two samples, else the later one."""
    planned = sorted(refills)
    observed = []
    for before, after in pairwise(segments):
        if after[0].left > before[-1].left:
            following = bisect_right(planned, before[-1].at)
            is_planned = following < len(planned) and planned[following] <= after[0].at
            observed.append(planned[following] if is_planned else after[0].at)
    return tuple(observed)
