"""Make the pictures of docs/troubleshooting.md: what `/status` says while something is wrong.

python -m docs.trouble_pictures

Each fault is real to the bot: ImaginePro's stand-in fails, the database goes away, or Discord refuses.
"""

import asyncio
from dataclasses import dataclass, replace
from datetime import timedelta
from http import HTTPStatus
from typing import Final

import discord
from aiohttp import web
from aiohttp.typedefs import Handler
from simcord.backend.models.channel import Overwrite
from simcord.enums import OverwriteType

from bot.demo.scenarios.day import DAY
from bot.logging_setup import configure_logs
from bot.settings import LogFormat, LogLevel
from bot.ui import texts
from docs.picture_stage import WIDTH, WIDTH_OF_A_PHONE, Stage, open_stage
from tests.databases import running_postgres
from tests.standins.imaginepro_server import LOGIN_PAGE, Fault, Refuse, Say
from tests.standins.postgres_proxy import proxied

_CALM: Final = replace(DAY, past=timedelta(), question="", traced=None)
_DOWN: Final = Refuse(HTTPStatus.SERVICE_UNAVAILABLE, "The service is down.")
_NOT_IN_PLAN: Final = Refuse(HTTPStatus.FORBIDDEN, "Your plan does not include this.")
_EMPTY: Final = Say(b"[]")
_SLOW_DOWN: Final = Refuse(HTTPStatus.TOO_MANY_REQUESTS, "Too many requests.", {"Retry-After": "1200"})
_KEY_REJECTED: Final = Refuse(HTTPStatus.UNAUTHORIZED, "Unauthorized")
_NO_STATUS: Final = Say(b'[{"id": 111, "status": null}, {"id": 222, "status": null}]')


@dataclass(slots=True)
class _FailingImaginePro:
    """Answers every request with the fault while there is one."""

    fault: Fault | None = None

    @web.middleware
    async def apply(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        answer = await self.fault.apply(request) if self.fault is not None else None
        return answer if answer is not None else await handler(request)


async def make_trouble_pictures() -> None:
    """Make all of them."""
    await _no_data("status-no-response", _DOWN)
    await _no_data("phone-status", _DOWN, width=WIDTH_OF_A_PHONE)
    await _no_data("status-refused", _NOT_IN_PLAN)
    await _no_data("status-no-tokens", _EMPTY)
    await _no_data("status-rate-limited", _SLOW_DOWN)
    await _no_data("status-key-rejected", _KEY_REJECTED)
    await _no_data("status-unusable", LOGIN_PAGE)
    await _no_data("status-no-status", _NO_STATUS)
    await _nothing_watched()
    await _no_checks()
    await _database_away()
    await _database_read_only()
    await _channel_refused()
    await _role_deleted()


async def _no_data(name: str, fault: Fault, width: int = WIDTH) -> None:
    imaginepro = _FailingImaginePro()
    async with open_stage(_CALM, width, middlewares=[imaginepro.apply]) as stage:
        await stage.play_until(3)
        imaginepro.fault = fault
        await stage.play_until(15)
        await _ask(stage, name)


async def _nothing_watched() -> None:
    async with open_stage(_CALM, middlewares=[_FailingImaginePro(_NOT_IN_PLAN).apply]) as stage:
        await stage.play_until(12)
        await _ask(stage, "status-nothing-watched")


async def _no_checks() -> None:
    async with open_stage(_CALM) as stage:
        await stage.play_until(2)
        await stage.live.pass_time(42 * 60)
        await _ask(stage, "status-no-checks")


async def _database_away() -> None:
    with running_postgres() as server:
        async with proxied(server.get_uri()) as (proxy, url), open_stage(_CALM, database_url=url) as stage:
            alerts = stage.world.bot.outage_alerts
            await stage.play_until(3)
            await alerts.step()
            await proxy.stop()
            await stage.play_until(15)
            await alerts.step()
            await _ask(stage, "status-nothing-recorded")
            await stage.picture("alert-nothing-recorded", stage.card(texts.database.TITLE))


async def _database_read_only() -> None:
    with running_postgres() as server:
        async with open_stage(_CALM, database_url=server.get_uri()) as stage:
            await stage.play_until(3)
            server.psql("ALTER SYSTEM SET default_transaction_read_only = on;")
            server.psql("SELECT pg_reload_conf();")
            await stage.play_until(15)
            await stage.world.bot.outage_alerts.step()
            await _ask(stage, "status-read-only")


async def _channel_refused() -> None:
    async with open_stage(_CALM) as stage:
        await stage.play_until(1)
        world = stage.world
        deny = discord.Permissions(send_messages=True).value
        overwrite = Overwrite(world.bot.user.id, OverwriteType.MEMBER, 0, deny)
        world.env.backend.edit_channel(world.channel.id, {}, overwrites=[overwrite])
        await stage.play_until(10)
        await _ask(stage, "status-channel")


async def _role_deleted() -> None:
    async with open_stage(_CALM) as stage:
        await stage.play_until(1)
        world = stage.world
        world.env.backend.delete_role(world.channel.guild.id, world.keepers.id)
        await stage.play_until(10)
        await _ask(stage, "status-role")


async def _ask(stage: Stage, name: str) -> None:
    await stage.type("status")
    await stage.picture(name, stage.messages(texts.status.FIELD_RUNNING).last)


if __name__ == "__main__":
    configure_logs(LogLevel.ERROR, LogFormat.CONSOLE, ())
    asyncio.run(make_trouble_pictures())
