"""An alert as a team lives with it: what its buttons do, what is said again, and when it is quiet."""

from datetime import timedelta
from http import HTTPStatus

import discord
import pytest

from bot.app.client import Fastwatch, Services
from bot.storage.audit import Action, latest_entries
from tests.cogs.driving import MINUTE, Team, command, labels, set_rules, text_of
from tests.cogs.server import HOME, Server, card, fields, said
from tests.standins.imaginepro_server import Refuse, linked_token

pytestmark = pytest.mark.usefixtures("nothing_unexpected_is_logged")
HOUR = timedelta(hours=1)
KEEP_NO_MORE = "This alert is no longer stored. Use `/alerts show` to see the open incidents."
OVER = "This incident is already over; there is nothing left to do."


def pings_of(team: Team, *messages: discord.Message) -> list[bool]:
    return [team.server.pings(message) == [team.server.keepers.id] for message in messages]


# --- Acknowledge


async def test_an_acknowledgement_is_shown_on_the_alert_and_stops_the_reminders(team: Team) -> None:
    alert = await team.out()
    pressed = await team.press(alert, "Acknowledge")
    (shown,) = team.server.alerts.history()

    assert pressed.followups == []
    assert shown.id == alert.id
    assert fields(shown.embeds[0])["Acknowledged"] == f"by {team.server.mod.mention}, <t:{team.now}:t>"
    assert fields(shown.embeds[0])["Timeline"].endswith(f"acknowledged by {team.server.mod.mention}")
    assert labels(shown) == ["Mute", "Details"]
    for wait in (HOUR, 5 * HOUR, 18 * HOUR):
        assert len(await team.later(wait)) == 1


async def test_a_second_acknowledgement_is_told_who_has_already(team: Team) -> None:
    alert = await team.out()
    await team.server.mod.click(alert, label="Acknowledge")
    first = team.now
    team.clock.advance(MINUTE)
    other = team.server.guild.add_member(team.server.env.create_user("moe"), roles=[team.server.keepers])
    await command(team.server, "moderators", role=team.server.keepers)

    assert await team.refused_press(alert, "Acknowledge", by=other) == (
        f"{team.server.mod.mention} already acknowledged this, <t:{first}:R>."
    )


async def test_who_did_what_is_in_the_audit_log(team: Team, services: Services) -> None:
    alert = await team.out("RELAX")
    await team.press(alert, "Acknowledge")
    await team.mute(alert, "For 1 h")
    await team.press(team.server.alerts.history()[0], "Unmute")
    async with services.database.reading() as connection:
        entries = await latest_entries(connection, HOME, most=3)

    assert [(entry.member_id, entry.action, entry.target) for entry in entries] == [
        (team.server.mod.id, Action.INCIDENT_UNMUTED, "token 111"),
        (team.server.mod.id, Action.INCIDENT_MUTED, "token 111"),
        (team.server.mod.id, Action.INCIDENT_ACKNOWLEDGED, "token 111"),
    ]
    status = fields(card(await team.server.mod.slash(team.server.talk, "status")))
    assert "acknowledged the alert of token 111" in status["Latest changes here"]


# --- Reminders, and getting worse


async def test_an_alert_that_nobody_acknowledged_is_called_to_mind_and_pings(team: Team) -> None:
    alert = await team.out()
    _, first = await team.later(HOUR)

    assert first.content == (
        f"{team.server.keepers.mention} ⏰ Token 111 is still out of FAST after 1 h 1 min (RELAX), "
        "and nobody has acknowledged it."
    )
    assert first.reference is not None
    assert first.reference.message_id == alert.id
    assert pings_of(team, first) == [True]
    assert len(await team.rounds(30)) == 2, "it is called to mind once an hour has passed, not at each round"
    assert len(await team.later(5 * HOUR)) == 3
    assert len(await team.later(18 * HOUR)) == 4
    assert len(await team.later(48 * HOUR)) == 4, "there are three reminders, and no more"


async def test_what_nobody_could_be_reminded_of_in_time_is_said_once(team: Team) -> None:
    await team.out()

    assert len(await team.later(25 * HOUR)) == 2


async def test_low_fast_time_is_not_called_to_mind(team: Team) -> None:
    await team.monitor.round()
    team.fill(3)
    await team.rounds(2)

    assert len(await team.later(25 * HOUR)) == 1


async def test_getting_worse_pings_again_by_a_reply_and_edits_the_alert(team: Team) -> None:
    alert = await team.out()
    team.put("BANNED")
    shown, reply = await team.rounds()

    assert shown.id == alert.id
    assert shown.embeds[0].title == "🔴 Token 111 is banned"
    assert fields(shown.embeds[0])["Timeline"].splitlines()[-1].endswith("banned")
    assert reply.content == (
        f"{team.server.keepers.mention} 🔺 Token 111 got worse: it is banned, and its owner must act."
    )
    assert reply.reference is not None
    assert reply.reference.message_id == alert.id
    assert not reply.flags.silent
    assert pings_of(team, reply) == [True]
    assert all(sent["allowed_mentions"] == {"parse": []} for sent in team.server.sent("PATCH"))


async def test_getting_worse_undoes_an_acknowledgement_since_nobody_knew_of_this(team: Team) -> None:
    await team.press(await team.out(), "Acknowledge")
    team.put("BANNED")
    shown, _ = await team.rounds()

    assert "Acknowledged" not in fields(shown.embeds[0])
    assert labels(shown) == ["Acknowledge", "Mute", "Details"]
    assert len(await team.later(HOUR)) == 3


async def test_getting_better_edits_the_alert_and_says_nothing(team: Team) -> None:
    await team.out("BANNED")
    team.put("RELAX")
    (shown,) = await team.rounds(2)
    assert shown.embeds[0].title == "🟡 Token 111 left FAST · RELAX"

    team.put("BANNED")
    assert len(await team.rounds(2)) == 1, "what was told before is not worse than before"


# --- Mute


async def test_a_mute_for_an_hour_holds_back_what_is_said_until_it_ends(team: Team) -> None:
    alert = await team.out()
    until = team.now + 3600
    said = await team.mute(alert, "For 1 h")
    (shown,) = team.server.alerts.history()

    assert said == f"🔕 Muted until <t:{until}:t>. You are still notified of a ban or a verification."
    assert fields(shown.embeds[0])["Muted"].startswith(f"until <t:{until}:t>, by {team.server.mod.mention}")
    assert fields(shown.embeds[0])["Timeline"].endswith(f"muted by {team.server.mod.mention} until <t:{until}:t>")
    assert labels(shown) == ["Acknowledge", "Unmute", "Details"]
    assert len(await team.later(timedelta(minutes=59))) == 1
    assert len(await team.later(2 * MINUTE)) == 2, "the reminder that was held back comes when the mute has ended"


async def test_a_mute_until_it_is_back_lasts_as_long_as_the_incident_and_no_longer(team: Team) -> None:
    alert = await team.out()
    said = await team.mute(alert, "Until it is resolved")
    assert said.startswith("🔕 Muted until it is resolved.")
    assert len(await team.later(25 * HOUR)) == 1
    team.put("FAST")
    (shown,) = await team.rounds(2)
    assert shown.embeds[0].title == "🟢 Token 111 is back in FAST"

    again = await team.out()
    assert again.content == f"{team.server.keepers.mention} Token 111 left FAST and is now RELAX."
    assert "Muted" not in fields(again.embeds[0])


async def test_a_muted_alert_speaks_again_when_minutes_count(team: Team) -> None:
    await team.mute(await team.out(), "Until it is resolved")
    team.put("BANNED")
    shown, reply = await team.rounds()

    assert "it is banned" in reply.content
    assert pings_of(team, reply) == [True]
    assert "Muted" not in fields(shown.embeds[0])


async def test_a_muted_alert_that_gets_worse_without_hurry_is_only_edited(team: Team) -> None:
    await team.mute(await team.out(), "For 8 h")
    team.imaginepro.switch(111, is_active=False)
    (shown,) = await team.rounds(2)

    assert shown.embeds[0].title == "⚫ Token 111 was switched off"


async def test_unmute_takes_the_mute_away(team: Team) -> None:
    alert = await team.out()
    await team.mute(alert, "Until it is resolved")
    await team.press(team.server.alerts.history()[0], "Unmute")
    (shown,) = team.server.alerts.history()

    assert "Muted" not in fields(shown.embeds[0])
    assert labels(shown) == ["Acknowledge", "Mute", "Details"]
    assert fields(shown.embeds[0])["Timeline"].endswith(f"unmuted by {team.server.mod.mention}")
    assert len(await team.later(HOUR)) == 2


async def test_unmute_where_somebody_else_was_quicker_says_so(team: Team) -> None:
    await team.mute(await team.out(), "For 8 h")
    (before,) = team.server.alerts.history()
    await team.server.mod.click(before, label="Unmute")

    assert await team.refused_press(before, "Unmute") == "This alert is not muted any more."


# --- Details


async def test_details_show_the_token_as_it_was_read_last_and_ask_nobody(team: Team) -> None:
    alert = await team.out()
    read = team.now - 60
    await team.rounds(5)
    team.imaginepro.log.clear()
    pressed = await team.press(alert, "Details")

    assert pressed.response is not None
    assert pressed.ephemeral
    assert pressed.response.content == f"Unchanged since <t:{read}:R>. Last successful check: <t:{team.now}:R>."
    assert card(pressed).title == "🟡 Token 111 · RELAX"
    assert fields(card(pressed))["Jobs"] == "0 running\n0 fast, 0 relax queued"
    assert team.imaginepro.log == []
    assert len(team.server.alerts.history()) == 1


async def test_details_of_several_tokens_are_a_menu_the_worst_first(team: Team) -> None:
    await team.monitor.round()
    team.put("RELAX", 111, 222)
    team.put("BANNED", 333)
    team.put("RELAX", 444)
    await set_rules(team.server, confirm_leaving=1)
    (alert,) = await team.rounds()
    pressed = await team.press(alert, "Details")
    assert pressed.response is not None
    (row,) = pressed.response.components
    assert pressed.response.content == "Which of the 4 tokens?"
    assert [option["value"] for option in row["components"][0]["options"]] == ["333", "111", "222", "444"]

    for chosen, title in (("333", "🔴 Token 333 · BANNED"), ("111", "🟡 Token 111 · RELAX")):
        await team.server.mod.select(pressed.response, [chosen])
        assert card(pressed).title == title
        assert pressed.response.components, "the menu stays for the next"


async def test_details_of_many_tokens_offer_the_worst_of_them(team: Team) -> None:
    many = range(1000, 1030)
    team.imaginepro.link(*(linked_token(token_id) for token_id in many))
    alert = await team.out("RELAX", *many)
    pressed = await team.press(alert, "Details")

    assert pressed.response is not None
    assert pressed.response.content == "Which of the 30 tokens? These are the 25 worst."
    assert len(pressed.response.components[0]["components"][0]["options"]) == 25


# --- Close


async def test_closing_ends_what_may_stay_and_its_return_is_not_told(team: Team) -> None:
    await team.monitor.round()
    team.imaginepro.switch(111, is_active=False)
    (alert,) = await team.rounds(2)
    await team.press(alert, "Close")
    shown, reply = team.server.alerts.history()

    assert shown.embeds[0].title == "⚪ Closed: token 111 · OFF"
    assert labels(shown) == []
    assert reply.content == f"⚪ {team.server.mod.mention} closed this."
    assert reply.flags.silent
    assert team.server.pinged_members(reply) == []
    assert (await team.shown())["Open incidents"] == "none"
    team.imaginepro.switch(111, is_active=True)
    assert len(await team.rounds(5)) == 2
    assert (await team.out()).content.endswith("Token 111 left FAST and is now RELAX.")


async def test_what_was_closed_begins_no_incident_by_getting_better(team: Team) -> None:
    team.imaginepro.switch(111, is_active=False)
    (alert,) = await team.rounds(2)
    await team.press(alert, "Close")
    team.put("RELAX")
    team.imaginepro.switch(111, is_active=True)

    assert len(await team.rounds(3)) == 2
    team.put("BANNED")
    assert len(await team.rounds(3)) == 3, "getting worse is told"


async def test_a_group_is_closed_for_all_of_its_tokens(team: Team) -> None:
    await team.monitor.round()
    for token_id in (111, 222, 333):
        team.imaginepro.switch(token_id, is_active=False)
    (alert,) = await team.rounds(2)
    await team.press(alert, "Close")
    card_then = team.server.alerts.history()[0].embeds[0]
    assert card_then.title == "⚪ Closed: 3 tokens"
    assert (card_then.description or "").splitlines()[-3:] == ["⚪ 111 · OFF", "⚪ 222 · OFF", "⚪ 333 · OFF"]

    for token_id in (111, 222, 333):
        team.put("RELAX", token_id)
        team.imaginepro.switch(token_id, is_active=True)
    assert len(await team.rounds(5)) == 2


async def test_only_what_may_stay_can_be_closed(team: Team) -> None:
    await team.monitor.round()
    team.imaginepro.switch(111, is_active=False)
    (alert,) = await team.rounds(2)
    team.imaginepro.switch(111, is_active=True)
    team.put("BANNED")
    await team.monitor.round()

    assert (await team.refused_press(alert, "Close")).startswith("This incident ends by itself.")
    assert "RELAX" not in labels(team.server.alerts.history()[0])


# --- Who may press, where and when


async def every_button(team: Team) -> discord.Message:
    """Have an alert with all buttons there are, but for Unmute."""
    await team.monitor.round()
    team.imaginepro.switch(111, is_active=False)
    return (await team.rounds(2))[-1]


@pytest.mark.parametrize("label", ["Acknowledge", "Mute", "Details", "Close"])
async def test_the_press_of_a_member_gets_one_sentence_and_does_nothing(team: Team, label: str) -> None:
    alert = await every_button(team)
    sentence = await team.refused_press(alert, label, by=team.server.member)

    assert sentence == "Only members with the Manage Server permission can do this."
    (after,) = team.server.alerts.history()
    assert (after.embeds, labels(after)) == (alert.embeds, ["Acknowledge", "Mute", "Details", "Close"])


@pytest.mark.parametrize("label", ["Mute", "Details"])
async def test_what_only_a_mod_is_asked_only_a_mod_can_answer(team: Team, label: str) -> None:
    alert = await team.out("RELAX", 111, 222, 333)
    asked = await team.server.mod.click(alert, label=label)
    assert asked.response is not None
    backend = team.server.env.backend
    backend.create_message(
        team.server.talk.id, backend.bot_user.id, "seen by all", components=[asked.response.components[0]]
    )
    shown, member = team.server.talk.history()[-1], team.server.member

    result = await (member.click(shown, label="For 8 h") if label == "Mute" else member.select(shown, ["111"]))
    assert said(result) == "Only members with the Manage Server permission can do this."
    assert labels(team.server.alerts.history()[0]) == ["Acknowledge", "Mute", "Details"]
    assert team.server.talk.history()[-1].embeds == []


@pytest.mark.parametrize(
    ("label", "seen"), [("Acknowledge", "Acknowledged"), ("Close", "Timeline"), ("For 8 h", "Muted")]
)
async def test_a_press_works_after_a_restart(team: Team, new_bot: Fastwatch, label: str, seen: str) -> None:
    alert = await every_button(team)
    if label == "For 8 h":
        asked = await team.server.mod.click(alert, label="Mute")
        assert asked.response is not None
        await team.server.env.restart_bot(new_bot)
        await team.press(asked.response, label)
    else:
        await team.server.env.restart_bot(new_bot)
        await team.press(alert, label)

    assert team.server.mod.mention in fields(team.server.alerts.history()[0].embeds[0])[seen]


async def test_the_menu_of_details_works_after_a_restart(team: Team, new_bot: Fastwatch) -> None:
    alert = await team.out("RELAX", 111, 222, 333)
    pressed = await team.press(alert, "Details")
    assert pressed.response is not None
    await team.server.env.restart_bot(new_bot)
    await team.server.mod.select(pressed.response, ["222"])

    assert card(pressed).title == "🟡 Token 222 · RELAX"


@pytest.mark.parametrize("label", ["Acknowledge", "Mute", "Details", "Close"])
async def test_the_alert_of_another_server_cannot_be_pressed(team: Team, second_server: Server, label: str) -> None:
    alert = await every_button(team)
    row = {"type": 1, "components": [button.to_dict() for button in alert.components[0].children]}  # type: ignore[union-attr]
    backend = team.server.env.backend
    backend.create_message(second_server.talk.id, backend.bot_user.id, "from elsewhere", components=[row])
    stolen = second_server.talk.history()[-1]

    assert await team.refused_press(stolen, label, by=second_server.mod) == KEEP_NO_MORE
    (after,) = team.server.alerts.history()
    assert after.embeds == alert.embeds


@pytest.mark.parametrize("label", ["Acknowledge", "Mute", "Details", "Close"])
async def test_a_press_after_it_is_over_says_that_it_is_over(team: Team, label: str) -> None:
    alert = await every_button(team)
    team.imaginepro.switch(111, is_active=True)
    for _ in range(2):
        team.clock.advance(MINUTE)
        await team.monitor.round()

    assert await team.refused_press(alert, label) == OVER


async def test_the_answer_to_how_long_after_it_is_over_says_so(team: Team) -> None:
    alert = await team.out()
    asked = await team.server.mod.click(alert, label="Mute")
    team.put("FAST")
    await team.rounds(2)
    assert asked.response is not None

    assert await team.refused_press(asked.response, "For 8 h") == OVER


async def test_a_press_after_alerts_were_switched_off_says_so(team: Team) -> None:
    alert = await team.out()
    await command(team.server, "off")

    assert await team.refused_press(alert, "Acknowledge") == KEEP_NO_MORE


async def test_a_press_on_an_alert_that_was_deleted_meanwhile_posts_nothing(team: Team) -> None:
    alert = await team.out()
    asked = await team.server.mod.click(alert, label="Mute")
    assert asked.response is not None
    team.server.env.backend.delete_message(team.server.alerts.id, alert.id)
    await team.press(asked.response, "For 8 h")

    assert team.server.alerts.history() == []


# --- Several tokens


async def test_three_tokens_in_one_round_are_one_alert_that_closes_when_all_are_back(team: Team) -> None:
    alert = await team.out("RELAX", 111, 222, 333)
    assert len(team.server.alerts.history()) == 1
    assert alert.content == f"{team.server.keepers.mention} 3 tokens left FAST: 3 RELAX."
    assert alert.embeds[0].title == "🟡 3 tokens left FAST"
    assert [line.split(" · ")[0] for line in (alert.embeds[0].description or "").splitlines()] == [
        "🟡 111",
        "🟡 222",
        "🟡 333",
    ]

    team.put("FAST", 111, 222)
    (shown,) = await team.rounds(2)
    assert shown.embeds[0].title == "🟡 Still out of FAST: 1 of 3 tokens"
    assert fields(shown.embeds[0])["Timeline"].splitlines()[-1].endswith("111, 222: back in FAST")
    team.put("FAST", 333)
    shown, reply = await team.rounds(2)
    assert shown.embeds[0].title == "🟢 All 3 tokens are back in FAST"
    assert reply.content == "✅ All 3 tokens are back in FAST after 4 min."
    assert pings_of(team, reply) == [False]


async def test_two_tokens_in_one_round_are_two_alerts(team: Team) -> None:
    await team.out("RELAX", 111, 222)

    assert [alert.embeds[0].title for alert in team.server.alerts.history()] == [
        "🟡 Token 111 left FAST · RELAX",
        "🟡 Token 222 left FAST · RELAX",
    ]


async def test_one_of_a_group_that_gets_worse_pings_again(team: Team) -> None:
    await team.out("RELAX", 111, 222, 333)
    team.put("BANNED", 222)
    _, reply = await team.rounds()

    assert reply.content == (
        f"{team.server.keepers.mention} 🔺 It got worse: 3 tokens are out of FAST now (1 BANNED, 2 RELAX)."
    )


# --- Flapping


async def flap(team: Team, times: int, token_id: int = 111) -> None:
    for _ in range(times):
        team.put("RELAX", token_id)
        await team.rounds(2)
        team.put("FAST", token_id)
        await team.rounds(2)


async def test_what_keeps_coming_and_going_is_told_once_and_summed_up_at_its_end(team: Team) -> None:
    await team.monitor.round()
    await flap(team, 3)
    assert len(team.server.alerts.history()) == 6
    shown = await team.out()
    assert shown.content == f"{team.server.keepers.mention} Token 111 keeps leaving FAST and coming back."
    assert pings_of(team, shown) == [True]
    team.put("FAST")
    await team.rounds(2)
    await flap(team, 2)
    *_, shown = history = team.server.alerts.history()
    assert len(history) == 7
    assert shown.embeds[0].title == "🔁 Token 111 keeps leaving FAST · FAST"

    assert len(await team.later(timedelta(minutes=28))) == 7, "it has not stayed in FAST for long enough"
    *_, shown, reply = await team.later(2 * MINUTE)
    assert reply.content == "✅ Token 111 stays in FAST now. It had left FAST 3 times, for 6 min in total."
    assert pings_of(team, reply) == [False]
    assert shown.embeds[0].title == "🟢 Token 111 stays in FAST"
    assert "It left FAST **3 times**" in (shown.embeds[0].description or "")


# --- Low fast time


async def test_low_fast_time_is_told_at_each_mark_once_and_again_after_it_returned(team: Team) -> None:
    await team.monitor.round()
    team.fill(3)
    (low,) = await team.rounds(2)
    assert low.content == f"{team.server.keepers.mention} Token 111 is low on fast hours."
    assert low.embeds[0].description == "▰▰▱▱▱▱▱▱▱▱  **3.00** of 15.0 h of fast time left (20 %)"

    team.fill(2)
    assert len(await team.rounds(5)) == 1
    team.fill(0.75)
    shown, reply = await team.rounds(2)
    assert shown.embeds[0].title == "🪫 Token 111 has almost no fast hours left"
    assert reply.content == f"{team.server.keepers.mention} 🔺 Token 111 has almost no fast hours left."

    team.fill(15)
    shown, _, refilled = await team.rounds(2)
    assert refilled.content == "✅ Token 111 has enough fast hours again."
    assert shown.embeds[0].title == "🟢 Token 111 has enough fast hours again"
    assert pings_of(team, refilled) == [False]
    team.fill(3)
    assert (await team.rounds(2))[-1].content.endswith("Token 111 is low on fast hours.")


# --- Blind


async def test_blindness_is_told_and_so_is_seeing_again_and_what_changed_meanwhile(team: Team) -> None:
    await team.monitor.round()
    team.imaginepro.outage = Refuse(HTTPStatus.BAD_GATEWAY)
    assert await team.rounds(4) == []
    (blind,) = await team.rounds()
    assert blind.content == f"{team.server.keepers.mention} ImaginePro isn't responding: token status is unknown."
    assert labels(blind) == ["Acknowledge", "Mute"]
    assert pings_of(team, blind) == [True]

    team.imaginepro.outage = None
    team.put("BANNED")
    shown, *said = await team.rounds()
    assert shown.embeds[0].title == "🟢 ImaginePro is responding again"
    assert {one.content for one in said} == {
        "✅ ImaginePro is responding again after 6 min. Alerts for what changed meanwhile follow.",
        f"{team.server.keepers.mention} Token 111 is banned: its owner must act.",
    }


async def test_blindness_can_be_acknowledged(team: Team, services: Services) -> None:
    await team.monitor.round()
    team.imaginepro.outage = Refuse(HTTPStatus.BAD_GATEWAY)
    (blind,) = await team.rounds(5)
    await team.press(blind, "Acknowledge")
    async with services.database.reading() as connection:
        (entry,) = await latest_entries(connection, HOME, most=1)

    assert (entry.action, entry.target) == (Action.INCIDENT_ACKNOWLEDGED, "ImaginePro")
    assert len(await team.later(2 * HOUR)) == 1


# --- In a messy state


async def test_show_in_a_messy_state(team: Team) -> None:
    """Everything at once: what is open, who has it, what is muted, broken and waiting."""
    server = team.server
    await team.monitor.round()
    await command(server, "route", token="666", channel=server.talk)
    banned = await team.out("BANNED", 111)
    await team.press(banned, "Acknowledge")
    team.put("RELAX", 222, 333, 444)
    group = (await team.rounds(2))[-1]
    await team.mute(group, "For 8 h")
    server.env.inject_error("POST", f"/channels/{server.talk.id}/messages", status=403, code=50013)
    team.put("RELAX", 666)
    team.fill(1, 555)
    await team.rounds(2)
    text_of(await command(server, "mute", duration="2d", token="222", reason="Moving *house*"))
    told = await team.shown()
    url = f"https://discord.com/channels/{server.guild.id}/{server.alerts.id}"

    lines = [line.replace("since <t:", "\0").split("\0") for line in told["Open incidents"].splitlines()]
    assert [line[0] for line in lines] == [
        "🔴 token 111 · BANNED, ",
        "🟡 3 tokens (222, 333, 444) · 3 RELAX, ",
        "🟡 token 666 · RELAX, ",
        "🪫 token 555 · low on fast hours, ",
    ]
    assert lines[0][1].endswith(f" · 👀 {server.mod.mention} · [alert]({url}/{banned.id})")
    assert lines[1][1].endswith(f":t> · [alert]({url}/{group.id})")
    assert "🔕 until <t:" in lines[1][1]
    assert told["Channels of single tokens"] == (
        f"Token 666: ⚠️ I cannot post in {server.talk.mention}: a permission is missing: "
        "code 50013. Fix that, then use `/alerts route` again."
    )
    assert told["Muted"] == (
        f"🔕 token 222 until <t:{team.now + 2 * 86400}:f>, by {server.mod.mention}: Moving \\*house\\*"
    )
    assert told["Waiting to be delivered"].endswith("because: a permission is missing: code 50013")
