"""The simulated world: the real bot, a simulated Discord and a simulated ImaginePro, with a common clock."""

from collections.abc import AsyncIterator, Awaitable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

import discord
import simcord
from aiohttp.typedefs import Middleware
from pydantic import SecretStr

from bot.app.client import Fastwatch
from bot.demo.clock import SimulatedClock
from bot.demo.imaginepro import SimulatedImaginePro
from bot.demo.scenario import Scenario, Simulation
from bot.demo.scenarios.day import DAY
from bot.demo.seeding import seed_incidents, seed_tokens
from bot.monitor.monitor import Monitor
from bot.run import monitor_for, open_services
from bot.settings import Settings

_KEY: Final = "made-up-key-of-the-demo"
_HOME_SERVER: Final = 4_000_000_000_000_000
# Real seconds that SimCord waits for the bot to handle an action, whose HTTP requests and transactions are real.
_SETTLE_SECONDS: Final = 30


@dataclass(frozen=True, slots=True)
class World:
    """The simulated world. Its monitor and notifier are not running yet."""

    env: simcord.Env
    clock: SimulatedClock
    bot: Fastwatch
    monitor: Monitor
    channel: simcord.ChannelHandle
    forum: simcord.ChannelHandle
    keepers: simcord.RoleHandle
    on_call: simcord.RoleHandle
    mod: simcord.MemberActor
    member: simcord.MemberActor

    async def pass_time(self, seconds: float) -> None:
        """Advance the time, first in Discord and then for everything else."""
        await self.env.advance_time(seconds)
        self.clock.move_to(self.env.now())


@asynccontextmanager
async def open_world(
    began: datetime, scenario: Scenario = DAY, *, database_url: str = "", middlewares: Sequence[Middleware] = ()
) -> AsyncIterator[World]:
    """Open the world at this simulated time. On exit it is closed in reverse, and its files are deleted.

    Without a `database_url`, it has an SQLite file of its own. `middlewares` can add faults to ImaginePro.
    """
    clock = SimulatedClock(began)
    with TemporaryDirectory(prefix="fastwatch-demo-") as directory:
        async with (
            SimulatedImaginePro(clock, Simulation(scenario, began), key=_KEY, middlewares=middlewares) as imaginepro,
            open_services(
                _settings(database_url or f"sqlite:///{Path(directory) / 'fastwatch.db'}", imaginepro.base_url), clock
            ) as services,
        ):
            bot = Fastwatch(services, shard_count=1)
            env = simcord.Env(bot, settle_timeout=_SETTLE_SECONDS)
            clock.live_in(env)
            env.backend.advance_clock((began - env.now()).total_seconds())
            world = _create_world(env, clock, bot, monitor_for(services, bot))
            if scenario.past:
                await seed_tokens(services, scenario, began, server_id=_HOME_SERVER, named_by=world.mod.id)
            async with _running(env, bot):
                await _set_up(world, scenario)
                if scenario.past:
                    await seed_incidents(services, scenario, began, _HOME_SERVER)
                yield world


def _settings(database_url: str, imaginepro_base_url: str) -> Settings:
    """Return the demo's settings. `model_construct` reads neither the environment nor `.env`."""
    return Settings.model_construct(
        imaginepro_api_key=SecretStr(_KEY),
        imaginepro_base_url=imaginepro_base_url,
        home_servers=frozenset({_HOME_SERVER}),
        database_url=SecretStr(database_url),
    )


def _create_world(env: simcord.Env, clock: SimulatedClock, bot: Fastwatch, monitor: Monitor) -> World:
    """Create the home server, its roles, its channels and its members."""
    env.backend.edit_bot_profile("Fastwatch")
    server = env.create_guild("The team", id=_HOME_SERVER)
    mods = server.create_role("mods", permissions=discord.Permissions(manage_guild=True), color=0x5865F2)
    keepers = server.create_role("token-keepers", mentionable=True, color=0xE67E22)
    return World(
        env=env,
        clock=clock,
        bot=bot,
        monitor=monitor,
        channel=server.create_text_channel("midjourney", topic="Images, and the tokens that run them"),
        forum=server.create_forum_channel("incidents"),
        keepers=keepers,
        on_call=server.create_role("on-call", mentionable=True, color=0x1ABC9C),
        mod=server.add_member(env.create_user("mona", global_name="Mona (mod)"), roles=[mods, keepers]),
        member=server.add_member(env.create_user("max", global_name="Max (member)")),
    )


@asynccontextmanager
async def _running(env: simcord.Env, bot: Fastwatch) -> AsyncIterator[None]:
    """Connect the bot to the simulated Discord."""
    await env.start()
    try:
        # SimCord sets an `on_error` of its own on the tree, which reports every error of a command as a failure on the
        # page. Without it, Fastwatch's handler (the method of the class) responds to expected errors with a sentence.
        vars(bot.tree).pop("on_error")
        _leave_out_pins_of_posts(bot)
        yield
    finally:
        await env.shutdown()


def _leave_out_pins_of_posts(bot: Fastwatch) -> None:
    """SimCord 3.2 refuses `flags`, the field that pins the post of a board in a forum."""
    edit = bot.http.edit_channel

    def edit_channel(channel_id: int, *, reason: str | None = None, **fields: Any) -> Awaitable[Any]:
        fields.pop("flags", None)
        return edit(channel_id, reason=reason, **fields) if fields else bot.http.get_channel(channel_id)

    bot.http.edit_channel = edit_channel  # type: ignore[assignment]


async def _set_up(world: World, scenario: Scenario) -> None:
    """Run the commands of the mod and the member with which the scenario begins."""
    await world.mod.slash(world.channel, "alerts setup", channel=world.channel, role=world.keepers)
    if scenario.has_digest:
        next_hour = (world.clock.now() + timedelta(hours=1)).hour
        await world.mod.slash(world.channel, "alerts digest", day="daily", hour=next_hour)
    if scenario.has_board:
        await world.mod.slash(world.channel, "board post")
    if scenario.question:
        await world.member.send(world.channel, scenario.question)
    if scenario.traced is not None:
        await world.member.slash(world.channel, "trace", message_id=str(scenario.traced))
