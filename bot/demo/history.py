"""The made-up past of a scenario's tokens: how they were used, ran dry, were renewed, and got into trouble.

Pure, and the same each time: chance comes from a generator that the token's number seeds.
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
# Of what a plan gives, so much is used from one renewal to the next; beyond 1 it runs dry before.
_USED_OF_A_PLAN: Final = (0.5, 1.15)


@dataclass(frozen=True, slots=True)
class PastReading:
    """How a token was at one time, with the fast time left in the unit of its plan."""

    at: datetime
    mode: Mode
    left: float


@dataclass(frozen=True, slots=True)
class Absence:
    """A time in which a token was out of FAST."""

    mode: Mode
    started_at: datetime
    resolved_at: datetime


def build_history(course: TokenScript, began: datetime, length: timedelta) -> list[PastReading]:
    """Tell how a token was at each full hour of so long a time before a scenario began, and at its end."""
    random = Random(course.token_id)  # noqa: S311 - it makes up a story
    since = began - length
    renewal = began + course.first_renewal
    while renewal > since:
        renewal -= _CYCLE
    moments: list[PastReading] = []
    while renewal < began:
        end = min(renewal + _CYCLE, began)
        moments += _cycle(course, renewal, end, began, random)
        renewal += _CYCLE
    return [moment for moment in moments if moment.at >= since]


def absences(moments: Sequence[PastReading]) -> list[Absence]:
    """Tell when a token was out of FAST, and back."""
    runs = [list(run) for _, run in groupby(moments, key=lambda moment: moment.mode is Mode.FAST)]
    return [
        Absence(_most_severe(run), run[0].at, back[0].at)
        for run, back in pairwise(runs)
        if run[0].mode is not Mode.FAST
    ]


def _most_severe(run: Sequence[PastReading]) -> Mode:
    return max((moment.mode for moment in run), key=lambda mode: (mode is Mode.BANNED, mode is Mode.VERIFYING))


def _cycle(
    course: TokenScript, start: datetime, end: datetime, began: datetime, random: Random
) -> Iterator[PastReading]:
    """Tell of one month of a plan. The last one comes out where the scenario begins."""
    total = course.plan.fast_time
    hours = math.ceil((end - start) / _HOUR)
    weights = [_weight(course.habit, start + _HOUR * hour, random) for hour in range(hours)]
    used = total * random.uniform(*_USED_OF_A_PLAN)
    if end == began:
        used = total - course.uses[0].left_first
    scale = used / (sum(weights) or 1)
    left = total
    for hour, weight in enumerate(weights):
        at = start + _HOUR * hour
        yield PastReading(at, _mode(course.outages, began - at, left), left)
        left = max(left - weight * scale, 0.0)


def _weight(habit: Habit, at: datetime, random: Random) -> float:
    weekend = _WEEKEND_SHARE[habit] if at.weekday() >= _SATURDAY else 1.0
    return _HOURS_OF_THE_DAY[habit][at.hour] * weekend * random.expovariate(1)


def _mode(troubles: Sequence[Outage], before: timedelta, left: float) -> Mode:
    for trouble in troubles:
        if trouble.before - trouble.lasts < before <= trouble.before:
            return Mode(trouble.status)
    return Mode.FAST if left > 0 else Mode.RELAX
