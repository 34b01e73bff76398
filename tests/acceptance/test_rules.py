"""The table of alert rules, row by row: what is alerted when, and what is not."""

import re

import discord
import pytest

from bot.domain.alert_types import AlertType, IncidentType
from bot.domain.modes import Mode
from bot.ui import texts
from tests.acceptance.script import FULL, Script, between, words
from tests.cogs.driving import set_rules
from tests.cogs.server import Server
from tests.standins.imaginepro_server import linked_token

pytestmark = pytest.mark.slow

LOW = "3.00/15.0 hours (20.00%)"
ALMOST_LOW = "3.60/15.0 hours (24.00%)"
VERY_LOW = "0.75/15.0 hours (5.00%)"


def is_(token_id: int, kind: AlertType, mode: Mode) -> re.Pattern[str]:
    return words(texts.incidents.TITLES[kind], token=token_id, sign=texts.common.SIGNS[mode], status=mode.value)


def relax(token_id: int = 111) -> re.Pattern[str]:
    return is_(token_id, AlertType.LEFT_FAST, Mode.RELAX)


def banned(token_id: int = 111) -> re.Pattern[str]:
    return is_(token_id, AlertType.BANNED, Mode.BANNED)


def back(token_id: int = 111) -> re.Pattern[str]:
    return words(texts.incidents.TITLE_OVER, token=token_id)


def says_back(token_id: int = 111) -> re.Pattern[str]:
    return words(texts.alerts.PUSH_BACK, token=token_id)


NO_DATA = words(texts.incidents.TITLES[AlertType.NO_DATA])
SEES = words(texts.incidents.TITLE_OVER_NO_DATA)
SAYS_SEES = words(texts.alerts.PUSH_DATA_AGAIN)
SAYS_BANNED = words(texts.alerts.PUSH_WORSE[AlertType.BANNED], token=111)
REMINDS = words(texts.alerts.PUSH_REMINDER[IncidentType.MODE], token=111)


# --- Leaving FAST and recovering


@pytest.mark.smoke
async def test_leaving_fast_is_alerted_at_the_second_reading_within_ten_seconds(script: Script) -> None:
    script.says("5m 30s", {111: "RELAX"})

    await script.shows(between("6m 1s", "6m 10s").post(relax()), until="1h")


async def test_one_outlier_is_not_told(script: Script) -> None:
    script.says("5m 30s", {111: "RELAX"})
    script.says("6m 4s", {111: "FAST"})

    await script.shows(until="1h")


@pytest.mark.parametrize(
    ("status", "kind"), [("VERIFYING", AlertType.VERIFYING), ("BANNED", AlertType.BANNED)], ids=str.lower
)
async def test_urgent_modes_are_alerted_at_the_first_reading(script: Script, status: str, kind: AlertType) -> None:
    script.says("5m 30s", {111: status})

    await script.shows(between("6m", "6m").post(is_(111, kind, Mode(status))), until="1h")


async def test_recovery_is_posted_at_the_second_reading_and_never_pings(script: Script) -> None:
    script.says("5m 30s", {111: "RELAX"})
    script.says("9m 30s", {111: "FAST"})

    await script.shows(
        between("6m", "6m 10s").post(relax()),
        between("10m 1s", "10m 40s").edit(back()),
        between("10m 1s", "10m 40s").reply(says_back()),
        until="1h 15m",
    )


async def test_one_reading_in_fast_is_not_a_recovery(script: Script) -> None:
    script.says("5m 30s", {111: "RELAX"})
    script.says("9m 30s", {111: "FAST"})
    script.says("10m 10s", {111: "RELAX"})

    await script.shows(between("6m", "6m 10s").post(relax()), until="1h")


async def test_getting_worse_pings_again_and_improving_does_not(script: Script) -> None:
    script.says("5m 30s", {111: "RELAX"})
    script.says("10m 30s", {111: "BANNED"})
    script.says("20m 30s", {111: "RELAX"})
    script.says("30m 30s", {111: "FAST"})

    await script.shows(
        between("6m", "6m 10s").post(relax()),
        between("10m 30s", "11m 30s").edit(banned()),
        between("10m 30s", "11m 30s").reply(SAYS_BANNED, pings=True),
        between("20m 30s", "21m 45s").edit(relax()),
        between("30m 30s", "31m 45s").edit(back()),
        between("30m 30s", "31m 45s").reply(says_back()),
        until="1h",
    )


async def test_switched_off_is_an_alert_type_of_its_own(script: Script) -> None:
    script.switches("5m 30s", 111, on=False)
    script.switches("20m 30s", 111, on=True)

    await script.shows(
        between("6m", "6m 10s").post(is_(111, AlertType.SWITCHED_OFF, Mode.OFF)),
        between("20m 30s", "21m 45s").edit(back()),
        between("20m 30s", "21m 45s").reply(says_back()),
        until="1h",
    )


async def test_no_longer_listed_is_an_alert_type_of_its_own(script: Script) -> None:
    script.leaves_the_list("5m 30s", 111, back="20m 30s")

    await script.shows(
        between("6m", "6m 10s").post(is_(111, AlertType.NOT_LISTED, Mode.GONE)),
        between("20m 30s", "21m 45s").edit(back()),
        between("20m 30s", "21m 45s").reply(says_back()),
        until="1h",
    )


async def test_an_undocumented_status_is_shown_as_received(script: Script) -> None:
    script.says("5m 30s", {111: "SLEEPY"})

    await script.shows(
        between("6m", "6m 10s").post(
            words(texts.incidents.TITLES[AlertType.UNKNOWN_STATUS], token=111, status="SLEEPY")
        ),
        until="1h",
    )


# --- Flapping ends


async def test_flapping_is_alerted_once_and_summarized_when_it_is_over(script: Script) -> None:
    for minute in range(5, 55, 5):
        script.says(f"{minute}m 30s", {111: "RELAX" if minute % 10 else "FAST"})
    alert_titles = [
        expected
        for minute in (5, 15, 25)
        for expected in (
            between(f"{minute}m 30s", f"{minute + 1}m 45s").post(relax()),
            between(f"{minute + 5}m 30s", f"{minute + 6}m 45s").edit(back()),
            between(f"{minute + 5}m 30s", f"{minute + 6}m 45s").reply(says_back()),
        )
    ]

    await script.shows(
        *alert_titles,
        between("35m 30s", "36m 45s").post(words(texts.incidents.TITLE_FLAPPING, token=111, status="RELAX")),
        between("40m 30s", "41m 45s").edit(words(texts.incidents.TITLE_FLAPPING, token=111, status="FAST")),
        between("45m 30s", "46m 45s").edit(words(texts.incidents.TITLE_FLAPPING, token=111, status="RELAX")),
        between("50m 30s", "51m 45s").edit(words(texts.incidents.TITLE_FLAPPING, token=111, status="FAST")),
        between("1h 20m", "1h 22m").edit(words(texts.incidents.TITLE_OVER_FLAPPING, token=111)),
        between("1h 20m", "1h 22m").reply(words(texts.alerts.PUSH_STABLE, token=111, times=5)),
        until="2h",
    )


async def test_a_flapping_token_still_pings_when_it_gets_worse(script: Script) -> None:
    for minute in range(5, 40, 5):
        script.says(f"{minute}m 30s", {111: "RELAX" if minute % 10 else "FAST"})
    script.says("39m 30s", {111: "BANNED"})
    alert_titles = [
        expected
        for minute in (5, 15, 25)
        for expected in (
            between(f"{minute}m 30s", f"{minute + 1}m 45s").post(relax()),
            between(f"{minute + 5}m 30s", f"{minute + 6}m 45s").edit(back()),
            between(f"{minute + 5}m 30s", f"{minute + 6}m 45s").reply(says_back()),
        )
    ]

    await script.shows(
        *alert_titles,
        between("35m 30s", "36m 45s").post(words(texts.incidents.TITLE_FLAPPING, token=111, status="RELAX")),
        between("39m 30s", "40m 45s").edit(words(texts.incidents.TITLE_FLAPPING, token=111, status="BANNED")),
        between("39m 30s", "40m 45s").reply(SAYS_BANNED, pings=True),
        until="1h",
    )


async def test_three_tokens_of_one_round_share_an_alert_until_all_are_back(script: Script) -> None:
    group = {111: "RELAX", 222: "RELAX", 333: "RELAX"}
    script.says("5m 30s", group)
    script.says("20m 30s", {222: "FAST"})
    script.says("30m 30s", dict.fromkeys(group, "FAST"))

    await script.shows(
        between("6m", "6m 10s").post(words(texts.incidents.TITLE_GROUP[IncidentType.MODE], number=3)),
        between("20m 30s", "21m 45s").edit(
            words(texts.incidents.TITLE_GROUP_SOME_BACK[IncidentType.MODE], number=3, out=2)
        ),
        between("30m 30s", "31m 45s").edit(words(texts.incidents.TITLE_OVER_GROUP[IncidentType.MODE], number=3)),
        between("30m 30s", "31m 45s").reply(words(texts.alerts.PUSH_BACK_GROUP[IncidentType.MODE], number=3)),
        until="1h 15m",
    )


async def test_one_of_a_group_that_gets_worse_pings_again(script: Script) -> None:
    script.says("5m 30s", {111: "RELAX", 222: "RELAX", 333: "RELAX"})
    script.says("20m 30s", {222: "BANNED"})

    await script.shows(
        between("6m", "6m 10s").post(
            words(texts.incidents.TITLE_GROUP[IncidentType.MODE], number=3, sign=texts.common.SIGNS[Mode.RELAX])
        ),
        between("20m 30s", "21m 30s").edit(
            words(texts.incidents.TITLE_GROUP[IncidentType.MODE], number=3, sign=texts.common.SIGNS[Mode.BANNED])
        ),
        between("20m 30s", "21m 30s").reply(
            words(texts.alerts.PUSH_WORSE_GROUP[IncidentType.MODE], number=3), pings=True
        ),
        until="1h",
    )


async def test_two_tokens_of_one_round_are_alerted_separately(script: Script) -> None:
    script.says("5m 30s", {111: "RELAX", 222: "RELAX"})
    script.says("20m 30s", {222: "FAST"})

    await script.shows(
        between("6m", "6m 10s").post(relax(111)),
        between("6m", "6m 10s").post(relax(222)),
        between("20m 30s", "21m 45s").edit(back(222)),
        between("20m 30s", "21m 45s").reply(says_back(222)),
        until="1h",
    )


# --- Reminders and buttons


async def test_reminders_come_after_one_six_and_twenty_four_hours_without_acknowledgement(script: Script) -> None:
    script.poll_interval = "15m"
    script.says("20m", {111: "RELAX"})

    await script.shows(
        between("30m", "30m 10s").post(relax()),
        between("1h 30m", "1h 46m").reply(REMINDS, pings=True),
        between("6h 30m", "6h 46m").reply(REMINDS, pings=True),
        between("1d 30m", "1d 46m").reply(REMINDS, pings=True),
        until="30h",
    )


async def test_an_acknowledgement_stops_reminders_until_it_gets_worse(script: Script) -> None:
    script.poll_interval = "15m"
    script.says("20m", {111: "RELAX"})
    script.presses("50m", texts.buttons.ACKNOWLEDGE)
    script.says("8h 35m", {111: "BANNED"})
    script.says("9h 35m", {111: "FAST"})

    await script.shows(
        between("30m", "30m 10s").post(relax()),
        between("8h 35m", "8h 46m").edit(banned()),
        between("8h 35m", "8h 46m").reply(SAYS_BANNED, pings=True),
        between("9h 35m", "9h 46m").edit(back()),
        between("9h 35m", "9h 46m").reply(says_back()),
        until="14h",
    )


async def test_whoever_is_on_it_stops_reminders_until_it_is_taken_back(script: Script) -> None:
    script.poll_interval = "15m"
    script.says("20m", {111: "RELAX"})
    script.presses("50m", texts.buttons.ASSIGN)
    script.chooses("5h", "unacknowledge")

    await script.shows(
        between("30m", "30m 10s").post(relax()),
        # That of the first hour, which is past, is made up for once.
        between("5h", "5h 16m").reply(REMINDS, pings=True),
        between("6h 30m", "6h 46m").reply(REMINDS, pings=True),
        until="12h",
    )


async def test_an_acknowledgement_ends_with_the_incident(script: Script) -> None:
    script.poll_interval = "15m"
    script.says("20m", {111: "RELAX"})
    script.presses("50m", texts.buttons.ACKNOWLEDGE)
    script.says("1h 35m", {111: "FAST"})
    script.says("3h 35m", {111: "RELAX"})

    await script.shows(
        between("30m", "30m 10s").post(relax()),
        between("1h 35m", "1h 46m").edit(back()),
        between("1h 35m", "1h 46m").reply(says_back()),
        between("3h 35m", "3h 46m").post(relax()),
        between("4h 35m", "4h 46m").reply(REMINDS, pings=True),
        until="8h",
    )


async def test_a_mute_until_recovery_keeps_quiet_and_ends_with_the_incident(script: Script) -> None:
    script.poll_interval = "15m"
    script.says("20m", {111: "RELAX"})
    script.presses("50m", texts.buttons.MUTE, texts.buttons.MUTE_UNTIL_BACK)
    script.says("8h 35m", {111: "FAST"})
    script.says("9h 35m", {111: "RELAX"})

    await script.shows(
        between("30m", "30m 10s").post(relax()),
        between("8h 35m", "8h 46m").edit(back()),
        between("9h 35m", "9h 46m").post(relax()),
        between("10h 35m", "10h 46m").reply(REMINDS, pings=True),
        until="12h",
    )


async def test_a_timed_mute_expires_and_missed_reminders_come_once(script: Script) -> None:
    script.poll_interval = "15m"
    script.says("20m", {111: "RELAX"})
    script.presses("50m", texts.buttons.MUTE, texts.buttons.MUTE_FOR[8])

    await script.shows(
        between("30m", "30m 10s").post(relax()),
        between("8h 50m", "9h 6m").reply(REMINDS, pings=True),
        between("1d 30m", "1d 46m").reply(REMINDS, pings=True),
        until="30h",
    )


async def test_a_mute_does_not_silence_urgent_alerts(script: Script) -> None:
    script.says("5m 30s", {111: "RELAX"})
    script.presses("8m", texts.buttons.MUTE, texts.buttons.MUTE_UNTIL_BACK)
    script.says("20m 30s", {111: "BANNED"})

    await script.shows(
        between("6m", "6m 10s").post(relax()),
        between("20m 30s", "21m 30s").edit(banned()),
        between("20m 30s", "21m 30s").reply(SAYS_BANNED, pings=True),
        until="1h",
    )


async def test_a_closed_incident_is_over_and_its_return_is_not_posted(script: Script) -> None:
    script.switches("5m 30s", 111, on=False)
    script.presses("10m", texts.buttons.CLOSE)
    script.switches("20m 30s", 111, on=True)

    await script.shows(
        between("6m", "6m 10s").post(is_(111, AlertType.SWITCHED_OFF, Mode.OFF)),
        between("10m", "10m").edit(words(texts.incidents.TITLE_CLOSED, token=111)),
        between("10m", "10m").reply(words(texts.alerts.PUSH_CLOSED)),
        until="1h 15m",
    )


async def test_a_deleted_alert_is_posted_again_by_the_next_change(script: Script) -> None:
    role = script.server.guild.create_role("Order", permissions=discord.Permissions(manage_messages=True))
    keeper_of_order = script.server.guild.add_member(script.server.env.create_user("olga"), roles=[role])

    async def delete() -> None:
        await keeper_of_order.delete(script.alert_messages()[-1])

    script.says("5m 30s", {111: "RELAX"})
    script.at("10m", delete)
    script.says("20m 30s", {111: "BANNED"})

    await script.shows(
        between("6m", "6m 10s").post(relax()),
        between("20m 30s", "21m 30s").post(banned()),
        until="1h",
    )


# --- Low fast time


async def test_low_fast_time_is_alerted_once_per_threshold_and_again_only_when_hours_have_returned(
    script: Script,
) -> None:
    for when, fast_time in (
        ("5m 30s", LOW),
        ("15m", ALMOST_LOW),
        ("20m", LOW),
        ("30m", VERY_LOW),
        ("40m", FULL),
        ("50m", LOW),
    ):
        script.says(when, {111: "FAST"}, fast_time=fast_time)
    low, very_low = AlertType.LOW, AlertType.VERY_LOW

    await script.shows(
        between("6m", "6m 10s").post(is_(111, low, Mode.FAST)),
        between("30m", "31m 15s").edit(is_(111, very_low, Mode.FAST)),
        between("30m", "31m 15s").reply(words(texts.alerts.PUSH_WORSE[very_low], token=111), pings=True),
        between("40m", "41m 15s").edit(words(texts.incidents.TITLE_OVER, token=111)),
        between("40m", "41m 15s").reply(words(texts.alerts.PUSH_REFILLED, token=111)),
        between("50m", "51m 15s").post(is_(111, low, Mode.FAST)),
        until="2h",
    )


# --- No data


async def test_no_data_is_alerted_after_five_minutes_without_conclusions_about_tokens(script: Script) -> None:
    script.says("4m 30s", {111: "RELAX"})
    script.fails("5m 30s", until="50m 30s")
    script.says("10m", {222: "RELAX", 333: "BANNED"})

    await script.shows(
        between("5m", "5m 10s").post(relax()),
        # The last successful round is at 5:08, and failed ones are up to two minutes apart.
        between("10m 8s", "12m 8s").post(NO_DATA),
        between("50m 30s", "52m 30s").edit(SEES),
        between("50m 30s", "52m 30s").reply(SAYS_SEES),
        between("50m 30s", "52m 30s").post(banned(333)),
        between("50m 30s", "52m 40s").post(relax(222)),
        until="1h",
    )


async def test_an_outage_of_less_than_five_minutes_is_not_alerted(script: Script) -> None:
    script.fails("5m 30s", until="9m 30s")

    await script.shows(until="1h")


async def test_no_data_is_alerted_in_time_despite_a_longer_retry_after(script: Script) -> None:
    script.fails("5m 30s", until="30m", leave_alone_for="30m")

    await script.shows(
        between("10m", "11m").post(NO_DATA),
        between("36m", "37m").edit(SEES),
        between("36m", "37m").reply(SAYS_SEES),
        until="1h",
    )


async def test_no_token_reminders_are_sent_without_data(script: Script) -> None:
    script.poll_interval = "2m"
    script.says("4m 30s", {111: "RELAX"})
    script.fails("10m 30s", until="3h")

    await script.shows(
        between("6m", "6m 10s").post(relax()),
        between("15m", "17m").post(NO_DATA),
        between("1h 10m", "1h 15m").reply(words(texts.alerts.PUSH_REMINDER[IncidentType.NO_DATA]), pings=True),
        between("3h", "3h 4m").edit(SEES),
        between("3h", "3h 4m").reply(SAYS_SEES),
        between("3h", "3h 6m").reply(REMINDS, pings=True),
        until="4h",
    )


# --- First readings and restarts


async def test_the_first_reading_is_no_change(script: Script) -> None:
    script.imaginepro.link(linked_token(555, "RELAX"), linked_token(666, "BANNED", fast_time=VERY_LOW))

    async def link() -> None:
        script.imaginepro.link(linked_token(777, "BANNED"))

    script.at("10m", link)

    await script.shows(until="1h")


async def test_a_token_first_seen_out_of_fast_is_alerted_when_it_gets_worse(script: Script) -> None:
    script.imaginepro.link(linked_token(555, "RELAX"))
    script.says("5m 30s", {555: "BANNED"})

    await script.shows(
        between("6m", "6m").post(banned(555)),
        until="1h",
    )


async def test_a_restart_does_not_reset_the_first_reading(script: Script) -> None:
    script.is_down("5m", until="30m")
    script.says("10m", {111: "RELAX", 222: "BANNED"})

    await script.shows(
        between("30m", "30m").post(banned(222)),
        between("30m", "30m 10s").post(relax(111)),
        until="1h",
    )


async def test_after_a_restart_the_alert_continues(script: Script) -> None:
    script.says("5m 30s", {111: "RELAX"})
    script.is_down("10m", until="30m")
    script.says("20m", {111: "FAST"})

    await script.shows(
        between("6m", "6m 10s").post(relax()),
        between("30m", "30m 10s").edit(back()),
        between("30m", "30m 10s").reply(says_back()),
        until="1h",
    )


async def test_downtime_of_the_bot_is_not_a_data_outage(script: Script) -> None:
    script.is_down("5m", until="2h")
    script.fails("1h 59m", until="2h 4m")

    await script.shows(until="3h")


# --- Servers with their own rules, channels and mutes


async def test_each_server_is_alerted_by_its_own_rules(script: Script, second_server: Server) -> None:
    await second_server.set_up(second_server.keepers)
    await set_rules(second_server, confirm_leaving=1, confirm_back=3, no_data_after="15m", group_from=2)
    script.also_watched.append(second_server.alerts)
    there = second_server.alerts.id
    script.says("5m 30s", {111: "RELAX", 222: "RELAX"})
    script.says("10m 30s", {111: "FAST", 222: "FAST"})
    script.fails("20m 30s", until="31m")

    await script.shows(
        between("6m 1s", "6m 10s").post(relax(111)),
        between("6m 1s", "6m 10s").post(relax(222)),
        between("6m", "6m", there).post(words(texts.incidents.TITLE_GROUP[IncidentType.MODE], number=2)),
        between("10m 30s", "11m 16s").edit(back(111)),
        between("10m 30s", "11m 16s").edit(back(222)),
        between("10m 30s", "11m 16s").reply(says_back(111)),
        between("10m 30s", "11m 16s").reply(says_back(222)),
        between("11m 17s", "11m 26s", there).edit(words(texts.incidents.TITLE_OVER_GROUP[IncidentType.MODE], number=2)),
        between("11m 17s", "11m 26s", there).reply(words(texts.alerts.PUSH_BACK_GROUP[IncidentType.MODE], number=2)),
        between("25m", "27m 30s").post(NO_DATA),
        between("31m", "33m").edit(SEES),
        between("31m", "33m").reply(SAYS_SEES),
        until="1h",
    )


async def test_a_token_with_its_own_channel_is_alerted_only_there(script: Script) -> None:
    channel = script.server.guild.create_text_channel("two-two-two")
    script.also_watched.append(channel)
    script.types("2m", "alerts route", token="222", channel=channel)
    script.says("5m 30s", {111: "RELAX", 222: "RELAX", 333: "RELAX"})

    await script.shows(
        between("6m", "6m 10s").post(relax(111)),
        between("6m", "6m 10s", channel.id).post(relax(222), pings=False),
        between("6m", "6m 10s").post(relax(333)),
        until="1h",
    )


async def test_a_mute_defers_new_alerts_and_posts_ongoing_ones_when_it_ends(script: Script) -> None:
    script.types("5m", "alerts mute", duration="30m")
    script.says("5m 30s", {111: "RELAX"})
    script.says("10m 30s", {222: "RELAX"})
    script.says("15m 30s", {222: "FAST"})

    await script.shows(
        between("35m", "36m").post(relax(111)),
        between("35m", "36m").post(words(texts.alerts.MISSED + "{lines}"), pings=False),
        until="1h",
    )


async def test_a_mute_of_one_token_does_not_affect_the_others(script: Script) -> None:
    script.types("5m", "alerts mute", duration="30m", token="111", include_urgent=True)
    script.says("5m 30s", {111: "BANNED", 222: "BANNED"})

    await script.shows(
        between("6m", "6m").post(banned(222)),
        between("35m", "36m").post(banned(111)),
        until="1h",
    )


async def test_urgent_alerts_come_despite_a_mute_of_all(script: Script) -> None:
    script.types("5m", "alerts mute", duration="8h")
    script.says("5m 30s", {111: "RELAX", 222: "VERIFYING"})
    script.says("20m 30s", {111: "BANNED"})

    await script.shows(
        between("5m 30s", "6m 30s").post(is_(222, AlertType.VERIFYING, Mode.VERIFYING)),
        between("20m 30s", "21m 30s").post(banned(111)),
        until="1h",
    )


async def test_unmuting_early_releases_deferred_alerts(script: Script) -> None:
    script.types("5m", "alerts mute", duration="8h")
    script.says("5m 30s", {111: "RELAX"})
    script.types("20m", "alerts unmute")

    await script.shows(between("20m", "20m 1s").post(relax(111)), until="30m")


# --- Escalation


ESCALATES = words(texts.alerts.PUSH_ESCALATED)
"""What pings the second role."""


def escalates_after(script: Script, length: str) -> None:
    role = script.server.guild.create_role("Second line", mentionable=True)
    script.types("1m", "alerts rules set", rule="escalate_role", value=f"<@&{role.id}>")
    script.types("1m", "alerts rules set", rule="escalate_after", value=length)


async def test_nobody_acknowledges_so_a_second_role_is_pinged_once_also_after_a_restart(script: Script) -> None:
    escalates_after(script, "30m")
    script.says("5m 30s", {111: "RELAX"})
    script.is_down("30m", until="34m")
    script.is_down("50m", until="52m")

    await script.shows(
        between("6m", "6m 10s").post(relax()),
        between("35m", "37m 10s").reply(ESCALATES, pings=True),
        between("1h 5m", "1h 7m").reply(REMINDS, pings=True),
        until="5h",
    )


async def test_an_acknowledgement_stops_the_escalation_until_it_gets_worse(script: Script) -> None:
    escalates_after(script, "30m")
    script.says("5m 30s", {111: "RELAX"})
    script.presses("20m", texts.buttons.ACKNOWLEDGE)
    script.says("2h 30s", {111: "BANNED"})

    await script.shows(
        between("6m", "6m 10s").post(relax()),
        between("2h 30s", "2h 1m 30s").edit(banned()),
        between("2h 30s", "2h 1m 30s").reply(SAYS_BANNED, pings=True),
        between("2h 30m 30s", "2h 32m").reply(ESCALATES, pings=True),
        until="5h",
    )


async def test_a_mute_holds_back_the_escalation_until_it_ends(script: Script) -> None:
    escalates_after(script, "10m")
    script.says("5m 30s", {111: "RELAX"})
    script.types("8m", "alerts mute", duration="30m", token="111")

    await script.shows(
        between("6m", "6m 10s").post(relax()),
        between("38m", "39m 10s").reply(ESCALATES, pings=True),
        until="1h",
    )


# --- Quiet hours. The script begins at noon, UTC.


ALL_OVER = words(texts.quiet_hours.ALL_OVER + "{lines}")
SOME_OPEN = words(texts.quiet_hours.SOME_OPEN + "{lines}")


async def test_quiet_hours_post_without_a_ping_and_urgent_alerts_ping_as_ever(script: Script) -> None:
    script.poll_interval = "5m"
    script.types("1m", "alerts rules set", rule="quiet_hours", value="13:00-20:00")
    script.says("1h 30m", {111: "RELAX"})
    script.says("2h 30m", {222: "BANNED"})
    script.says("3h 15m", {222: "FAST"})

    await script.shows(
        between("1h 30m", "1h 36m").post(relax(111), pings=False),
        between("2h 30m", "2h 36m").post(banned(222)),
        between("3h 15m", "3h 21m").edit(back(222)),
        between("3h 15m", "3h 21m").reply(says_back(222)),
        # The reminder that was due at 2 h 30 min is left to the summary.
        between("8h", "8h 6m").post(SOME_OPEN),
        until="12h",
    )


async def test_a_reminder_that_is_due_in_quiet_hours_comes_after_them_unless_the_summary_lists_its_alert(
    script: Script,
) -> None:
    script.poll_interval = "5m"
    script.types("1m", "alerts rules set", rule="quiet_hours", value="13:00-20:00")
    script.says("30m", {111: "RELAX"})
    script.says("1h 30m", {222: "RELAX"})

    await script.shows(
        between("30m", "36m").post(relax(111)),
        between("1h 30m", "1h 36m").post(relax(222), pings=False),
        # Both had reminders that were due.
        between("8h", "8h 6m").reply(REMINDS, pings=True),
        between("8h", "8h 6m").post(SOME_OPEN),
        until="12h",
    )


async def test_after_quiet_hours_nothing_pings_if_all_is_over_and_nothing_comes_if_nothing_was(script: Script) -> None:
    script.poll_interval = "5m"
    script.types("1m", "alerts rules set", rule="quiet_hours", value="13:00-20:00")
    script.says("1h 30m", {111: "RELAX"})
    script.says("2h 30m", {111: "FAST"})

    await script.shows(
        between("1h 30m", "1h 36m").post(relax(), pings=False),
        between("2h 30m", "2h 36m").edit(back()),
        between("2h 30m", "2h 36m").reply(says_back()),
        between("8h", "8h 6m").post(ALL_OVER, pings=False),
        until="2d",
    )


async def test_the_summary_after_quiet_hours_comes_without_data_too_and_escalation_counts_from_there(
    script: Script,
) -> None:
    script.poll_interval = "5m"
    escalates_after(script, "1h")
    script.types("2m", "alerts rules set", rule="quiet_hours", value="13:00-20:00")
    script.fails("1h 30m", until="12h")

    await script.shows(
        between("1h 34m", "1h 46m").post(NO_DATA, pings=False),
        between("8h", "8h 10m").post(SOME_OPEN),
        between("9h", "9h 10m").reply(ESCALATES, pings=True),
        between("12h", "12h 6m").edit(SEES),
        between("12h", "12h 6m").reply(SAYS_SEES),
        until="13h",
    )
