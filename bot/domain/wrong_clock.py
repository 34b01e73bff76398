"""What a wall clock recorded while it was ahead. Nothing that is known can have happened in the future."""

from dataclasses import replace
from datetime import datetime, timedelta

from bot.domain.incidents import AffectedToken, Incident

CLOCK_SKEW = timedelta(seconds=15)
"""How far the clocks of the processes on one database may differ."""


def is_from_the_future(at: datetime, now: datetime) -> bool:
    """Whether this time was recorded by a clock that was ahead."""
    return at > now + CLOCK_SKEW


def correct_incident(incident: Incident, now: datetime) -> Incident:
    """Return an open incident without times in the future; the same incident if it has none.

    With them, its reminders would be due hours late, it would count as flapping for as long, and its message would say
    that it starts in the future. What was muted meanwhile is muted for as long as it was meant to be.
    """
    latest = max(_times_of(incident))
    if not is_from_the_future(latest, now):
        return incident
    muted_at, muted_until = incident.muted_at, incident.muted_until
    if muted_at is not None and muted_until is not None and is_from_the_future(muted_at, now):
        muted_until -= latest - now
    return replace(
        incident,
        started_at=min(incident.started_at, now),
        members=tuple(_correct_member(member, now) for member in incident.members),
        acknowledged_at=_past(incident.acknowledged_at, now),
        unacknowledged_since=_past(incident.unacknowledged_since, now),
        muted_at=_past(muted_at, now),
        muted_until=muted_until,
    )


def _times_of(incident: Incident) -> list[datetime]:
    times = [incident.started_at, incident.acknowledged_at, incident.unacknowledged_since, incident.muted_at]
    times += [at for member in incident.members for at in (member.started_at, member.resolved_at)]
    return [at for at in times if at is not None]


def _correct_member(member: AffectedToken, now: datetime) -> AffectedToken:
    return replace(member, started_at=min(member.started_at, now), resolved_at=_past(member.resolved_at, now))


def _past(at: datetime | None, now: datetime) -> datetime | None:
    return min(at, now) if at is not None else None
