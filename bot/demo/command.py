"""`python -m bot demo`: the real bot in a simulated Discord in the browser, with no account, no key and no network."""

import asyncio
import contextlib
import signal
import sys
import webbrowser
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Final, NoReturn

from simcord import SetupError

from bot.demo.live_page import LivePage, open_page
from bot.demo.scenario import MESSAGE_OF_TOKEN_IN_MINUTES, MESSAGE_OF_TOKEN_RUNNING_OUT, MESSAGE_WITHOUT_TOKEN
from bot.demo.world import World, open_world
from bot.logs import configure_logs
from bot.settings import LogFormat, LogLevel

_STEP_SECONDS: Final = 0.1
# After an action that took long, or a machine that slept, time goes on from where it was.
_LONGEST_STEP_SECONDS: Final = 0.5
_HIGHEST_SPEED: Final = 3600
_HIGHEST_PORT: Final = 65535

_GREETING: Final = """\
The real Fastwatch in a simulated Discord. Open this in your browser:

  {url}

Copy the whole address: what follows the # opens the page. Things to try in #midjourney:

  1. Type /trace and paste  {running_out}
     Press Refresh under the answer. Other ids: {in_minutes} (a plan in minutes),
     {without_token} (no token yet)
  2. Wait for token 311 to leave FAST: the alert pings @token-keepers, and closes when the token is back.
     It happens again and again, and so does something worse to token 427.
  3. As Mona, a mod, type /alerts show, /status, or /token disable 111 and press Switch off: the alert names her.
     Then view the page as Max, a member, and type /: two commands are left.

Time there passes {speed:g} times as fast as here while the page is open, and is shown in UTC. Ctrl-C ends the demo.
The frame around the channel is that of SimCord, the simulated Discord.
"""


async def demo(*, speed: float, port: int, opens_browser: bool) -> None:
    """Run the demo until Ctrl-C, SIGTERM, or the end of the session on the page."""
    if not 0 < speed <= _HIGHEST_SPEED:
        _give_up(f"--speed must be more than 0 and at most {_HIGHEST_SPEED}.")
    if not 0 <= port <= _HIGHEST_PORT:
        _give_up(f"--port must be a number from 0 to {_HIGHEST_PORT}.")
    _stop_on_sigterm()
    configure_logs(LogLevel.WARNING, LogFormat.CONSOLE, ())
    async with open_world(datetime.now(UTC)) as world, _page_or_sentence(world, port) as page:
        _greet(page.url, speed)
        await _live(world, page, speed, opens_browser=opens_browser)


def _give_up(sentence: str) -> NoReturn:
    """End the program with one sentence to the person who started it."""
    raise SystemExit(sentence)


def _stop_on_sigterm() -> None:
    running = asyncio.current_task()
    # Windows has no such signal to handle.
    with contextlib.suppress(NotImplementedError):
        if running is not None:
            asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, running.cancel)


@asynccontextmanager
async def _page_or_sentence(world: World, port: int) -> AsyncIterator[LivePage]:
    async with contextlib.AsyncExitStack() as opened:
        try:
            page = await opened.enter_async_context(open_page(world, port))
        except SetupError as error:
            if not isinstance(error.__cause__, OSError):
                raise
            _give_up(f"Port {port} is taken or may not be used; choose another one with --port.")
        yield page


def _greet(url: str, speed: float) -> None:
    sys.stdout.write(
        _GREETING.format(
            url=url,
            speed=speed,
            running_out=MESSAGE_OF_TOKEN_RUNNING_OUT,
            in_minutes=MESSAGE_OF_TOKEN_IN_MINUTES,
            without_token=MESSAGE_WITHOUT_TOKEN,
        )
    )
    sys.stdout.flush()


async def _live(world: World, page: LivePage, speed: float, *, opens_browser: bool) -> None:
    """Let the world go on until the session ends."""
    async with asyncio.TaskGroup() as group:
        going_on = [
            group.create_task(world.monitor.run()),
            group.create_task(world.bot.notifier.run()),
            group.create_task(_pass_time(page, speed)),
        ]
        if opens_browser:
            group.create_task(asyncio.to_thread(open_browser, page.url))
        await page.wait_closed()
        for task in going_on:
            task.cancel()


async def _pass_time(page: LivePage, speed: float) -> None:
    """Let simulated time pass in small steps, so that nobody on the page waits for one; none while nobody watches."""
    loop = asyncio.get_running_loop()
    before = loop.time()
    while True:
        await asyncio.sleep(_STEP_SECONDS)
        passed, before = loop.time() - before, loop.time()
        if page.is_watched:
            await page.pass_time(min(passed, _LONGEST_STEP_SECONDS) * speed)


def open_browser(url: str) -> bool:
    """Open the page where there is a browser with a window; one in the terminal would take the terminal over."""
    try:
        browser = webbrowser.get()
    except webbrowser.Error:
        return False
    if type(browser) is webbrowser.GenericBrowser:
        return False
    return browser.open(url)
