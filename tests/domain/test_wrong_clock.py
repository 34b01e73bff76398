"""Incidents with times in the future, from a clock that was ahead."""

from dataclasses import replace
from datetime import timedelta

from bot.domain.alert_types import AlertType, IncidentType
from bot.domain.incident_actions import mute
from bot.domain.incident_updates import remind, resolve_flapping
from bot.domain.incidents import AffectedToken, Incident
from bot.domain.modes import Mode
from bot.domain.readings import Reading
from bot.domain.rules import Rules
from bot.domain.tracking import TokenState, apply_reading
from bot.domain.wrong_clock import correct_incident, is_from_the_future
from tests.clocks import NOON

SECOND, MINUTE, HOUR = timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1)
AHEAD = NOON + 6 * HOUR
RULES = Rules()
MEMBER = AffectedToken(111, AlertType.LEFT_FAST, AlertType.LEFT_FAST, Mode.FAST, Mode.RELAX, AHEAD)
INCIDENT = Incident(1, 5, IncidentType.MODE, AHEAD, (MEMBER,))


def test_a_few_seconds_are_the_skew_of_another_process() -> None:
    assert not is_from_the_future(NOON + 15 * SECOND, NOON)
    assert is_from_the_future(NOON + MINUTE, NOON)


def test_an_incident_of_the_past_is_left_alone() -> None:
    assert correct_incident(INCIDENT, AHEAD) is INCIDENT


def test_an_incident_of_the_future_has_started_now() -> None:
    corrected = correct_incident(replace(INCIDENT, acknowledged_by=7, acknowledged_at=AHEAD + MINUTE), NOON)

    assert corrected == replace(
        INCIDENT, started_at=NOON, members=(replace(MEMBER, started_at=NOON),), acknowledged_by=7, acknowledged_at=NOON
    )


def test_its_reminders_are_due_as_usual() -> None:
    corrected = correct_incident(INCIDENT, NOON)

    assert remind(INCIDENT, NOON + HOUR, RULES) is None
    assert remind(corrected, NOON + HOUR, RULES) is not None


def test_what_flaps_clears_as_usual() -> None:
    flapping = replace(INCIDENT, flapping=True, members=(replace(MEMBER, resolved_at=AHEAD),))
    corrected = correct_incident(flapping, NOON)

    assert resolve_flapping([flapping], NOON + RULES.flap_clear_after, RULES) == []
    assert resolve_flapping([corrected], NOON + RULES.flap_clear_after, RULES) != []


def test_a_mute_lasts_as_long_as_it_was_meant_to() -> None:
    started_earlier = replace(INCIDENT, started_at=NOON - HOUR, members=(replace(MEMBER, started_at=NOON - HOUR),))
    muted = mute(started_earlier, 7, AHEAD, lasts=HOUR).incident
    corrected = correct_incident(muted, NOON)

    assert corrected == mute(started_earlier, 7, NOON, lasts=HOUR).incident
    assert correct_incident(corrected, NOON) is corrected


def test_a_mute_lasts_as_long_as_it_was_meant_to_if_a_later_time_shows_how_far_the_clock_was_ahead() -> None:
    muted = mute(INCIDENT, 7, AHEAD, lasts=2 * HOUR).incident
    acknowledged = replace(muted, acknowledged_by=7, acknowledged_at=AHEAD + HOUR)

    assert correct_incident(acknowledged, NOON).muted_until == NOON + HOUR


def test_a_mute_that_was_set_when_the_clock_was_right_again_is_left_alone() -> None:
    muted = mute(INCIDENT, 7, NOON, lasts=HOUR).incident

    assert correct_incident(muted, NOON + MINUTE).muted_until == NOON + HOUR


def test_a_mute_without_an_end_has_none_either_if_the_clock_was_ahead() -> None:
    assert correct_incident(mute(INCIDENT, 7, AHEAD, lasts=None).incident, NOON).muted_until is None


def test_starts_in_the_future_make_nothing_flap() -> None:
    starts = tuple(AHEAD + minute * MINUTE for minute in range(RULES.flapping_after))
    state = TokenState(111, Mode.FAST, NOON, recent_starts=starts)
    _, change = apply_reading(state, Reading(111, NOON, status="BANNED"), NOON, RULES)

    assert change is not None
    assert not change.flapping
