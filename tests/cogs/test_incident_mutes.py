"""The mute menu of an alert: durations, until it is resolved, and until a time that is typed."""

from datetime import timedelta

import pytest
import simcord

from bot.app.client import Fastwatch
from bot.app.services import Services
from bot.storage.incidents import open_incidents
from bot.ui import texts
from tests.cogs.driving import Team, command
from tests.cogs.server import HOME, said

pytestmark = pytest.mark.usefixtures("nothing_unexpected_is_logged")
HOUR = timedelta(hours=1)
STILL = "You are still notified of a ban or a verification."


async def asked(team: Team) -> simcord.InteractionResult:
    """Press Mute on a new alert. Return the question."""
    question = await team.press(await team.out(), "Mute")
    assert question.response is not None
    assert question.ephemeral
    return question


async def form(team: Team, question: simcord.InteractionResult) -> simcord.InteractionResult:
    """Open the form for a time."""
    assert question.response is not None
    shown = await team.server.mod.click(question.response, label="Until a time …")
    assert shown.modal is not None
    return shown


async def muted_for(services: Services) -> timedelta | None:
    async with services.database.reading() as connection:
        (incident,) = await open_incidents(connection, HOME)
    return incident.muted_until - services.clock.now() if incident.muted_until is not None else None


async def test_the_menu_has_durations_and_two_other_ends(team: Team, services: Services) -> None:
    question = await asked(team)
    assert question.response is not None
    rows = [[button["label"] for button in row["components"]] for row in question.response.components]
    durations = ["For 30 min", "For 1 h", "For 4 h", "For 8 h", "For 1 day"]
    assert rows == [durations, ["Until it is resolved", "Until a time …"]]

    until = team.now + 24 * 3600
    await team.press(question.response, "For 1 day")
    assert question.response.content == f"🔕 Muted until <t:{until}:f>. {STILL}"
    (shown,) = team.server.alerts.history()
    line = (shown.embeds[0].description or "").splitlines()[-1]
    assert line == f"🔕 Muted until <t:{until}:f> by {team.server.mod.mention}. {STILL}"
    assert await muted_for(services) == 24 * HOUR


async def test_a_time_is_typed_in_the_zone_of_the_server_also_after_a_restart(
    team: Team, services: Services, new_bot: Fastwatch
) -> None:
    await command(team.server, "digest", day="daily", hour=9, time_zone="Asia/Kolkata")
    question = await asked(team)
    shown = await form(team, question)
    assert (shown.modal or {})["components"][0]["label"] == "Until when (Asia/Kolkata)"
    await team.server.env.restart_bot(new_bot)

    there = team.clock.now() + 5.5 * HOUR
    await team.submit(shown, f"{there + 2 * HOUR:%H:%M}")
    muted = await muted_for(services)
    assert muted is not None
    assert 2 * HOUR - timedelta(minutes=1) < muted <= 2 * HOUR
    assert question.response is not None
    assert question.response.content.startswith("🔕 Muted until <t:")
    assert question.response.components == []


@pytest.mark.parametrize("text", ["soon", "today 0:00", "31 days", "9999-12-31 23:59"])
@pytest.mark.slow
async def test_a_time_that_cannot_be_is_refused_and_the_question_stays(
    team: Team, services: Services, text: str
) -> None:
    question = await asked(team)
    refusal = await team.submit(await form(team, question), text)
    (sentence,) = refusal.followups

    assert sentence.ephemeral
    assert sentence.content.startswith("Enter a time within the next 30 days")
    assert sentence.content.endswith("The time zone here is UTC.")
    assert await muted_for(services) is None
    assert question.response is not None
    assert question.response.components != []


async def test_a_form_of_a_former_moderator_mutes_nothing(team: Team, services: Services) -> None:
    server = team.server
    former = server.guild.add_member(server.env.create_user("moe"), roles=[server.keepers])
    await command(server, "moderators", role=server.keepers)
    question = await team.press(await team.out(), "Mute", by=former)
    assert question.response is not None
    shown = await former.click(question.response, label="Until a time …")
    await command(server, "moderators")

    refusal = await team.submit(shown, "2h", by=former)
    assert said(refusal) == texts.errors.MODS_ONLY
    assert await muted_for(services) is None
