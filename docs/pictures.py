"""Make the pictures of the README and the docs: the real bot in the simulated Discord of the demo, in Chromium.

python -m docs.pictures

The clock is set, so they come out the same each time, and differ only where the bot's looks do.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

import discord
import simcord
from playwright.async_api import FloatRect, Locator, Page
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.demo.live_page import LivePage, open_page
from bot.demo.scenario import Scenario
from bot.demo.scenarios.alerts import ALERTS, BANNED_TOKEN, FORGOTTEN_TOKEN, VERIFYING_TOKEN
from bot.demo.scenarios.day import (
    DAY,
    HEALTHY_TOKEN,
    MESSAGE_OF_HEALTHY_TOKEN,
    MESSAGE_OF_TOKEN_IN_MINUTES,
    TOKEN_RUNNING_OUT,
)
from bot.demo.scenarios.fleet import FLEET, LEAVING_TOKEN, SHORT_TOKEN, STEADY_TOKEN
from bot.demo.world import World, open_world
from bot.imaginepro.errors import ImagineProError, NotInPlan, Unreachable
from bot.imaginepro.responses import FleetListing
from bot.logging_setup import configure_logs
from bot.settings import LogFormat, LogLevel
from bot.storage.unavailable import Cause, DatabaseUnavailable
from bot.ui import texts
from tests.end_to_end.browser import open_chromium

_FOLDER: Final = Path(__file__).parent / "pictures"
_BEGAN: Final = datetime(2026, 3, 2, 9, 41, tzinfo=UTC)
_MARGIN: Final = 12
_WIDTH: Final = 640
_WIDTH_OF_A_PHONE: Final = 390
# High enough for all that is said to be on the page at once.
_HEIGHT: Final = 6000
# Where SimCord's page differs from Discord: cards are wider there, and the values of a row of fields begin at its top.
# The drawer beside the conversation casts a shadow on it.
_AS_IN_DISCORD: Final = """
    .embed-card { width: min(516px, calc(100vw - 88px)) !important; }
    .embed-field { align-content: start; }
    .messages-sidebar, #channel-composer { display: none !important; }
"""
_DRAWN: Final = """
    revision => simcordPreview.ready && simcordPreview.publishedRevision >= revision
        && !document.querySelector('[aria-busy=true]')
"""
Answer = ImagineProError | FleetListing
_NO_FLEET: Final = NotInPlan("HTTP 403 Your plan does not include this.")
_WITHOUT_READINGS: Final[dict[str, Answer]] = {
    "status-no-response": Unreachable("HTTP 502"),
    "status-refused": _NO_FLEET,
    "status-no-tokens": FleetListing((), complete=True),
}
# What was said in between is no matter of the picture.
_NOTHING_ELSE: Final = ".channel-message:not(.pictured) { display: none !important; }"


@dataclass(frozen=True, slots=True)
class Stage:
    """A world on a page in a browser."""

    world: World
    live: LivePage
    page: Page
    width: int

    async def play_until(self, minute: float) -> None:
        """Let time pass, with rounds and deliveries, until so long after the beginning."""
        until = _BEGAN + timedelta(minutes=minute)
        while (left := (until - self.world.clock.now()).total_seconds()) > 0:
            pause = await self.world.monitor.round()
            await self.world.bot.notifier.deliver_due()
            await self.world.bot.boards.update_all()
            await self.live.pass_time(min(pause.total_seconds(), left))
        await self.live.publish()

    def alert(self, words: str) -> discord.Message:
        """Find the latest alert with these words."""
        return next(one for one in reversed(self.world.channel.history()) if one.embeds and words in one.content)

    async def press(self, message: discord.Message | simcord.ResponseMessage, label: str) -> simcord.InteractionResult:
        """Have the mod press a button, and show what came of it."""
        pressed = await self.world.mod.click(message, label=label)
        await self.world.bot.notifier.deliver_due()
        await self.live.publish()
        return pressed

    async def type(self, command: str, **options: Any) -> simcord.InteractionResult:
        """Have the mod type a command, and show its answer."""
        typed = await self.world.mod.slash(self.world.channel, command, **options)
        await self.live.publish()
        return typed

    def imaginepro_answers(self, answer: Answer) -> None:
        """Let ImaginePro answer so whenever it is asked for the fleet."""

        async def fleet() -> FleetListing:
            if isinstance(answer, ImagineProError):
                raise answer
            return answer

        vars(self.world.bot.services.imaginepro)["fleet"] = fleet

    async def status(self, name: str) -> None:
        """Take a picture of the answer of `/status`."""
        await self.type("status")
        await self.picture(name, self.messages(texts.status.FIELD_AUDIT))

    def card(self, title: str) -> Locator:
        """Find the Discord messages whose card has these words in its title."""
        return self.messages().filter(has=self.page.locator(".embed-title", has_text=title))

    def reply(self, words: str) -> Locator:
        """Find the replies with these words."""
        return self.messages(words).filter(has=self.page.locator(".message-reply"))

    def messages(self, words: str = "") -> Locator:
        """Find the Discord messages with these words."""
        return self.page.locator(".channel-message", has_text=words)

    async def picture(self, name: str, *messages: Locator) -> None:
        """Take a picture of these Discord messages, which are shown one below the other."""
        await self._until_drawn()
        for message in messages:
            await message.evaluate("one => one.classList.add('pictured')")
        style = await self.page.add_style_tag(content=_NOTHING_ELSE)
        boxes = [box for box in [await message.bounding_box() for message in messages] if box is not None]
        top = min(box["y"] for box in boxes) - _MARGIN
        bottom = max(box["y"] + box["height"] for box in boxes) + _MARGIN
        clip: FloatRect = {"x": 0, "y": top, "width": self.width, "height": bottom - top}
        await self.page.screenshot(path=_FOLDER / f"{name}.png", clip=clip, animations="disabled")
        await style.evaluate("style => style.remove()")
        for message in messages:
            await message.evaluate("one => one.classList.remove('pictured')")

    async def _until_drawn(self) -> None:
        context_id = await (await self.page.wait_for_function("() => window.simcordPreview?.contextId")).json_value()
        await self.page.wait_for_function(_DRAWN, arg=self.live.revision(context_id))


async def main() -> None:
    """Make all pictures."""
    configure_logs(LogLevel.ERROR, LogFormat.CONSOLE, ())
    async with _stage(DAY) as stage:
        await _traces(stage)
        await _incident(stage)
        await _lever(stage)
    async with _stage(ALERTS) as stage:
        await _kinds_of_alerts(stage)
    async with _stage(ALERTS) as stage:
        await _mess(stage)
    async with _stage(FLEET) as stage:
        await _fleet(stage)
    async with _stage(FLEET, _WIDTH_OF_A_PHONE) as stage:
        await _fleet_on_a_phone(stage)
    for name, answer in _WITHOUT_READINGS.items():
        async with _stage(ALERTS) as stage:
            await _no_token_read(stage, name, answer)
    async with _stage(ALERTS) as stage:
        await _no_checks(stage)
    async with _stage(ALERTS) as stage:
        await _nothing_watched(stage)
    async with _stage(ALERTS) as stage:
        await _nothing_recorded(stage)


@asynccontextmanager
async def _stage(scenario: Scenario, width: int = _WIDTH) -> AsyncIterator[Stage]:
    async with open_world(_BEGAN, scenario) as world, open_page(world, port=0) as live, open_chromium() as browser:
        context = await browser.new_context(
            viewport={"width": width, "height": _HEIGHT},
            device_scale_factor=2,
            reduced_motion="reduce",
            bypass_csp=True,
        )
        page = await context.new_page()
        await page.goto(live.url)
        await page.add_style_tag(content=_AS_IN_DISCORD)
        yield Stage(world, live, page, width)
        await context.close()


async def _traces(stage: Stage) -> None:
    await stage.picture("trace", stage.messages(str(MESSAGE_OF_HEALTHY_TOKEN)).last)
    world = stage.world
    await world.member.slash(world.channel, "trace", message_id=str(MESSAGE_OF_TOKEN_IN_MINUTES))
    await stage.live.publish()
    await stage.picture("trace-minutes", stage.messages(str(MESSAGE_OF_TOKEN_IN_MINUTES)))


async def _incident(stage: Stage) -> None:
    token = f"Token {TOKEN_RUNNING_OUT}"
    await stage.play_until(6)
    await stage.picture("alert", stage.card(token))
    await stage.press(stage.alert(token), texts.buttons.ACKNOWLEDGE)
    await stage.picture("alert-acknowledged", stage.card(token))
    await stage.play_until(14)
    await stage.picture("recovered", stage.card(token), stage.reply(token))


async def _lever(stage: Stage) -> None:
    question = await stage.type("fleet disable", token=str(HEALTHY_TOKEN))
    await stage.picture("fleet-disable", stage.messages(f"Switch token {HEALTHY_TOKEN}"))
    await stage.press(_answer(question), texts.buttons.SWITCH_OFF)
    await stage.play_until(17)
    await stage.picture("switched-off", stage.card("was switched off"))
    await stage.status("status")


async def _kinds_of_alerts(stage: Stage) -> None:
    banned = f"Token {BANNED_TOKEN}"
    await stage.play_until(15)
    await stage.picture("alert-worse", stage.card(banned), stage.reply(banned))
    # Discord shows the name above a Discord message only where somebody else has written before.
    await stage.play_until(18.5)
    await stage.world.member.send(stage.world.channel, "Is it slow for you, too?")
    await stage.play_until(24)
    await stage.picture("alert-group", stage.card("3 tokens"))
    await stage.play_until(52)
    await stage.picture("alert-no-data", stage.messages("token status is unknown"))


async def _mess(stage: Stage) -> None:
    """Show how a server with all kinds of trouble looks to its mods."""
    server = stage.world.channel.guild
    if server is None or server.me is None:
        raise TypeError("the bot is in its home server")
    # Tokens are known after the first round.
    await stage.play_until(0.5)
    closed = server.create_text_channel(
        "owners", overwrites={server.me: discord.PermissionOverwrite(send_messages=False)}
    )
    await stage.type("alerts route", token=str(BANNED_TOKEN), channel=closed)
    await stage.type("alerts mute", duration="8h", token=str(VERIFYING_TOKEN), reason="Ann is verifying it")
    await stage.play_until(23)
    await stage.press(stage.alert(f"Token {FORGOTTEN_TOKEN}"), texts.buttons.ACKNOWLEDGE)
    question = await stage.press(stage.alert("3 tokens"), texts.buttons.MUTE)
    await stage.press(_answer(question), texts.buttons.MUTE_FOR.format(hours=8))
    await stage.type("alerts show")
    await stage.picture("alerts-show", stage.messages(texts.alerts_overview.TITLE))
    await stage.type("alerts rules set", rule="low", value="15 %")
    await stage.type("alerts rules show")
    await stage.picture("alerts-rules", stage.messages(texts.rules.TITLE))


async def _fleet(stage: Stage) -> None:
    await stage.play_until(24)
    await stage.picture("board", stage.card(texts.board.TITLE))
    await stage.type("token list")
    await stage.picture("token-list", stage.card(texts.fleet.TITLE))
    await stage.type("token show", token=str(SHORT_TOKEN))
    await stage.picture("token-show", stage.card(f"Token {SHORT_TOKEN}").last)
    await stage.type("token history", token=str(STEADY_TOKEN))
    await stage.picture("token-history", stage.card(f"Token {STEADY_TOKEN}").last)
    await stage.type("token history", days=365)
    await stage.picture("fleet-history", stage.card("last 365 days"))
    await stage.play_until(62)
    await stage.picture("digest", stage.card(texts.digest.TITLE))
    await stage.play_until(85)
    await stage.picture("alert-run-out", stage.card("will run out of fast hours"))


async def _fleet_on_a_phone(stage: Stage) -> None:
    await stage.play_until(24)
    await stage.type("token list")
    await stage.picture("phone-list", stage.card(texts.fleet.TITLE))
    await stage.type("token history", token=str(SHORT_TOKEN))
    await stage.picture("phone-history", stage.card(f"Token {SHORT_TOKEN}").last)
    await stage.type("token show", token=str(LEAVING_TOKEN))
    await stage.picture("phone-show", stage.card(f"Token {LEAVING_TOKEN}").last)


async def _no_token_read(stage: Stage, name: str, answer: Answer) -> None:
    """Show what `/status` says when ImaginePro has given this answer for some minutes."""
    await stage.play_until(1)
    stage.imaginepro_answers(answer)
    await stage.play_until(8)
    await stage.status(name)


async def _no_checks(stage: Stage) -> None:
    await stage.play_until(1)
    await stage.live.pass_time(timedelta(minutes=42).total_seconds())
    await stage.status("status-no-checks")


async def _nothing_watched(stage: Stage) -> None:
    stage.imaginepro_answers(_NO_FLEET)
    await stage.play_until(8)
    await stage.status("status-nothing-watched")


async def _nothing_recorded(stage: Stage) -> None:
    await stage.play_until(1)
    alerts = stage.world.bot.outage_alerts
    await alerts.step()
    database = stage.world.bot.services.database

    @asynccontextmanager
    async def away() -> AsyncIterator[AsyncConnection]:
        error = DatabaseUnavailable(Cause.UNREACHABLE, "connection refused")
        database.outage.failed(error)
        raise error
        yield

    vars(database)["transaction"] = vars(database)["reading"] = away
    await stage.play_until(8)
    await alerts.step()
    await stage.live.publish()
    alert = stage.card(texts.database.TITLE)
    await stage.type("status")
    await stage.picture("alert-nothing-recorded", alert)
    await stage.picture("status-nothing-recorded", stage.messages(texts.status.FIELD_RUNNING))


def _answer(result: simcord.InteractionResult) -> simcord.ResponseMessage:
    if result.response is None:
        raise TypeError("the bot always answers")
    return result.response


if __name__ == "__main__":
    asyncio.run(main())
