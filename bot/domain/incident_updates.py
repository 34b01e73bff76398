"""Updates of incidents by the changes of a round and by time. `incident_actions` has those by people."""

from collections.abc import Callable, Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from bot.domain.alert_types import ALERT_POLICIES, AlertType, IncidentType, Urgency, is_more_severe, most_severe
from bot.domain.incidents import AffectedToken, Incident, TimelineEvent, TimelineEventType
from bot.domain.modes import Mode
from bot.domain.outages import Outage
from bot.domain.quiet_hours import is_ping_suppressed
from bot.domain.rules import Rules
from bot.domain.tracking import Change, Transition
from bot.domain.wrong_clock import CLOCK_SKEW


class UpdateType(StrEnum):
    """What an update is, which decides what is delivered."""

    STARTED = "started"
    CHANGED = "changed"
    WORSENED = "worsened"
    RESOLVED = "resolved"
    REMINDER = "reminder"
    ESCALATED = "escalated"
    REFRESH = "refresh"
    """The incident was acknowledged, muted or unmuted, and its Discord message must show that."""


@dataclass(frozen=True, slots=True)
class IncidentUpdate:
    """An incident after an update, and its new timeline events."""

    incident: Incident
    type: UpdateType
    events: tuple[TimelineEvent, ...] = ()
    closed_for: tuple[int, ...] = ()
    """The tokens out of FAST for which it was closed by hand. There is no alert when they return."""

    @property
    def urgency(self) -> Urgency:
        """The urgency of its delivery: an update without news can wait."""
        is_news = self.type in {UpdateType.STARTED, UpdateType.WORSENED, UpdateType.ESCALATED}
        return self.incident.urgency if is_news else Urgency.ROUTINE


# --- Changes of a round

RouteLookup = Callable[[int], tuple[object, int | None]]
"""Returns for a token the key of those alerted together, and the id of the token whose own route applies, if any."""


def apply_changes(
    changes: Iterable[Change],
    open_incidents: Iterable[Incident],
    *,
    server_id: int,
    now: datetime,
    rules: Rules,
    route_of: RouteLookup,
    switched_off_by: Callable[[Change], int | None] = lambda _: None,
    muted: Set[int] = frozenset(),
) -> list[IncidentUpdate]:
    """Apply the changes of one round to the open incidents they belong to, and open incidents for the rest.

    A token that leaves FAST again joins its earlier incident only if that is flapping: in a group whose other tokens
    have been out for days, nobody would notice it. `rules.group_from` or more new changes with the same route open one
    incident together; a muted token has an incident of its own, which waits until the mute ends.
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
    updates = [_update_incident(incident, its, now, rules, switched_off_by) for incident, its in ongoing.values()]
    for with_same_route in new.values():
        apart = [[change] for change in with_same_route if change.token_id in muted]
        others = [change for change in with_same_route if change.token_id not in muted]
        groups = apart + ([others] if len(others) >= rules.group_from else [[change] for change in others])
        opened = [_open_incident(group, server_id, route_of(group[0].token_id)[1], switched_off_by) for group in groups]
        updates += [replace(one, incident=skip_past_reminders(one.incident, now, rules)) for one in opened]
    return updates


def _index(open_incidents: Iterable[Incident]) -> Mapping[tuple[IncidentType, int], Incident]:
    """Return the incident that each token's changes belong to: where it is still affected, else where it is flapping.

    An index, since a scan of all members for each change took 16 s when 5,000 tokens were back at once.
    """
    still_affected: dict[tuple[IncidentType, int], Incident] = {}
    flapping: dict[tuple[IncidentType, int], Incident] = {}
    for incident in open_incidents:
        for member in incident.members:
            if member.resolved_at is None:
                still_affected.setdefault((incident.type, member.token_id), incident)
            elif incident.flapping:
                flapping[incident.type, member.token_id] = incident
    return flapping | still_affected


def _open_incident(
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
            earlier_starts=len(change.earlier_starts),
            first_start_at=min(change.earlier_starts, default=None),
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
    return IncidentUpdate(incident, UpdateType.STARTED, tuple(map(_timeline_event, changes)))


def _update_incident(
    incident: Incident,
    changes: Sequence[Change],
    now: datetime,
    rules: Rules,
    switched_off_by: Callable[[Change], int | None],
) -> IncidentUpdate:
    has_worsened = False
    is_urgent = False
    members = dict(incident.by_token)
    for change in changes:
        before = members[change.token_id]
        after = _apply_change(before, change, switched_off_by(change))
        members[change.token_id] = after
        if after.got_worse and (not before.got_worse or is_more_severe(after.kind, before.kind)):
            has_worsened = True
            is_urgent = is_urgent or ALERT_POLICIES[after.kind].urgency is Urgency.URGENT
    incident = replace(
        incident, members=tuple(members.values()), flapping=incident.flapping or any(one.flapping for one in changes)
    )
    events = tuple(map(_timeline_event, changes))
    if not incident.still_affected and not incident.flapping:
        # The latest of all tokens: the last one to be confirmed was not always the last one to recover.
        last = max(member.resolved_at for member in incident.members if member.resolved_at is not None)
        return IncidentUpdate(incident.resolve(last), UpdateType.RESOLVED, events)
    if not has_worsened:
        return IncidentUpdate(incident, UpdateType.CHANGED, events)
    return IncidentUpdate(worsen(incident, now, rules, is_urgent=is_urgent), UpdateType.WORSENED, events)


def worsen(incident: Incident, now: datetime, rules: Rules, *, is_urgent: bool) -> Incident:
    """Return an incident that got worse, so that it pings again.

    Whoever acknowledged it did not know this. A mute was chosen to have quiet, so only an urgent change ends it.
    """
    worsened = replace(incident, inhibited=False)
    if incident.acknowledged_by is not None:
        worsened = replace(worsened, acknowledged_by=None, acknowledged_at=None, unacknowledged_since=now)
    if is_urgent:
        worsened = replace(worsened, muted_by=None, muted_at=None, muted_until=None)
    return skip_past_reminders(worsened, now, rules)


def _apply_change(member: AffectedToken, change: Change, switched_off_by: int | None) -> AffectedToken:
    match change.transition:
        case Transition.RESOLVED:
            # An alert about fast time also ends with its token.
            mode = Mode.GONE if change.after is Mode.GONE else member.mode
            return replace(member, mode=mode).resolve(change.at)
        case Transition.STARTED if member.resolved_at is not None:
            member = replace(
                member, started_at=change.at, resolved_at=None, times=member.times + 1, earlier=member.total_duration
            )
    return replace(
        member,
        kind=change.alert_type,
        worst=most_severe(change.alert_type, member.worst),
        mode=change.after,
        switched_off_by=switched_off_by,
        gone_at=change.gone_at,
    )


def _timeline_event(change: Change) -> TimelineEvent:
    if change.transition is Transition.RESOLVED:
        mode = Mode.GONE if change.after is Mode.GONE else None
        return TimelineEvent(change.at, TimelineEventType.RECOVERED, change.token_id, mode=mode)
    type_ = TimelineEventType.STARTED if change.transition is Transition.STARTED else TimelineEventType.CHANGED
    return TimelineEvent(change.at, type_, change.token_id, change.alert_type, change.after)


def open_no_data(server_id: int, outage: Outage, now: datetime, rules: Rules) -> IncidentUpdate:
    """Open an incident because there has been no data about the tokens since the start of an outage."""
    incident = Incident(None, server_id, IncidentType.NO_DATA, started_at=outage.since, cause=outage.cause)
    event = TimelineEvent(now, TimelineEventType.STARTED, kind=AlertType.NO_DATA)
    return IncidentUpdate(skip_past_reminders(incident, now, rules), UpdateType.STARTED, (event,))


def update_cause(incident: Incident, outage: Outage) -> IncidentUpdate:
    """Show another cause of the same missing data."""
    return IncidentUpdate(replace(incident, cause=outage.cause), UpdateType.REFRESH)


def resolve_no_data(incident: Incident, now: datetime) -> IncidentUpdate:
    """Resolve the incident about missing data."""
    event = TimelineEvent(now, TimelineEventType.RECOVERED)
    return IncidentUpdate(incident.resolve(now), UpdateType.RESOLVED, (event,))


# --- Time


def resolve_flapping(open_incidents: Iterable[Incident], now: datetime, rules: Rules) -> list[IncidentUpdate]:
    """Resolve the flapping incidents whose tokens have all stayed in FAST for `rules.flap_clear_after`."""
    return [
        IncidentUpdate(incident.resolve(now), UpdateType.RESOLVED)
        for incident in open_incidents
        if incident.flapping
        and all(
            member.resolved_at is not None and now - member.resolved_at >= rules.flap_clear_after
            for member in incident.members
        )
    ]


def remind(incident: Incident, now: datetime, rules: Rules) -> IncidentUpdate | None:
    """Return a reminder if one is due, else None. After an outage, one reminder stands for all that are past."""
    if not incident.pings or incident.acknowledged_by is not None or incident.is_muted(now):
        return None
    passed = _past_reminders(incident, now, rules)
    is_due = ALERT_POLICIES[incident.kind].reminds and passed > incident.reminders_sent
    if not is_due or is_left_to_summary(incident) or is_ping_suppressed(incident, rules, now):
        return None
    return IncidentUpdate(replace(incident, reminders_sent=passed), UpdateType.REMINDER)


def is_left_to_summary(incident: Incident) -> bool:
    """Whether the summary after quiet hours stands for the reminders of an incident that are due until then."""
    return incident.quiet_at is not None and incident.urgency < Urgency.URGENT


def skip_past_reminders(incident: Incident, now: datetime, rules: Rules) -> Incident:
    """Count all past reminders as sent: an incident that pings now needs no reminder one round later."""
    return replace(incident, reminders_sent=max(incident.reminders_sent, _past_reminders(incident, now, rules)))


def recount_reminders(incident: Incident, now: datetime, rules: Rules) -> Incident:
    """Count only the reminders as sent whose time has come; return the same incident if that is so.

    A clock that was ahead may have counted later ones, which would then never be sent. After one that was behind, those
    of that time are sent again.
    """
    sent = min(incident.reminders_sent, _past_reminders(incident, now + CLOCK_SKEW, rules))
    return incident if sent == incident.reminders_sent else replace(incident, reminders_sent=sent)


def _past_reminders(incident: Incident, now: datetime, rules: Rules) -> int:
    return sum(now - incident.started_at >= after for after in rules.reminders)
