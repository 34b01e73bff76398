"""The values of rules, as people type them."""

from datetime import time, timedelta

import pytest

from bot.domain.rule_types import Count, DailyHours, Delay, Duration, Percent, Reminders, Role, RuleType, Switch
from bot.domain.rules import RULES, Rules

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
COUNT, PERCENT, SWITCH = Count(2, 25, "token"), Percent(90), Switch()
DELAY, HOURS, ROLE = Delay(5 * MINUTE, DAY), DailyHours(), Role()
DURATION, REMINDERS = Duration(10 * MINUTE, DAY), Reminders(5 * MINUTE, 7 * DAY, most=3)


@pytest.mark.parametrize(
    ("kind", "typed", "value"),
    [
        (COUNT, "2", 2),
        (COUNT, " 25 Tokens ", 25),
        (COUNT, "3token", 3),
        (PERCENT, "90", 90),
        (PERCENT, "20 %", 20),
        (PERCENT, "1%", 1),
        *((PERCENT, never, 0) for never in ("0", "0 %", "Never", " none ", "off")),
        (DURATION, "10m", 10 * MINUTE),
        (DURATION, "24 hours", DAY),
        (REMINDERS, "5m", (5 * MINUTE,)),
        (REMINDERS, "5 min,1h30m , 7 days", (5 * MINUTE, 90 * MINUTE, 7 * DAY)),
        *((REMINDERS, never, ()) for never in ("None", "never", "off")),
        (DELAY, "30 min", 30 * MINUTE),
        *((DELAY, never, timedelta()) for never in ("None", "never", "off")),
        (HOURS, "22:00-07:00", (time(22), time(7))),
        (HOURS, " 22 \u2013 7:30 ", (time(22), time(7, 30))),
        (HOURS, "0:00 to 8", (time(0), time(8))),
        *((HOURS, never, ()) for never in ("None", "never", "off")),
        (ROLE, "<@&1234>", 1234),
        (ROLE, " 123456789012345678 ", 123456789012345678),
        *((ROLE, never, 0) for never in ("None", "never", "off")),
        *((SWITCH, on, True) for on in ("on", " True ", "yes")),
        *((SWITCH, off, False) for off in ("Off", "false", "no")),
    ],
)
def test_values_within_the_limits_are_parsed(kind: RuleType, typed: str, value: object) -> None:
    assert kind.parse(typed) == value


@pytest.mark.parametrize(
    ("kind", "typed"),
    [
        *((COUNT, wrong) for wrong in ("", "1", "26", "-2", "2.5", "two", "\u0665", "3 h", "3 %", "3 tokens more")),
        *((PERCENT, wrong) for wrong in ("", "91", "-1", "100 %", "5 h", "20 percent", "% 5", "1000000")),
        *((DURATION, wrong) for wrong in ("", "9m", "25h", "5", "none", "-15m", "1h, 2h")),
        *((REMINDERS, wrong) for wrong in ("", "soon", "4m", "8d", "1h, 1h", "2h, 1h", "1h,,2h", "1h 2h", "none, 1h")),
        (REMINDERS, "1h, 2h, 3h, 4h"),
        *((DELAY, wrong) for wrong in ("", "4m", "25h", "0m")),
        *((HOURS, wrong) for wrong in ("", "22:00", "22-22", "24:00-7", "7:60-8", "10pm-7am", "1-2-3", "22 7")),
        *((ROLE, wrong) for wrong in ("", "@mods", "5", "<@5>", "mods")),
        *((SWITCH, wrong) for wrong in ("", "1", "maybe", "on off")),
    ],
)
def test_anything_else_is_refused(kind: RuleType, typed: str) -> None:
    with pytest.raises(
        ValueError,
        match=r"^(beyond the limits|not a number|write a number|neither on nor off|not a role|not a time of day)",
    ):
        kind.parse(typed)


@pytest.mark.parametrize("name", RULES)
def test_a_rules_default_and_suggestions_are_valid(name: str) -> None:
    default, kind = RULES[name].value(Rules()), RULES[name].type

    assert kind.suggestions
    assert all(type(value) is type(default) for value in kind.suggestions)
