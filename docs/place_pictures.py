"""Make the pictures of threads, forums, escalation and quiet hours in docs/alerts.md, for a desktop and a phone.

python -m docs.place_pictures

A person presses the buttons, opens the threads and chooses the channels in the browser.
"""

import asyncio
from typing import Final

from playwright.async_api import Locator

from bot.demo.scenarios.team import BATCH_TOKEN, SHOP_TOKEN, TEAM
from bot.logging_setup import configure_logs
from bot.settings import LogFormat, LogLevel
from bot.ui import texts
from docs.picture_stage import WIDTH, WIDTH_OF_A_PHONE, Stage, open_stage

_NAMES: Final = {WIDTH: "{name}", WIDTH_OF_A_PHONE: "phone-{name}"}
_IS_OPEN: Final = "name => document.querySelector('#channel-name').textContent.includes(name)"
_IS_DONE: Final = "() => !simcordPreview.pendingAction"


async def make_place_pictures() -> None:
    """Make all of them."""
    for width in _NAMES:
        for make in (_thread, _forum, _escalation, _quiet_hours):
            async with open_stage(TEAM, width) as stage:
                await stage.play_until(0.5)
                await stage.type("fleet owner", token=str(SHOP_TOKEN), member=stage.world.mod)
                await make(stage, _NAMES[width])


async def _thread(stage: Stage, names: str) -> None:
    await stage.play_until(5.5)
    alert = stage.alert_on_page(f"Token {SHOP_TOKEN}")
    await _choose(stage, alert, texts.buttons.MORE["thread"])
    await _press(stage, alert, texts.buttons.ASSIGN)
    await stage.picture(names.format(name="thread-alert"), alert)
    await alert.locator(".thread-summary").click()
    await stage.page.wait_for_function(_IS_OPEN, arg=str(SHOP_TOKEN))
    await stage.play_until(13.5)
    await stage.page_picture(names.format(name="thread"))


async def _forum(stage: Stage, names: str) -> None:
    world = stage.world
    await stage.type("alerts setup", channel=world.forum, role=world.keepers)
    await stage.play_until(5.5)
    await _open(stage, str(SHOP_TOKEN))
    await _press(stage, stage.messages().first, texts.buttons.ACKNOWLEDGE)
    await stage.page_picture(names.format(name="forum-post"))
    await stage.play_until(13.5)
    await stage.page_picture(names.format(name="forum-post-over"))


async def _escalation(stage: Stage, names: str) -> None:
    await stage.type("alerts rules set", rule="escalate_role", value=stage.world.on_call.mention)
    await stage.type("alerts rules set", rule="escalate_after", value="10m")
    await stage.play_until(13)
    token = f"Token {BATCH_TOKEN}"
    await stage.picture(names.format(name="escalation"), stage.alert_on_page(token), stage.reply(token))


async def _quiet_hours(stage: Stage, names: str) -> None:
    await stage.type("alerts rules set", rule="quiet_hours", value="9:00-9:52")
    await stage.play_until(12.5)
    shown = [stage.alert_on_page(f"Token {BATCH_TOKEN}"), stage.alert_on_page(f"Token {SHOP_TOKEN}")]
    await stage.picture(names.format(name="quiet-hours"), *shown, stage.messages("Quiet hours").last)


async def _press(stage: Stage, message: Locator, label: str) -> None:
    """Press a button in the browser, and show what came of it."""
    await message.get_by_role("button", name=label).click()
    await _show(stage)


async def _choose(stage: Stage, message: Locator, label: str) -> None:
    """Choose an option of an alert's menu in the browser."""
    await message.locator(".select-trigger").click()
    await message.locator(".select-option", has_text=label).click()
    await _show(stage)


async def _show(stage: Stage) -> None:
    await stage.page.wait_for_function(_IS_DONE)
    await stage.world.bot.notifier.deliver_due()
    await stage.live.publish()


async def _open(stage: Stage, name: str) -> None:
    """Choose a post in the menu of channels."""
    option = stage.page.locator("#channel-picker option", has_text=name)
    await option.wait_for(state="attached")
    await stage.page.select_option("#channel-picker", value=await option.get_attribute("value"))
    await stage.page.wait_for_function(_IS_OPEN, arg=name)


if __name__ == "__main__":
    configure_logs(LogLevel.ERROR, LogFormat.CONSOLE, ())
    asyncio.run(make_place_pictures())
