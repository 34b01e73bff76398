"""Alerts about fast time that runs out before the refill: when, with or without a ping, and when they end."""

import re

import pytest

from bot.domain.alert_types import AlertType
from bot.domain.modes import Mode
from bot.ui import texts
from tests.acceptance.script import FULL, Script, between, words
from tests.monitor.using_up import set_hours_left, used_up

pytestmark = pytest.mark.slow

ALMOST_GONE = "0.90/15.0 hours (6.00%)"
GONE = "0.00/15.0 hours (0.00%)"
SOME_BOUGHT = "8.00/15.0 hours (53.33%)"
A_THIRD = "5.00/15.0 hours (33.33%)"
SHORT, SOON = AlertType.WILL_NOT_LAST, AlertType.RUNS_OUT_SOON
LASTS = words(texts.incidents.TITLE_OVER, token=111)
SAYS_LASTS = words(texts.alerts.PUSH_LASTS, token=111)


def alert_titles(kind: AlertType, token_id: int = 111) -> re.Pattern[str]:
    return words(texts.incidents.TITLES[kind], token=token_id)


def runs_low(script: Script, when: str, token_id: int = 111, *, left: float = 5, a_day: float = 6) -> None:
    """Give a known token eight days of usage at this daily rate."""

    async def run_low() -> None:
        set_hours_left(script.imaginepro, token_id, left)
        await used_up(
            script.services.database, script.services.account_id, script.clock, token_id, left=left, a_day=a_day
        )

    script.at(when, run_low)


@pytest.fixture(autouse=True)
def _few_rounds(script: Script) -> None:
    """Forecasts are updated every five minutes."""
    script.poll_interval = "5m"


async def test_fast_time_that_will_run_out_is_alerted_once_after_holding_for_an_hour(script: Script) -> None:
    runs_low(script, "1m")

    await script.shows(between("1h 5m", "1h 6m").post(alert_titles(SHORT)), until="4h")


async def test_imminent_run_out_pings_again_and_a_renewal_resolves_it_without_a_ping(script: Script) -> None:
    runs_low(script, "1m")
    script.says("1h 31m", {111: "FAST"}, fast_time=ALMOST_GONE)
    script.says("2h 1m", {111: "FAST"}, fast_time=FULL)

    await script.shows(
        between("1h 5m", "1h 6m").post(alert_titles(SHORT)),
        between("1h 35m", "1h 36m").post(alert_titles(AlertType.LOW)),
        between("1h 50m", "1h 51m").edit(alert_titles(SOON)),
        between("1h 50m", "1h 51m").reply(words(texts.alerts.PUSH_WORSE[SOON], token=111), pings=True),
        between("2h 5m", "2h 6m").edit(words(texts.incidents.TITLE_OVER, token=111)),
        between("2h 5m", "2h 6m").reply(words(texts.alerts.PUSH_REFILLED, token=111)),
        between("2h 10m", "2h 11m").edit(LASTS),
        between("2h 10m", "2h 11m").reply(SAYS_LASTS),
        until="3h",
    )


async def test_imminent_run_out_is_alerted_after_a_quarter_of_an_hour(script: Script) -> None:
    runs_low(script, "1m", left=0.9)

    await script.shows(
        between("5m", "6m").post(alert_titles(AlertType.LOW)),
        between("20m", "21m").post(alert_titles(SOON)),
        until="3h",
    )


async def test_fast_time_that_lasts_until_it_renews_is_not_alerted(script: Script) -> None:
    runs_low(script, "1m", a_day=0.1)

    await script.shows(until="3h")


async def test_a_forecast_that_did_not_hold_for_an_hour_is_not_alerted(script: Script) -> None:
    runs_low(script, "1m")
    script.says("51m", {111: "FAST"}, fast_time=SOME_BOUGHT)

    await script.shows(until="3h")


async def test_one_outlier_does_not_change_the_forecast(script: Script) -> None:
    runs_low(script, "1m", left=8)
    script.says("29m", {111: "FAST"}, fast_time=ALMOST_GONE)
    script.says("30m 4s", {111: "FAST"}, fast_time=SOME_BOUGHT)

    await script.shows(until="3h")


async def test_bought_hours_resolve_it_and_it_is_alerted_again_when_they_are_used_up(script: Script) -> None:
    runs_low(script, "1m")
    script.says("1h 31m", {111: "FAST"}, fast_time=SOME_BOUGHT)
    script.says("2h 1m", {111: "FAST"}, fast_time=A_THIRD)

    await script.shows(
        between("1h 5m", "1h 6m").post(alert_titles(SHORT)),
        between("1h 40m", "1h 41m").edit(LASTS),
        between("1h 40m", "1h 41m").reply(SAYS_LASTS),
        between("3h 5m", "3h 6m").post(alert_titles(SHORT)),
        until="4h",
    )


async def test_a_token_out_of_fast_is_alerted_for_that_alone(script: Script) -> None:
    left_fast = texts.incidents.TITLES[AlertType.LEFT_FAST]
    runs_low(script, "1m")
    script.says("1h 31m", {111: "RELAX"}, fast_time=GONE)
    script.says("2h 1m", {111: "FAST"}, fast_time=FULL)

    await script.shows(
        between("1h 5m", "1h 6m").post(alert_titles(SHORT)),
        between("1h 35m", "1h 36m").post(
            words(left_fast, token=111, sign=texts.common.SIGNS[Mode.RELAX], status="RELAX")
        ),
        between("2h 5m", "2h 6m").edit(words(texts.incidents.TITLE_OVER, token=111)),
        between("2h 5m", "2h 6m").reply(words(texts.alerts.PUSH_BACK, token=111)),
        between("2h 10m", "2h 11m").edit(LASTS),
        between("2h 10m", "2h 11m").reply(SAYS_LASTS),
        until="3h",
    )


async def test_during_an_outage_nothing_is_forecast_and_nothing_is_lost(script: Script) -> None:
    runs_low(script, "1m")
    script.fails("58m", until="1h 18m")

    await script.shows(
        between("1h 5m", "1h 6m").post(words(texts.incidents.TITLES[AlertType.NO_DATA])),
        between("1h 18m", "1h 25m").edit(words(texts.incidents.TITLE_OVER_NO_DATA)),
        between("1h 18m", "1h 25m").reply(words(texts.alerts.PUSH_DATA_AGAIN)),
        between("1h 18m", "1h 25m").post(alert_titles(SHORT)),
        until="3h",
    )


async def test_a_restart_loses_no_forecast_state(script: Script) -> None:
    runs_low(script, "1m")
    script.is_down("31m", "40m")
    script.is_down("2h 1m", "2h 10m")

    await script.shows(between("1h 5m", "1h 6m").post(alert_titles(SHORT)), until="3h")
