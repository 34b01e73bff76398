"""`python -m bot demo`, as a person uses it: its page in a real browser."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Locator, Page, expect
from playwright.async_api import TimeoutError as PlaywrightTimeoutError

from bot.demo.page_files import HOW_TO_OPEN
from bot.demo.scenario import UNKNOWN_MESSAGE
from bot.demo.scenarios.alerts import FORGOTTEN_TOKEN
from bot.demo.scenarios.day import MESSAGE_OF_TOKEN_RUNNING_OUT
from bot.ui import texts
from tests.end_to_end.browser import NoChromium, is_required, open_chromium
from tests.patience import GENEROUS

pytestmark = pytest.mark.slow

REPOSITORY = Path(__file__).parents[2]
SPEED = 100
"""Token 311 leaves FAST about 3 seconds after the page has been opened, and is back 5 seconds later. If the page is too
late for one alert, the next one comes after 15 seconds."""
PATIENCE = GENEROUS * 1000
"""Milliseconds, as Playwright counts."""

expect.set_options(timeout=PATIENCE)

COMPOSER = "#channel-composer-input"
COMPLETED = "() => simcordPreview.commandPicker.autocomplete.state === 'answered' && !simcordPreview.pendingAction"
COMPLAINTS = "() => simcordPreview.diagnostics.map(one => one.code)"


class Demo:
    """The demo as a separate process. It leaves nothing in its temporary directory."""

    def __init__(self, process: asyncio.subprocess.Process, folder: Path) -> None:
        self.process = process
        self.folder = folder
        self.greeting: list[str] = []

    async def address(self) -> str:
        """The printed URL."""
        assert self.process.stdout is not None
        async for line in self.process.stdout:
            self.greeting.append(line.decode().strip())
            if self.greeting[-1].startswith("http://127.0.0.1:"):
                return self.greeting[-1]
        raise EOFError("\n".join(["the demo printed no address:", *self.greeting]))

    async def ends_well(self, sign: signal.Signals | None = None) -> None:
        """Send it this signal, if given, and wait for a clean exit."""
        if sign is not None:
            self.process.send_signal(sign)
        async with asyncio.timeout(GENEROUS):
            said, _ = await self.process.communicate()
        assert "Traceback" not in said.decode()
        assert self.process.returncode == 0
        assert left_in(self.folder) == []


def left_in(folder: Path) -> list[Path]:
    return list(folder.iterdir())


async def start(folder: Path, *arguments: str) -> Demo:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bot", "demo", "--no-browser", *arguments),
        cwd=REPOSITORY,
        env={**os.environ, "TMPDIR": str(folder)},
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    return Demo(process, folder)


@pytest_asyncio.fixture
async def demo(tmp_path: Path, request: pytest.FixtureRequest) -> AsyncIterator[Demo]:
    """The demo on a free port, in the requested scenario."""
    scenario = getattr(request, "param", "day")
    demo = await start(tmp_path, "--port", "0", "--speed", str(SPEED), "--scenario", scenario)
    yield demo
    if demo.process.returncode is None:
        demo.process.kill()
        await demo.process.communicate()


@pytest_asyncio.fixture
async def page() -> AsyncIterator[Page]:
    """An empty page of a real browser."""
    try:
        async with open_chromium() as browser:
            page = await browser.new_page(viewport={"width": 1280, "height": 1000})
            page.set_default_timeout(PATIENCE)
            yield page
    except NoChromium as error:
        if is_required():
            raise
        pytest.skip(str(error))


async def open_demo(demo: Demo, page: Page) -> None:
    await page.goto(await demo.address())
    await expect(page.locator("#channel-name")).to_have_text("midjourney")


async def begin_command(page: Page, name: str) -> None:
    await page.click(COMPOSER)
    await page.keyboard.type(f"/{name}")
    await page.locator(".command-entry", has_text=f"/{name}").click()


def value_of(message: Locator, field: str) -> Locator:
    """Return the value of an embed's field, by its exact name."""
    name = message.page.locator(".embed-field-name").get_by_text(field, exact=True)
    return message.locator(".embed-field").filter(has=name).locator(".embed-field-value")


async def run_command(page: Page) -> None:
    await page.keyboard.press("Enter")
    async with asyncio.timeout(GENEROUS):
        while not await _is_over(page):
            # SimCord's page draws the command again when a message arrives. One without options then loses the focus.
            await page.evaluate("document.querySelector('.command-chip')?.focus()")
            await page.keyboard.press("Enter")


async def _is_over(page: Page) -> bool:
    """Wait for the end of a command, up to 5 s."""
    try:
        await page.locator(COMPOSER).wait_for(timeout=5_000)
    except PlaywrightTimeoutError:
        return False
    return True


async def trace(page: Page, message_id: object) -> None:
    await begin_command(page, "trace")
    await page.keyboard.type(str(message_id))
    # SimCord's page drops an Enter that arrives while it requests suggestions.
    await page.wait_for_function(COMPLETED)
    await run_command(page)


@pytest.mark.smoke
async def test_a_live_page_gets_responses_from_the_bot(demo: Demo, page: Page) -> None:
    await open_demo(demo, page)
    messages = page.locator(".channel-message")
    alert = messages.filter(has_text="Token 311 is in RELAX").filter(has=page.locator(".embed-card"))
    reply = messages.filter(has=page.locator(".message-reply")).filter(has_text="Token 311 is back in FAST after")

    # Partly typed input is kept when an alert arrives.
    await begin_command(page, "trace")
    first, second = str(MESSAGE_OF_TOKEN_RUNNING_OUT)[:20], str(MESSAGE_OF_TOKEN_RUNNING_OUT)[20:]
    await page.keyboard.type(first)
    await expect(alert.first).to_be_visible(timeout=PATIENCE)
    await expect(alert.first.locator(".mention")).to_have_text("@token-keepers")
    await page.keyboard.type(second)
    await page.wait_for_function(COMPLETED)
    await run_command(page)

    card = messages.filter(has_text="used /trace").filter(has_text=str(MESSAGE_OF_TOKEN_RUNNING_OUT)).last
    await expect(card.locator(".embed-title")).to_contain_text("Token 311")
    await expect(card.locator(".embed-description")).to_contain_text("▱")
    await expect(card.locator(".embed-description")).to_contain_text("of 30 h of fast time left")

    read_at = card.locator(".embed-timestamp")
    before = await read_at.get_attribute("datetime")
    assert before
    await card.get_by_role("button", name=texts.buttons.REFRESH).click()
    await expect(read_at).not_to_have_attribute("datetime", before)

    await expect(reply.first).to_be_visible(timeout=PATIENCE)
    await expect(reply.first.locator(".mention")).to_have_count(0)
    assert await page.evaluate(COMPLAINTS) == []

    await demo.ends_well(signal.SIGINT)


async def test_a_member_sees_no_moderator_groups_and_a_wrong_id_is_explained(demo: Demo, page: Page) -> None:
    await open_demo(demo, page)
    await page.select_option("#viewer-picker", label="Max (member)")
    await expect(page.locator(".message-list")).not_to_contain_text("Alerts now go to")

    await page.click(COMPOSER)
    await page.keyboard.type("/")
    await expect(page.locator(".command-entry-title strong", has_text="/token")).to_have_count(4)
    others = page.locator(".command-entry-title strong").filter(has_not_text="/token")
    await expect(others).to_have_text(["/about", "/trace"])
    await page.keyboard.press("Backspace")
    await trace(page, UNKNOWN_MESSAGE)
    await expect(page.locator(".channel-message", has_text=texts.errors.UNKNOWN_MESSAGE)).to_be_visible()
    assert await page.evaluate(COMPLAINTS) == []

    await demo.ends_well(signal.SIGTERM)


async def test_a_moderator_sees_the_alert_setup_and_ends_the_session(demo: Demo, page: Page) -> None:
    await open_demo(demo, page)
    await begin_command(page, "alerts show")
    await run_command(page)
    overview = page.locator(".channel-message", has_text=texts.alerts_overview.TITLE)
    await expect(value_of(overview, texts.alerts_overview.FIELD_CHANNEL)).to_have_text(
        "Alerts go to #midjourney and ping @token-keepers."
    )

    await page.click("summary:has-text('More')")
    await page.click("#close")
    await demo.ends_well()


@pytest.mark.parametrize("demo", ["alerts"], indirect=True)
async def test_a_moderator_acknowledges_an_alert_and_a_member_may_not(demo: Demo, page: Page) -> None:
    await open_demo(demo, page)
    # Of all tokens this one stays out of FAST the longest.
    alert = page.locator(".channel-message", has_text=f"Token {FORGOTTEN_TOKEN} is in RELAX").filter(
        has=page.locator(".embed-card")
    )
    acknowledge = alert.get_by_role("button", name=texts.buttons.ACKNOWLEDGE)
    await page.select_option("#viewer-picker", label="Max (member)")
    await acknowledge.click(timeout=PATIENCE)
    # The page shows the command after it without its markup.
    refusal = texts.errors.MODS_ONLY.partition("`")[0]
    await expect(page.locator(".channel-message", has_text=refusal)).to_be_visible()
    await expect(acknowledge).to_be_visible()

    await page.select_option("#viewer-picker", label="Mona (mod)")
    await acknowledge.click()
    await expect(alert).to_contain_text("👀 @Mona (mod)")
    await expect(acknowledge).to_have_count(0)
    assert await page.evaluate(COMPLAINTS) == []

    await demo.ends_well(signal.SIGINT)


async def test_a_command_typed_in_full_runs_and_its_option_is_found(demo: Demo, page: Page) -> None:
    await open_demo(demo, page)
    await page.click(COMPOSER)
    await page.keyboard.type("/fleet disable 111")
    suggestion = page.locator(".command-suggestion")
    await expect(suggestion).to_contain_text("111 · FAST")
    await page.wait_for_function(COMPLETED)
    await run_command(page)
    await expect(page.locator(".channel-message", has_text="Switch token 111")).to_be_visible()
    assert await page.evaluate(COMPLAINTS) == []

    await demo.ends_well(signal.SIGINT)


async def test_an_address_without_its_key_or_of_an_earlier_start_says_how_to_open_the_page(
    demo: Demo, page: Page
) -> None:
    address = await demo.address()
    await page.set_viewport_size({"width": 390, "height": 844})
    for wrong in (address.partition("#")[0], f"{address}-of-an-earlier-start"):
        await page.goto("about:blank")
        await page.goto(wrong)
        sentence = page.locator("#preview-empty")
        await expect(sentence).to_have_text(HOW_TO_OPEN)
        box = await sentence.bounding_box()
        assert box is not None
        assert box["width"] <= 390

    await demo.ends_well(signal.SIGINT)


async def test_a_port_in_use_is_one_sentence(tmp_path: Path) -> None:
    taken = await asyncio.start_server(lambda *_: None, "127.0.0.1", 0)
    async with taken:
        port = taken.sockets[0].getsockname()[1]
        demo = await start(tmp_path, "--port", str(port))
        async with asyncio.timeout(PATIENCE / 1000):
            said, _ = await demo.process.communicate()

    assert said.decode() == f"Port {port} is already in use or not allowed. Choose another one with --port.\n"
    assert demo.process.returncode == 1
    assert left_in(tmp_path) == []


async def test_a_thread_under_an_alert_and_the_posts_of_a_forum_are_opened(tmp_path: Path, page: Page) -> None:
    """Slower than the others: token 205 is out of FAST from second 6 to second 66."""
    demo = await start(tmp_path, "--port", "0", "--speed", "20", "--scenario", "team")
    try:
        await open_demo(demo, page)
        alert = page.locator(".channel-message", has_text="Token 205 is in RELAX").filter(
            has=page.locator(".embed-card")
        )
        await alert.locator(".select-trigger").click()
        await alert.locator(".select-option", has_text="Open a thread").click()
        await alert.locator(".thread-summary").click()
        await expect(page.locator("#channel-name")).to_have_text("Token 205")
        await expect(page.locator(".channel-message").first).to_contain_text("thread opened by @Mona (mod)")

        await page.select_option("#channel-picker", label="#\xa0midjourney")
        await expect(page.locator("#channel-name")).to_have_text("midjourney")
        await page.click(COMPOSER)
        await page.keyboard.type("/alerts setup ")
        await page.keyboard.type("incidents")
        await expect(page.locator(".command-suggestion")).to_have_text("#incidents")
        await page.keyboard.press("Enter")
        await expect(page.locator(".command-mention")).to_be_visible()
        await run_command(page)
        await expect(page.locator(".channel-message", has_text="Alerts now go to #incidents")).to_be_visible()
        post = page.locator("#channel-picker option", has_text="Open, Urgent").first
        await page.select_option("#channel-picker", value=await post.get_attribute("value"))
        await expect(page.locator("#channel-topic")).to_contain_text("Open · Urgent · post in #incidents")
        assert await page.evaluate(COMPLAINTS) == []

        await demo.ends_well(signal.SIGINT)
    finally:
        if demo.process.returncode is None:
            demo.process.kill()
            await demo.process.communicate()
