"""Probes Discord over REST only: who the bot is, and its permissions where alerts go. It sends nothing to a channel."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from types import SimpleNamespace
from typing import TypeVar

import aiohttp
import discord
from pydantic import SecretStr

from bot.app.connections import open_connector, proxy_options
from bot.check.facts import AlertRoute, Login, NoAnswer, NotMember, RouteFacts, ServerFacts, UnknownToken
from bot.clock import Clock
from bot.network import Network
from bot.ui import texts
from bot.ui.alert_setup import missing_permissions

Value = TypeVar("Value")


class Discord:
    """A client that stays off the gateway, and notes Discord's time from the responses."""

    def __init__(self, clock: Clock, seconds: float, network: Network) -> None:
        self.ahead: timedelta | None = None
        """How far this machine's clock is ahead of Discord's; None until Discord has answered."""
        self._clock = clock
        self._seconds = seconds
        self._last_status = 0
        trace = aiohttp.TraceConfig()
        trace.on_request_end.append(self._on_request_end)
        self._client = discord.Client(
            intents=discord.Intents.none(),
            http_trace=trace,
            connector=open_connector(network),
            **proxy_options(network),
        )

    @asynccontextmanager
    async def opened(self) -> AsyncIterator["Discord"]:
        """Close the client at the end."""
        async with self._client:
            yield self

    async def log_in(self, token: SecretStr) -> Login | UnknownToken | NoAnswer:
        """Log in, once."""

        async def ask() -> Login | UnknownToken:
            try:
                await self._client.login(token.get_secret_value())
            except discord.LoginFailure:
                return UnknownToken()
            user, application_id = self._client.user, self._client.application_id
            if user is None or application_id is None:
                raise TypeError("discord.py knows both after a login")
            return Login(user.id, application_id, user.name)

        return await self._in_time(ask())

    async def look_at_server(
        self, server_id: int, bot_id: int, routes: Sequence[AlertRoute]
    ) -> ServerFacts | NotMember | NoAnswer:
        """Return a server with the bot's permissions in the channels of its routes."""

        async def ask() -> ServerFacts | NotMember:
            try:
                server = await self._client.fetch_guild(server_id, with_counts=False)
            except (discord.NotFound, discord.Forbidden):
                return NotMember()
            if not routes:
                return ServerFacts(server.name, ())
            member = await server.fetch_member(bot_id)
            channels = {channel.id: channel for channel in await server.fetch_channels()}
            facts = [
                _route_facts(route, await self._find(route, channels, server), channels, member) for route in routes
            ]
            return ServerFacts(server.name, tuple(facts))

        return await self._in_time(ask())

    async def _find(
        self, route: AlertRoute, channels: Mapping[int, discord.abc.GuildChannel], server: discord.Guild
    ) -> discord.abc.GuildChannel | discord.Thread | None:
        """Return the channel of a route, which may be a thread; None if it is gone."""
        if route.channel_id in channels:
            return channels[route.channel_id]
        try:
            found = await server.fetch_channel(route.channel_id)
        except (discord.NotFound, discord.Forbidden):
            return None
        return found if isinstance(found, discord.Thread) else None

    async def _in_time(self, work: Awaitable[Value]) -> Value | NoAnswer:
        try:
            async with asyncio.timeout(self._seconds):
                return await work
        except TimeoutError:
            # discord.py retries 5xx responses itself until time runs out.
            refused = self._last_status >= HTTPStatus.BAD_REQUEST
            last = f", but HTTP {self._last_status}" if refused else ""
            return NoAnswer(f"no usable response within {self._seconds:g} s{last}")
        except (discord.DiscordException, aiohttp.ClientError, OSError) as error:
            return NoAnswer(str(error) or type(error).__name__)

    async def _on_request_end(
        self, _: aiohttp.ClientSession, __: SimpleNamespace, heard: aiohttp.TraceRequestEndParams
    ) -> None:
        self._last_status = heard.response.status
        time = _time(heard.response.headers.get("Date", ""))
        if time is not None:
            self.ahead = self._clock.now() - time


def _time(text: str) -> datetime | None:
    try:
        time = parsedate_to_datetime(text)
    except (ValueError, OverflowError):
        return None
    return time if time.tzinfo else None


def _route_facts(
    route: AlertRoute,
    channel: discord.abc.GuildChannel | discord.Thread | None,
    channels: Mapping[int, discord.abc.GuildChannel],
    member: discord.Member,
) -> RouteFacts:
    role = member.guild.get_role(route.role_id) if route.role_id is not None else None
    role_name = role.name if role is not None else None
    above = channels.get(channel.parent_id) if isinstance(channel, discord.Thread) else channel
    if channel is None or above is None:
        return RouteFacts(route, None, (), role_name, pings=False)
    allowed = above.permissions_for(member)
    lacking = tuple(texts.common.PERMISSIONS[name] for name in missing_permissions(channel, allowed))
    pings = role is not None and (role.mentionable or allowed.mention_everyone)
    return RouteFacts(route, channel.name, lacking, role_name, pings=pings)
