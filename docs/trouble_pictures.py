"""Make the pictures of docs/troubleshooting.md: what `/status` says while something is wrong.

python -m docs.trouble_pictures

Each fault is real to the bot: ImaginePro's stand-in fails, or Discord refuses. `docs.database_pictures` has the rest.
"""

import asyncio
from dataclasses import dataclass, replace
from http import HTTPStatus
from typing import Final

import discord
from aiohttp import web
from aiohttp.typedefs import Handler
from simcord.backend.models.channel import Overwrite
from simcord.enums import OverwriteType

from bot.demo.scenarios.day import MESSAGE_OF_HEALTHY_TOKEN
from bot.demo.world import World
from bot.logging_setup import configure_logs
from bot.settings import LogFormat, LogLevel
from docs.picture_stage import CALM, WIDTH, WIDTH_OF_A_PHONE, open_stage
from tests.standins.imaginepro_server import LOGIN_PAGE, Fault, Refuse, Say

_DOWN: Final = Refuse(HTTPStatus.SERVICE_UNAVAILABLE, "The service is down.")
_NOT_IN_PLAN: Final = Refuse(HTTPStatus.FORBIDDEN, "Your plan does not include this.")
_NOT_FOUND: Final = Refuse(HTTPStatus.NOT_FOUND, "Message not found.")
_EMPTY: Final = Say(b"[]")
_SLOW_DOWN: Final = Refuse(HTTPStatus.TOO_MANY_REQUESTS, "Too many requests.", {"Retry-After": "1200"})
_KEY_REJECTED: Final = Refuse(HTTPStatus.UNAUTHORIZED, "Unauthorized")
_NO_STATUS: Final = Say(b'[{"id": 111, "status": null}, {"id": 222, "status": null}]')


@dataclass(slots=True)
class _FailingImaginePro:
    """Answers every request with the fault while there is one."""

    fault: Fault | None = None
    path: str = "/"
    """Only requests whose path begins like this fail."""

    @web.middleware
    async def apply(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        fault = self.fault if request.path.startswith(self.path) else None
        answer = await fault.apply(request) if fault is not None else None
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
    await _nothing_traced()
    await _no_tokens_ever()
    await _channel_refused()
    await _role_deleted()
    await _out_of_date()
    await _not_accepted()


async def _no_data(name: str, fault: Fault, width: int = WIDTH) -> None:
    imaginepro = _FailingImaginePro()
    async with open_stage(CALM, width, middlewares=[imaginepro.apply]) as stage:
        await stage.play_until(3)
        imaginepro.fault = fault
        await stage.play_until(15)
        await stage.picture_of_status(name)


async def _nothing_watched() -> None:
    async with open_stage(CALM, middlewares=[_FailingImaginePro(_NOT_IN_PLAN).apply]) as stage:
        await stage.play_until(12)
        await stage.picture_of_status("status-nothing-watched")


async def _no_checks() -> None:
    async with open_stage(CALM) as stage:
        await stage.play_until(2)
        await stage.live.pass_time(42 * 60)
        await stage.picture_of_status("status-no-checks")


async def _nothing_traced() -> None:
    imaginepro = _FailingImaginePro(_NOT_IN_PLAN, "/api/v1/discord/")
    async with open_stage(CALM, middlewares=[imaginepro.apply]) as stage:
        await stage.type("alerts watch", message_id=str(MESSAGE_OF_HEALTHY_TOKEN))
        await stage.play_until(3)
        imaginepro.fault, imaginepro.path = _NOT_FOUND, "/"
        await stage.play_until(15)
        await stage.picture_of_status("status-nothing-traced")


async def _no_tokens_ever() -> None:
    async with open_stage(replace(CALM, tokens=())) as stage:
        await stage.play_until(12)
        await stage.picture_of_status("status-no-tokens-ever")


async def _channel_refused() -> None:
    async with open_stage(CALM) as stage:
        await stage.play_until(1)
        _deny(stage.world, discord.Permissions(send_messages=True))
        await stage.play_until(10)
        await stage.picture_of_status("status-channel")


async def _role_deleted() -> None:
    async with open_stage(CALM) as stage:
        await stage.play_until(1)
        world = stage.world
        world.env.backend.delete_role(world.channel.guild.id, world.keepers.id)
        await stage.play_until(10)
        await stage.picture_of_status("status-role")


async def _out_of_date() -> None:
    """The alert of a token goes on in another channel."""
    async with open_stage(CALM) as stage:
        await stage.play_until(6)
        world = stage.world
        _deny(world, discord.Permissions(view_channel=True))
        # SimCord lets a bot edit its messages in a channel that it cannot see.
        world.env.inject_error(
            "PATCH", f"/channels/{world.channel.id}/*", status=403, code=50001, message="Missing Access", times=None
        )
        await stage.type("alerts setup", channel=world.forum, role=world.keepers)
        await stage.play_until(15)
        await stage.picture_of_status("status-out-of-date")


async def _not_accepted() -> None:
    async with open_stage(CALM) as stage:
        await stage.play_until(3)
        stage.world.env.inject_error("POST", "/channels/*/messages", status=503, times=None)
        await stage.play_until(8)
        await stage.picture_of_status("status-not-accepted")


def _deny(world: World, permissions: discord.Permissions) -> None:
    """Take permissions from the bot in the alert channel."""
    overwrite = Overwrite(world.bot.user.id, OverwriteType.MEMBER, 0, permissions.value)
    world.env.backend.edit_channel(world.channel.id, {}, overwrites=[overwrite])


if __name__ == "__main__":
    configure_logs(LogLevel.ERROR, LogFormat.CONSOLE, ())
    asyncio.run(make_trouble_pictures())
