"""Alerts about the whole fleet or the account: their words, and their figures."""

from datetime import datetime, timedelta

from bot.domain.account import AccountQuota
from bot.domain.alert_types import AlertType
from bot.domain.capacity import Capacity
from bot.domain.conditions import Condition
from bot.domain.fast_time import Unit
from bot.domain.incidents import Incident
from bot.ui import formatting, texts
from bot.ui.account import credits_words


def what(incident: Incident, condition: Condition) -> str:
    """Return what is wrong, without a full stop."""
    return kind_words(incident.kind, condition.capacity)


def kind_words(kind: AlertType, figures: Capacity | AccountQuota | None) -> str:
    """Return what an alert of this type says, without a full stop."""
    capacity = figures.rounded if isinstance(figures, Capacity) else Capacity(0, 0)
    return texts.conditions.WHAT[kind].format(
        in_fast=f"{capacity.in_fast:,}", tokens=f"{capacity.tokens:,}", usable=_left(capacity.usable, capacity.unit)
    )


def title(incident: Incident, condition: Condition) -> str:
    """Return the title of an incident as it is now."""
    if incident.is_open:
        sign = texts.conditions.SIGNS[incident.type]
        return texts.conditions.TITLE.format(sign=sign, what=what(incident, condition))
    if incident.is_closed:
        return texts.conditions.TITLE_CLOSED.format(what=what(incident, condition))
    duration = formatting.duration_of(incident)
    return texts.conditions.TITLE_BACK.format(what=texts.conditions.BACK[incident.type], duration=duration)


def open_lines(incident: Incident, condition: Condition, now: datetime) -> list[str]:
    """Return the figures, and what to do."""
    return [*figures(condition, now), texts.conditions.ADVICE[incident.type]]


def figures(condition: Condition, now: datetime) -> list[str]:
    """Return what the alert is about, in numbers, if they are known."""
    if condition.capacity is not None:
        return [_capacity(condition.capacity)]
    words = _quota(condition.quota, now) if condition.quota is not None else ""
    return [words] if words else []


def worse(incident: Incident, condition: Condition) -> str:
    """Return that it got worse, in one line."""
    return texts.conditions.PUSH_WORSE.format(what=what(incident, condition))


def reminder(incident: Incident, condition: Condition, lasted: timedelta) -> str:
    """Return the reminder, in one line."""
    return texts.conditions.PUSH_REMINDER.format(what=what(incident, condition), duration=formatting.duration(lasted))


def back(incident: Incident) -> str:
    """Return that it is over, in one line."""
    return texts.conditions.PUSH_BACK.format(
        what=texts.conditions.BACK[incident.type], duration=formatting.duration_of(incident)
    )


def missed(incident: Incident, condition: Condition) -> str:
    """Return the line of one that was over before anyone could be notified."""
    return texts.conditions.MISSED.format(
        began=formatting.at(incident.started_at, "R"),
        what=what(incident, condition),
        duration=formatting.duration_of(incident),
    )


def _capacity(capacity: Capacity) -> str:
    parts = [texts.conditions.IN_FAST.format(in_fast=f"{capacity.in_fast:,}", tokens=f"{capacity.tokens:,}")]
    if capacity.unread:
        parts.append(texts.conditions.UNREAD.format(number=f"{capacity.unread:,}"))
    parts.append(texts.conditions.USABLE.format(left=_left(capacity.usable, capacity.unit)))
    if capacity.locked:
        parts.append(texts.conditions.LOCKED.format(left=_left(capacity.locked, capacity.unit)))
    if capacity.unknown_left:
        parts.append(texts.conditions.WITHOUT_UNKNOWN.format(number=f"{capacity.unknown_left:,}"))
    return texts.conditions.PART.join(parts)


def _quota(quota: AccountQuota, now: datetime) -> str:
    if quota.expires_at is None:
        return credits_words(quota)
    words = texts.conditions.PLAN_ENDS if quota.expires_at > now else texts.conditions.PLAN_ENDED
    return words.format(when=formatting.at(quota.expires_at, "D"), ago=formatting.at(quota.expires_at, "R"))


def _left(left: timedelta, unit: Unit) -> str:
    return texts.common.FAST_TIME_NUMBERS[unit].format(number=f"{left / unit.length:,.0f}")
