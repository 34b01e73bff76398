"""Types of rule values: how each is typed, its limits, and the values to suggest.

Beyond the limits, alerts would never stop or never come. `parse` accepts what `bot.ui.rules` prints. It raises
ValueError for a text that is not such a value, or is beyond the limits.
"""

import re
from collections.abc import Collection
from dataclasses import dataclass
from datetime import time, timedelta
from itertools import pairwise
from typing import TypeAlias

from bot.parsing.durations import parse_duration, parse_durations

_NUMBER = re.compile(r"\s*(\d{1,6})\s*([a-z%]*)\s*", re.IGNORECASE | re.ASCII)
_TIME_OF_DAY = re.compile(r"([01]?\d|2[0-3])(?::([0-5]\d))?", re.ASCII)
_ROLE = re.compile(r"<@&(\d{1,20})>|(\d{15,20})", re.ASCII)
_ON, _OFF = frozenset({"on", "yes", "true"}), frozenset({"off", "no", "false"})
_BEYOND = "beyond the limits"
_NEVER = frozenset({"never", "none", "off"})
_MINUTE, _HOUR, _DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
_USUAL_DURATIONS = (
    *(number * _MINUTE for number in (1, 2, 3, 5, 10, 15, 20, 30, 45)),
    *(number * _HOUR for number in (1, 2, 3, 6, 12)),
    _DAY,
)
_USUAL_REMINDERS = (
    (_HOUR, 6 * _HOUR, _DAY),
    (30 * _MINUTE, 2 * _HOUR, 8 * _HOUR),
    (15 * _MINUTE, _HOUR, 4 * _HOUR, 12 * _HOUR, _DAY),
    (_HOUR,),
    (_DAY,),
    (),
)


@dataclass(frozen=True, slots=True)
class Count:
    """A number of things between two limits, inclusive. `unit` is the thing, in the singular."""

    least: int
    most: int
    unit: str

    def parse(self, typed: str) -> int:
        """Return the number that was typed, with or without its unit."""
        number = _number(typed, {self.unit, f"{self.unit}s"})
        if not self.least <= number <= self.most:
            raise ValueError(_BEYOND)
        return number

    @property
    def suggestions(self) -> tuple[int, ...]:
        """Every number within the limits."""
        return tuple(range(self.least, self.most + 1))


@dataclass(frozen=True, slots=True)
class Percent:
    """A percentage from 1 to `most`, or 0 for never."""

    most: int

    def parse(self, typed: str) -> int:
        """Return the percentage that was typed, with or without the sign; 0 for `never`."""
        number = 0 if typed.strip().lower() in _NEVER else _number(typed, {"%"})
        if number > self.most:
            raise ValueError(_BEYOND)
        return number

    @property
    def suggestions(self) -> tuple[int, ...]:
        """Never, and steps that are finer at the low end."""
        return tuple(percent for percent in (0, 1, 2, 5, *range(10, 100, 5)) if percent <= self.most)


@dataclass(frozen=True, slots=True)
class Minimum:
    """The smallest number of things that is enough, up to `most`; 0 for off. `unit` is the thing, in the singular."""

    most: int
    unit: str

    def parse(self, typed: str) -> int:
        """Return the number that was typed, with or without its unit; 0 for `off`."""
        number = 0 if typed.strip().lower() in _NEVER else _number(typed, {self.unit, f"{self.unit}s"})
        if number > self.most:
            raise ValueError(_BEYOND)
        return number

    @property
    def suggestions(self) -> tuple[int, ...]:
        """Off, and numbers in steps that grow."""
        return 0, *(step * ten for ten in (1, 10, 100) for step in (1, 2, 3, 5) if step * ten <= self.most)


@dataclass(frozen=True, slots=True)
class Duration:
    """A duration between two limits, inclusive."""

    shortest: timedelta
    longest: timedelta

    def parse(self, typed: str) -> timedelta:
        """Return the duration that was typed."""
        length = parse_duration(typed)
        if not self.shortest <= length <= self.longest:
            raise ValueError(_BEYOND)
        return length

    @property
    def suggestions(self) -> tuple[timedelta, ...]:
        """The common durations within the limits."""
        return tuple(length for length in _USUAL_DURATIONS if self.shortest <= length <= self.longest)


@dataclass(frozen=True, slots=True)
class Delay:
    """A duration between two limits, inclusive, or zero for never."""

    shortest: timedelta
    longest: timedelta

    def parse(self, typed: str) -> timedelta:
        """Return the duration that was typed; zero for `never`, `none` or `off`."""
        if typed.strip().lower() in _NEVER:
            return timedelta()
        return Duration(self.shortest, self.longest).parse(typed)

    @property
    def suggestions(self) -> tuple[timedelta, ...]:
        """Never, and the common durations within the limits."""
        return timedelta(), *Duration(self.shortest, self.longest).suggestions


@dataclass(frozen=True, slots=True)
class DailyHours:
    """A time of day and a later one, perhaps on the next day; or none."""

    def parse(self, typed: str) -> tuple[time, ...]:
        """Return the start and the end, such as 22:00-07:00; an empty tuple for `none`, `never` or `off`."""
        if typed.strip().lower() in _NEVER:
            return ()
        hours = tuple(map(_time_of_day, re.split(r"\s*[-\u2013]\s*|\s+to\s+", typed.strip())))
        if len(hours) != 2 or hours[0] == hours[1]:  # noqa: PLR2004 - a start and an end
            raise ValueError(_BEYOND)
        return hours

    @property
    def suggestions(self) -> tuple[tuple[time, ...], ...]:
        """None, and some common nights."""
        return (), (time(22), time(7)), (time(23), time(7)), (time(0), time(8)), (time(20), time(8))


@dataclass(frozen=True, slots=True)
class Role:
    """A role of the server by its id, or 0 for none."""

    def parse(self, typed: str) -> int:
        """Return the id of the role that was mentioned or typed; 0 for `none`, `never` or `off`."""
        if typed.strip().lower() in _NEVER:
            return 0
        found = _ROLE.fullmatch(typed.strip())
        if found is None:
            raise ValueError("not a role")
        return int(found[1] or found[2])

    @property
    def suggestions(self) -> tuple[int, ...]:
        """None. The roles of a server are known to Discord only."""
        return (0,)


@dataclass(frozen=True, slots=True)
class Reminders:
    """Up to `most` durations in ascending order, each within the limits; or none."""

    shortest: timedelta
    longest: timedelta
    most: int

    def parse(self, typed: str) -> tuple[timedelta, ...]:
        """Return the durations that were typed, separated by commas; an empty tuple for `none`, `never` or `off`."""
        lengths = () if typed.strip().lower() in _NEVER else parse_durations(typed)
        within = all(self.shortest <= length <= self.longest for length in lengths)
        ascending = all(earlier < later for earlier, later in pairwise(lengths))
        if len(lengths) > self.most or not within or not ascending:
            raise ValueError(_BEYOND)
        return lengths

    @property
    def suggestions(self) -> tuple[tuple[timedelta, ...], ...]:
        """Some common sequences, and none."""
        return _USUAL_REMINDERS


@dataclass(frozen=True, slots=True)
class Switch:
    """On or off."""

    def parse(self, typed: str) -> bool:
        """Return whether the text means on."""
        word = typed.strip().lower()
        if word not in _ON | _OFF:
            raise ValueError("neither on nor off")
        return word in _ON

    @property
    def suggestions(self) -> tuple[bool, ...]:
        """Both values."""
        return True, False


RuleType: TypeAlias = Count | Percent | Minimum | Duration | Delay | DailyHours | Role | Reminders | Switch


def _time_of_day(typed: str) -> time:
    found = _TIME_OF_DAY.fullmatch(typed)
    if found is None:
        raise ValueError("not a time of day")
    return time(int(found[1]), int(found[2] or 0))


def _number(typed: str, units: Collection[str]) -> int:
    found = _NUMBER.fullmatch(typed)
    if found is None or found[2].lower() not in {"", *units}:
        raise ValueError("not a number with this unit")
    return int(found[1])
