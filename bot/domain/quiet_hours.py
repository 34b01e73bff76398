"""Quiet hours: the time of day in which only urgent alerts ping, in the server's time zone."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from bot.domain.alert_types import Urgency
from bot.domain.incidents import Incident
from bot.domain.rules import Rules
from bot.parsing.time_zones import zone_of

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class _Night:
    since: datetime
    until: datetime


def is_quiet(rules: Rules, now: datetime) -> bool:
    """Whether it is within a server's quiet hours."""
    return any(night.since <= now < night.until for night in _nights_around(rules, now))


def is_hushed(incident: Incident, rules: Rules, now: datetime) -> bool:
    """Whether quiet hours keep an incident from pinging now: urgent ones ping as ever."""
    return incident.urgency < Urgency.URGENT and is_quiet(rules, now)


def last_end(rules: Rules, now: datetime) -> datetime | None:
    """Return when quiet hours ended last, at most two days ago; None if the server has none."""
    return max((night.until for night in _nights_around(rules, now) if night.until <= now), default=None)


def _nights_around(rules: Rules, now: datetime) -> Iterator[_Night]:
    """Yield the quiet hours that begin from two days before now until a day after it, in UTC.

    A time that a clock change skips counts as much later as the clock jumps; of one that it repeats, the first.
    """
    if not rules.quiet_hours:
        return
    start, end = rules.quiet_hours
    zone = zone_of(rules.time_zone)
    today = now.astimezone(zone).date()
    for days in range(-2, 2):
        first = today + days * _DAY
        last = first if start < end else first + _DAY
        since, until = datetime.combine(first, start, zone), datetime.combine(last, end, zone)
        yield _Night(since.astimezone(UTC), until.astimezone(UTC))
