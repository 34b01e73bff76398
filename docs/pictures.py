"""Make the README's pictures: the real bot in the simulated Discord of the demo, photographed in Chromium.

python -m docs.pictures

The clock is set, so they come out the same each time, and differ only where the bot's looks do.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from playwright.async_api import FloatRect, Locator, Page

from bot.demo.live_page import LivePage, open_page
from bot.demo.scenario import HEALTHY_TOKEN, MESSAGE_OF_HEALTHY_TOKEN, MESSAGE_OF_TOKEN_IN_MINUTES
from bot.demo.world import World, open_world
from bot.logs import configure_logs
from bot.settings import LogFormat, LogLevel
from bot.ui import texts
from tests.end_to_end.browser import open_chromium

_FOLDER: Final = Path(__file__).parent / "pictures"
_BEGAN: Final = datetime(2026, 3, 2, 9, 41, tzinfo=UTC)
# In seconds, each from the one before.
_UNTIL_TOKEN_311_LEAVES_FAST: Final = 4 * 60
_UNTIL_TOKEN_311_IS_BACK: Final = 8 * 60
_UNTIL_TOKEN_427_IS_VERIFIED: Final = 6 * 60
_SECOND_LOOK: Final = 8
_MARGIN: Final = 12
_WIDTH: Final = 640
# High enough for all that is said to be on the page at once.
_HEIGHT: Final = 2400
# Where SimCord's page differs from Discord: cards are wider there, and the values of a row of fields begin at its top.
# The drawer beside the conversation casts a shadow on it.
_AS_IN_DISCORD: Final = """
    .embed-card { width: min(516px, 100%) !important; }
    .embed-field { align-content: start; }
    .messages-sidebar, #channel-composer { display: none !important; }
"""


async def main() -> None:
    """Make all pictures."""
    configure_logs(LogLevel.WARNING, LogFormat.CONSOLE, ())
    async with open_world(_BEGAN) as world, open_page(world, port=0) as live, _photographed(live) as page:
        await _traces(world, live, page)
        await _incident(world, live, page)
        await _lever(world, live, page)


@asynccontextmanager
async def _photographed(live: LivePage) -> AsyncIterator[Page]:
    async with open_chromium() as browser:
        context = await browser.new_context(
            viewport={"width": _WIDTH, "height": _HEIGHT},
            device_scale_factor=2,
            reduced_motion="reduce",
            bypass_csp=True,
        )
        page = await context.new_page()
        await page.goto(live.url)
        await page.add_style_tag(content=_AS_IN_DISCORD)
        await _until_drawn(page)
        yield page
        await context.close()


async def _traces(world: World, live: LivePage, page: Page) -> None:
    await _photograph(page, "trace", page.locator(".channel-message", has_text=str(MESSAGE_OF_HEALTHY_TOKEN)).last)
    await world.member.slash(world.channel, "trace", message_id=str(MESSAGE_OF_TOKEN_IN_MINUTES))
    await live.publish()
    await _photograph(
        page, "trace-minutes", page.locator(".channel-message", has_text=str(MESSAGE_OF_TOKEN_IN_MINUTES))
    )


async def _incident(world: World, live: LivePage, page: Page) -> None:
    title = page.locator(".embed-title", has_text="Token 311")
    alert = page.locator(".channel-message").filter(has=title)
    await world.monitor.round()
    await _rounds_after(_UNTIL_TOKEN_311_LEAVES_FAST, world, live)
    await _photograph(page, "alert", alert)
    await _rounds_after(_UNTIL_TOKEN_311_IS_BACK, world, live)
    await _photograph(page, "recovered", alert, page.locator(".channel-message:has(.message-reply)"))
    await _rounds_after(_UNTIL_TOKEN_427_IS_VERIFIED, world, live)
    await world.mod.slash(world.channel, "alerts show")
    await live.publish()
    await _photograph(page, "alerts-show", page.locator(".channel-message", has_text=texts.SHOW_TITLE))


async def _lever(world: World, live: LivePage, page: Page) -> None:
    question = await world.mod.slash(world.channel, "token disable", token=str(HEALTHY_TOKEN))
    await live.publish()
    asked = page.locator(".channel-message", has_text=f"Switch token {HEALTHY_TOKEN}")
    await _photograph(page, "token-disable", asked)
    if question.response is not None:
        await world.mod.click(question.response, label=texts.BUTTON_SWITCH_OFF)
    await _rounds_after(_SECOND_LOOK, world, live)
    switched = page.locator(".channel-message").filter(has=page.locator(".embed-title", has_text="was switched off"))
    await _photograph(page, "switched-off", switched)
    await world.mod.slash(world.channel, "status")
    await live.publish()
    await _photograph(page, "status", page.locator(".channel-message", has_text="Latest changes here"))


async def _rounds_after(seconds: float, world: World, live: LivePage) -> None:
    """Let time pass, and have the monitor look twice and the notifier deliver."""
    for pause in (seconds, _SECOND_LOOK):
        await live.pass_time(pause)
        await world.monitor.round()
    await world.bot.notifier.deliver_due()
    await live.pass_time(1)


async def _until_drawn(page: Page) -> None:
    await page.wait_for_function("() => window.simcordPreview?.ready && !document.querySelector('[aria-busy=true]')")


async def _photograph(page: Page, name: str, *messages: Locator) -> None:
    """Take a picture of these Discord messages, which stand one below the other."""
    for message in messages:
        await message.wait_for()
    await _until_drawn(page)
    boxes = [box for box in [await message.bounding_box() for message in messages] if box is not None]
    top = min(box["y"] for box in boxes) - _MARGIN
    bottom = max(box["y"] + box["height"] for box in boxes) + _MARGIN
    clip: FloatRect = {"x": 0, "y": top, "width": _WIDTH, "height": bottom - top}
    await page.screenshot(path=_FOLDER / f"{name}.png", clip=clip, animations="disabled")


if __name__ == "__main__":
    asyncio.run(main())
