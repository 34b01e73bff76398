"""Escalation: a second role is pinged once, if nobody acknowledges an incident for so long."""

from dataclasses import replace
from datetime import time, timedelta

import pytest

from bot.domain.alert_types import ALERT_POLICIES, AlertType, Urgency
from bot.domain.escalation import escalate
from bot.domain.incident_actions import acknowledge, unacknowledge
from bot.domain.incident_updates import UpdateType, apply_changes, remind
from bot.domain.incidents import Incident, TimelineEvent, TimelineEventType
from bot.domain.modes import Mode
from bot.domain.rules import Rules
from bot.domain.tracking import Change, Transition
from tests.clocks import NOON
from tests.ui.some_incidents import incident, member

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
RULES = Rules(escalate_after=30 * MINUTE, escalate_role=7)
RELAXED, BANNED = incident(member(111)), incident(member(111, AlertType.BANNED))


def test_it_is_due_after_that_time_and_only_once() -> None:
    assert escalate(RELAXED, NOON + 29 * MINUTE, RULES) is None
    update = escalate(RELAXED, NOON + 30 * MINUTE, RULES)

    assert update is not None
    assert update.type is UpdateType.ESCALATED
    assert update.events == (TimelineEvent(NOON + 30 * MINUTE, TimelineEventType.ESCALATED),)
    assert escalate(update.incident, NOON + 40 * HOUR, RULES) is None


def test_it_replaces_the_reminder_of_the_same_time() -> None:
    update = escalate(RELAXED, NOON + HOUR, replace(RULES, escalate_after=HOUR))

    assert update is not None
    assert remind(update.incident, NOON + HOUR, RULES) is None
    assert remind(update.incident, NOON + 6 * HOUR, RULES) is not None


@pytest.mark.parametrize(
    ("one", "rules"),
    [
        (RELAXED, Rules()),
        (RELAXED, replace(RULES, escalate_role=0)),
        (RELAXED, replace(RULES, escalate_after=timedelta())),
        (replace(RELAXED, acknowledged_by=5, acknowledged_at=NOON), RULES),
        (replace(RELAXED, muted_by=5), RULES),
        (replace(RELAXED, muted_by=5, muted_until=NOON + 2 * HOUR), RULES),
        (replace(RELAXED, resolved_at=NOON), RULES),
        (incident(member(111, AlertType.SWITCHED_OFF, mode=Mode.OFF, switched_off_by=5)), RULES),
        (incident(member(111, AlertType.LOW)), RULES),
    ],
)
def test_nothing_is_escalated_that_is_off_known_muted_over_or_not_pressing(one: Incident, rules: Rules) -> None:
    assert escalate(one, NOON + HOUR, rules) is None


@pytest.mark.parametrize("kind", AlertType)
def test_what_has_reminders_or_is_urgent_is_escalated(kind: AlertType) -> None:
    policy = ALERT_POLICIES[kind]
    if kind is not AlertType.NO_DATA:
        due = escalate(incident(member(111, kind)), NOON + HOUR, RULES)

        assert (due is not None) is (policy.reminds or policy.urgency is Urgency.URGENT)


def test_no_data_is_escalated_too() -> None:
    assert escalate(incident(), NOON + HOUR, RULES) is not None


def test_what_gets_worse_after_an_acknowledgement_has_the_whole_time_again() -> None:
    known = replace(acknowledge(replace(RELAXED, id=1), 5, NOON + MINUTE).incident)
    change = Change(Transition.CHANGED, 111, Mode.RELAX, Mode.BANNED, NOON + 5 * HOUR)
    (update,) = apply_changes(
        [change], [known], server_id=2, now=NOON + 5 * HOUR, rules=RULES, route_of=lambda _: (None, None)
    )

    assert update.incident.id == 1
    assert escalate(update.incident, NOON + 5 * HOUR + 29 * MINUTE, RULES) is None
    assert escalate(update.incident, NOON + 5 * HOUR + 30 * MINUTE, RULES) is not None


def test_an_acknowledgement_that_is_taken_back_begins_the_whole_time_again() -> None:
    known = acknowledge(RELAXED, 5, NOON + MINUTE).incident
    open_again = unacknowledge(known, 5, NOON + 5 * HOUR).incident

    assert escalate(open_again, NOON + 5 * HOUR + 29 * MINUTE, RULES) is None
    assert escalate(open_again, NOON + 5 * HOUR + 30 * MINUTE, RULES) is not None


def test_quiet_hours_count_for_urgent_alerts_only() -> None:
    """It started at noon; quiet hours are from 12:10 to 20:00."""
    rules = replace(RULES, quiet_hours=(time(12, 10), time(20)))

    assert escalate(BANNED, NOON + 30 * MINUTE, rules) is not None
    assert [escalate(RELAXED, NOON + after, rules) for after in (HOUR, 8 * HOUR, 8 * HOUR + 29 * MINUTE)] == [None] * 3
    assert escalate(RELAXED, NOON + 8 * HOUR + 30 * MINUTE, rules) is not None
