"""The course of a token: what a stretch of its history amounts to, in a few numbers."""

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
    """How long a token was in one mode."""

    mode: Mode
    since: datetime
    until: datetime


@dataclass(frozen=True, slots=True)
class UsageSummary:
    """What a history amounts to; None is unknown. Before the first sample nothing is known."""

    first: timedelta | None
    """What was left in the beginning."""
    last: timedelta | None
    """What was left in the end."""
    used: timedelta | None
    per_day: timedelta | None
    """What was used of a whole day, where at least one is known."""
    refills: tuple[datetime, ...]
    """When there was more than before: it was renewed, or hours were bought."""
    times_out: int
    """How often it was out of FAST, whatever else it was in meanwhile."""
    out_for: timedelta


def mode_periods(modes: Iterable[tuple[datetime, Mode]], since: datetime, until: datetime) -> list[ModePeriod]:
    """Join the modes seen at some times to stretches, from `since` at the earliest to `until`."""
    seen = sorted((at, mode) for at, mode in modes if at <= until)
    changes = [next(alike) for _, alike in groupby(seen, key=lambda one: one[1])]
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
    """Sum a history up. `refills` are those that the plan tells of; more are seen in the samples."""
    pieces = split_at_refills(samples, refills)
    window = consumption(pieces, since, until)
    out = [period for period in modes if period.mode is not Mode.FAST]
    return UsageSummary(
        first=pieces[0][0].left if pieces else None,
        last=pieces[-1][-1].left if pieces else None,
        used=window.time if window.known else None,
        per_day=window.time * (_DAY / window.known) if window.known >= _DAY else None,
        refills=_observed_refills(pieces, refills),
        times_out=sum(after.since != before.until for before, after in pairwise(out)) + bool(out),
        out_for=sum((period.until - period.since for period in out), _NOTHING),
    )


def usage_by_step(
    samples: Sequence[Sample], refills: Sequence[datetime], since: datetime, until: datetime, number: int
) -> list[float | None]:
    """Cut a time into so many steps: what was used in each, as a share of the busiest, 0 to 1.

    None where less than half of a step is known, or nothing was left that could be used.
    """
    pieces = split_at_refills(samples, refills)
    step = (until - since) / number
    windows = [consumption(pieces, since + step * place, since + step * (place + 1)) for place in range(number)]
    paces = [window.time / window.known if window.known >= step / 2 else None for window in windows]
    busiest = max((pace for pace in paces if pace is not None), default=0)
    return [pace / busiest if pace is not None and busiest else pace for pace in paces]


def _observed_refills(pieces: Sequence[Sequence[Sample]], refills: Sequence[datetime]) -> tuple[datetime, ...]:
    """Tell when more was left than before; at the time that the plan tells, where that lies between the two samples."""
    planned = sorted(refills)
    seen = []
    for before, after in pairwise(pieces):
        if after[0].left > before[-1].left:
            following = bisect_right(planned, before[-1].at)
            known = following < len(planned) and planned[following] <= after[0].at
            seen.append(planned[following] if known else after[0].at)
    return tuple(seen)
