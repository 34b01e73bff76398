"""Outages: checks in a row that read no token, since when, and why."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

MIN_FAILED_CHECKS = 2
"""One failed check alone is never an outage to alert: the next one may already read everything."""

# One empty list or two can be a fault of a moment, for example while ImaginePro's database restarts. A third one, in a
# check of its own, is how things are. Other causes may alternate too, and each change is an edit in Discord.
_CHECKS_TO_BELIEVE = 3

EMPTY_FOR_GOOD_AFTER = timedelta(days=1)
"""How long every list must be empty until all tokens count as gone: long enough for the alert and its reminders."""

REFUSED_FOR_GOOD_AFTER = timedelta(days=7)
"""How long ImaginePro must refuse the fleet until the key counts as one that never had it."""


class NoDataCause(StrEnum):
    """Why a check read no token."""

    NO_RESPONSE = "no_response"
    RATE_LIMITED = "rate_limited"
    UNAUTHORIZED = "unauthorized"
    UNUSABLE = "unusable"
    """A response that cannot be used, such as a page of HTML."""
    FLEET_REFUSED = "fleet_refused"
    """The fleet was listed before, and ImaginePro refuses it now."""
    FLEET_EMPTY = "fleet_empty"
    """The list is empty, although tokens are known."""
    NO_STATUS = "no_status"
    """Tokens are listed, but none with a status."""
    NOTHING_TRACED = "nothing_traced"
    """The key cannot list tokens, and no watched message leads to one."""
    NOTHING_WATCHED = "nothing_watched"
    """The key cannot list tokens, and no message is watched. Nobody's fault, so there is no alert."""
    INTERNAL = "internal"
    """An error of Fastwatch or its database, not of ImaginePro."""


# Answers about the fleet. The other causes, but for NO_STATUS, say nothing about it: a time-out contradicts no refusal.
_ABOUT_FLEET = frozenset({NoDataCause.FLEET_REFUSED, NoDataCause.FLEET_EMPTY, NoDataCause.NO_STATUS})

# Not ImaginePro's fault, so the time until it fails is no part of that outage, nor the other way round.
_OUTAGES_OF_THEIR_OWN = frozenset({NoDataCause.INTERNAL, NoDataCause.NOTHING_WATCHED})


@dataclass(frozen=True, slots=True)
class Outage:
    """Failed checks in a row. Times without checks do not count: `since` and `fleet_since` move on by as much."""

    latest: NoDataCause
    since: datetime
    checked_at: datetime
    """When the latest check failed."""
    checks: int = 1
    cause_checks: int = 1
    """How many of them failed in a row for the latest cause."""
    fleet_cause: NoDataCause | None = None
    """What ImaginePro last answered about the fleet, if it did."""
    fleet_since: datetime | None = None
    """Since when it has answered nothing else."""

    @property
    def cause(self) -> NoDataCause:
        """The cause to name: an empty list only after several in a row."""
        if self.latest is NoDataCause.FLEET_EMPTY and not self.is_settled:
            return NoDataCause.UNUSABLE
        return self.latest

    @property
    def is_settled(self) -> bool:
        """Whether the latest cause has been the same for some checks."""
        return self.cause_checks >= _CHECKS_TO_BELIEVE

    @property
    def duration(self) -> timedelta:
        """For how long checks were made and read nothing."""
        return self.checked_at - self.since

    @property
    def is_empty_for_good(self) -> bool:
        """Whether the fleet has been empty for so long that its tokens count as gone."""
        return self._is_fleet(NoDataCause.FLEET_EMPTY, EMPTY_FOR_GOOD_AFTER)

    @property
    def is_refused_for_good(self) -> bool:
        """Whether the fleet has been refused for so long that the key counts as one that never listed it."""
        return self._is_fleet(NoDataCause.FLEET_REFUSED, REFUSED_FOR_GOOD_AFTER)

    def _is_fleet(self, cause: NoDataCause, at_least: timedelta) -> bool:
        if self.fleet_cause is not cause or self.fleet_since is None:
            return False
        return self.checked_at - self.fleet_since >= at_least


def continue_outage(
    before: Outage | None,
    cause: NoDataCause,
    last_success_at: datetime | None,
    now: datetime,
    *,
    longest_gap: timedelta,
) -> Outage:
    """Return the outage after one more failed check.

    `longest_gap` is the longest time between two checks that are made as planned. A longer one is not ImaginePro's
    fault: the process was not running, the machine slept, or the database could not record checks. Nor does the time
    count if a clock was set. An outage of ImaginePro and one that is not its fault are not added up.
    """
    gap = now - before.checked_at if before is not None else timedelta()
    uncounted = gap - min(max(gap, timedelta()), longest_gap)
    if before is None or (before.latest is not cause and not _OUTAGES_OF_THEIR_OWN.isdisjoint({before.latest, cause})):
        is_recent = last_success_at is not None and timedelta() <= now - last_success_at <= longest_gap
        outage = Outage(cause, last_success_at if is_recent and last_success_at is not None else now, now)
    else:
        outage = Outage(
            cause,
            since=before.since + uncounted,
            checked_at=now,
            checks=before.checks + 1,
            cause_checks=before.cause_checks + 1 if cause is before.latest else 1,
        )
    if cause in _ABOUT_FLEET and (before is None or cause is not before.fleet_cause):
        return replace(outage, fleet_cause=cause, fleet_since=now if before is not None else outage.since)
    if before is None or before.fleet_since is None:
        return outage
    return replace(outage, fleet_cause=before.fleet_cause, fleet_since=before.fleet_since + uncounted)


def needs_alert(outage: Outage, no_data_after: timedelta) -> bool:
    """Whether checks have failed for long enough to alert."""
    if outage.cause is NoDataCause.NOTHING_WATCHED:
        return False
    return outage.checks >= MIN_FAILED_CHECKS and outage.duration >= no_data_after
