"""A history: everything that happens in a simulation, chosen by its seed before it begins, as data."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from random import Random
from typing import TypeVar

T = TypeVar("T")

DAY = 24 * 60 * 60
# How long everything is left alone at the end, so that all that must be told is told.
QUIET_END = 4 * 60 * 60
_POLL_SECONDS = (60, 300, 600, 900)
_POLL_WEIGHTS = (1, 3, 12, 12)


@dataclass(frozen=True, slots=True)
class Event:
    """Something that begins `at` so many seconds after the start. `what` is the name of a kind, with its arguments."""

    at: int
    what: str
    values: Mapping[str, int | float | str] = field(default_factory=dict)

    def __str__(self) -> str:
        values = ", ".join(f"{name}={value!r}" for name, value in self.values.items())
        return f"{moment(self.at)}  {self.what}" + (f" ({values})" if values else "")


@dataclass(frozen=True, slots=True)
class History:
    """One simulation: the seed of its small chances, how long it lasts, and its events in their order."""

    seed: int
    ends: int
    """After how many seconds nothing more happens."""
    poll_seconds: int
    events: tuple[Event, ...]

    @property
    def seconds(self) -> int:
        """How long it lasts, with the quiet end."""
        return self.ends + QUIET_END

    def __str__(self) -> str:
        lasts = f"{moment(self.ends)} and a quiet end"
        head = f"seed {self.seed}, {lasts}, a round every {self.poll_seconds} s, {len(self.events)} events"
        return "\n".join([head, *map(str, self.events)])


def moment(seconds: float) -> str:
    """Return a time of the simulation, such as `1d 02:03:04`."""
    minutes, second = divmod(int(seconds), 60)
    hours, minute = divmod(minutes, 60)
    day, hour = divmod(hours, 24)
    return f"{day}d {hour:02}:{minute:02}:{second:02}"


@dataclass(frozen=True, slots=True)
class Sort:
    """A sort of event: how often it happens on a day, and how its arguments are drawn."""

    a_day: float
    draw: Callable[[Random], dict[str, int | float | str]]


def generate(seed: int, days: int, sorts: Mapping[str, Sort]) -> History:
    """Return the history of a seed. Each sort of event happens at any time, on some days more than on others."""
    random = Random(seed)  # noqa: S311 - it is to be the same once more
    (poll_seconds,) = random.choices(_POLL_SECONDS, _POLL_WEIGHTS)
    events = []
    for day in range(days):
        # From a quiet day to a terrible one.
        busy = random.choice((0.3, 1, 1, 2))
        for name, sort in sorts.items():
            expected = sort.a_day * busy
            number = int(expected) + (random.random() < expected % 1)
            for _ in range(number):
                # The first half hour is for setting up.
                at = day * DAY + random.randrange(1800, DAY)
                events.append(Event(at, name, sort.draw(random)))
    return History(seed, days * DAY, poll_seconds, tuple(sorted(events, key=lambda event: event.at)))


def shrink(history: History, fails: Callable[[History], bool]) -> History:
    """Return a shortest history that still fails: first without the kinds of events that do not matter."""

    def only(events: Iterable[Event]) -> History:
        return replace(history, events=tuple(events))

    def of_kinds(kinds: Collection[str]) -> list[Event]:
        return [event for event in history.events if event.what in kinds]

    kinds = _fewest(sorted({event.what for event in history.events}), lambda some: fails(only(of_kinds(some))))
    return only(_fewest(of_kinds(kinds), lambda some: fails(only(some))))


def _fewest(parts: list[T], fails: Callable[[list[T]], bool]) -> list[T]:
    """Return the fewest parts that still fail, by leaving out ever smaller ranges (delta debugging)."""
    size = max(len(parts) // 2, 1)
    while True:
        length, start = len(parts), 0
        while start < len(parts):
            fewer = parts[:start] + parts[start + size :]
            if fails(fewer):
                parts = fewer
            else:
                start += size
        if size == 1 and len(parts) == length:
            return parts
        size = max(size // 2, 1)


def truncated(history: History, seconds: float) -> History:
    """Return the history up to a time, such as that at which a check failed."""
    ends = min(history.ends, int(seconds))
    return replace(history, ends=ends, events=tuple(event for event in history.events if event.at <= ends))
