"""A moderator's action is shown at once, not at the notifier's next poll."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable

import pytest

from tests.cases import first_quick
from tests.clocks import SetClock
from tests.cogs.driving import Team, command, labels


class PatientClock(SetClock):
    """Waits for an event without a time-out, and signals that it is idle before."""

    def __init__(self) -> None:
        super().__init__()
        self.idle = asyncio.Event()

    async def wait(self, event: asyncio.Event, seconds: float) -> None:
        """Wait for the event without a time-out."""
        self.idle.set()
        await event.wait()

    async def until(self, happened: Callable[[], bool]) -> None:
        """Wait until it has happened, within the test's own time-out."""
        while not happened():
            self.idle.clear()
            await self.idle.wait()


@pytest.fixture
async def clock() -> PatientClock:
    return PatientClock()


@contextlib.asynccontextmanager
async def running_notifier(team: Team, clock: PatientClock) -> AsyncIterator[None]:
    """Run the notifier as in a real process, once it is idle."""
    running = asyncio.create_task(team.server.bot.notifier.run())
    await clock.idle.wait()
    yield
    running.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await running


async def test_a_press_shows_at_once(team: Team, clock: PatientClock) -> None:
    alert = await team.out()
    async with running_notifier(team, clock):
        await team.server.mod.click(alert, label="Acknowledge")
        await clock.until(lambda: labels(team.server.alerts.history()[0]) == ["I'm on it", "Mute", "Details"])


async def test_unmute_posts_at_once(team: Team, clock: PatientClock) -> None:
    await command(team.server, "mute", duration="8h")
    team.set_status("BANNED")
    await team.rounds()
    async with running_notifier(team, clock):
        await command(team.server, "unmute")
        await clock.until(lambda: len(team.server.alerts.history()) == 1)


@pytest.mark.parametrize("name", first_quick(["route", "unroute", "setup"]))
async def test_a_fixed_route_posts_at_once(team: Team, clock: PatientClock, name: str) -> None:
    server = team.server
    gone, fixed = server.guild.create_text_channel("gone"), server.guild.create_text_channel("fixed")
    if name == "setup":
        await command(server, "setup", channel=gone)
    else:
        await command(server, "route", token="111", channel=gone)
    server.env.backend.delete_channel(gone.id)
    team.set_status("BANNED")
    await team.rounds()
    async with running_notifier(team, clock):
        match name:
            case "route":
                await command(server, "route", token="111", channel=fixed)
            case "setup":
                await command(server, "setup", channel=fixed)
            case _:
                await command(server, "unroute", token="111")
        await clock.until(lambda: any("111" in one.content for one in (*fixed.history(), *server.alerts.history())))
