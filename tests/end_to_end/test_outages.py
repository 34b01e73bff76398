"""A whole process sees nothing: it says so, names the cause, and blames nobody else for its own pauses."""

import asyncio
import signal
from dataclasses import dataclass
from datetime import timedelta
from http import HTTPStatus

import pytest
from aiohttp import web

from bot.domain.outages import NoDataCause
from bot.domain.rules import Rules
from bot.ui import texts
from tests.end_to_end.bot_process import SPEED, BotProcess
from tests.end_to_end.world import FLEET, World
from tests.standins.imaginepro_server import Drop, Fault, Refuse, Say
from tests.standins.postgres_proxy import proxied
from tests.titles import title_of

CHALLENGE = Say(b"<html><title>Just a moment...</title></html>", "text/html", HTTPStatus.FORBIDDEN)
REFUSALS: dict[str, tuple[Fault, NoDataCause]] = {
    "a challenge page": (CHALLENGE, NoDataCause.UNUSABLE),
    "403": (Refuse(HTTPStatus.FORBIDDEN, "Your plan does not include this."), NoDataCause.FLEET_REFUSED),
    "402": (Refuse(HTTPStatus.PAYMENT_REQUIRED, "Pay first."), NoDataCause.FLEET_REFUSED),
    "404": (Refuse(HTTPStatus.NOT_FOUND, "There is no such thing."), NoDataCause.FLEET_REFUSED),
}
# Longer than `no_data_after`, as a laptop that was closed for a moment.
ASLEEP = Rules().no_data_after + timedelta(seconds=40)


@pytest.mark.slow
@pytest.mark.parametrize("refusal", REFUSALS)
async def test_a_listed_fleet_that_is_refused_is_alerted_and_so_is_a_ban_meanwhile(world: World, refusal: str) -> None:
    fault, cause = REFUSALS[refusal]
    await world.watching()
    world.imaginepro.outage = fault
    world.set_status(111, "BANNED")
    (alert,) = await world.alert_posts()
    headline = texts.outages.HEADLINES[cause]
    assert title_of(alert) == f"🙈 {headline}: token status is unknown"
    assert texts.outages.SHORT_ADVICE[cause] in alert.embeds[0]["description"]

    await world.restart()
    asked = world.asked()
    await world.rounds(3)
    # While a fleet is refused in ImaginePro's own words, it is asked for as often as ever.
    assert cause is NoDataCause.UNUSABLE or world.asked() - asked >= 3
    world.imaginepro.outage = None
    said = [title_of(message) for message in await world.alert_posts(3)]
    assert [one for one in said if "is banned" in one] == ["🔴 **Token 111** is banned"]
    assert any(one.startswith("✅ Token status is known again") for one in said)


@dataclass(frozen=True, slots=True)
class Asleep:
    """The machine of the bot sleeps in the middle of a request, whose connection is lost meanwhile."""

    bot: BotProcess

    async def apply(self, request: web.Request) -> web.StreamResponse:
        self.bot.send(signal.SIGSTOP)
        await asyncio.sleep(ASLEEP.total_seconds() / SPEED)
        self.bot.send(signal.SIGCONT)
        return await Drop().apply(request)


@pytest.mark.slow
async def test_a_pause_of_the_whole_machine_is_not_blamed_on_imaginepro(world: World) -> None:
    await world.watching()
    # The client tries three times, so that one round fails.
    world.imaginepro.queue(Asleep(world.bot), Drop(), Drop(), path=FLEET)
    await world.bot.says("The round failed.")
    await world.bot.says("ImaginePro responds again.")
    await world.settled()

    assert world.discord.messages(world.alerts) == []


@pytest.mark.slow
@pytest.mark.parametrize("database_url", ["postgres"], indirect=True)
async def test_a_database_that_was_away_is_not_blamed_on_imaginepro(world: World) -> None:
    async with proxied(world.bot.settings["DATABASE_URL"]) as (proxy, url):
        world.bot.settings["DATABASE_URL"] = url
        await world.watching()
        # The channels of alerts about the database are read once a minute.
        await world.rounds(8)
        await proxy.stop()
        # This alert is about the database. It comes after `no_data_after`.
        (alert,) = await world.alert_posts()
        title = title_of(alert)
        world.imaginepro.queue(*[Drop()] * 3, path=FLEET)
        await proxy.start()
        await world.bot.says("The round failed.")
        await world.bot.says("ImaginePro responds again.")
        await world.settled()
        await world.bot.kill()

    assert title == texts.database.TITLE
    said = [message.content for message in world.discord.messages(world.alerts)]
    assert [one for one in said if "token status is unknown" in one or "ImaginePro" in one] == []
