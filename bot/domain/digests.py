"""Digests: when a server gets a summary of its tokens, and what that summary counts."""

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
# After a longer outage the next digest is close enough; a late one would only add noise.
_MAX_DELAY = _DAY
_WEEKDAYS = tuple(day for day in DigestDay if day not in {DigestDay.OFF, DigestDay.DAILY})


@dataclass(frozen=True, slots=True)
class Period:
    """The time that a digest covers: from one scheduled time (inclusive) to the next (exclusive)."""

    since: datetime
    until: datetime


def last_due(day: DigestDay, hour: int, zone: tzinfo, now: datetime) -> datetime | None:
    """Return the latest scheduled time that is not after `now`; None if digests are off."""
    return max((at for at in _times_around(day, hour, zone, now) if at <= now), default=None)


def next_due(day: DigestDay, hour: int, zone: tzinfo, now: datetime) -> datetime | None:
    """Return the first scheduled time after `now`; None if digests are off."""
    return min((at for at in _times_around(day, hour, zone, now) if at > now), default=None)


def due_period(day: DigestDay, hour: int, zone: tzinfo, *, sent_until: datetime, now: datetime) -> Period | None:
    """Return the period of the digest that is due now, if any. A digest more than a day late is skipped."""
    until = last_due(day, hour, zone, now)
    if until is None or until <= sent_until or now - until > _MAX_DELAY:
        return None
    since = last_due(day, hour, zone, until - timedelta.resolution)
    return Period(since, until) if since is not None else None


def _times_around(day: DigestDay, hour: int, zone: tzinfo, now: datetime) -> Iterator[datetime]:
    """Yield the scheduled times from nine days before now to nine days after, in UTC.

    There is one for each date. An hour that a clock change skips is scheduled one hour later; of an hour that a clock
    change repeats, the first occurrence counts.
    """
    today = now.astimezone(zone).date()
    # A weekly digest needs the previous and the next occurrence, and a zone can be a day off: a week and a spare day
    # on each side.
    for days in range(-9, 10):
        on = today + days * _DAY
        if _comes_on(day, on):
            yield datetime.combine(on, time(hour), zone).astimezone(UTC)


def _comes_on(day: DigestDay, on: date) -> bool:
    return day is DigestDay.DAILY or (day is not DigestDay.OFF and day is _WEEKDAYS[on.weekday()])


@dataclass(frozen=True, slots=True)
class TokenDigest:
    """One token's figures for a period, and its present mode."""

    token_id: int
    mode: Mode
    unit: Unit
    """The unit of its plan."""
    used: timedelta | None
    """Fast time used in the period; None if unknown."""
    out: timedelta
    """How long it was not in FAST."""
    incidents: int
    forecast: Forecast | None
    returns_at: datetime | None = None
    """When its fast hours return."""


@dataclass(frozen=True, slots=True)
class Digest:
    """The figures of a server's tokens for a period. `outages` counts the incidents of missing data.

    `incidents` counts those that started in the period, so that each is in exactly one digest, and `from_before` those
    that were open at its beginning.
    """

    period: Period
    tokens: tuple[TokenDigest, ...]
    incidents: int
    outages: int
    from_before: int = 0
    uncounted: int = 0
    """Tokens left out because counting took too long."""

    @property
    def used(self) -> timedelta:
        """The fast time that all tokens used, as far as it is known."""
        return sum((token.used for token in self.tokens if token.used is not None), timedelta())

    @property
    def tokens_out(self) -> int:
        """How many tokens were out of FAST at some time."""
        return sum(bool(token.out) for token in self.tokens)

    @property
    def out(self) -> timedelta:
        """The total time that tokens were out of FAST."""
        return sum((token.out for token in self.tokens), timedelta())


def started_in(incidents: Iterable[Incident], period: Period) -> list[Incident]:
    """Return the incidents that started in a period, so that each is counted by exactly one digest."""
    return [incident for incident in incidents if period.since <= incident.started_at < period.until]


def incident_counts(incidents: Iterable[Incident]) -> Counter[int]:
    """Return the number of incidents of each token, by token id."""
    return Counter(member.token_id for incident in incidents for member in incident.members)


def sort_tokens(tokens: Iterable[TokenDigest]) -> tuple[TokenDigest, ...]:
    """Return the tokens by present severity, then by number of incidents, then by fast time used, highest first."""

    def rank(token: TokenDigest) -> tuple[int, int, timedelta, timedelta, int]:
        return -severity(token.mode), -token.incidents, -(token.used or timedelta()), -token.out, token.token_id

    return tuple(sorted(tokens, key=rank))
