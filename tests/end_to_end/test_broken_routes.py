"""A server in which nobody can be reached for a while hears everything afterwards, from the real process."""

from __future__ import annotations

import pytest

from bot.ui import texts
from tests.end_to_end.world import World
from tests.titles import title_of

pytestmark = pytest.mark.slow


def banned(token: int) -> str:
    return f"🔴 **Token {token}** is banned"


async def ban_both_unheard(world: World) -> None:
    """Ban both tokens while Discord refuses the alert channel."""
    world.set_status(111, "BANNED")
    await world.discord.wait_for(lambda: any(attempt.status in (403, 404) for attempt in world.post_attempts()))
    world.set_status(222, "BANNED")
    await world.rounds(2)


async def check_all_is_said(world: World) -> None:
    await world.alert_posts(4)
    await world.settled()
    restored, *alerts = world.discord.messages(world.alerts)
    assert restored.content == texts.alerts.ROUTE_RESTORED
    # Both tokens are out of FAST, so there is an alert about that, too.
    no_capacity = title_of(next(alert for alert in alerts if "Token" not in title_of(alert)))
    assert sorted(title_of(alert) for alert in alerts) == sorted([no_capacity, banned(111), banned(222)])


async def test_after_a_lockdown_everything_is_said(world: World) -> None:
    await world.watching()
    for user in world.discord._state.users.values():
        user.accepts_dms = False
    for channel in (world.talk, world.alerts):
        world.discord.change_channel(channel, bot_may_send=False)
    await ban_both_unheard(world)

    world.discord.change_channel(world.alerts)
    await check_all_is_said(world)


async def test_after_a_kick_and_an_invitation_everything_is_said(world: World) -> None:
    await world.watching()
    guild = world.discord.remove_guild(world.home)
    await ban_both_unheard(world)

    world.discord.invite_again(guild)
    await check_all_is_said(world)
