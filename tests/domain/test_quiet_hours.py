"""Quiet hours: the time of day in which only urgent alerts ping, also on the days when clocks change."""

from datetime import UTC, datetime, time, timedelta

import pytest

from bot.domain.alert_types import ALERT_POLICIES, AlertType, IncidentType, Urgency
from bot.domain.incident_updates import remind
from bot.domain.quiet_hours import is_ping_suppressed, is_quiet, last_quiet_end
from bot.domain.rules import Rules
from tests.clocks import NOON
from tests.ui.some_incidents import incident, member

HOUR = timedelta(hours=1)
NIGHT = (time(22), time(7))


def quiet_hours(start: str, end: str, zone: str = "UTC") -> Rules:
    return Rules(quiet_hours=(time.fromisoformat(start), time.fromisoformat(end)), time_zone=zone)


@pytest.mark.parametrize(
    ("rules", "at", "expected"),
    [
        (quiet_hours("22:00", "07:00"), "2026-03-02 21:59:59", False),
        (quiet_hours("22:00", "07:00"), "2026-03-02 22:00:00", True),
        (quiet_hours("22:00", "07:00"), "2026-03-03 00:00:00", True),
        (quiet_hours("22:00", "07:00"), "2026-03-03 06:59:59", True),
        (quiet_hours("22:00", "07:00"), "2026-03-03 07:00:00", False),
        (quiet_hours("09:00", "17:30"), "2026-03-03 17:29:59", True),
        (quiet_hours("09:00", "17:30"), "2026-03-03 17:30:00", False),
        # In the server's zone, which can be a day ahead or behind.
        (quiet_hours("22:00", "07:00", "Pacific/Kiritimati"), "2026-03-02 08:00:00", True),
        (quiet_hours("22:00", "07:00", "Pacific/Kiritimati"), "2026-03-02 17:00:00", False),
        (quiet_hours("22:00", "07:00", "Pacific/Niue"), "2026-03-02 09:00:00", True),
        # Berlin's clocks go from 02:00 to 03:00 on 29 March, at 01:00 UTC: the night is an hour shorter.
        (quiet_hours("22:00", "07:00", "Europe/Berlin"), "2026-03-29 04:59:59", True),
        (quiet_hours("22:00", "07:00", "Europe/Berlin"), "2026-03-29 05:00:00", False),
        (quiet_hours("02:30", "07:00", "Europe/Berlin"), "2026-03-29 01:29:59", False),
        (quiet_hours("02:30", "07:00", "Europe/Berlin"), "2026-03-29 01:30:00", True),
        # And from 03:00 back to 02:00 on 25 October, at 01:00 UTC: of what comes twice, the first counts.
        (quiet_hours("22:00", "07:00", "Europe/Berlin"), "2026-10-25 05:59:59", True),
        (quiet_hours("22:00", "07:00", "Europe/Berlin"), "2026-10-25 06:00:00", False),
        (quiet_hours("22:00", "02:30", "Europe/Berlin"), "2026-10-25 00:29:59", True),
        (quiet_hours("22:00", "02:30", "Europe/Berlin"), "2026-10-25 00:30:00", False),
        (quiet_hours("22:00", "02:30", "Europe/Berlin"), "2026-10-25 01:29:59", False),
        (Rules(), "2026-03-03 00:00:00", False),
    ],
)
def test_quiet_hours_are_in_the_servers_zone_whatever_its_clocks_do(rules: Rules, at: str, *, expected: bool) -> None:
    assert is_quiet(rules, datetime.fromisoformat(at).replace(tzinfo=UTC)) is expected


def test_the_last_end_is_known_until_the_next_one() -> None:
    rules, morning = Rules(quiet_hours=NIGHT), NOON.replace(hour=7)

    assert last_quiet_end(rules, morning) == morning
    assert last_quiet_end(rules, morning - timedelta.resolution) == morning - 24 * HOUR
    assert last_quiet_end(Rules(), NOON) is None


@pytest.mark.parametrize("kind", AlertType)
def test_urgent_alerts_ping_at_any_time(kind: AlertType) -> None:
    policy = ALERT_POLICIES[kind]
    if policy.type is not IncidentType.NO_DATA:
        one, rules = incident(member(111, kind)), Rules(quiet_hours=NIGHT)

        assert is_ping_suppressed(one, rules, NOON.replace(hour=23)) is (policy.urgency < Urgency.URGENT)
        assert not is_ping_suppressed(one, rules, NOON)


def test_reminders_that_are_due_in_quiet_hours_wait_for_their_end() -> None:
    """It started at noon: reminders are due at 13:00, 18:00 and 12:00 on the next day."""
    rules = Rules(quiet_hours=(time(17), time(20)))
    reminded = incident(member(111), reminders_sent=1)

    assert remind(incident(member(111)), NOON + HOUR, rules) is not None
    assert [remind(reminded, NOON + hours * HOUR, rules) is not None for hours in (6, 7, 8)] == [False, False, True]
    banned = incident(member(111, AlertType.BANNED), reminders_sent=1)
    assert remind(banned, NOON + 6 * HOUR, rules) is not None


def test_the_summary_stands_for_the_reminders_of_what_it_will_list() -> None:
    rules = Rules(quiet_hours=(time(11), time(20)))
    at_noon, after = {"quiet_at": NOON}, NOON + 8 * HOUR

    assert remind(incident(member(111), **at_noon), after, rules) is None
    assert remind(incident(member(111, AlertType.BANNED), **at_noon), after, rules) is not None


def test_a_reminder_from_before_quiet_hours_comes_after_them() -> None:
    """The process was down when it was due."""
    rules = Rules(quiet_hours=(time(17), time(20)))

    assert remind(incident(member(111)), NOON + 6 * HOUR, rules) is None
    assert remind(incident(member(111)), NOON + 8 * HOUR, rules) is not None
