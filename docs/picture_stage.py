"""Where pictures are taken: the real bot in the simulated Discord of the demo, in Chromium. The clock is set."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path
from typing import Any, Final

import discord
import simcord
from aiohttp.typedefs import Middleware
from PIL import Image
from playwright.async_api import FloatRect, Locator, Page

from bot.demo.live_page import LivePage, open_page
from bot.demo.scenario import Scenario
from bot.demo.scenarios.day import DAY
from bot.demo.world import World, open_world
from bot.ui import texts
from tests.end_to_end.browser import open_chromium

FOLDER: Final = Path(__file__).parent / "pictures"
WIDTH: Final = 640
WIDTH_OF_A_PHONE: Final = 390
CALM: Final = replace(DAY, past=timedelta(), question="", traced=None)
_BEGAN: Final = datetime(2026, 3, 2, 9, 41, tzinfo=UTC)
_MARGIN: Final = 12
# High enough for all that is said to be on the page at once.
_HEIGHT: Final = 6000
# Where SimCord's page differs from Discord: cards are wider there, and the values of a row of fields begin at its top.
# The drawer beside the conversation casts a shadow on it.
_AS_IN_DISCORD: Final = """
    .embed-card { width: min(516px, calc(100vw - 88px)) !important; }
    .embed-field { align-content: start; }
    .messages-sidebar, #channel-composer, .message-context-actions { display: none !important; }
"""
_DRAWN: Final = """
    revision => simcordPreview.ready && simcordPreview.publishedRevision >= revision
        && !document.querySelector('[aria-busy=true]')
"""
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

    def card(self, title: str) -> Locator:
        """Find the Discord messages whose card has these words in its title."""
        return self.messages().filter(has=self.page.locator(".embed-title", has_text=title))

    def alert_on_page(self, words: str) -> Locator:
        """Find the alerts with these words in their first line."""
        content = self.page.locator(".message-content", has_text=words)
        return self.messages().filter(has=content).filter(has=self.page.locator(".embed-card"))

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
        boxes = [await _box_of(message) for message in messages]
        await self._take(name, min(box["y"] for box in boxes) - _MARGIN, max(map(_bottom, boxes)) + _MARGIN)
        await style.evaluate("style => style.remove()")
        for message in messages:
            await message.evaluate("one => one.classList.remove('pictured')")

    async def picture_of_status(self, name: str) -> None:
        """Have the mod type `/status`, and take a picture of the answer."""
        await self.type("status")
        await self.picture(name, self.messages(texts.status.FIELD_RUNNING).last)

    async def page_picture(self, name: str) -> None:
        """Take a picture of the whole conversation, with the name of the channel, thread or post above it."""
        await self._until_drawn()
        head, last = await _box_of(self.page.locator(".channel-header")), await _box_of(self.messages().last)
        await self._take(name, head["y"], _bottom(last) + _MARGIN)

    async def _take(self, name: str, top: float, bottom: float) -> None:
        clip: FloatRect = {"x": 0, "y": top, "width": self.width, "height": bottom - top}
        taken = await self.page.screenshot(clip=clip, animations="disabled")
        # A page has few colours: with a palette, a picture has a third of the size and looks the same.
        Image.open(BytesIO(taken)).convert("RGB").quantize(256).save(FOLDER / f"{name}.png", optimize=True)

    async def _until_drawn(self) -> None:
        context_id = await (await self.page.wait_for_function("() => window.simcordPreview?.contextId")).json_value()
        await self.page.wait_for_function(_DRAWN, arg=self.live.revision(context_id))


async def _box_of(shown: Locator) -> FloatRect:
    box = await shown.bounding_box()
    if box is None:
        raise ValueError("it is not on the page")
    return box


def _bottom(box: FloatRect) -> float:
    return box["y"] + box["height"]


@asynccontextmanager
async def open_stage(
    scenario: Scenario, width: int = WIDTH, *, database_url: str = "", middlewares: Sequence[Middleware] = ()
) -> AsyncIterator[Stage]:
    """Open the world, its page and a browser. `middlewares` can add faults to ImaginePro."""
    async with (
        open_world(_BEGAN, scenario, database_url=database_url, middlewares=middlewares) as world,
        open_page(world, port=0) as live,
        open_chromium() as browser,
    ):
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
