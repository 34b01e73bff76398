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
class _QuietPeriod:
    since: datetime
    until: datetime


def is_quiet(rules: Rules, now: datetime) -> bool:
    """Whether it is within a server's quiet hours."""
    return quiet_end(rules, now) is not None


def quiet_end(rules: Rules, now: datetime) -> datetime | None:
    """Return when the quiet hours end that it is within; None if it is not quiet."""
    return max(
        (period.until for period in _periods_around(rules, now) if period.since <= now < period.until), default=None
    )


def is_ping_suppressed(incident: Incident, rules: Rules, now: datetime) -> bool:
    """Whether quiet hours suppress the ping of an incident now. Urgent ones ping at any time."""
    return incident.urgency < Urgency.URGENT and is_quiet(rules, now)


def last_quiet_end(rules: Rules, now: datetime) -> datetime | None:
    """Return when quiet hours ended last, at most two days ago; None if the server has none."""
    return max((period.until for period in _periods_around(rules, now) if period.until <= now), default=None)


def _periods_around(rules: Rules, now: datetime) -> Iterator[_QuietPeriod]:
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
        yield _QuietPeriod(since.astimezone(UTC), until.astimezone(UTC))
