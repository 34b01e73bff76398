"""A small Discord on loopback: gateway and REST over real sockets, for running the real bot against it.

A test builds a server and a channel, starts a bot with `token`, `api_url` and `gateway_url`, acts as people do
(`command`, `press`) and checks the result (`messages`, `requests`, `violations`), waiting with `wait_for`.
"""

from __future__ import annotations

import re
import socket
import time
from collections.abc import Callable
from functools import partial
from http import HTTPStatus
from types import TracebackType
from typing import Self

from aiohttp import web

from .changes import Changes
from .discord_commands import Commands
from .discord_driving import Driving
from .discord_faults import Fault, Faults
from .discord_gateway import Connection, Gateway
from .discord_interactions import Interaction, Interactions, InteractionType
from .discord_messages import NONCE_LIFETIME, Messages
from .discord_objects import ApiError, Attachment, Message, Permission, Pings, invalid_body
from .discord_payloads import violations
from .discord_requests import API_ROOT, Answer, Request, Route, read_request
from .discord_rest import Rest
from .discord_state import State

__all__ = [
    "Attachment",
    "Connection",
    "DiscordServer",
    "Fault",
    "Interaction",
    "InteractionType",
    "Message",
    "Permission",
    "Pings",
    "Request",
]

_LOOPBACK = "127.0.0.1"
_GATEWAY_PATH = "/gateway"
_LARGEST_BODY = 32 * 1024 * 1024


class DiscordServer:
    """The stand-in. Its state survives `stop`; `start` listens at the same address again.

    Builders: add_guild, add_channel, add_role, add_member, change_channel, remove_channel, remove_guild,
    invite_again.
    People: command, autocomplete, message_command, press, select, submit, say, delete.
    """

    def __init__(
        self,
        *,
        port: int = 0,
        gateway_port: int = 0,
        token: str = "stand-in.token.made-up",  # noqa: S107 - not a secret
        heartbeat_interval: float = 41.25,
        interaction_deadline: float = 3.0,
        granted_intents: int = 0,
        nonce_lifetime: float = NONCE_LIFETIME,
        now: Callable[[], float] = time.time,
    ) -> None:
        """Does not listen yet. `now` returns the seconds since 1970 for ids: the bot's clock, if that is fast."""
        self.token = token
        self.requests: list[Request] = []
        self.violations: list[str] = []
        self.faults = Faults()
        self._port = port
        self._gateway_port = gateway_port
        self._changes = Changes(self._describe)
        self._state = State(now)
        self.gateway = Gateway(
            self._state,
            token,
            self._changes.notify,
            heartbeat_interval=heartbeat_interval,
            granted_intents=granted_intents,
        )
        self._commands = Commands(self._state)
        self._messages = Messages(self._state, nonce_lifetime)
        self._interactions = Interactions(self._state, self._messages, self._changes, interaction_deadline)
        self._runner: web.AppRunner | None = None
        self._gateway_site: web.SockSite | None = None
        self._offer()

    def _offer(self) -> None:
        """Shortcuts to the parts that tests use."""
        state = self._state
        self.add_guild, self.remove_guild = state.add_guild, state.remove_guild
        self.invite_again = state.invite_again
        self.add_channel, self.remove_channel = state.add_channel, state.remove_channel
        self.change_channel = state.change_channel
        self.add_role, self.add_member = state.add_role, state.add_member
        driving = Driving(state, self.gateway, self._commands, self._interactions)
        self.command, self.autocomplete = driving.command, driving.autocomplete
        self.message_command, self.say = driving.message_command, driving.say
        self.delete = state.delete
        self.press, self.select, self.submit = driving.press, driving.select, driving.submit
        self.synced_commands = self._commands.synced
        self.wait_for = self._changes.wait_for

    # Start and stop

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()

    async def start(self) -> None:
        """Start listening; after a stop, at the same addresses. The gateway has its own port, so that it can fail
        alone.
        """
        listeners = [socket.create_server((_LOOPBACK, port)) for port in (self._port, self._gateway_port)]
        self._port, self._gateway_port = (listener.getsockname()[1] for listener in listeners)
        self.gateway.url = self.gateway_url
        self._runner = web.AppRunner(self._application(), shutdown_timeout=0.1)
        await self._runner.setup()
        rest_site, self._gateway_site = (web.SockSite(self._runner, listener) for listener in listeners)
        await rest_site.start()
        await self._gateway_site.start()

    async def stop(self) -> None:
        """Cut every connection and stop listening."""
        if self._runner is not None:
            self.gateway.drop()
            await self._runner.cleanup()
            self._runner = self._gateway_site = None

    async def stop_gateway(self) -> None:
        """Cut the gateway's connections and refuse new ones; REST still works."""
        if self._gateway_site is not None:
            await self._gateway_site.stop()
            self._gateway_site = None
            self.gateway.drop()

    async def start_gateway(self) -> None:
        """Let the gateway listen again."""
        if self._runner is not None and self._gateway_site is None:
            self._gateway_site = web.SockSite(self._runner, socket.create_server((_LOOPBACK, self._gateway_port)))
            await self._gateway_site.start()

    def _application(self) -> web.Application:
        app = web.Application(client_max_size=_LARGEST_BODY)
        app.router.add_get(_GATEWAY_PATH, self.gateway.handle)
        for route in self.routes():
            app.router.add_route(route.method, API_ROOT + route.path, partial(self._serve, route))
        app.router.add_route("*", API_ROOT + "/{rest:.*}", self._serve_unknown)
        return app

    def routes(self) -> list[Route]:
        """Every route of the API."""
        rest = Rest(self._state, self._messages, self._commands, self.gateway_url)
        return [*rest.routes(), *self._interactions.routes()]

    @property
    def api_url(self) -> str:
        """The replacement for https://discord.com/api/v10."""
        return f"http://{_LOOPBACK}:{self._port}{API_ROOT}"

    @property
    def gateway_url(self) -> str:
        """The replacement for wss://gateway.discord.gg/."""
        return f"ws://{_LOOPBACK}:{self._gateway_port}{_GATEWAY_PATH}"

    # For tests

    @property
    def connections(self) -> list[Connection]:
        """The gateway connections, in the order in which they were made."""
        return self.gateway.connections

    @property
    def interactions(self) -> list[Interaction]:
        """What people did so far."""
        return self._interactions.all

    @property
    def bot_id(self) -> int:
        """The bot's user id, which is its application's id too."""
        return self._state.bot.id

    @property
    def repeats(self) -> int:
        """How often a message was not stored because its nonce was already used."""
        return self._messages.repeats

    def messages(self, channel_id: int, *, ephemeral: bool = False) -> list[Message]:
        """The channel's messages, oldest first; those only one person sees are left out unless asked for."""
        return [each for each in self._state.messages.get(channel_id, {}).values() if ephemeral or not each.ephemeral]

    def dm_channel(self, user_id: int) -> int:
        """The id of the channel between the bot and a person."""
        return self._state.dm_channel(user_id).id

    def requests_to(self, method: str, path: str) -> list[Request]:
        """The requests with this method whose path matches the regular expression."""
        return [each for each in self.requests if each.method == method and re.fullmatch(path, each.path)]

    def _describe(self) -> str:
        last = [f"{each.method} {each.path} {each.status}" for each in self.requests[-5:]]
        connected = f"{self.gateway.connected} of {len(self.connections)} connections open"
        return f"{connected}; last requests {last}; violations {self.violations}"

    # Serving requests

    async def _serve(self, route: Route, http_request: web.Request) -> web.Response:
        request = await read_request(http_request)
        answer = await self.exchange(route, request, http_request.headers.get("Authorization"))
        if answer is None:
            if http_request.transport is not None:
                http_request.transport.abort()
            return web.Response()
        return answer.response()

    async def exchange(self, route: Route, request: Request, authorization: str | None) -> Answer | None:
        """Answer a request; None cuts its connection."""
        self.requests.append(request)
        answer = await self._answer(route, request, authorized=authorization == f"Bot {self.token}")
        if answer is not None:
            request.status = answer.status
            self._changes.notify()
        return answer

    async def _answer(self, route: Route, request: Request, *, authorized: bool) -> Answer | None:
        """Return the response after applying faults; None cuts the connection."""
        fault = self.faults.take(request)
        kind = None if fault is None else fault.kind
        if fault is not None and kind == "status":
            return fault.answer()
        if kind == "drop_before":
            return None
        if fault is not None and kind in ("delay", "call_before"):
            await fault.act(request)
        answer = self._effect(route, request, authorized=authorized)
        self._changes.notify()
        if fault is not None and kind == "call_after":
            await fault.act(request)
        return None if kind == "drop_after" else answer

    def _effect(self, route: Route, request: Request, *, authorized: bool) -> Answer:
        if route.needs_bot and not authorized:
            return Answer(HTTPStatus.UNAUTHORIZED, {"message": "401: Unauthorized", "code": 0})
        try:
            self._check(route, request)
            body = route.handler(request)
        except ApiError as error:
            return Answer(error.status, error.body)
        return Answer(HTTPStatus.NO_CONTENT) if body is None else Answer(HTTPStatus.OK, body)

    def _check(self, route: Route, request: Request) -> None:
        found = violations(route.method, route.path, request.body)
        if found:
            self.violations += [f"{request.method} {request.path}: {each}" for each in found]
            raise invalid_body({"_errors": [{"code": "STAND_IN", "message": each} for each in found]})

    async def _serve_unknown(self, http_request: web.Request) -> web.Response:
        """An unknown route counts as a violation, so that tests fail."""
        request = await read_request(http_request)
        self.requests.append(request)
        self.violations.append(f"{request.method} {request.path}: the stand-in has no such route")
        request.status = HTTPStatus.NOT_FOUND
        self._changes.notify()
        return Answer(HTTPStatus.NOT_FOUND, {"message": "404: Not Found", "code": 0}).response()
