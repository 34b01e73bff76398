"""`python -m bot demo`: the real bot in a simulated Discord in the browser, without an account, a key or a network."""

import asyncio
import contextlib
import signal
import sys
import webbrowser
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Final, NoReturn

from simcord import SetupError

from bot.demo.live_page import LivePage, open_page
from bot.demo.scenario import Scenario
from bot.demo.scenarios import SCENARIOS
from bot.demo.world import World, open_world
from bot.logging_setup import configure_logs
from bot.monitor.cleanup import Cleanup
from bot.run import scheduler_for
from bot.settings import LogFormat, LogLevel

_STEP_SECONDS: Final = 0.1
# After a slow action, or when the machine was suspended, simulated time continues from where it was.
_MAX_STEP_SECONDS: Final = 0.5
_MAX_SPEED: Final = 3600
_MAX_PORT: Final = 65535

_GREETING: Final = """\
The real Fastwatch in a simulated Discord. Open this in your browser:

  {url}

Copy the whole address, including the part after the #.

{about}
{scenes}
Things to try in #midjourney. Type a command in full, or choose it and its options in the list that opens.

{to_try}

Time passes {speed:g} times as fast there while the page is open, and is shown in UTC. Press Ctrl-C to stop the demo.
The page around the channel is SimCord, the simulated Discord. If it falls behind, press "jump to latest".
"""


async def demo(*, scenario: str, speed: float, port: int, opens_browser: bool) -> None:
    """Run the demo until Ctrl-C, SIGTERM, or the end of the session on the page."""
    if scenario not in SCENARIOS:
        _exit(f"--scenario must be one of: {', '.join(SCENARIOS)}.")
    if not 0 < speed <= _MAX_SPEED:
        _exit(f"--speed must be more than 0 and at most {_MAX_SPEED}.")
    if not 0 <= port <= _MAX_PORT:
        _exit(f"--port must be a number from 0 to {_MAX_PORT}.")
    _stop_on_sigterm()
    configure_logs(LogLevel.WARNING, LogFormat.CONSOLE, ())
    chosen = SCENARIOS[scenario]
    async with open_world(datetime.now(UTC), chosen) as world, _page_or_sentence(world, port) as page:
        _greet(page.url, chosen, speed)
        await _live(world, page, speed, opens_browser=opens_browser)


def _exit(sentence: str) -> NoReturn:
    """Exit the program with one sentence for the person who started it."""
    raise SystemExit(sentence)


def _stop_on_sigterm() -> None:
    running = asyncio.current_task()
    # asyncio supports no signal handlers on Windows.
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
            _exit(f"Port {port} is already in use or not allowed. Choose another one with --port.")
        yield page


def _greet(url: str, scenario: Scenario, speed: float) -> None:
    scenes = "".join(f"  {_minutes_and_seconds(scene.after / speed)}  {scene.shows}\n" for scene in scenario.scenes)
    to_try = "\n".join(_item(number, text) for number, text in enumerate(scenario.to_try, start=1))
    sys.stdout.write(_GREETING.format(url=url, speed=speed, about=scenario.about, scenes=scenes, to_try=to_try))
    sys.stdout.flush()


def _item(number: int, text: str) -> str:
    """Return an item of a numbered list, indented."""
    return f"  {number}. " + text.replace("\n", "\n     ")


def _minutes_and_seconds(duration: timedelta) -> str:
    """Return a duration as minutes and seconds, such as 3:05."""
    minutes, seconds = divmod(round(duration.total_seconds()), 60)
    return f"{minutes}:{seconds:02}"


async def _live(world: World, page: LivePage, speed: float, *, opens_browser: bool) -> None:
    """Run the monitor, the notifier and the time until the session on the page ends."""
    services = world.bot.services
    async with asyncio.TaskGroup() as group:
        tasks = [
            group.create_task(scheduler_for(services, world.monitor).run()),
            group.create_task(world.bot.notifier.run()),
            group.create_task(world.bot.boards.run()),
            group.create_task(Cleanup(services.account_id, services.database, services.clock).run()),
            group.create_task(_pass_time(page, speed)),
        ]
        if opens_browser:
            group.create_task(asyncio.to_thread(open_browser, page.url))
        await page.wait_closed()
        for task in tasks:
            task.cancel()


async def _pass_time(page: LivePage, speed: float) -> None:
    """Advance simulated time in small steps, which keeps the page responsive. It stands still while no page is open."""
    loop = asyncio.get_running_loop()
    before = loop.time()
    while True:
        await asyncio.sleep(_STEP_SECONDS)
        elapsed, before = loop.time() - before, loop.time()
        if page.is_watched:
            await page.pass_time(min(elapsed, _MAX_STEP_SECONDS) * speed)


def open_browser(url: str) -> bool:
    """Open the page if there is a browser with a window: one in the terminal would occupy it. Whether it was opened."""
    try:
        browser = webbrowser.get()
    except webbrowser.Error:
        return False
    if type(browser) is webbrowser.GenericBrowser:
        return False
    return browser.open(url)
