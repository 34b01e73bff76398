"""Alerts in plain form: only our own words and ids, whatever their names and ImaginePro's words are."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.domain.alert_types import ALERT_POLICIES, AlertType, IncidentType
from bot.domain.condition_updates import CONDITION_TYPES
from bot.domain.incidents import Incident
from bot.domain.modes import Mode
from bot.ui import plain_alerts
from tests.ui.some_incidents import condition_incident, incident, member, over

LINES = (
    plain_alerts.open_line,
    plain_alerts.worse_line,
    plain_alerts.reminder_line,
    plain_alerts.over_line,
)


@pytest.mark.parametrize("line", LINES)
@pytest.mark.parametrize("type_", IncidentType)
def test_a_plain_line_has_the_alert_and_no_emoji(line: Callable[[Incident], str], type_: IncidentType) -> None:
    kind = next(kind for kind, alert in ALERT_POLICIES.items() if alert.type is type_)
    if type_ in CONDITION_TYPES:
        one = condition_incident(kind)
    else:
        members = () if type_ is IncidentType.NO_DATA else (member(111), member(222))
        one = replace(incident(*members), type=type_, members=members)
    text = line(replace(one, id=12))

    assert text.isascii()
    assert text.startswith("Alert 12")


@pytest.mark.parametrize(
    ("one", "text"),
    [
        (incident(member(111, AlertType.BANNED, mode=Mode.BANNED)), "token 111 left FAST (BANNED)"),
        (incident(member(111), member(222, mode=Mode.OTHER)), "tokens 111, 222 left FAST (OTHER, RELAX)"),
        (
            incident(*(member(id_) for id_ in range(1, 13))),
            "tokens 1, 2, 3, 4, 5, 6, 7, 8, 9, 10 and 2 more left FAST (RELAX)",
        ),
    ],
)
def test_the_open_line_has_the_tokens_and_modes(one: Incident, text: str) -> None:
    assert plain_alerts.open_line(replace(one, id=1)) == f"Alert 1: {text}. Use `/alerts show` for more."


def test_bare_lines_say_what_happened_and_nothing_of_the_tokens() -> None:
    one = replace(incident(member(111)), id=912_345_678_901_200_012)

    assert [plain_alerts.bare(line(one)) for line in LINES] == [
        "Alert 12. Use `/alerts show` for more.",
        "Alert 12 got worse. Use `/alerts show` for more.",
        "Alert 12 is still open. Use `/alerts show` for more.",
        "Alert 12 is over. Use `/alerts show` for more.",
    ]


def test_a_summary_has_the_numbers() -> None:
    incidents = [replace(over(incident(member(111)), timedelta(hours=1)), id=id_) for id_ in (1, 2)]
    assert plain_alerts.summary_line(incidents) == "Alerts that are over by now: 1, 2."
