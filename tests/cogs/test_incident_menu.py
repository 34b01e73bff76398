"""Who works on an alert, its notes, and switching on its token: the buttons and the menu below it."""

from datetime import timedelta
from typing import Any

import discord
import pytest
import simcord

from bot.app.client import Fastwatch
from bot.app.services import Services
from bot.storage.audit import Action, latest_entries
from bot.storage.incidents import open_incidents
from bot.ui import texts
from tests.cogs.driving import MINUTE, Team, actions_on, command, labels
from tests.cogs.server import HOME, fields, said
from tests.titles import is_back, title_of

pytestmark = pytest.mark.usefixtures("nothing_unexpected_is_logged")
HOUR = timedelta(hours=1)
NOTE = "**owner** knows, @everyone <@1> https://example.org"


def shown(team: Team) -> discord.Message:
    """Return the alert as it is now."""
    return team.server.alerts.history()[0]


def timeline(team: Team) -> list[str]:
    return fields(shown(team).embeds[0]).get("Timeline", "").splitlines()


def options(message: discord.Message) -> list[str]:
    """List the options of the menu."""
    (menu,) = [item for row in message.components for item in row.children if isinstance(item, discord.SelectMenu)]  # type: ignore[union-attr]
    return [option.value for option in menu.options]


async def choose(
    team: Team, value: str, *, message: discord.Message | None = None, by: simcord.MemberActor | None = None
) -> simcord.InteractionResult:
    """Choose from the menu of the alert, by default as a moderator, and update it."""
    result = await (by or team.server.mod).select(message or shown(team), [value])
    await team.server.bot.notifier.deliver_due()
    return result


async def another_moderator(team: Team) -> simcord.MemberActor:
    await command(team.server, "moderators", role=team.server.keepers)
    return team.server.guild.add_member(team.server.env.create_user("moe"), roles=[team.server.keepers])


async def audited(services: Services, most: int) -> list[Action]:
    async with services.database.reading() as connection:
        return [entry.action for entry in await latest_entries(connection, HOME, most=most)]


async def test_one_press_assigns_and_acknowledges_and_another_takes_over(team: Team, services: Services) -> None:
    mona, moe = team.server.mod, await another_moderator(team)
    await team.press(await team.out(), "I'm on it")
    assert f"🙋 {mona.mention} is on it" in actions_on(shown(team))[0]
    assert timeline(team) == [], "it stands once"
    assert labels(shown(team)) == ["Take over", "Mute", "Details"]
    assert options(shown(team)) == ["note", "thread", "unacknowledge"]
    assert f"🙋 {mona.mention}" in (await team.shown())["Open incidents"]
    assert await team.refused_press(shown(team), "Take over") == "You are already on it."
    assert len(await team.later(2 * HOUR)) == 1, "nobody is reminded"

    await team.press(shown(team), "Take over", by=moe)
    assert f"🙋 {moe.mention} is on it" in actions_on(shown(team))[0]
    assert await audited(services, 2) == [Action.INCIDENT_ASSIGNED] * 2


async def test_an_acknowledgement_is_taken_back_and_reminders_go_on(team: Team, services: Services) -> None:
    await team.press(await team.out(), "I'm on it")
    await team.server.mod.select(shown(team), ["unacknowledge"])
    again = await choose(team, "unacknowledge")
    assert [one.content for one in again.followups] == ["This alert is not acknowledged any more."]

    assert actions_on(shown(team)) == []
    assert timeline(team)[-1].endswith(f"unacknowledged by {team.server.mod.mention}")
    assert labels(shown(team)) == ["Acknowledge", "I'm on it", "Mute", "Details"]
    assert await audited(services, 1) == [Action.INCIDENT_UNACKNOWLEDGED]
    assert len(await team.later(HOUR)) == 2


@pytest.mark.slow
async def test_whoever_is_on_it_stays_when_it_gets_worse_and_is_asked_again(team: Team) -> None:
    await team.press(await team.out(), "I'm on it")
    team.set_status("BANNED")
    await team.rounds()
    assert f"🙋 {team.server.mod.mention} is on it" in actions_on(shown(team))[0]
    assert "Acknowledge" in labels(shown(team))

    await team.press(shown(team), "Take over")
    assert "Acknowledge" not in labels(shown(team))


async def test_a_note_is_a_harmless_line_of_the_timeline(team: Team, services: Services, new_bot: Fastwatch) -> None:
    await team.out()
    opened = await choose(team, "note")
    edits = len(team.server.sent("PATCH"))
    assert edits, "an edit lets the menu offer the same choice again"
    await team.server.env.restart_bot(new_bot)
    await team.submit(opened, f"{NOTE}\n\u202e next   line")

    line = timeline(team)[-1]
    assert line.endswith("next line")
    assert "\\*\\*owner\\*\\* knows" in line
    assert "@everyone" not in line
    assert "<@1>" not in line
    assert "https://" not in line
    assert line.split(" ", 1)[1].startswith(f"{team.server.mod.mention}: ")
    assert team.server.pinged_members(shown(team)) == []
    assert await audited(services, 1) == [Action.INCIDENT_NOTED]

    await team.submit(await choose(team, "note"), "y" * 200)
    assert timeline(team)[-1].endswith("y" * 200)
    empty = await team.submit(await choose(team, "note"), " \u200b ")
    assert [one.content for one in empty.followups] == ["A note needs text. Nothing was added."]


@pytest.mark.slow
async def test_a_form_that_is_late_adds_nothing(team: Team, services: Services) -> None:
    moe = await another_moderator(team)
    await team.out()
    of_former, of_mod = await choose(team, "note", by=moe), await choose(team, "note")
    await command(team.server, "moderators")
    refused = await team.submit(of_former, "hello", by=moe)
    assert said(refused) == texts.errors.MODS_ONLY

    team.set_status("FAST")
    await team.rounds(2)
    late = await team.submit(of_mod, "hello")
    assert [one.content for one in late.followups] == ["This incident is already over; there is nothing left to do."]
    assert Action.INCIDENT_NOTED not in await audited(services, 5)


async def test_a_switched_off_token_is_switched_on_from_its_alert(team: Team, services: Services) -> None:
    team.imaginepro.switch(111, is_active=False)
    (alert,) = await team.rounds(2)
    assert labels(alert) == ["Acknowledge", "I'm on it", "Switch on", "Mute", "Close"]
    assert options(alert) == ["note", "thread", "details"]
    asked = await team.press(alert, "Switch on")
    assert asked.response is not None
    assert asked.ephemeral
    assert asked.response.content.startswith("Switch token 111 **on** at ImaginePro?")
    assert not team.imaginepro.tokens[111].is_active, "it asks first"

    await team.press(asked.response, "Switch on")
    assert asked.response.content == "Token 111 is now switched on. ImaginePro has confirmed it."
    assert await audited(services, 1) == [Action.TOKEN_ENABLED]
    await team.rounds(2)
    assert is_back(shown(team))


async def test_details_are_in_the_menu_where_the_row_is_full(team: Team) -> None:
    team.imaginepro.switch(111, is_active=False)
    await team.rounds(2)
    seen = await choose(team, "details")

    assert seen.ephemeral
    assert seen.response is not None
    assert seen.response.embeds[0].title == "⚫ Token 111 · OFF"


async def test_the_menu_counts_only_on_the_incidents_own_message(team: Team) -> None:
    await team.press(await team.out(), "I'm on it")
    rows: list[dict[str, Any]] = [dict(row.to_dict()) for row in shown(team).components]
    backend = team.server.env.backend
    backend.create_message(team.server.talk.id, backend.bot_user.id, "a copy", components=rows)
    team.clock.advance(MINUTE)
    copy = team.server.talk.history()[-1]

    refused = await choose(team, "unacknowledge", message=copy)
    assert refused.followups[0].content.startswith("This message is no longer kept up to date")
    refused = await team.submit(await choose(team, "note", message=copy), "hello")
    assert refused.followups[-1].content.startswith("This message is no longer kept up to date")
    assert "is on it" in actions_on(shown(team))[0]
    assert timeline(team) == []


# --- Threads


async def opened_thread(team: Team) -> simcord.ChannelHandle:
    await command(team.server, "setup", channel=team.server.alerts)
    await team.server.mod.slash(team.server.talk, "fleet name", token="111", name="Shop *front*")
    await team.out()
    await choose(team, "thread")
    (thread,) = team.server.alerts.threads
    return thread


async def test_a_thread_goes_on_with_the_timeline(team: Team, services: Services) -> None:
    thread = await opened_thread(team)
    assert thread.name == "Shop *front* (111)"
    assert "thread" not in options(shown(team))
    assert await audited(services, 1) == [Action.INCIDENT_THREAD]

    await team.submit(await choose(team, "note"), NOTE)
    team.set_status("BANNED")
    await team.rounds()
    team.set_status("FAST")
    alerts = await team.rounds(2)
    opened, note, banned, back = thread.history()
    assert opened.content.endswith(f"thread opened by {team.server.mod.mention}")
    assert "\\*\\*owner\\*\\* knows" in note.content
    assert banned.content.endswith("banned")
    assert back.content.endswith("back in FAST")
    for line in (opened, note, banned, back):
        assert line.flags.silent
        assert (team.server.pings(line), team.server.pinged_members(line)) == ([], [])
    assert title_of(alerts[0]).startswith("🟢"), "the alert is edited as without a thread"


async def test_a_thread_that_is_gone_breaks_no_route_and_another_is_offered(team: Team, services: Services) -> None:
    thread = await opened_thread(team)
    team.server.env.backend.delete_channel(thread.id)
    team.set_status("BANNED")
    alerts = await team.rounds()

    assert "banned" in title_of(alerts[0])
    assert "thread" in options(shown(team))
    overview = await team.shown()
    assert "again" not in overview["Channel"]
    assert overview["Waiting to be delivered"] == "none"
    async with services.database.reading() as connection:
        (incident,) = await open_incidents(connection, HOME)
    assert incident.thread_id is None


@pytest.mark.parametrize(
    ("status", "code", "answer"),
    [(403, 50013, "I may not open a thread here. Give me"), (400, 50024, "This channel cannot have threads.")],
)
@pytest.mark.slow
async def test_a_channel_that_takes_no_thread_is_one_sentence(team: Team, status: int, code: int, answer: str) -> None:
    await team.out()
    team.server.env.inject_error("POST", "/channels/*/messages/*/threads", status=status, code=code)
    refused = await choose(team, "thread")

    assert refused.followups[0].content.startswith(answer)
    assert "thread" in options(shown(team))


async def test_a_thread_that_somebody_opened_by_hand_is_used(team: Team) -> None:
    alert = await team.out()
    backend = team.server.env.backend
    backend.create_thread(team.server.alerts.id, "by hand", team.server.mod.id, message_id=alert.id)
    team.server.env.inject_error("POST", "/channels/*/messages/*/threads", status=400, code=160004)
    await choose(team, "thread")

    (thread,) = team.server.alerts.threads
    (line,) = thread.history()
    assert line.content.endswith(f"thread opened by {team.server.mod.mention}")


@pytest.mark.parametrize(("status", "waits"), [(503, True), (403, False)])
@pytest.mark.slow
async def test_a_line_for_a_thread_waits_for_discord_but_not_for_a_locked_thread(
    team: Team, status: int, waits: bool
) -> None:
    thread = await opened_thread(team)
    code = 0 if waits else 160005
    team.server.env.inject_error("POST", f"/channels/{thread.id}/messages", status=status, code=code)
    await team.submit(await choose(team, "note"), "hello")
    assert len(thread.history()) == 1
    assert await team.later(MINUTE)

    assert [line.content.rpartition(" ")[2] for line in thread.history()[1:]] == (["hello"] if waits else [])
    assert "Send" not in (await team.shown())["Channel"]
