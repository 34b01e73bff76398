"""What the bot talks through, in place of sockets and threads: to Discord, to ImaginePro and to SQLite."""

from __future__ import annotations

import asyncio
import json
import re
import sqlite3
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from email.utils import format_datetime
from types import SimpleNamespace
from typing import Any, TypeVar, cast
from unittest.mock import Mock, patch

import aiohttp
import discord
import httpx
from aiohttp import web
from aiohttp.test_utils import make_mocked_request
from discord.http import HTTPClient
from discord.http import Route as DiscordRoute
from multidict import CIMultiDict

from bot.demo.documented_api import DocumentedApi
from bot.notifier.rate_limits import response_trace
from tests.simulation.loop import true_time
from tests.sqlite_at_once import sqlite_at_once
from tests.standins.discord_gateway import Connection, Op
from tests.standins.discord_requests import Answer, Request, Route
from tests.standins.discord_server import DiscordServer
from tests.standins.imaginepro_server import USUAL, ImagineProServer

T = TypeVar("T")

INTENTS = discord.Intents(guilds=True).value


class Killed(OSError):
    """The process was killed: nothing that it still does has any effect."""


class Alive:
    """Whether a process of the bot is alive. Its transports do nothing any more once it was killed."""

    is_killed = False

    def check(self) -> None:
        if self.is_killed:
            raise Killed


# --- Discord, REST


class _Response:
    """As much of an aiohttp response as discord.py reads."""

    def __init__(self, answer: Answer) -> None:
        response = answer.response()
        self.status, self.reason = response.status, response.reason
        date = format_datetime(true_time(asyncio.get_running_loop().time()), usegmt=True)
        self.headers = CIMultiDict({**response.headers, "Content-Type": response.content_type, "Date": date})
        self._body = response.body if isinstance(response.body, bytes) else b""

    async def text(self, encoding: str = "utf-8") -> str:
        return self._body.decode(encoding)


class DiscordSession:
    """discord.py's HTTP session of one process, to a stand-in in this process."""

    def __init__(self, server: DiscordServer, alive: Alive) -> None:
        self._server = server
        self._alive = alive
        self._routes = [(route, _pattern(route.path)) for route in server.routes()]

    @asynccontextmanager
    async def request(self, method: str, url: str, **sent: Any) -> AsyncIterator[_Response]:
        self._alive.check()
        path = url.removeprefix(DiscordRoute.BASE).partition("?")[0]
        headers = sent.get("headers") or {}
        body, files = _read_body(sent.get("data"))
        query = {name: str(value) for name, value in (sent.get("params") or {}).items()}
        request = Request(method, path, query, dict(headers), body, files)
        answer = await self._server.exchange(self._route(request), request, headers.get("Authorization"))
        self._alive.check()
        if answer is None:
            raise aiohttp.ServerDisconnectedError
        response = _Response(answer)
        ended: Any = SimpleNamespace(response=response)
        for notify in response_trace().on_request_end:
            await notify(cast("Any", self), SimpleNamespace(), ended)
        yield response

    def _route(self, request: Request) -> Route:
        for route, pattern in self._routes:
            if route.method == request.method and (found := pattern.fullmatch(request.path)):
                request.parameters = found.groupdict()
                return route
        raise LookupError(f"the stand-in has no {request.method} {request.path}")

    async def close(self) -> None:
        """Nothing is open."""


def _pattern(path: str) -> re.Pattern[str]:
    return re.compile(re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", path))


def _read_body(data: Any) -> tuple[Any, list[tuple[str, bytes]]]:
    if not isinstance(data, aiohttp.FormData):
        return (json.loads(data) if data else None), []
    body, files = None, []
    for options, _, value in data._fields:
        if options["name"] == "payload_json":
            body = json.loads(value)
        else:
            files.append((options.get("filename") or "unnamed", value.read()))
    return body, files


# --- Discord, gateway


class GatewayLink:
    """A connection to the stand-in's gateway that hands each event to a client of this process."""

    def __init__(self, client: discord.Client, alive: Alive) -> None:
        self.record = Connection()
        self.session: Any = None
        self._parsers = client._connection.parsers
        self._alive = alive

    def send(self, op: Op, data: Any = None) -> None:
        """Heartbeats and greetings are not simulated."""

    def send_frame(self, frame: str) -> None:
        event = json.loads(frame)
        if not self._alive.is_killed and (parse := self._parsers.get(event["t"])) is not None:
            parse(event["d"] | ({"__shard_id__": 0} if event["t"] == "RESUMED" else {}))


# --- ImaginePro


class _Socket:
    """As much of a connection as the stand-in's handlers touch."""

    is_cut = False

    def abort(self) -> None:
        self.is_cut = True

    def get_extra_info(self, name: str, default: object = None) -> object:
        return default


class _Protocol:
    """As much of aiohttp's protocol as a request touches; aiohttp sets the rest."""

    ssl_context = peername = sockname = None


class ImagineProTransport(httpx.AsyncBaseTransport):
    """httpx's transport to a stand-in in this process. `answered` is called after each usual answer."""

    def __init__(self, server: ImagineProServer, alive: Alive, answered: Callable[[str], None]) -> None:
        self._alive = alive
        self._answered = answered
        self._application = DocumentedApi(server).application(server.take)
        self._application.freeze()
        # Made once: aiohttp's mocks take longer than the rest of a request.
        self._writer = Mock()

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        self._alive.check()
        target, socket = request.url.raw_path.decode(), _Socket()
        asked = make_mocked_request(
            request.method,
            target,
            headers=dict(request.headers),
            app=self._application,
            protocol=_Protocol(),
            transport=socket,
            writer=self._writer,
        )
        asked._read_bytes = request.content
        answer = await self._application._handle(asked)
        self._alive.check()
        if socket.is_cut:
            raise httpx.ReadError("the connection was cut")
        assert isinstance(answer, web.Response)
        body = answer.body if isinstance(answer.body, bytes) else b""
        if USUAL in asked:
            self._answered(target)
        return httpx.Response(answer.status, headers=list(answer.headers.items()), content=body)


# --- SQLite


class DatabaseFaults:
    """What is wrong with the disk, asked before each statement: it may raise an error of SQLite, or take its time."""

    def __init__(self) -> None:
        self.alive = Alive()
        self.fault: Callable[[str], Any] | None = None

    async def before(self, statement: str) -> None:
        if self.fault is not None and (waiting := self.fault(statement)) is not None:
            await waiting


@contextmanager
def sqlite_without_threads(faults: DatabaseFaults) -> Iterator[None]:
    """Let aiosqlite execute everything at once, so that each run is the same, and with these faults."""

    def on_connect(connection: Any) -> None:
        faults.alive.check()
        connection._alive = faults.alive

    async def before(connection: Any, function: Callable[..., object], args: tuple[object, ...]) -> None:
        if function in (connection._connection.close, connection._connection.rollback):
            return
        connection._alive.check()
        if args and isinstance(args[0], str):
            await faults.before(args[0])
        elif function == connection._connection.commit:
            await faults.before("COMMIT")

    with sqlite_at_once(on_connect, before):
        yield


def database_error(words: str, code: int) -> sqlite3.OperationalError:
    """Return an error of SQLite, in its own words and with its code."""
    error = sqlite3.OperationalError(words)
    error.sqlite_errorcode = code
    return error


@contextmanager
def discord_without_sockets(session: Callable[[], DiscordSession], connect: Callable[[Any], Any]) -> Iterator[None]:
    """Let discord.py log in to a stand-in through this session, and connect to its gateway by this function."""

    async def static_login(self: Any, token: str) -> Any:
        # It would connect to the real Discord.
        if isinstance(self.connector, aiohttp.BaseConnector):
            await self.connector.close()
        self._HTTPClient__session = session()
        self._global_over = asyncio.Event()
        self._global_over.set()
        self.token = token
        return await self.request(DiscordRoute("GET", "/users/@me"))

    async def connecting(self: Any, *, reconnect: bool = True) -> None:
        await connect(self)

    with (
        patch.object(HTTPClient, "static_login", static_login),
        patch.object(discord.AutoShardedClient, "connect", connecting),
    ):
        yield
