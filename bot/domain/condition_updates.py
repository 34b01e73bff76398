"""Updates of the incidents about a whole fleet or account, by what a check has confirmed."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from bot.domain.account import AccountQuota
from bot.domain.alert_types import (
    ALERT_POLICIES,
    AlertType,
    IncidentType,
    Urgency,
    is_more_severe,
    severity,
)
from bot.domain.capacity import ABOUT_FAST, Capacity
from bot.domain.conditions import Condition
from bot.domain.incident_actions import close_because
from bot.domain.incident_updates import IncidentUpdate, UpdateType, skip_past_reminders, worsen
from bot.domain.incidents import CloseReason, Incident, TimelineEvent, TimelineEventType
from bot.domain.rules import Rules

CONDITION_TYPES = (IncidentType.CAPACITY, IncidentType.CREDITS, IncidentType.PLAN_END)
_IS_NEWS = frozenset({UpdateType.STARTED, UpdateType.WORSENED})


def open_condition(
    server_id: int, kind: AlertType, figures: Capacity | AccountQuota, now: datetime, rules: Rules
) -> IncidentUpdate:
    """Open an incident about a condition."""
    incident = Incident(
        None,
        server_id,
        ALERT_POLICIES[kind].type,
        started_at=now,
        condition=_condition(kind, figures),
    )
    event = TimelineEvent(now, TimelineEventType.STARTED, kind=kind)
    return IncidentUpdate(skip_past_reminders(incident, now, rules), UpdateType.STARTED, (event,))


def update_condition(
    incident: Incident, kind: AlertType | None, figures: Capacity | AccountQuota, now: datetime, rules: Rules
) -> IncidentUpdate | None:
    """Update an open incident about a condition; `kind` is None if nothing is wrong any more.

    Returns None if people would read the same as before.
    """
    before = incident.condition or _condition(incident.kind, figures)
    after = replace(_condition(kind or before.kind, figures), notified=before.notified)
    if kind is None and _is_off(incident.type, rules):
        return close_because(incident, CloseReason.RULE_OFF, None, now)
    if kind is None:
        event = TimelineEvent(now, TimelineEventType.RECOVERED)
        return IncidentUpdate(replace(incident, condition=after).resolve(now), UpdateType.RESOLVED, (event,))
    event = TimelineEvent(now, TimelineEventType.CHANGED, kind=kind)
    changed = replace(incident, condition=after)
    # It may be as bad again as it was before anybody was notified of that.
    if after.got_worse and (not before.got_worse or is_more_severe(kind, before.kind)):
        is_urgent = ALERT_POLICIES[kind].urgency is Urgency.URGENT
        return IncidentUpdate(worsen(changed, now, rules, is_urgent=is_urgent), UpdateType.WORSENED, (event,))
    if kind is not before.kind:
        return IncidentUpdate(changed, UpdateType.CHANGED, (event,))
    return IncidentUpdate(changed, UpdateType.REFRESH) if _reads_differently(before, after) else None


def is_new(before: AlertType | None, kind: AlertType | None) -> bool:
    """Whether a confirmed change opens an incident if none is open: somebody may have closed one about `before`."""
    return kind is not None and (before is None or severity(kind) > severity(before))


def inhibit(updates: Iterable[IncidentUpdate], capacity: IncidentUpdate | None) -> list[IncidentUpdate]:
    """Return the updates of a check. An alert about capacity that it starts or worsens inhibits those about tokens.

    Otherwise there would be two pings for one cause. A token with a route of its own pings other people.
    """
    if capacity is None or capacity.type not in _IS_NEWS or not is_about_fast(capacity.incident):
        return list(updates)
    return [
        replace(update, incident=replace(update.incident, inhibited=True)) if _can_be_inhibited(update) else update
        for update in updates
    ]


def lift_inhibition(
    updates: Iterable[IncidentUpdate], untouched: Iterable[Incident], now: datetime, rules: Rules
) -> list[IncidentUpdate]:
    """Return a check's updates once no alert about capacity inhibits others any more: they ping and remind again."""

    def released(incident: Incident) -> Incident:
        return skip_past_reminders(replace(incident, inhibited=False), now, rules)

    touched = [
        replace(one, incident=released(one.incident)) if one.incident.inhibited and one.incident.is_open else one
        for one in updates
    ]
    return touched + [IncidentUpdate(released(one), UpdateType.REFRESH) for one in untouched if one.inhibited]


def is_about_fast(incident: Incident) -> bool:
    """Whether it is an open alert about the number of tokens in FAST, which inhibits others."""
    return incident.is_open and incident.type is IncidentType.CAPACITY and incident.kind in ABOUT_FAST


def _can_be_inhibited(update: IncidentUpdate) -> bool:
    incident = update.incident
    is_start = update.type is UpdateType.STARTED and incident.type is IncidentType.MODE
    return is_start and incident.route_token_id is None


def _condition(kind: AlertType, figures: Capacity | AccountQuota) -> Condition:
    """Return a condition with the figures that its message shows."""
    if isinstance(figures, Capacity):
        return Condition(kind, capacity=figures.rounded)
    if ALERT_POLICIES[kind].type is IncidentType.PLAN_END:
        figures = AccountQuota(figures.asked_at, figures.plan, expires_at=figures.expires_at)
    else:
        figures = replace(figures, expires_at=None)
    return Condition(kind, quota=figures)


def _reads_differently(before: Condition, after: Condition) -> bool:
    if before.quota is None or after.quota is None:
        return before != after
    return before != replace(after, quota=replace(after.quota, asked_at=before.quota.asked_at))


def _is_off(type_: IncidentType, rules: Rules) -> bool:
    match type_:
        case IncidentType.CREDITS:
            return not rules.low_credits
        case IncidentType.PLAN_END:
            return not rules.plan_end
        case _:
            return not rules.min_fast and not rules.min_hours
