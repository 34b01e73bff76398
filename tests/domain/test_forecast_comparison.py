"""The forecast compared with other methods, on simulated usage whose future is known.

`python -m pytest tests/domain/test_forecast_comparison.py -s -n 0` prints the tables of `docs/forecast.md`.
"""

import math
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from itertools import accumulate, combinations, pairwise
from pathlib import Path
from random import Random
from statistics import linear_regression, median

import pytest

from bot.domain.forecast import Sample, forecast, split_at_refills
from tests.clocks import NOON
from tests.domain.token_course import HOUR

DAY = timedelta(days=1)
A_DAY = 24
HORIZONS = range(1, 8)
SERIES_OF_A_KIND = 60
DOCUMENTED = Path(__file__).parents[2] / "docs/forecast.md"
FULL = 500.0
"""Hours of a plan that no series uses up, so that demand equals usage."""

Use = Callable[[Random, datetime, int], list[float]]


@dataclass(frozen=True)
class Simulated:
    """A token's hourly samples until `now`, and the hours used in each hour after that."""

    samples: list[Sample]
    refills: list[datetime]
    now: datetime
    afterwards: list[float]

    def used_within(self, days: int) -> float:
        """Return the hours used within a number of days after `now`."""
        return sum(self.afterwards[: days * A_DAY])

    def gone_after(self, left: float) -> float:
        """Return after how many hours this much had been used."""
        for number, used in enumerate(accumulate(self.afterwards)):
            if used >= left:
                return number + 1 - (used - left) / self.afterwards[number]
        raise ValueError(left)


# The kinds of use: hours used in each hour from `start` on.


def flat(random: Random, start: datetime, hours: int) -> list[float]:
    """All day and night, nearly constant."""
    return [random.uniform(0.05, 0.15) for _ in range(hours)]


def office_hours(random: Random, start: datetime, hours: int) -> list[float]:
    """Monday to Friday, 9 to 18; little at other times."""

    def is_open(at: datetime) -> bool:
        return at.weekday() < 5 and 9 <= at.hour < 18

    return [
        random.uniform(0.1, 0.5) if is_open(start + number * HOUR) else random.uniform(0, 0.01)
        for number in range(hours)
    ]


def bursty(random: Random, start: datetime, hours: int) -> list[float]:
    """Idle for hours, and then in bursts."""
    return [random.expovariate(1) if random.random() < 0.08 else 0.0 for _ in range(hours)]


def sudden_rise(random: Random, start: datetime, hours: int) -> list[float]:
    """More by day than by night, and two and a half times as much from one or two days before the forecast."""
    rise = hours - max(HORIZONS) * A_DAY - random.randrange(A_DAY, 2 * A_DAY)
    by_hour = [0.02] * 7 + [0.15] * 15 + [0.02] * 2
    return [
        by_hour[(start + number * HOUR).hour] * random.uniform(0.5, 1.5) * (2.5 if number >= rise else 1)
        for number in range(hours)
    ]


KINDS: dict[str, Use] = {
    "flat": flat,
    "office hours": office_hours,
    "bursty": bursty,
    "2.5-fold rise": sudden_rise,
}


def simulate(kind: Use, seed: int) -> Simulated:
    """Use fast time for 14 to 28 days and 7 more; every second token has a renewal in the last ten days before now."""
    random = Random(seed)  # noqa: S311 - it keeps no secret
    past = random.randrange(14 * A_DAY, 28 * A_DAY)
    start = NOON + random.randrange(7 * A_DAY) * HOUR
    uses = kind(random, start, past + max(HORIZONS) * A_DAY)
    now = start + past * HOUR
    renewal = past - random.randrange(1, 10 * A_DAY) if seed % 2 else None
    left, samples = FULL, [Sample(start, FULL * HOUR, FULL * HOUR)]
    for number, use in enumerate(uses[:past], 1):
        left = FULL if number == renewal else left - use
        samples.append(Sample(start + number * HOUR, left * HOUR, FULL * HOUR))
    refills = [start + renewal * HOUR] if renewal is not None else []
    return Simulated(samples, refills, now, uses[past:])


# The methods: predicted hours a day.


def of_the_forecast(token: Simulated) -> tuple[float, float]:
    """The two rates of `bot.domain.forecast`."""
    last = token.samples[-1]
    predicted = forecast(
        token.samples, left=last.left, total=last.total, refill_at=None, refills=token.refills, now=token.now
    )
    assert predicted is not None
    return predicted.week.per_day / HOUR, predicted.recent.per_day / HOUR


def curve(token: Simulated) -> list[float]:
    """Cumulative hours used at each sample of the last week, without the renewal."""
    points, before = [], 0.0
    for piece in split_at_refills(token.samples, token.refills):
        points += [before + (piece[0].left - sample.left) / HOUR for sample in piece]
        before = points[-1]
    return points[-7 * A_DAY - 1 :]


def least_squares(used: list[float]) -> float:
    return linear_regression(range(len(used)), used).slope * A_DAY


def theil_sen(used: list[float]) -> float:
    """The median of all slopes; every third sample, because there are many pairs."""
    thinned = list(enumerate(used))[::3]
    return (
        median((later[1] - earlier[1]) / (later[0] - earlier[0]) for earlier, later in combinations(thinned, 2)) * A_DAY
    )


def ewma(used: list[float]) -> float:
    """Hourly usage with weights that halve every two days."""
    falls = [later - earlier for earlier, later in pairwise(used)]
    weights = [math.pow(0.5, age / (2 * A_DAY)) for age in reversed(range(len(falls)))]
    return sum(weight * fall for weight, fall in zip(weights, falls, strict=True)) / sum(weights) * A_DAY


METHODS = ["week", "last 2 days", "least squares", "Theil-Sen", "EWMA"]


def rates(token: Simulated) -> dict[str, float]:
    used = curve(token)
    found = [*of_the_forecast(token), least_squares(used), theil_sen(used), ewma(used)]
    return dict(zip(METHODS, found, strict=True))


# The errors.


@cache
def errors() -> dict[str, dict[str, tuple[float, float]]]:
    """By kind and method: median error of the usage of the next 1 to 7 days, and of the time to run out."""
    return {name: _errors_of(kind) for name, kind in KINDS.items()}


def _errors_of(kind: Use) -> dict[str, tuple[float, float]]:
    tokens = [simulate(kind, seed) for seed in range(SERIES_OF_A_KIND)]
    judged = [(token, rates(token)) for token in tokens]
    return {
        method: (
            median(error for token, found in judged for error in _of_use(token, found[method])),
            median(error for token, found in judged for error in _of_time(token, found[method])),
        )
        for method in METHODS
    }


def _of_use(token: Simulated, a_day: float) -> Iterator[float]:
    for days in HORIZONS:
        used = token.used_within(days)
        if used:
            yield abs(a_day * days / used - 1)


def _of_time(token: Simulated, a_day: float) -> Iterator[float]:
    """With one to six days of average usage left."""
    mean = token.used_within(max(HORIZONS)) / max(HORIZONS)
    for days in HORIZONS[:-1]:
        left = days * mean
        yield abs(left / a_day * A_DAY / token.gone_after(left) - 1) if a_day else math.inf


def table(title: str, which: int) -> str:
    lines = [f"| {title} | {' | '.join(METHODS)} |", "| --- |" + " --: |" * len(METHODS)]
    for kind, found in errors().items():
        lines.append(f"| {kind} | " + " | ".join(f"{found[method][which]:.0%}" for method in METHODS) + " |")
    return "\n".join(lines) + "\n"


@pytest.mark.parametrize(
    ("title", "which"), [("what is used in the next days", 0), ("when it is gone", 1)], ids=["use", "time"]
)
def test_the_documentation_shows_these_errors(title: str, which: int) -> None:
    printed = table(title, which)
    sys.stdout.write("\n" + printed)

    assert printed in DOCUMENTED.read_text("utf-8")


@pytest.mark.parametrize("which", [0, 1], ids=["use", "time"])
@pytest.mark.parametrize("kind", ["flat", "office hours", "bursty"])
def test_no_other_method_beats_the_week_without_a_sudden_rise(kind: str, which: int) -> None:
    found = errors()[kind]

    assert found["week"][which] <= 1.2 * min(error[which] for error in found.values())


@pytest.mark.parametrize("which", [0, 1], ids=["use", "time"])
def test_after_a_sudden_rise_the_last_two_days_beat_the_week(which: int) -> None:
    found = errors()["2.5-fold rise"]

    assert found["last 2 days"][which] < found["week"][which]
