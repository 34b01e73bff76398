"""The made-up history of a scenario's tokens: usage, refills, and times out of FAST.

Pure and reproducible: the random generator is seeded with the token's number.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby, pairwise
from random import Random
from typing import Final

from bot.demo.scenario import Habit, Outage, TokenScript
from bot.domain.modes import Mode

_HOUR: Final = timedelta(hours=1)
_CYCLE: Final = timedelta(days=30)
_HOURS_OF_THE_DAY: Final = {
    Habit.OFFICE: (0,) * 7 + (1, 3, 5, 6, 5, 2, 4, 6, 6, 5, 3, 1) + (0,) * 5,
    Habit.EVENING: (1,) + (0,) * 14 + (1, 1, 2, 4, 6, 8, 7, 5, 2),
    Habit.ROUND_THE_CLOCK: (3,) * 24,
}
_WEEKEND_SHARE: Final = {Habit.OFFICE: 0.05, Habit.EVENING: 1.6, Habit.ROUND_THE_CLOCK: 0.9}
_SATURDAY: Final = 5
# The range of a plan's fast time that is used from one refill to the next. Above 1, it runs out before the refill.
_USED_SHARE: Final = (0.5, 1.15)


@dataclass(frozen=True, slots=True)
class PastReading:
    """A token's mode at one time, and its fast time left, in the unit of its plan."""

    at: datetime
    mode: Mode
    left: float


@dataclass(frozen=True, slots=True)
class Absence:
    """A period in which a token was out of FAST."""

    mode: Mode
    started_at: datetime
    resolved_at: datetime


def build_history(script: TokenScript, began: datetime, length: timedelta) -> list[PastReading]:
    """Return a reading of a token for each hour of this length of time before a scenario began."""
    random = Random(script.token_id)  # noqa: S311 - for a made-up history, not for secrets
    since = began - length
    refill = began + script.first_renewal
    while refill > since:
        refill -= _CYCLE
    readings: list[PastReading] = []
    while refill < began:
        end = min(refill + _CYCLE, began)
        readings += _cycle(script, refill, end, began, random)
        refill += _CYCLE
    return [reading for reading in readings if reading.at >= since]


def absences(readings: Sequence[PastReading]) -> list[Absence]:
    """Return the periods in which a token was out of FAST. One that has not ended yet is left out."""
    runs = [list(run) for _, run in groupby(readings, key=lambda reading: reading.mode is Mode.FAST)]
    return [
        Absence(_most_severe(run), run[0].at, back[0].at)
        for run, back in pairwise(runs)
        if run[0].mode is not Mode.FAST
    ]


def _most_severe(run: Sequence[PastReading]) -> Mode:
    return max((reading.mode for reading in run), key=lambda mode: (mode is Mode.BANNED, mode is Mode.VERIFYING))


def _cycle(
    script: TokenScript, start: datetime, end: datetime, began: datetime, random: Random
) -> Iterator[PastReading]:
    """Return the readings of one month of a plan. The last month ends with the scenario's initial fast time."""
    total = script.plan.fast_time
    hours = math.ceil((end - start) / _HOUR)
    weights = [_weight(script, start + _HOUR * hour, began, random) for hour in range(hours)]
    used = total * random.uniform(*_USED_SHARE)
    if end == began:
        used = total - script.uses[0].left_first
    scale = used / (sum(weights) or 1)
    left = total
    for hour, weight in enumerate(weights):
        at = start + _HOUR * hour
        yield PastReading(at, _mode(script.outages, began - at, left), left)
        left = max(left - weight * scale, 0.0)


def _weight(script: TokenScript, at: datetime, began: datetime, random: Random) -> float:
    """Return how much a token is used in an hour. One that is banned, unverified or off gets no requests."""
    weekend = _WEEKEND_SHARE[script.habit] if at.weekday() >= _SATURDAY else 1.0
    chance = random.expovariate(1)
    is_out = _mode(script.outages, began - at, left=1.0) is not Mode.FAST
    return 0.0 if is_out else _HOURS_OF_THE_DAY[script.habit][at.hour] * weekend * chance


def _mode(outages: Sequence[Outage], before: timedelta, left: float) -> Mode:
    for outage in outages:
        if outage.before - outage.lasts < before <= outage.before:
            return Mode(outage.status)
    return Mode.FAST if left > 0 else Mode.RELAX
