"""How incidents go on: by what a round has found, by time, and by what people do to them."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import Enum, StrEnum, auto

from bot.domain.alert_types import ALERT_POLICIES, AlertType, IncidentType, Urgency, severity
from bot.domain.incidents import AffectedToken, Incident, TimelineEvent, TimelineEventType
from bot.domain.rules import Rules
from bot.domain.tracking import Change, Transition


class UpdateType(StrEnum):
    """What an update is, and so what is to be delivered."""

    STARTED = "started"
    CHANGED = "changed"
    WORSENED = "worsened"
    RESOLVED = "resolved"
    REMINDER = "reminder"
    REFRESH = "refresh"
    """Somebody has acknowledged, muted or unmuted it: its Discord message must show that."""


@dataclass(frozen=True, slots=True)
class IncidentUpdate:
    """An incident as it stands after an update, and the new lines of its timeline."""

    incident: Incident
    type: UpdateType
    events: tuple[TimelineEvent, ...] = ()
    closed_for: tuple[int, ...] = ()
    """The tokens for which it was closed by hand: nothing is alerted when they are back in FAST."""

    @property
    def urgency(self) -> Urgency:
        """How soon it must be delivered: what is no news can wait for what is."""
        is_news = self.type in {UpdateType.STARTED, UpdateType.WORSENED}
        return self.incident.urgency if is_news else Urgency.ROUTINE


# --- What a round has found

RouteLookup = Callable[[int], tuple[object, int | None]]
"""Returns for a token what it shares with those that are alerted together, and whose own route that is, if any."""


def apply_changes(
    changes: Iterable[Change],
    open_incidents: Iterable[Incident],
    *,
    server_id: int,
    now: datetime,
    rules: Rules,
    route_of: RouteLookup,
    switched_off_by: Callable[[Change], int | None] = lambda _: None,
) -> list[IncidentUpdate]:
    """Apply the changes of one round to the incidents they belong to, and make new incidents of the rest.

    A token that leaves FAST again is alerted there only if that one is flapping: in a group whose others have been out
    for days, nobody would notice it. As many new ones as `rules.group_from` that share a route make one incident.
    """
    incident_of = _index(open_incidents)
    ongoing: dict[int, tuple[Incident, list[Change]]] = {}
    new: dict[tuple[IncidentType, object], list[Change]] = {}
    for change in changes:
        incident = incident_of.get((change.type, change.token_id))
        if incident is not None and incident.id is not None:
            ongoing.setdefault(incident.id, (incident, []))[1].append(change)
        elif change.transition is not Transition.RESOLVED:
            new.setdefault((change.type, route_of(change.token_id)[0]), []).append(change)
    updates = [_carry_on(incident, its, now, rules, switched_off_by) for incident, its in ongoing.values()]
    for alike in new.values():
        together = [alike] if len(alike) >= rules.group_from else [[change] for change in alike]
        begun = [_begin(each, server_id, route_of(each[0].token_id)[1], switched_off_by) for each in together]
        updates += [replace(one, incident=skip_past_reminders(one.incident, now, rules)) for one in begun]
    return updates


def _index(open_incidents: Iterable[Incident]) -> Mapping[tuple[IncidentType, int], Incident]:
    """Return the incident that each token's changes belong to: where it is still out, or else where it is flapping."""
    still_out: dict[tuple[IncidentType, int], Incident] = {}
    flapping: dict[tuple[IncidentType, int], Incident] = {}
    for incident in open_incidents:
        for member in incident.members:
            if member.resolved_at is None:
                still_out.setdefault((incident.type, member.token_id), incident)
            elif incident.flapping:
                flapping[incident.type, member.token_id] = incident
    return flapping | still_out


def _begin(
    changes: Sequence[Change],
    server_id: int,
    route_token_id: int | None,
    switched_off_by: Callable[[Change], int | None],
) -> IncidentUpdate:
    members = tuple(
        AffectedToken(
            token_id=change.token_id,
            kind=change.alert_type,
            worst=change.alert_type,
            mode_before=change.before,
            mode=change.after,
            started_at=change.at,
            switched_off_by=switched_off_by(change),
            gone_at=change.gone_at,
        )
        for change in changes
    )
    incident = Incident(
        id=None,
        server_id=server_id,
        type=changes[0].type,
        started_at=min(change.at for change in changes),
        members=members,
        route_token_id=route_token_id,
        flapping=any(change.flapping for change in changes),
    )
    return IncidentUpdate(incident, UpdateType.STARTED, tuple(map(_event, changes)))


def _carry_on(
    incident: Incident,
    changes: Sequence[Change],
    now: datetime,
    rules: Rules,
    switched_off_by: Callable[[Change], int | None],
) -> IncidentUpdate:
    worse = False
    urgent = False
    members = dict(incident.by_token)
    for change in changes:
        before = members[change.token_id]
        after = _changed(before, change, switched_off_by(change))
        members[change.token_id] = after
        if severity(after.worst) > severity(before.worst):
            worse = True
            urgent = urgent or ALERT_POLICIES[after.worst].urgency is Urgency.URGENT
    incident = replace(
        incident, members=tuple(members.values()), flapping=incident.flapping or any(one.flapping for one in changes)
    )
    events = tuple(map(_event, changes))
    if not incident.still_affected and not incident.flapping:
        # Not simply that of this round's changes: the last to be confirmed was not always the last to be back.
        last = max(member.resolved_at for member in incident.members if member.resolved_at is not None)
        return IncidentUpdate(_ended(incident, last), UpdateType.RESOLVED, events)
    if not worse:
        return IncidentUpdate(incident, UpdateType.CHANGED, events)
    # Whoever acknowledged or muted it did not know of this.
    incident = skip_past_reminders(replace(incident, acknowledged_by=None, acknowledged_at=None), now, rules)
    if urgent:
        incident = replace(incident, muted_by=None, muted_until=None)
    return IncidentUpdate(incident, UpdateType.WORSENED, events)


def _changed(member: AffectedToken, change: Change, switched_off_by: int | None) -> AffectedToken:
    match change.transition:
        case Transition.RESOLVED:
            return _member_ended(member, change.at)
        case Transition.STARTED if member.resolved_at is not None:
            member = replace(
                member, started_at=change.at, resolved_at=None, times=member.times + 1, earlier=member.total_duration
            )
    worst = max(member.worst, change.alert_type, key=severity)
    return replace(
        member,
        kind=change.alert_type,
        worst=worst,
        mode=change.after,
        switched_off_by=switched_off_by,
        gone_at=change.gone_at,
    )


def _event(change: Change) -> TimelineEvent:
    if change.transition is Transition.RESOLVED:
        return TimelineEvent(change.at, TimelineEventType.RECOVERED, change.token_id)
    happening = TimelineEventType.STARTED if change.transition is Transition.STARTED else TimelineEventType.CHANGED
    return TimelineEvent(change.at, happening, change.token_id, change.alert_type, change.after)


def open_no_data(server_id: int, since: datetime, now: datetime, rules: Rules) -> IncidentUpdate:
    """Begin an incident since nothing has been known of the tokens for too long."""
    incident = skip_past_reminders(Incident(None, server_id, IncidentType.NO_DATA, started_at=since), now, rules)
    return IncidentUpdate(
        incident, UpdateType.STARTED, (TimelineEvent(now, TimelineEventType.STARTED, kind=AlertType.NO_DATA),)
    )


def resolve_no_data(incident: Incident, now: datetime) -> IncidentUpdate:
    """End the incident of no data."""
    return IncidentUpdate(
        _ended(incident, now), UpdateType.RESOLVED, (TimelineEvent(now, TimelineEventType.RECOVERED),)
    )


# --- What time does


def resolve_flapping(open_incidents: Iterable[Incident], now: datetime, rules: Rules) -> list[IncidentUpdate]:
    """End the flapping incidents whose tokens have all stayed in FAST for long enough."""
    return [
        IncidentUpdate(_ended(incident, now), UpdateType.RESOLVED)
        for incident in open_incidents
        if incident.flapping
        and all(
            member.resolved_at is not None and now - member.resolved_at >= rules.flap_clear_after
            for member in incident.members
        )
    ]


def remind(incident: Incident, now: datetime, rules: Rules) -> IncidentUpdate | None:
    """Remind of an incident when it is time, once for all the times that have passed meanwhile."""
    if not incident.pings or incident.acknowledged_by is not None or incident.is_muted(now):
        return None
    passed = _reminders_passed(incident, now, rules)
    if not ALERT_POLICIES[incident.kind].reminds or passed <= incident.reminders_sent:
        return None
    return IncidentUpdate(replace(incident, reminders_sent=passed), UpdateType.REMINDER)


def skip_past_reminders(incident: Incident, now: datetime, rules: Rules) -> Incident:
    """Count the reminders whose time has passed as sent: what pings now needs no reminder a round later."""
    return replace(incident, reminders_sent=max(incident.reminders_sent, _reminders_passed(incident, now, rules)))


def _reminders_passed(incident: Incident, now: datetime, rules: Rules) -> int:
    return sum(now - incident.started_at >= after for after in rules.reminders)


# --- What people do


class Refusal(Enum):
    """Why an incident is not changed as somebody asked."""

    ALREADY_ACKNOWLEDGED = auto()
    NOT_MUTED = auto()
    CANNOT_BE_CLOSED = auto()


class UpdateRefused(Exception):
    """An incident is not changed as somebody asked, since that makes no sense as it stands."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(refusal.name)
        self.refusal = refusal


def acknowledge(incident: Incident, by: int, now: datetime) -> IncidentUpdate:
    """Have a member of the server look after an open incident: no more reminders. Raises UpdateRefused."""
    if incident.acknowledged_at is not None:
        raise UpdateRefused(Refusal.ALREADY_ACKNOWLEDGED)
    acknowledged = replace(incident, acknowledged_by=by, acknowledged_at=now)
    return IncidentUpdate(
        acknowledged, UpdateType.REFRESH, (TimelineEvent(now, TimelineEventType.ACKNOWLEDGED, actor_id=by),)
    )


def mute(incident: Incident, by: int, now: datetime, *, lasts: timedelta | None) -> IncidentUpdate:
    """Mute an open incident for so long; None for as long as it is open."""
    until = now + lasts if lasts is not None else None
    muted = replace(incident, muted_by=by, muted_until=until)
    return IncidentUpdate(
        muted, UpdateType.REFRESH, (TimelineEvent(now, TimelineEventType.MUTED, actor_id=by, expires_at=until),)
    )


def unmute(incident: Incident, by: int, now: datetime) -> IncidentUpdate:
    """End the mute of an open incident. Raises UpdateRefused."""
    if incident.muted_by is None:
        raise UpdateRefused(Refusal.NOT_MUTED)
    unmuted = replace(incident, muted_by=None, muted_until=None)
    return IncidentUpdate(unmuted, UpdateType.REFRESH, (TimelineEvent(now, TimelineEventType.UNMUTED, actor_id=by),))


def close(incident: Incident, by: int, now: datetime) -> IncidentUpdate:
    """End an open incident by hand, where its tokens may stay as they are. Raises UpdateRefused."""
    if not incident.can_be_closed:
        raise UpdateRefused(Refusal.CANNOT_BE_CLOSED)
    members = tuple(_member_ended(one, now) if one.resolved_at is None else one for one in incident.members)
    closed = replace(_ended(incident, now), members=members, closed_by=by)
    closed_for = tuple(member.token_id for member in incident.still_affected)
    return IncidentUpdate(
        closed, UpdateType.RESOLVED, (TimelineEvent(now, TimelineEventType.CLOSED, actor_id=by),), closed_for
    )


def _ended(incident: Incident, at: datetime) -> Incident:
    """End it. A clock may have been set back: nothing ends before it began."""
    return replace(incident, resolved_at=max(at, incident.started_at))


def _member_ended(member: AffectedToken, at: datetime) -> AffectedToken:
    """End a token's part in it, no earlier than it began."""
    return replace(member, resolved_at=max(at, member.started_at))
