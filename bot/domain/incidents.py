"""Incidents: what a server is alerted of as one thing, from the check that found it to the check that found it over."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from functools import cached_property

from bot.domain.alert_types import ALERT_POLICIES, AlertType, IncidentType, Urgency, severity
from bot.domain.modes import Mode

# What may be so on purpose, and so never be back in FAST.
_MAY_STAY = frozenset({AlertType.SWITCHED_OFF, AlertType.NOT_LISTED})


@dataclass(frozen=True, slots=True)
class AffectedToken:
    """A token's part in an incident. `mode` and `kind` stay as they were last when it has ended for the token."""

    token_id: int
    kind: AlertType
    worst: AlertType
    """The most severe kind that was alerted, so that only what is worse pings again."""
    mode_before: Mode
    mode: Mode
    started_at: datetime
    """When it began for this token, the latest time."""
    resolved_at: datetime | None = None
    times: int = 1
    """How often it began."""
    earlier: timedelta = timedelta()
    """How long the earlier times took."""
    switched_off_by: int | None = None
    """The member of the server who switched the token off from Discord, where that is what happened."""
    gone_at: datetime | None = None
    """When its fast time may be gone, where it will not last."""

    @property
    def was_switched_off(self) -> bool:
        """Whether the token is out of FAST because a moderator wanted it so."""
        return self.switched_off_by is not None and self.mode is Mode.OFF

    @property
    def total_duration(self) -> timedelta:
        """How long it took in all, as far as it has ended."""
        return self.earlier + (self.resolved_at - self.started_at if self.resolved_at is not None else timedelta())


@dataclass(frozen=True)  # without slots, for the cached index
class Incident:
    """One incident of a server as it stands. `id` is None before it is recorded; one of no data has no members."""

    id: int | None
    server_id: int
    type: IncidentType
    started_at: datetime
    members: tuple[AffectedToken, ...] = ()
    resolved_at: datetime | None = None
    route_token_id: int | None = None
    """The token whose own route it goes by, as long as there is one."""
    flapping: bool = False
    """It goes on until its tokens have stayed in FAST for a while."""
    acknowledged_by: int | None = None
    acknowledged_at: datetime | None = None
    muted_by: int | None = None
    muted_until: datetime | None = None
    """When the mute ends; None with `muted_by` set means with the incident."""
    reminders_sent: int = 0
    """How many of the reminders have had their time."""
    closed_by: int | None = None
    """The member of the server who declared it over."""

    @property
    def is_open(self) -> bool:
        """Whether it goes on."""
        return self.resolved_at is None

    @property
    def duration(self) -> timedelta | None:
        """How long it took; None while it is open."""
        return self.resolved_at - self.started_at if self.resolved_at is not None else None

    @property
    def still_affected(self) -> tuple[AffectedToken, ...]:
        """The members for whom it goes on."""
        return tuple(member for member in self.members if member.resolved_at is None)

    @property
    def most_severe(self) -> AffectedToken | None:
        """The member that is worst off, of those for whom it goes on if there are any."""
        return max(self.still_affected or self.members, key=lambda member: severity(member.kind), default=None)

    @property
    def kind(self) -> AlertType:
        """The kind it is alerted as: that of its most severe member."""
        return self.most_severe.kind if self.most_severe is not None else AlertType.NO_DATA

    @property
    def urgency(self) -> Urgency:
        """How soon it must be delivered."""
        return ALERT_POLICIES[self.kind].urgency

    @property
    def pings(self) -> bool:
        """Whether anything of it is worth a ping: not what a moderator did on purpose, and not what is over."""
        return self.is_open and (not self.members or any(not member.was_switched_off for member in self.still_affected))

    @property
    def can_be_closed(self) -> bool:
        """Whether all of it may stay as it is for good, so that it would never end by itself."""
        return bool(self.still_affected) and all(member.kind in _MAY_STAY for member in self.still_affected)

    def is_muted(self, now: datetime) -> bool:
        """Whether somebody muted it, and that has not ended."""
        return self.muted_by is not None and (self.muted_until is None or now < self.muted_until)

    @cached_property
    def by_token(self) -> Mapping[int, AffectedToken]:
        """The members by the ids of their tokens."""
        return {member.token_id: member for member in self.members}

    def find_token(self, token_id: int) -> AffectedToken | None:
        """Return a token's part in it; None where it has none."""
        return self.by_token.get(token_id)


class TimelineEventType(StrEnum):
    """A line of an incident's timeline."""

    STARTED = "started"
    CHANGED = "changed"
    RECOVERED = "recovered"
    ACKNOWLEDGED = "acknowledged"
    MUTED = "muted"
    UNMUTED = "unmuted"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class TimelineEvent:
    """Something that happened in an incident: to a token, or by a member of the server."""

    at: datetime
    type: TimelineEventType
    token_id: int | None = None
    kind: AlertType | None = None
    mode: Mode | None = None
    actor_id: int | None = None
    expires_at: datetime | None = None


def merge(incidents: Sequence[Incident]) -> Incident:
    """Make one incident of several that nobody was notified of yet: the first one, with the members of all."""
    first = incidents[0]
    return replace(
        first,
        started_at=min(incident.started_at for incident in incidents),
        members=_merge_tokens(member for incident in incidents for member in incident.members),
        flapping=any(incident.flapping for incident in incidents),
        reminders_sent=max(incident.reminders_sent for incident in incidents),
    )


def _merge_tokens(members: Iterable[AffectedToken]) -> tuple[AffectedToken, ...]:
    """Make one of the parts of a token that was out more than once: it left its group, and FAST again."""
    merged: dict[int, AffectedToken] = {}
    for member in sorted(members, key=lambda member: (member.resolved_at is None, member.started_at)):
        before = merged.get(member.token_id)
        merged[member.token_id] = member if before is None else _combine(before, member)
    return tuple(merged.values())


def _combine(before: AffectedToken, after: AffectedToken) -> AffectedToken:
    return replace(
        after,
        worst=max(before.worst, after.worst, key=severity),
        mode_before=before.mode_before,
        times=before.times + after.times,
        earlier=before.total_duration + after.earlier,
    )
