"""An alert as a team uses it: its buttons, its reminders, and when it is quiet."""

from datetime import datetime, timedelta
from http import HTTPStatus

import discord
import pytest
from sqlalchemy import delete, select, update

from bot.app.client import Fastwatch
from bot.app.services import Services
from bot.storage.audit import Action, latest_entries
from bot.storage.incidents import open_incidents
from bot.storage.schema import incidents
from bot.ui import texts
from tests.cases import first_quick
from tests.cogs.driving import MINUTE, Team, actions_on, command, labels, set_rules, text_of
from tests.cogs.server import HOME, Server, card, fields, said
from tests.standins.imaginepro_server import Refuse, linked_token
from tests.titles import title_of

pytestmark = pytest.mark.usefixtures("nothing_unexpected_is_logged")
HOUR = timedelta(hours=1)
KEEP_NO_MORE = "This alert is no longer stored. Use `/alerts show` to see the open incidents."
EVERY_BUTTON = ["Acknowledge", "I'm on it", "Switch on", "Mute", "Close"]
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
    assert actions_on(shown) == [f"👀 {team.server.mod.mention}, <t:{team.now}:t>"]
    assert shown.embeds[0].fields == [], "it stands once"
    assert labels(shown) == ["I'm on it", "Mute", "Details"]
    for wait in (HOUR, 5 * HOUR, 18 * HOUR):
        assert len(await team.later(wait)) == 1


async def test_a_second_acknowledgement_says_who_was_first(team: Team) -> None:
    alert = await team.out()
    await team.server.mod.click(alert, label="Acknowledge")
    first = team.now
    team.clock.advance(MINUTE)
    other = team.server.guild.add_member(team.server.env.create_user("moe"), roles=[team.server.keepers])
    await command(team.server, "moderators", role=team.server.keepers)

    assert await team.refused_press(alert, "Acknowledge", by=other) == (
        f"{team.server.mod.mention} already acknowledged this, <t:{first}:R>."
    )


async def restored_with_the_same_id(services: Services, old: discord.Message, other: discord.Message) -> None:
    """Let the incident of another alert have the id that is in the buttons of an old alert, as after a restore."""
    async with services.database.transaction() as connection:
        rows = (await connection.execute(select(incidents))).mappings().all()
        by_message = {row["posted_message_id"]: dict(row) for row in rows}
        lost, restored = by_message[old.id], by_message[other.id]
        await connection.execute(delete(incidents).where(incidents.c.id == restored["id"]))
        await connection.execute(
            update(incidents).where(incidents.c.id == lost["id"]).values(restored | {"id": lost["id"]})
        )


@pytest.mark.parametrize("label", first_quick(["Acknowledge", "I'm on it", "Mute", "Details"]))
async def test_a_press_counts_only_on_the_incidents_own_message(team: Team, services: Services, label: str) -> None:
    old = await team.out("RELAX")
    team.set_status("BANNED", 222)
    banned = (await team.rounds())[-1]
    await restored_with_the_same_id(services, old, banned)

    assert await team.refused_press(old, label) == (
        "This message is no longer kept up to date, so its buttons have no effect. "
        "Use `/alerts show` to see the open incidents."
    )
    async with services.database.reading() as connection:
        (incident,) = await open_incidents(connection, HOME)
    assert (incident.acknowledged_by, incident.muted_by) == (None, None)


async def set_unrecorded(services: Services, started_at: datetime) -> None:
    """Let the process die between posting an alert and recording its Discord message."""
    unrecorded = {"posted_message_id": None, "posted_channel_id": None, "started_at": started_at}
    async with services.database.transaction() as connection:
        await connection.execute(update(incidents).values(unrecorded))


async def test_a_press_counts_before_the_message_is_recorded(team: Team, services: Services) -> None:
    alert = await team.out("RELAX")
    await set_unrecorded(services, alert.created_at)
    await team.press(alert, "Acknowledge")

    async with services.database.reading() as connection:
        (incident,) = await open_incidents(connection, HOME)
    assert incident.acknowledged_by == team.server.mod.id


async def test_a_press_on_a_message_from_before_the_incident_does_not_count(team: Team, services: Services) -> None:
    alert = await team.out("RELAX")
    await set_unrecorded(services, alert.created_at + 2 * MINUTE)

    assert (await team.refused_press(alert, "Acknowledge")).startswith("This message is no longer kept up to date")


async def test_actions_are_in_the_audit_log(team: Team, services: Services) -> None:
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


async def test_an_unacknowledged_alert_gets_a_reminder_that_pings(team: Team) -> None:
    alert = await team.out()
    _, first = await team.later(HOUR)

    assert first.content == (
        f"{team.server.keepers.mention} ⏰ **Token 111** has been out of FAST for 1 h 1 min (RELAX). "
        "Nobody has acknowledged it."
    )
    assert first.reference is not None
    assert first.reference.message_id == alert.id
    assert pings_of(team, first) == [True]
    assert len(await team.rounds(30)) == 2, "the reminder comes once an hour has passed, not at each round"
    assert len(await team.later(5 * HOUR)) == 3
    assert len(await team.later(18 * HOUR)) == 4
    assert len(await team.later(48 * HOUR)) == 4, "there are three reminders, and no more"


async def test_missed_reminders_are_sent_once(team: Team) -> None:
    await team.out()

    assert len(await team.later(25 * HOUR)) == 2


async def test_low_fast_time_gets_no_reminder(team: Team) -> None:
    await team.monitor.round()
    team.fill(3)
    await team.rounds(2)

    assert len(await team.later(25 * HOUR)) == 1


async def test_getting_worse_pings_in_a_reply_and_edits_the_alert(team: Team) -> None:
    alert = await team.out()
    team.set_status("BANNED")
    shown, reply = await team.rounds()

    assert shown.id == alert.id
    assert title_of(shown) == "🔴 **Token 111** is banned"
    assert fields(shown.embeds[0])["Timeline"].splitlines()[-1].endswith("banned")
    assert reply.content == (f"{team.server.keepers.mention} 🔺 **Token 111** is banned: its owner must act.")
    assert reply.reference is not None
    assert reply.reference.message_id == alert.id
    assert not reply.flags.silent
    assert pings_of(team, reply) == [True]
    assert all(sent["allowed_mentions"] == {"parse": []} for sent in team.server.sent("PATCH"))


async def test_getting_worse_clears_an_acknowledgement(team: Team) -> None:
    await team.press(await team.out(), "Acknowledge")
    team.set_status("BANNED")
    shown, _ = await team.rounds()

    assert actions_on(shown) == []
    assert labels(shown) == ["Acknowledge", "I'm on it", "Mute", "Details"]
    assert len(await team.later(HOUR)) == 3


async def test_improving_edits_the_alert_silently(team: Team) -> None:
    await team.out("BANNED")
    team.set_status("RELAX")
    (shown,) = await team.rounds(2)
    assert title_of(shown) == "🟡 **Token 111** is in RELAX"

    team.set_status("BANNED")
    assert len(await team.rounds(2)) == 1, "what was posted before is not worse than before"


# --- Mute


async def test_a_one_hour_mute_defers_updates_until_it_ends(team: Team) -> None:
    alert = await team.out()
    until = team.now + 3600
    said = await team.mute(alert, "For 1 h")
    (shown,) = team.server.alerts.history()

    assert said == f"🔕 Muted until <t:{until}:t>. You are still notified of a ban or a verification."
    (action,) = actions_on(shown)
    assert action.startswith(f"🔕 Muted until <t:{until}:t> by {team.server.mod.mention}. ")
    assert labels(shown) == ["Acknowledge", "I'm on it", "Unmute", "Details"]
    assert len(await team.later(timedelta(minutes=59))) == 1
    assert len(await team.later(2 * MINUTE)) == 2, "the deferred reminder comes when the mute has ended"


async def test_a_mute_until_recovery_lasts_exactly_as_long_as_the_incident(team: Team) -> None:
    alert = await team.out()
    said = await team.mute(alert, "Until it is resolved")
    assert said.startswith("🔕 Muted until it is resolved.")
    assert len(await team.later(25 * HOUR)) == 1
    team.set_status("FAST")
    (shown,) = await team.rounds(2)
    assert title_of(shown) == "🟢 **Token 111** was in RELAX for 1 d 1 h"

    again = await team.out()
    assert again.content.startswith(f"{team.server.keepers.mention} 🟡 **Token 111** is in RELAX")
    assert actions_on(again) == []


async def test_a_muted_alert_posts_again_when_urgent(team: Team) -> None:
    await team.mute(await team.out(), "Until it is resolved")
    team.set_status("BANNED")
    shown, reply = await team.rounds()

    assert "is banned" in reply.content
    assert pings_of(team, reply) == [True]
    assert actions_on(shown) == []


async def test_a_muted_alert_that_gets_worse_without_urgency_is_only_edited(team: Team) -> None:
    await team.mute(await team.out(), "For 8 h")
    team.imaginepro.switch(111, is_active=False)
    (shown,) = await team.rounds(2)

    assert title_of(shown) == "⚫ **Token 111** is switched off"


async def test_unmute_removes_the_mute(team: Team) -> None:
    alert = await team.out()
    await team.mute(alert, "Until it is resolved")
    await team.press(team.server.alerts.history()[0], "Unmute")
    (shown,) = team.server.alerts.history()

    assert actions_on(shown) == []
    assert labels(shown) == ["Acknowledge", "I'm on it", "Mute", "Details"]
    assert fields(shown.embeds[0])["Timeline"].endswith(f"unmuted by {team.server.mod.mention}")
    assert len(await team.later(HOUR)) == 2


async def test_unmute_after_another_users_unmute_says_so(team: Team) -> None:
    await team.mute(await team.out(), "For 8 h")
    (before,) = team.server.alerts.history()
    await team.server.mod.click(before, label="Unmute")

    assert await team.refused_press(before, "Unmute") == "This alert is not muted any more."


# --- Details


async def test_details_show_the_last_reading_without_a_request(team: Team) -> None:
    alert = await team.out()
    read = team.now - 60
    await team.rounds(5)
    team.imaginepro.log.clear()
    pressed = await team.press(alert, "Details")

    assert pressed.response is not None
    assert pressed.ephemeral
    assert pressed.response.content == f"Last change: <t:{read}:R>. Last successful check: <t:{team.now}:R>."
    assert card(pressed).title == "🟡 Token 111 · RELAX"
    assert fields(card(pressed))["Jobs"] == "0 running\n0 fast, 0 relax queued"
    assert team.imaginepro.log == []
    assert len(team.server.alerts.history()) == 1


@pytest.mark.slow
async def test_details_of_a_banned_token_say_step_by_step_what_its_owner_must_do(team: Team) -> None:
    pressed = await team.press(await team.out("BANNED"), "Details")

    assert fields(card(pressed))["Owner"].startswith("Set its owner with `/fleet owner`.\nIts owner must act:\n1. ")


async def test_details_of_several_tokens_are_a_menu_sorted_by_severity(team: Team) -> None:
    await team.monitor.round()
    team.set_status("RELAX", 111, 222)
    team.set_status("BANNED", 333)
    team.set_status("RELAX", 444)
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


async def test_details_of_many_tokens_list_the_most_severe(team: Team) -> None:
    many = range(1000, 1030)
    team.imaginepro.link(*(linked_token(token_id) for token_id in many))
    alert = await team.out("RELAX", *many)
    pressed = await team.press(alert, "Details")

    assert pressed.response is not None
    assert pressed.response.content == "Which of the 30 tokens? These are the 25 worst."
    assert len(pressed.response.components[0]["components"][0]["options"]) == 25


# --- Close


async def test_closing_resolves_it_and_its_return_is_not_posted(team: Team) -> None:
    await team.monitor.round()
    team.imaginepro.switch(111, is_active=False)
    (alert,) = await team.rounds(2)
    await team.press(alert, "Close")
    shown, reply = team.server.alerts.history()

    assert title_of(shown) == "⚪ Closed: **Token 111** was switched off"
    assert labels(shown) == []
    assert reply.content == f"⚪ {team.server.mod.mention} closed this."
    assert reply.flags.silent
    assert team.server.pinged_members(reply) == []
    assert (await team.shown())["Open incidents"] == "none"
    team.imaginepro.switch(111, is_active=True)
    assert len(await team.rounds(5)) == 2
    assert title_of(await team.out()) == "🟡 **Token 111** is in RELAX"


async def test_a_closed_incident_is_not_reopened_by_an_improvement(team: Team) -> None:
    team.imaginepro.switch(111, is_active=False)
    (alert,) = await team.rounds(2)
    await team.press(alert, "Close")
    team.set_status("RELAX")
    team.imaginepro.switch(111, is_active=True)

    assert len(await team.rounds(3)) == 2
    team.set_status("BANNED")
    assert len(await team.rounds(3)) == 3, "getting worse is posted"


async def test_a_group_is_closed_for_all_of_its_tokens(team: Team) -> None:
    await team.monitor.round()
    for token_id in (111, 222, 333):
        team.imaginepro.switch(token_id, is_active=False)
    (alert,) = await team.rounds(2)
    await team.press(alert, "Close")
    closed = team.server.alerts.history()[0]
    assert title_of(closed) == "⚪ Closed: **3 tokens** were out of FAST"
    lines = (closed.embeds[0].description or "").splitlines()
    assert lines[-3:] == [f"⚪ **{token_id}** · was switched off" for token_id in (111, 222, 333)]

    for token_id in (111, 222, 333):
        team.set_status("RELAX", token_id)
        team.imaginepro.switch(token_id, is_active=True)
    assert len(await team.rounds(5)) == 2


async def test_low_fast_hours_can_be_closed_and_leave_the_tokens_mode_alone(team: Team) -> None:
    await team.monitor.round()
    team.fill(2)
    (low,) = await team.rounds(2)
    team.imaginepro.switch(111, is_active=False)
    await team.rounds(2)
    await team.press(low, "Close")
    assert title_of(team.server.alerts.history()[0]) == "⚪ Closed: **Token 111** was low on fast hours"

    team.imaginepro.switch(111, is_active=True)
    await team.rounds(3)
    titles = [title_of(message) for message in team.server.alerts.history() if message.embeds]
    assert titles == ["⚪ Closed: **Token 111** was low on fast hours", "🟢 **Token 111** was switched off for 2 min"]


async def test_low_fast_hours_end_with_a_token_that_is_no_longer_listed(team: Team) -> None:
    await team.monitor.round()
    team.fill(2)
    (low,) = await team.rounds(2)
    del team.imaginepro.tokens[111]
    messages = await team.rounds(2)

    (ended,) = [message for message in messages if message.id == low.id]
    assert title_of(ended) == "⚪ **Token 111** was low on fast hours for 1 min, and is no longer listed"
    assert labels(ended) == []
    (reply,) = [message for message in messages if message.reference is not None]
    assert reply.content == "⚪ **Token 111** is no longer listed, so its low fast hours are over."
    assert reply.flags.silent


async def test_only_closable_incidents_can_be_closed(team: Team) -> None:
    await team.monitor.round()
    team.imaginepro.switch(111, is_active=False)
    (alert,) = await team.rounds(2)
    team.imaginepro.switch(111, is_active=True)
    team.set_status("BANNED")
    await team.monitor.round()

    assert (await team.refused_press(alert, "Close")).startswith("This incident ends by itself.")
    assert "RELAX" not in labels(team.server.alerts.history()[0])


# --- Permissions of buttons


async def every_button(team: Team) -> discord.Message:
    """Post an alert with EVERY_BUTTON."""
    await team.monitor.round()
    team.imaginepro.switch(111, is_active=False)
    return (await team.rounds(2))[-1]


@pytest.mark.parametrize("label", first_quick(EVERY_BUTTON))
async def test_a_members_press_gets_one_sentence_and_does_nothing(team: Team, label: str) -> None:
    alert = await every_button(team)
    sentence = await team.refused_press(alert, label, by=team.server.member)

    assert sentence == texts.errors.MODS_ONLY
    (after,) = team.server.alerts.history()
    assert (after.embeds, labels(after)) == (alert.embeds, EVERY_BUTTON)


@pytest.mark.parametrize("label", ["Mute", "Details"])
async def test_only_a_moderator_can_answer_a_moderators_question(team: Team, label: str) -> None:
    alert = await team.out("RELAX", 111, 222, 333)
    asked = await team.server.mod.click(alert, label=label)
    assert asked.response is not None
    backend = team.server.env.backend
    backend.create_message(
        team.server.talk.id, backend.bot_user.id, "seen by all", components=[asked.response.components[0]]
    )
    shown, member = team.server.talk.history()[-1], team.server.member

    result = await (member.click(shown, label="For 8 h") if label == "Mute" else member.select(shown, ["111"]))
    assert said(result) == texts.errors.MODS_ONLY
    assert labels(team.server.alerts.history()[0]) == ["Acknowledge", "I'm on it", "Mute", "Details"]
    assert team.server.talk.history()[-1].embeds == []


@pytest.mark.parametrize(("label", "seen"), [("Acknowledge", "👀"), ("Close", "closed"), ("For 8 h", "🔕")])
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

    shown = team.server.alerts.history()[0].embeds[0]
    lines = [*(shown.description or "").splitlines(), *fields(shown).values()]
    assert any(seen in line and team.server.mod.mention in line for line in lines)


async def test_the_menu_of_details_works_after_a_restart(team: Team, new_bot: Fastwatch) -> None:
    alert = await team.out("RELAX", 111, 222, 333)
    pressed = await team.press(alert, "Details")
    assert pressed.response is not None
    await team.server.env.restart_bot(new_bot)
    await team.server.mod.select(pressed.response, ["222"])

    assert card(pressed).title == "🟡 Token 222 · RELAX"


@pytest.mark.parametrize("label", first_quick(EVERY_BUTTON))
async def test_the_alert_of_another_server_cannot_be_pressed(team: Team, second_server: Server, label: str) -> None:
    alert = await every_button(team)
    row = {"type": 1, "components": [button.to_dict() for button in alert.components[0].children]}  # type: ignore[union-attr]
    backend = team.server.env.backend
    backend.create_message(second_server.talk.id, backend.bot_user.id, "from elsewhere", components=[row])
    stolen = second_server.talk.history()[-1]

    assert await team.refused_press(stolen, label, by=second_server.mod) == KEEP_NO_MORE
    (after,) = team.server.alerts.history()
    assert after.embeds == alert.embeds


@pytest.mark.parametrize("label", first_quick(EVERY_BUTTON))
async def test_a_press_on_a_resolved_incident_says_so(team: Team, label: str) -> None:
    alert = await every_button(team)
    team.imaginepro.switch(111, is_active=True)
    for _ in range(2):
        team.clock.advance(MINUTE)
        await team.monitor.round()

    assert await team.refused_press(alert, label) == OVER


async def test_a_mute_duration_for_a_resolved_incident_says_so(team: Team) -> None:
    alert = await team.out()
    asked = await team.server.mod.click(alert, label="Mute")
    team.set_status("FAST")
    await team.rounds(2)
    assert asked.response is not None

    assert await team.refused_press(asked.response, "For 8 h") == OVER


async def test_a_press_after_alerts_were_switched_off_says_so(team: Team) -> None:
    alert = await team.out()
    await command(team.server, "off")

    assert await team.refused_press(alert, "Acknowledge") == OVER


async def test_a_press_on_a_deleted_alert_posts_nothing(team: Team) -> None:
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
    assert alert.content.endswith("> 🟡 **3 tokens** out of FAST: 3 RELAX · 3 of 6 in FAST")
    assert title_of(alert) == "🟡 **3 tokens** out of FAST: 3 RELAX"
    assert [line.split(" · ")[0] for line in (alert.embeds[0].description or "").splitlines()] == [
        "🟡 **111**",
        "🟡 **222**",
        "🟡 **333**",
    ]

    team.set_status("FAST", 111, 222)
    (shown,) = await team.rounds(2)
    assert title_of(shown) == "🟡 **1 of 3 tokens** still out of FAST: 1 RELAX"
    assert fields(shown.embeds[0])["Timeline"].splitlines()[-1].endswith("111, 222: back in FAST")
    team.set_status("FAST", 333)
    shown, reply = await team.rounds(2)
    assert title_of(shown) == "🟢 **3 tokens** were out of FAST: 3 RELAX"
    assert reply.content == "✅ All 3 tokens are back in FAST after 4 min."
    assert pings_of(team, reply) == [False]


async def test_two_tokens_in_one_round_are_two_alerts(team: Team) -> None:
    await team.out("RELAX", 111, 222)

    assert [title_of(alert) for alert in team.server.alerts.history()] == [
        "🟡 **Token 111** is in RELAX",
        "🟡 **Token 222** is in RELAX",
    ]


async def test_one_of_a_group_that_gets_worse_pings_again(team: Team) -> None:
    await team.out("RELAX", 111, 222, 333)
    team.set_status("BANNED", 222)
    _, reply = await team.rounds()

    assert reply.content == (
        f"{team.server.keepers.mention} 🔺 It got worse: 3 tokens are out of FAST now: 1 BANNED, 2 RELAX."
    )


# --- Flapping


async def flap(team: Team, times: int, token_id: int = 111) -> None:
    for _ in range(times):
        team.set_status("RELAX", token_id)
        await team.rounds(2)
        team.set_status("FAST", token_id)
        await team.rounds(2)


async def test_flapping_is_posted_once_and_summarized_at_its_end(team: Team) -> None:
    await team.monitor.round()
    await flap(team, 3)
    assert len(team.server.alerts.history()) == 6
    shown = await team.out()
    assert title_of(shown) == "🔁 **Token 111** left FAST 4 times in 12 min, in RELAX right now"
    assert pings_of(team, shown) == [True]
    team.set_status("FAST")
    await team.rounds(2)
    await flap(team, 2)
    *_, shown = history = team.server.alerts.history()
    assert len(history) == 7
    assert title_of(shown) == "🔁 **Token 111** left FAST 6 times in 20 min, in FAST right now"

    assert len(await team.later(timedelta(minutes=28))) == 7, "it has not stayed in FAST for long enough"
    *_, shown, reply = await team.later(2 * MINUTE)
    assert reply.content == "✅ **Token 111** stays in FAST now. It left 6 times in 20 min."
    assert pings_of(team, reply) == [False]
    assert title_of(shown) == "🟢 **Token 111** left FAST 6 times in 20 min"


# --- Low fast time


async def test_low_fast_time_is_posted_once_per_threshold_and_again_after_it_returned(team: Team) -> None:
    await team.monitor.round()
    team.fill(3)
    (low,) = await team.rounds(2)
    assert low.content == f"{team.server.keepers.mention} 🪫 **Token 111** is low on fast hours"
    assert (low.embeds[0].description or "").startswith("3 of 15 h left, hours return <t:")

    team.fill(2)
    assert len(await team.rounds(5)) == 1
    team.fill(0.75)
    shown, reply = await team.rounds(2)
    assert title_of(shown) == "🪫 **Token 111** has almost no fast hours left"
    assert reply.content == f"{team.server.keepers.mention} 🔺 **Token 111** has almost no fast hours left."

    team.fill(15)
    shown, _, refilled = await team.rounds(2)
    assert refilled.content == "✅ **Token 111** has enough fast hours again."
    assert title_of(shown) == "🟢 **Token 111** had almost no fast hours for 9 min"
    assert pings_of(team, refilled) == [False]
    team.fill(3)
    assert (await team.rounds(2))[-1].content.endswith("🪫 **Token 111** is low on fast hours")


# --- No data


async def test_no_data_and_its_end_are_posted_and_so_are_changes_in_between(team: Team) -> None:
    await team.monitor.round()
    team.imaginepro.outage = Refuse(HTTPStatus.BAD_GATEWAY)
    assert await team.rounds(4) == []
    (no_data,) = await team.rounds()
    assert no_data.content == f"{team.server.keepers.mention} 🙈 ImaginePro isn't responding: token status is unknown"
    assert labels(no_data) == ["Acknowledge", "I'm on it", "Mute"]
    assert pings_of(team, no_data) == [True]

    team.imaginepro.outage = None
    team.set_status("BANNED")
    shown, *said = await team.rounds()
    assert title_of(shown) == "🟢 Token status was unknown for 6 min"
    assert {one.content for one in said} == {
        "✅ Token status is known again after 6 min. Alerts for what changed meanwhile follow.",
        f"{team.server.keepers.mention} 🔴 **Token 111** is banned · 5 of 6 in FAST",
    }


async def test_no_data_can_be_acknowledged(team: Team, services: Services) -> None:
    await team.monitor.round()
    team.imaginepro.outage = Refuse(HTTPStatus.BAD_GATEWAY)
    (no_data,) = await team.rounds(5)
    await team.press(no_data, "Acknowledge")
    async with services.database.reading() as connection:
        (entry,) = await latest_entries(connection, HOME, most=1)

    assert (entry.action, entry.target) == (Action.INCIDENT_ACKNOWLEDGED, "ImaginePro")
    assert len(await team.later(2 * HOUR)) == 1


# --- A complicated state


@pytest.mark.slow
async def test_show_in_a_complicated_state(team: Team) -> None:
    """Everything at once: open, acknowledged, muted, broken and pending."""
    server = team.server
    await team.monitor.round()
    await command(server, "route", token="666", channel=server.talk)
    banned = await team.out("BANNED", 111)
    await team.press(banned, "Acknowledge")
    team.set_status("RELAX", 222, 333, 444)
    group = (await team.rounds(2))[-1]
    await team.mute(group, "For 8 h")
    server.env.inject_error("POST", f"/channels/{server.talk.id}/messages", status=403, code=50013)
    team.set_status("RELAX", 666)
    team.fill(1, 555)
    await team.rounds(2)
    text_of(await command(server, "mute", duration="2d", token="222", reason="Moving *house*"))
    shown_fields = await team.shown()
    url = f"https://discord.com/channels/{server.guild.id}/{server.alerts.id}"

    lines = [line.replace(" · <t:", "\0", 1).split("\0") for line in shown_fields["Open incidents"].splitlines()]
    assert [line[0] for line in lines] == [
        "🔴 token 111 · BANNED",
        "🟡 3 tokens (222, 333, 444) · 3 RELAX",
        "🟡 token 666 · RELAX",
        "🪫 token 555 · low on fast hours",
    ]
    assert lines[0][1].endswith(f" · 👀 {server.mod.mention} · [alert]({url}/{banned.id})")
    assert lines[1][1].endswith(f":t> · [alert]({url}/{group.id})")
    assert "🔕 until <t:" in lines[1][1]
    route, since = shown_fields["Channels of single tokens"].split(" (started <t:")
    assert route == f"Token 666: ⚠️ I cannot post in {server.talk.mention}: a permission is missing"
    assert since.endswith(":R>). Fix that, then use `/alerts route` again.")
    assert shown_fields["Muted"] == (
        f"🔕 token 222 until <t:{team.now + 2 * 86400}:f>, by {server.mod.mention}: Moving \\*house\\*"
    )
    assert shown_fields["Waiting to be delivered"].endswith("because: a permission is missing")
