"""The rows of the table about the whole team: capacity, credits, and the end of the plan."""

import re

import pytest

from bot.domain.alert_types import AlertType, IncidentType
from bot.ui import texts
from tests.acceptance.script import FULL, Script, between, words
from tests.cogs.driving import set_rules
from tests.cogs.server import Server

pytestmark = pytest.mark.slow

ALL = (111, 222, 333, 444)
CAPACITY, CREDITS, PLAN_END = IncidentType.CAPACITY, IncidentType.CREDITS, IncidentType.PLAN_END
ALL_OUT = words(texts.incidents.TITLE_GROUP[IncidentType.MODE], number=4)
ALL_BACK = words(texts.incidents.TITLE_OVER_GROUP[IncidentType.MODE], number=4)
SAYS_ALL_BACK = words(texts.alerts.PUSH_BACK_GROUP[IncidentType.MODE], number=4)


def is_(kind: AlertType, type_: IncidentType, **known: object) -> re.Pattern[str]:
    what = texts.conditions.WHAT[kind]
    return words(texts.conditions.TITLE.format(sign=texts.conditions.SIGNS[type_], what=what), **known)


def over(type_: IncidentType) -> re.Pattern[str]:
    return words(texts.conditions.TITLE_BACK, what=texts.conditions.BACK[type_])


def says_over(type_: IncidentType) -> re.Pattern[str]:
    return words(texts.conditions.PUSH_BACK, what=texts.conditions.BACK[type_])


NONE = is_(AlertType.NONE_IN_FAST, CAPACITY)


async def test_no_token_in_fast_pings_once_and_ends_with_the_first_that_is_back(script: Script) -> None:
    script.says("5m 30s", dict.fromkeys(ALL, "RELAX"))
    script.says("20m 30s", {111: "FAST"})

    await script.shows(
        between("6m 1s", "6m 10s").post(NONE),
        between("6m 1s", "6m 10s").post(ALL_OUT, pings=False),
        between("20m 30s", "21m 45s").edit(over(CAPACITY)),
        between("20m 30s", "21m 45s").reply(says_over(CAPACITY)),
        between("20m 30s", "21m 45s").edit(words(texts.incidents.TITLE_GROUP_SOME_BACK[IncidentType.MODE], number=4)),
        until="1h",
    )


async def test_only_capacity_reminds_while_no_token_is_in_fast(script: Script) -> None:
    script.says("5m 30s", dict.fromkeys(ALL, "RELAX"))

    await script.shows(
        between("6m 1s", "6m 10s").post(NONE),
        between("6m 1s", "6m 10s").post(ALL_OUT, pings=False),
        between("1h 6m", "1h 8m").reply(words(texts.conditions.PUSH_REMINDER), pings=True),
        until="3h",
    )


async def test_an_outage_and_an_outlier_open_no_capacity_alert(script: Script) -> None:
    script.says("5m 30s", dict.fromkeys(ALL, "RELAX"))
    script.says("6m 4s", dict.fromkeys(ALL, "FAST"))
    script.fails("10m 30s", "14m 30s")

    await script.shows(until="1h")


async def test_fewer_than_min_fast_and_then_none_pings_again(script: Script, server: Server) -> None:
    await set_rules(server, min_fast=2)
    script.says("5m 30s", dict.fromkeys((222, 333, 444), "BANNED"))
    script.says("20m 30s", {111: "BANNED"})
    script.says("30m 30s", dict.fromkeys(ALL, "FAST"))

    await script.shows(
        between("6m", "6m").post(is_(AlertType.FEW_IN_FAST, CAPACITY, in_fast=1, tokens=4)),
        between("6m", "6m").post(words(texts.incidents.TITLE_GROUP[IncidentType.MODE], number=3), pings=False),
        between("20m 30s", "21m").edit(NONE),
        between("20m 30s", "21m").reply(words(texts.conditions.PUSH_WORSE), pings=True),
        between("20m 30s", "21m").post(words(texts.incidents.TITLES[AlertType.BANNED], token=111), pings=False),
        between("30m 30s", "31m 45s").edit(over(CAPACITY)),
        between("30m 30s", "31m 45s").reply(says_over(CAPACITY)),
        between("30m 30s", "31m 45s").edit(words(texts.incidents.TITLE_OVER_GROUP[IncidentType.MODE], number=3)),
        between("30m 30s", "31m 45s").reply(words(texts.alerts.PUSH_BACK_GROUP[IncidentType.MODE], number=3)),
        between("30m 30s", "31m 45s").edit(words(texts.incidents.TITLE_OVER, token=111)),
        between("30m 30s", "31m 45s").reply(words(texts.alerts.PUSH_BACK, token=111)),
        until="1h",
    )


async def test_fewer_usable_hours_than_min_hours(script: Script, server: Server) -> None:
    await set_rules(server, min_hours=40)
    some_left = "9.00/15.0 hours (60.00%)"
    script.says("5m 30s", dict.fromkeys(ALL, "FAST"), some_left)
    script.says("20m 30s", dict.fromkeys(ALL, "FAST"), FULL)

    await script.shows(
        between("6m 1s", "6m 10s").post(is_(AlertType.FEW_HOURS, CAPACITY, usable="36 h")),
        between("20m 30s", "21m 45s").edit(over(CAPACITY)),
        between("20m 30s", "21m 45s").reply(says_over(CAPACITY)),
        until="1h",
    )


async def test_low_credits_until_they_are_topped_up(script: Script) -> None:
    script.asks_account = True
    script.account("30m", extra=100)
    script.account("3h 30m", extra=1000)

    await script.shows(
        between("1h", "1h 3m").post(is_(AlertType.LOW_CREDITS, CREDITS)),
        between("2h", "2h 6m").reply(words(texts.conditions.PUSH_REMINDER), pings=True),
        between("3h 59m", "4h 5m").edit(over(CREDITS)),
        between("3h 59m", "4h 5m").reply(says_over(CREDITS)),
        until="6h",
    )


async def test_the_end_of_the_plan_within_a_week_and_a_day_until_it_is_renewed(script: Script, server: Server) -> None:
    await set_rules(server, reminders="none")
    script.asks_account, script.poll_interval = True, "30m"
    script.account("1m", ends_in="8d")
    script.account("7d 12h", ends_in="30d")

    await script.shows(
        between("1d 1m", "1d 1h 30m").post(is_(AlertType.PLAN_ENDS, PLAN_END)),
        between("7d 1m", "7d 1h 30m").edit(is_(AlertType.PLAN_ENDS_SOON, PLAN_END)),
        between("7d 1m", "7d 1h 30m").reply(words(texts.conditions.PUSH_WORSE), pings=True),
        between("7d 12h", "7d 14h").edit(over(PLAN_END)),
        between("7d 12h", "7d 14h").reply(says_over(PLAN_END)),
        until="8d",
    )
