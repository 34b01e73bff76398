"""Two processes on one PostgreSQL do everything once; what one leaves when it ends, the other one takes up."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import AsyncIterator
from dataclasses import dataclass
from http import HTTPStatus

import pytest
import pytest_asyncio

from bot.domain.alert_types import AlertType
from bot.ui import texts
from tests.end_to_end.bot_process import BotProcess
from tests.end_to_end.world import FLEET, MOD, World
from tests.patience import GENEROUS
from tests.standins.discord_faults import FaultKind
from tests.standins.discord_server import DiscordServer, Fault, Message, Request
from tests.standins.imaginepro_server import Hold, ImagineProServer, linked_token

SLOWLY, MORE_SLOWLY = 8, 2
"""How fast the bot's clock runs here: claims and leases must not run out while a busy machine takes its time."""
NOT_A_LEASE = 18 / MORE_SLOWLY
"""Shorter than the rest of a lease of 30 s that is renewed every 10 s, longer than the pause between asking for it."""
FOR_EVER = 1_000_000
HELD, NOT_HELD = "This process runs the rounds.", "Another process runs the rounds; this one waits."

pytestmark = [pytest.mark.parametrize("database_url", ["postgres"], indirect=True), pytest.mark.slow]
slowly = pytest.mark.parametrize("speed", [SLOWLY], indirect=True)
more_slowly = pytest.mark.parametrize("speed", [MORE_SLOWLY], indirect=True)


@dataclass
class Second:
    """The second process, and the ImaginePro that it alone asks, so that one sees which process does."""

    bot: BotProcess
    imaginepro: ImagineProServer

    def asked(self) -> int:
        """How often it has asked for the fleet."""
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


def put(world: World, second: Second, token: int, status: str) -> None:
    """Put a token into this status, whoever asks."""
    world.put(token, status)
    second.imaginepro.tokens[token].status = status


async def both_run(world: World, second: Second) -> None:
    """The first process runs the rounds, alerts are set up, and the second one waits."""
    await world.start()
    await world.set_up_alerts()
    await second.bot.start()
    await second.bot.says(NOT_HELD)
    await world.connected(after=1)


async def told_of_ban(world: World) -> Message:
    """Wait for the alert."""
    (alert,) = await world.told()
    assert alert.content.endswith(texts.alerts.PUSH[AlertType.BANNED].format(token=111))
    assert alert.pings.roles == {world.role}
    return alert


async def told_of_end(world: World, alert: Message) -> None:
    """Wait for the end of the incident, and see that nothing was told twice."""
    told, reply = await world.told(2)
    assert told is alert
    assert alert.embeds[0]["title"] == texts.incidents.TITLE_BACK.format(token=111)
    assert (reply.reference_id, reply.silent) == (alert.id, True)


# Side by side


@pytest.mark.smoke
@slowly
async def test_rounds_are_run_by_one_process_and_deliveries_are_sent_once(world: World, second: Second) -> None:
    await both_run(world, second)

    put(world, second, 111, "BANNED")
    alert = await told_of_ban(world)
    put(world, second, 111, "FAST")
    await told_of_end(world, alert)
    await world.rounds(2)

    assert second.asked() == 0
    assert len(world.sendings()) == 2
    assert len(world.discord.requests_to("PATCH", world.editing())) == 1
    assert (len(world.bot.said("A token changed.")), len(second.bot.said("A token changed."))) == (2, 0)


@slowly
async def test_deliveries_that_wait_are_sent_once_by_processes_that_start_together(
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
    put(world, second, 111, "BANNED")
    await discord.wait_for(lambda: all(refusal.hits for refusal in refusals))
    await world.bot.kill()
    discord.faults.clear()
    before = len(discord.requests)

    await asyncio.gather(world.bot.start(), second.bot.start())
    for channel in channels:
        await world.told(channel=channel)
    await world.bot.stop()
    await second.bot.stop()

    posted = [request.path for request in discord.requests[before:] if request.method == "POST"]
    assert sorted(posted) == sorted(world.posting(channel) for channel in channels)


@slowly
async def test_a_command_is_answered_by_one_of_both(world: World, second: Second) -> None:
    await both_run(world, second)

    shown = await world.alerts_shown()
    await world.discord.wait_for(lambda: len(world.discord.requests_to("POST", "/interactions/.*")) > 2)

    assert texts.alerts_overview.FIELD_OPEN in shown
    assert [typed.followups for typed in world.discord.interactions] == [[], []]


# One ends


@slowly
async def test_another_process_goes_on_within_a_minute_when_the_one_that_runs_the_rounds_is_killed(
    world: World, second: Second
) -> None:
    await both_run(world, second)
    put(world, second, 111, "BANNED")
    alert = await told_of_ban(world)
    await world.settled()

    await world.bot.kill()
    await second.goes_on()

    put(world, second, 111, "FAST")
    await told_of_end(world, alert)
    assert len(world.sendings()) == 2


@slowly
@pytest.mark.parametrize("moment", ["call_before", "call_after"])
async def test_a_delivery_that_a_killed_process_was_sending_is_sent_within_a_minute(
    world: World, second: Second, moment: FaultKind
) -> None:
    await both_run(world, second)

    async def kill(_: Request) -> None:
        await world.bot.kill()

    world.discord.faults.add(Fault("POST", world.posting(), moment, callback=kill))
    put(world, second, 111, "BANNED")
    await world.bot.ended()
    await world.discord.wait_for(lambda: len(world.sendings()) == 2)

    await told_of_ban(world)
    assert len(world.nonces()) == 1


@more_slowly
async def test_a_process_that_is_asked_to_end_hands_the_rounds_over_at_once(world: World, second: Second) -> None:
    await both_run(world, second)

    assert await world.bot.stop() == 0

    await second.goes_on(NOT_A_LEASE)
    await second.bot.says(HELD)


# One stands still, and wakes up later


@slowly
async def test_a_round_of_a_process_that_stood_still_meanwhile_records_nothing(world: World, second: Second) -> None:
    await both_run(world, second)
    answer = asyncio.Event()
    world.imaginepro.queue(Hold(answer), path=FLEET)
    asked = world.asked()
    await world.imaginepro.wait_for(lambda: world.asked() > asked)
    world.bot.send(signal.SIGSTOP)
    world.put(111, "BANNED")
    answer.set()
    await second.goes_on()

    world.bot.send(signal.SIGCONT)
    await world.bot.says("This round came to nothing")
    asked = second.asked()
    await second.imaginepro.wait_for(lambda: second.asked() > asked + 1)

    assert world.bot.said("A token changed.") + second.bot.said("A token changed.") == []
    assert world.discord.messages(world.alerts) == []


@slowly
async def test_a_process_that_stood_still_between_two_requests_tells_nothing_that_is_over(
    world: World, second: Second
) -> None:
    await both_run(world, second)
    put(world, second, 111, "RELAX")
    (alert,) = await world.told()
    await world.settled()

    async def stop(_: Request) -> None:
        world.bot.send(signal.SIGSTOP)

    # It has edited, and would reply that it got worse.
    stopped = world.discord.faults.add(Fault("PATCH", world.editing(), "call_after", callback=stop))
    put(world, second, 111, "BANNED")
    await world.discord.wait_for(lambda: stopped.hits)
    worse = (await world.told(2))[1]
    put(world, second, 111, "FAST")
    await world.told(3)
    world.bot.send(signal.SIGCONT)
    await world.bot.says(NOT_HELD)
    await world.settled()

    _, _, reply = world.discord.messages(world.alerts)
    assert worse.pings.roles == {world.role}
    assert (reply.reference_id, reply.silent) == (alert.id, True)
    assert alert.embeds[0]["title"] == texts.incidents.TITLE_BACK.format(token=111)
    assert len(world.sendings()) == 3


@slowly
async def test_what_arrives_late_from_a_process_that_stood_still_is_set_right(world: World, second: Second) -> None:
    await both_run(world, second)
    put(world, second, 111, "RELAX")
    (alert,) = await world.told()
    await world.settled()
    arrives = asyncio.Event()

    async def stand_still(_: Request) -> None:
        world.bot.send(signal.SIGSTOP)
        await arrives.wait()

    late = world.discord.faults.add(Fault("PATCH", world.editing(), "call_before", callback=stand_still))
    put(world, second, 111, "OTHER")
    await world.discord.wait_for(lambda: late.hits)
    put(world, second, 111, "FAST")
    await world.told(2)
    over = texts.incidents.TITLE_BACK.format(token=111)
    await world.discord.wait_for(lambda: alert.embeds[0]["title"] == over)
    arrives.set()
    await world.discord.wait_for(lambda: alert.embeds[0]["title"] != over)
    world.bot.send(signal.SIGCONT)
    await world.discord.wait_for(lambda: alert.embeds[0]["title"] == over)

    assert len(world.sendings()) == 2
