"""The alert about fast time that runs out, as a channel and its moderators see it."""

from datetime import timedelta

import discord
import pytest

from bot.app.services import Services
from tests.cogs.driving import Team
from tests.monitor.using_up import set_hours_left, used_up

pytestmark = pytest.mark.usefixtures("nothing_unexpected_is_logged")
FIVE_MINUTES = timedelta(minutes=5)


@pytest.fixture
async def alert(team: Team, services: Services) -> discord.Message:
    """The alert of a token that uses six hours a day and has five left."""
    set_hours_left(team.imaginepro, 111, 5)
    await used_up(services.database, services.account_id, team.clock, 111, left=5, a_day=6)
    for _ in range(12):
        assert await team.later(FIVE_MINUTES) == []
    (alert_message,) = await team.later(FIVE_MINUTES)
    return alert_message


async def test_the_alert_shows_what_is_left_the_run_out_and_the_refill(team: Team, alert: discord.Message) -> None:
    assert alert.content.endswith("📉 **Token 111** will run out of fast hours")
    left, _ = (alert.embeds[0].description or "").splitlines()
    before, gone, after = left.split(", ")

    assert (before, after) == ("5 of 15 h left", "hours return <t:1774000000:R>")
    # The 5 hours run out in 20, as was just forecast, rounded to five minutes.
    at = int(gone.split("<t:")[1].split(":")[0]) - team.now
    assert abs(at - 20 * 3600) <= 3600


async def test_show_lists_it_and_its_buttons_work(team: Team, alert: discord.Message) -> None:
    await team.press(alert, "Acknowledge")
    line = (await team.shown())["Open incidents"]

    assert line.startswith("📉 token 111 · will run out of fast hours before they return · <t:")
    assert f" · 👀 {team.server.mod.mention}" in line


async def test_details_show_the_token(team: Team, alert: discord.Message) -> None:
    pressed = await team.press(alert, "Details")
    assert pressed.response is not None

    assert pressed.response.embeds[0].title == "🟢 Token 111 · FAST"
