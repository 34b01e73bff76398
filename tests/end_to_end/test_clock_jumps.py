"""A wall clock that is hours ahead and is then put right, while the bot runs or between two starts."""

from __future__ import annotations

import re
import time
from datetime import timedelta
from http import HTTPStatus

import pytest

from tests.end_to_end.bot_process import SPEED
from tests.end_to_end.conftest import on_both_databases
from tests.end_to_end.world import MOD, World
from tests.standins.discord_faults import Fault
from tests.standins.imaginepro_server import Refuse

AHEAD = timedelta(hours=24)
RIGHT = timedelta()


async def watching_ahead(world: World) -> None:
    """Watch two tokens with a clock that is ahead."""
    world.bot.set_clock(AHEAD)
    await world.start()
    await world.set_up_alerts()
    await world.rounds(2)


@on_both_databases
@pytest.mark.slow
async def test_checks_and_alerts_go_on_after_a_restart_with_the_right_clock(world: World) -> None:
    """On PostgreSQL the lease of the killed process is a day ahead."""
    await watching_ahead(world)
    await world.bot.kill()
    world.bot.set_clock(RIGHT)

    await world.start()
    await world.rounds(2)
    world.set_status(111, "BANNED")
    await world.alert_posts()


@pytest.mark.parametrize("database_url", ["sqlite", "postgres"], indirect=True)
@pytest.mark.slow
async def test_checks_and_alerts_go_on_when_the_clock_is_put_right(world: World, epoch: float) -> None:
    await watching_ahead(world)
    refused = world.discord.faults.add(Fault("POST", world.posting(), status=HTTPStatus.SERVICE_UNAVAILABLE, times=20))
    world.set_status(111, "BANNED")
    await world.discord.wait_for(lambda: refused.hits >= 2)
    world.imaginepro.outage = Refuse(HTTPStatus.TOO_MANY_REQUESTS, headers={"Retry-After": "120"})
    await world.rounds()
    world.bot.set_clock(RIGHT)
    world.imaginepro.outage = None
    refused.times = 0

    await world.alert_posts()
    await world.rounds(2)
    typed = await world.discord.command("status", channel_id=world.talk, permissions=MOD)
    checks = (await typed.answered()).embeds[0]["fields"][0]["value"]
    now = epoch + (time.time() - epoch) * SPEED
    assert [at for at in map(int, re.findall(r"<t:(\d+)", checks)) if at > now + 1] == []
    world.set_status(222, "BANNED")
    await world.alert_posts(2)
