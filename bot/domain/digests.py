"""Digests: when a server is told how its tokens have been, and what is counted for that."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo

from bot.domain.fast_time import Unit
from bot.domain.forecast import Forecast
from bot.domain.incidents import Incident
from bot.domain.modes import Mode, severity
from bot.domain.rules import DigestDay

_DAY = timedelta(days=1)
_MAX_DELAY = _DAY
_WEEKDAYS = tuple(day for day in DigestDay if day not in {DigestDay.OFF, DigestDay.DAILY})


@dataclass(frozen=True, slots=True)
class Period:
    """The time that a digest tells of, from one time at which it comes to the next."""

    since: datetime
    until: datetime


def last_due(day: DigestDay, hour: int, zone: tzinfo, now: datetime) -> datetime | None:
    """Tell when the digest came last, or should have come, not later than now; None where it never comes."""
    return max((at for at in _times_around(day, hour, zone, now) if at <= now), default=None)


def next_due(day: DigestDay, hour: int, zone: tzinfo, now: datetime) -> datetime | None:
    """Tell when the digest comes next, later than now; None where it never comes."""
    return min((at for at in _times_around(day, hour, zone, now) if at > now), default=None)


def due_period(day: DigestDay, hour: int, zone: tzinfo, *, sent_until: datetime, now: datetime) -> Period | None:
    """Tell which digest is to be told now, if any. One that is more than a day late is left out: the next one comes."""
    until = last_due(day, hour, zone, now)
    if until is None or until <= sent_until or now - until > _MAX_DELAY:
        return None
    since = last_due(day, hour, zone, until - timedelta.resolution)
    return Period(since, until) if since is not None else None


def _times_around(day: DigestDay, hour: int, zone: tzinfo, now: datetime) -> Iterator[datetime]:
    """Give the times at which it comes from more than a week before now to more than a week after, in UTC.

    One a date: an hour that a change of the clocks skips comes an hour later, one that it repeats comes the first time.
    """
    today = now.astimezone(zone).date()
    for days in range(-9, 10):
        on = today + days * _DAY
        if _comes_on(day, on):
            yield datetime.combine(on, time(hour), zone).astimezone(UTC)


def _comes_on(day: DigestDay, on: date) -> bool:
    return day is DigestDay.DAILY or (day is not DigestDay.OFF and day is _WEEKDAYS[on.weekday()])


@dataclass(frozen=True, slots=True)
class TokenDigest:
    """How one token has been in a period, and how it is now."""

    token_id: int
    mode: Mode
    unit: Unit
    """In what its plan counts."""
    used: timedelta | None
    """None where that is not known."""
    out: timedelta
    """How long it was not in FAST."""
    incidents: int
    forecast: Forecast | None


@dataclass(frozen=True, slots=True)
class Digest:
    """How the tokens of a server have been in a period. `blind` counts how often nothing could be seen of them."""

    period: Period
    tokens: tuple[TokenDigest, ...]
    incidents: int
    outages: int
    uncounted: int = 0
    """Tokens that there was no time to look at."""

    @property
    def used(self) -> timedelta:
        """The fast time that all have used, as far as is known."""
        return sum((token.used for token in self.tokens if token.used is not None), timedelta())

    @property
    def out(self) -> timedelta:
        """How long they were out of FAST, all added up."""
        return sum((token.out for token in self.tokens), timedelta())


def started_in(incidents: Iterable[Incident], period: Period) -> list[Incident]:
    """Pick the incidents that began in a period, so that each is counted by one digest alone."""
    return [incident for incident in incidents if period.since <= incident.started_at < period.until]


def incident_counts(incidents: Iterable[Incident]) -> Counter[int]:
    """Count in how many incidents each token was."""
    return Counter(member.token_id for incident in incidents for member in incident.members)


def sort_tokens(tokens: Iterable[TokenDigest]) -> tuple[TokenDigest, ...]:
    """Put the tokens that are worst off now first, then those with most incidents, and then the most used."""

    def rank(token: TokenDigest) -> tuple[int, int, timedelta, timedelta, int]:
        return -severity(token.mode), -token.incidents, -(token.used or timedelta()), -token.out, token.token_id

    return tuple(sorted(tokens, key=rank))
