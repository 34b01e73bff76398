"""Two processes on one PostgreSQL do everything once; when one ends, the other takes over."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import AsyncIterator
from dataclasses import dataclass
from http import HTTPStatus

import pytest
import pytest_asyncio

from bot.ui import texts
from tests.end_to_end.bot_process import BotProcess
from tests.end_to_end.world import FLEET, MOD, World
from tests.patience import GENEROUS
from tests.standins.discord_faults import FaultKind
from tests.standins.discord_server import DiscordServer, Fault, Message, Request
from tests.standins.imaginepro_server import Hold, ImagineProServer, linked_token
from tests.titles import is_back, title_of

SLOWLY, MORE_SLOWLY = 8, 2
"""The speed of the bot's clock here: claims and leases must not expire on a busy machine."""
NOT_A_LEASE = 18 / MORE_SLOWLY
"""Shorter than the rest of a 30 s lease renewed every 10 s, longer than the interval between attempts to take it."""
FOR_EVER = 1_000_000
HELD, NOT_HELD = "This process runs the rounds.", "Another process runs the rounds; this one waits."

pytestmark = [pytest.mark.parametrize("database_url", ["postgres"], indirect=True), pytest.mark.slow]
slowly = pytest.mark.parametrize("speed", [SLOWLY], indirect=True)
more_slowly = pytest.mark.parametrize("speed", [MORE_SLOWLY], indirect=True)


@dataclass
class Second:
    """The second process, and an ImaginePro that only it uses, which shows which process runs the rounds."""

    bot: BotProcess
    imaginepro: ImagineProServer

    def asked(self) -> int:
        """How often it has requested the fleet."""
        return sum(request.path == FLEET for request in self.imaginepro.log)

    async def goes_on(self, within: float = GENEROUS) -> None:
        """Wait until it runs rounds."""
        await self.imaginepro.wait_for(self.asked, within)


@pytest_asyncio.fixture
async def second(world: World) -> AsyncIterator[Second]:
    """Not started yet."""
    async with ImagineProServer() as imaginepro:
        imaginepro.link(linked_token(111), linked_token(222))
        bot = world.bot.twin()
        bot.settings["IMAGINEPRO_BASE_URL"] = imaginepro.base_url
        yield Second(bot, imaginepro)
        await bot.kill()
        world.bot.log += bot.log


def set_status(world: World, second: Second, token: int, status: str) -> None:
    """Set a token's status at both ImaginePros."""
    world.set_status(token, status)
    second.imaginepro.tokens[token].status = status


async def both_run(world: World, second: Second) -> None:
    """The first process runs the rounds, alerts are set up, and the second one waits."""
    await world.start()
    await world.set_up_alerts()
    await second.bot.start()
    await second.bot.says(NOT_HELD)
    await world.connected(after=1)


async def ban_alert(world: World) -> Message:
    """Wait for the alert."""
    (alert,) = await world.alert_posts()
    assert title_of(alert) == "🔴 **Token 111** is banned"
    assert alert.pings.roles == {world.role}
    return alert


async def check_end(world: World, alert: Message) -> None:
    """Wait for the end of the incident, and check that nothing was posted twice."""
    alert_posts, reply = await world.alert_posts(2)
    assert alert_posts is alert
    assert is_back(alert)
    assert (reply.reference_id, reply.silent) == (alert.id, True)


# Side by side


@slowly
async def test_one_process_runs_rounds_and_deliveries_are_sent_once(world: World, second: Second) -> None:
    await both_run(world, second)

    set_status(world, second, 111, "BANNED")
    alert = await ban_alert(world)
    set_status(world, second, 111, "FAST")
    await check_end(world, alert)
    await world.rounds(2)

    assert second.asked() == 0
    assert len(world.post_attempts()) == 2
    assert len(world.discord.requests_to("PATCH", world.editing())) == 1
    assert (len(world.bot.said("A token changed.")), len(second.bot.said("A token changed."))) == (2, 0)


@slowly
async def test_pending_deliveries_are_sent_once_by_processes_that_start_together(
    world: World, second: Second, discord: DiscordServer
) -> None:
    channels = [world.alerts]
    for number in range(5):
        server = discord.add_guild(name=f"Server {number}")
        world.bot.settings["HOME_SERVERS"] += f",{server}"
        channels.append(discord.add_channel(server, "alerts"))
    second.bot.settings["HOME_SERVERS"] = world.bot.settings["HOME_SERVERS"]
    await world.start()
    for channel in channels:
        typed = await discord.command("alerts setup", {"channel": channel}, channel_id=channel, permissions=MOD)
        await typed.answered()
    refusals = [
        discord.faults.add(Fault("POST", world.posting(channel), times=FOR_EVER, status=HTTPStatus.SERVICE_UNAVAILABLE))
        for channel in channels
    ]
    set_status(world, second, 111, "BANNED")
    await discord.wait_for(lambda: all(refusal.hits for refusal in refusals))
    await world.bot.kill()
    discord.faults.clear()
    before = len(discord.requests)

    await asyncio.gather(world.bot.start(), second.bot.start())
    for channel in channels:
        await world.alert_posts(channel=channel)
    await world.bot.stop()
    await second.bot.stop()

    posted = [request.path for request in discord.requests[before:] if request.method == "POST"]
    assert sorted(posted) == sorted(world.posting(channel) for channel in channels)


@slowly
async def test_a_command_is_handled_by_one_of_both(world: World, second: Second) -> None:
    await both_run(world, second)

    shown = await world.alerts_shown()
    await world.discord.wait_for(lambda: len(world.discord.requests_to("POST", "/interactions/.*")) > 2)

    assert texts.alerts_overview.FIELD_OPEN in shown
    assert [typed.followups for typed in world.discord.interactions] == [[], []]


# One ends


@slowly
async def test_another_process_takes_over_within_a_minute_of_a_kill(world: World, second: Second) -> None:
    await both_run(world, second)
    set_status(world, second, 111, "BANNED")
    alert = await ban_alert(world)
    await world.settled()

    await world.bot.kill()
    await second.goes_on()

    set_status(world, second, 111, "FAST")
    await check_end(world, alert)
    assert len(world.post_attempts()) == 2


@slowly
@pytest.mark.parametrize("moment", ["call_before", "call_after"])
async def test_a_killed_processs_delivery_is_sent_within_a_minute(
    world: World, second: Second, moment: FaultKind
) -> None:
    await both_run(world, second)

    async def kill(_: Request) -> None:
        await world.bot.kill()

    world.discord.faults.add(Fault("POST", world.posting(), moment, callback=kill))
    set_status(world, second, 111, "BANNED")
    await world.bot.ended()
    await world.discord.wait_for(lambda: len(world.post_attempts()) == 2)

    await ban_alert(world)
    assert len(world.nonces()) == 1


@more_slowly
async def test_a_stopping_process_hands_over_the_rounds_at_once(world: World, second: Second) -> None:
    await both_run(world, second)

    assert await world.bot.stop() == 0

    await second.goes_on(NOT_A_LEASE)
    await second.bot.says(HELD)


# One is suspended, and resumes later


@slowly
async def test_a_suspended_process_records_no_round(world: World, second: Second) -> None:
    await both_run(world, second)
    answer = asyncio.Event()
    world.imaginepro.queue(Hold(answer), path=FLEET)
    asked = world.asked()
    await world.imaginepro.wait_for(lambda: world.asked() > asked)
    world.bot.send(signal.SIGSTOP)
    world.set_status(111, "BANNED")
    answer.set()
    await second.goes_on()

    world.bot.send(signal.SIGCONT)
    await world.bot.says("The round was discarded")
    asked = second.asked()
    await second.imaginepro.wait_for(lambda: second.asked() > asked + 1)

    assert world.bot.said("A token changed.") + second.bot.said("A token changed.") == []
    assert world.discord.messages(world.alerts) == []


@slowly
async def test_a_process_suspended_between_requests_posts_nothing_outdated(world: World, second: Second) -> None:
    await both_run(world, second)
    set_status(world, second, 111, "RELAX")
    (alert,) = await world.alert_posts()
    await world.settled()

    async def stop(_: Request) -> None:
        world.bot.send(signal.SIGSTOP)

    # It has edited, and would reply that it worsened.
    stopped = world.discord.faults.add(Fault("PATCH", world.editing(), "call_after", callback=stop))
    set_status(world, second, 111, "BANNED")
    await world.discord.wait_for(lambda: stopped.hits)
    worse = (await world.alert_posts(2))[1]
    set_status(world, second, 111, "FAST")
    await world.alert_posts(3)
    world.bot.send(signal.SIGCONT)
    await world.bot.says(NOT_HELD)
    await world.settled()

    _, _, reply = world.discord.messages(world.alerts)
    assert worse.pings.roles == {world.role}
    assert (reply.reference_id, reply.silent) == (alert.id, True)
    assert is_back(alert)
    assert len(world.post_attempts()) == 3


@slowly
async def test_a_suspended_processs_late_message_is_corrected(world: World, second: Second) -> None:
    await both_run(world, second)
    set_status(world, second, 111, "RELAX")
    (alert,) = await world.alert_posts()
    await world.settled()
    arrives = asyncio.Event()

    async def stand_still(_: Request) -> None:
        world.bot.send(signal.SIGSTOP)
        await arrives.wait()

    late = world.discord.faults.add(Fault("PATCH", world.editing(), "call_before", callback=stand_still))
    set_status(world, second, 111, "OTHER")
    await world.discord.wait_for(lambda: late.hits)
    set_status(world, second, 111, "FAST")
    await world.alert_posts(2)
    await world.discord.wait_for(lambda: is_back(alert))
    arrives.set()
    await world.discord.wait_for(lambda: not is_back(alert))
    world.bot.send(signal.SIGCONT)
    await world.discord.wait_for(lambda: is_back(alert))

    assert len(world.post_attempts()) == 2
