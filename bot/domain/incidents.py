"""Incidents: one problem of one or more tokens, from the first alert to the resolution."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from functools import cached_property

from bot.domain.alert_types import (
    ALERT_POLICIES,
    AlertType,
    IncidentType,
    Urgency,
    is_more_severe,
    most_severe,
    severity,
)
from bot.domain.conditions import Condition
from bot.domain.modes import Mode
from bot.domain.outages import NoDataCause

# It may stay like that for good: a switch may be intended, and hours or credits may never return on a cancelled plan.
_MAY_STAY = frozenset(
    {
        AlertType.SWITCHED_OFF,
        AlertType.NOT_LISTED,
        *(
            kind
            for kind, policy in ALERT_POLICIES.items()
            if policy.type
            in {IncidentType.LOW_FAST_TIME, IncidentType.RUN_OUT, IncidentType.CREDITS, IncidentType.PLAN_END}
        ),
    }
)


class CloseReason(StrEnum):
    """Why an incident was closed although it may still be so: nobody follows it any more."""

    ALERTS_OFF = "alerts_off"
    """A member switched the server's alerts off."""
    NOT_CONNECTED = "not_connected"
    """The server is no longer one of HOME_SERVERS."""
    NOT_WATCHED = "not_watched"
    """A member stopped watching the message by which its token was read."""
    NOT_READ = "not_read"
    """The key cannot list tokens any more, and no watched message leads to one of its tokens."""
    RULE_OFF = "rule_off"
    """The rule for such alerts was switched off."""


@dataclass(frozen=True, slots=True)
class AffectedToken:
    """A token's part in an incident. After it is resolved, `mode` and `kind` keep their last values."""

    token_id: int
    kind: AlertType
    worst: AlertType
    """The most severe alert type so far."""
    mode_before: Mode
    mode: Mode
    started_at: datetime
    """When it last started for this token."""
    resolved_at: datetime | None = None
    times: int = 1
    """How often it has started for this token."""
    earlier: timedelta = timedelta()
    """The total duration of the earlier times."""
    switched_off_by: int | None = None
    """The member of the server who switched the token off from Discord, if that is the cause."""
    gone_at: datetime | None = None
    """When fast time may run out, for an incident about that."""
    earlier_starts: int = 0
    """How often it left FAST shortly before, in incidents of its own, if it is flapping."""
    first_start_at: datetime | None = None
    """When it first left FAST of these times."""
    notified: AlertType | None = None
    """The most severe alert type that people were notified of; None if nobody was. Only a more severe one pings again.

    It may be milder than `worst`, which a mute may have held back, or which was over before it was sent.
    """

    @property
    def starts(self) -> int:
        """How often it left FAST, in this incident and shortly before."""
        return self.earlier_starts + self.times

    @property
    def got_worse(self) -> bool:
        """Whether it is more severe than anything that people were notified of."""
        return self.resolved_at is None and is_more_severe(self.kind, self.notified)

    @property
    def was_switched_off(self) -> bool:
        """Whether the token is out of FAST because a moderator switched it off from Discord."""
        return self.switched_off_by is not None and self.mode is Mode.OFF

    @property
    def ended_unlisted(self) -> bool:
        """Whether an alert about its fast time ended because ImaginePro no longer lists it."""
        is_about_mode = ALERT_POLICIES[self.kind].type is IncidentType.MODE
        return not is_about_mode and self.resolved_at is not None and self.mode is Mode.GONE

    @property
    def total_duration(self) -> timedelta:
        """The total duration of all times that are over."""
        return self.earlier + (self.resolved_at - self.started_at if self.resolved_at is not None else timedelta())

    def resolve(self, at: datetime) -> "AffectedToken":
        """Return it as resolved. The clock may have been set back, but nothing ends before it started."""
        return replace(self, resolved_at=max(at, self.started_at))


@dataclass(frozen=True)  # without slots, for the cached index
class Incident:
    """One incident of a server. `id` is None before it is saved.

    An incident about missing data has no members, nor has one about a condition of the whole fleet or account.
    """

    id: int | None
    server_id: int
    type: IncidentType
    started_at: datetime
    members: tuple[AffectedToken, ...] = ()
    resolved_at: datetime | None = None
    route_token_id: int | None = None
    """The token whose own route its alerts use, if there is one."""
    flapping: bool = False
    """Whether it stays open until its tokens have been in FAST for a while."""
    acknowledged_by: int | None = None
    acknowledged_at: datetime | None = None
    assigned_to: int | None = None
    """The member of the server who works on it."""
    muted_by: int | None = None
    muted_at: datetime | None = None
    muted_until: datetime | None = None
    """When the mute ends. None with `muted_by` set: when the incident does."""
    reminders_sent: int = 0
    """How many of the rules' reminders were sent or skipped."""
    closed_by: int | None = None
    """The member of the server who closed it."""
    close_reason: CloseReason | None = None
    """Why it was closed, unless a member closed it by its button."""
    unacknowledged_since: datetime | None = None
    """Since when nobody has acknowledged it, if that is later than its start."""
    escalated_at: datetime | None = None
    """When a second role was pinged because nobody had acknowledged it."""
    quiet_at: datetime | None = None
    """When it was alerted in quiet hours; None once the summary after them lists it."""
    cause: NoDataCause | None = None
    """Why there is no data, for an incident about that."""
    thread_id: int | None = None
    """The Discord thread under its message, where its timeline goes on."""
    condition: Condition | None = None
    """What is wrong, for an incident about the whole fleet or account."""
    inhibited: bool = False
    """Whether it began together with an alert about the team's capacity, which pings and reminds instead."""

    @property
    def is_open(self) -> bool:
        """Whether it is not resolved."""
        return self.resolved_at is None

    @property
    def is_closed(self) -> bool:
        """Whether it was closed, and did not end by itself."""
        return self.closed_by is not None or self.close_reason is not None

    @property
    def duration(self) -> timedelta | None:
        """The time from its start to its resolution; None while it is open."""
        return self.resolved_at - self.started_at if self.resolved_at is not None else None

    @property
    def still_affected(self) -> tuple[AffectedToken, ...]:
        """The members that are not resolved."""
        return tuple(member for member in self.members if member.resolved_at is None)

    @property
    def most_severe(self) -> AffectedToken | None:
        """The most severe member, of those still affected if there are any; None without members."""
        return max(self.still_affected or self.members, key=lambda member: severity(member.kind), default=None)

    @property
    def kind(self) -> AlertType:
        """The alert type of its condition, or of its most severe member."""
        if self.condition is not None:
            return self.condition.kind
        return self.most_severe.kind if self.most_severe is not None else AlertType.NO_DATA

    @property
    def urgency(self) -> Urgency:
        """The urgency of its alert type."""
        return ALERT_POLICIES[self.kind].urgency

    @property
    def pings(self) -> bool:
        """Whether it is worth a ping: open, not inhibited, and not only about tokens that a moderator switched off."""
        is_news = not self.members or any(not member.was_switched_off for member in self.still_affected)
        return self.is_open and not self.inhibited and is_news

    @property
    def can_be_closed(self) -> bool:
        """Whether it may stay as it is for good, so that it would never be resolved by itself."""
        kinds = [self.kind] if self.condition is not None else [member.kind for member in self.still_affected]
        return bool(kinds) and all(kind in _MAY_STAY for kind in kinds)

    @property
    def switched_off_token(self) -> int | None:
        """The only token it is about, if that is switched off and could be switched on; else None."""
        kinds = [member.kind for member in self.still_affected]
        is_off = len(self.members) == 1 and kinds == [AlertType.SWITCHED_OFF]
        return self.members[0].token_id if is_off else None

    def is_muted(self, now: datetime) -> bool:
        """Whether it has a mute that has not expired."""
        return self.muted_by is not None and (self.muted_until is None or now < self.muted_until)

    @property
    def got_worse(self) -> tuple[AffectedToken, ...]:
        """The members that are more severe than anything that people were notified of."""
        return tuple(member for member in self.members if member.got_worse)

    @property
    def has_worsened(self) -> bool:
        """Whether it is more severe than anything that people were notified of."""
        return self.condition.got_worse if self.condition is not None else bool(self.got_worse)

    def notified_as(self, sent: "Incident") -> "Incident":
        """Return it after people were notified of it as it was in `sent`. It may have changed since."""
        news = {member.token_id: member.kind for member in sent.got_worse}
        members = (
            replace(member, notified=most_severe(news[member.token_id], member.notified))
            if member.token_id in news
            else member
            for member in self.members
        )
        condition = self.condition
        if condition is not None and sent.condition is not None:
            condition = replace(condition, notified=most_severe(sent.condition.kind, condition.notified))
        return replace(self, members=tuple(members), condition=condition)

    def resolve(self, at: datetime) -> "Incident":
        """Return it as resolved. The clock may have been set back, but nothing ends before it started."""
        return replace(self, resolved_at=max(at, self.started_at))

    @cached_property
    def by_token(self) -> Mapping[int, AffectedToken]:
        """The members by token id."""
        return {member.token_id: member for member in self.members}

    def find_token(self, token_id: int) -> AffectedToken | None:
        """Return a token's part in it, if it has one."""
        return self.by_token.get(token_id)


class TimelineEventType(StrEnum):
    """The type of an event in an incident's timeline."""

    STARTED = "started"
    CHANGED = "changed"
    RECOVERED = "recovered"
    ACKNOWLEDGED = "acknowledged"
    UNACKNOWLEDGED = "unacknowledged"
    ASSIGNED = "assigned"
    NOTE = "note"
    ESCALATED = "escalated"
    THREAD = "thread"
    MUTED = "muted"
    UNMUTED = "unmuted"
    CLOSED = "closed"
    ALERTS_OFF = CloseReason.ALERTS_OFF
    NOT_CONNECTED = CloseReason.NOT_CONNECTED
    NOT_WATCHED = CloseReason.NOT_WATCHED
    NOT_READ = CloseReason.NOT_READ
    RULE_OFF = CloseReason.RULE_OFF


@dataclass(frozen=True, slots=True)
class TimelineEvent:
    """One event of an incident: a change of a token, or an action of a member of the server."""

    at: datetime
    type: TimelineEventType
    token_id: int | None = None
    kind: AlertType | None = None
    mode: Mode | None = None
    actor_id: int | None = None
    expires_at: datetime | None = None
    assignee_id: int | None = None
    note: str | None = None
    """What a member wrote, as it was typed."""
