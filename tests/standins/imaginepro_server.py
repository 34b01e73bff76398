"""A stand-in for ImaginePro on a loopback socket: a test sets its fleet, messages and faults. It follows the documented
contract, which it shares with the simulated ImaginePro of the demo.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http import HTTPStatus
from types import TracebackType
from typing import Protocol, Self, TypeVar
from uuid import UUID

from aiohttp import web
from aiohttp.typedefs import Handler

from bot.demo.documented_api import DocumentedApi, LinkedToken, refusal, serving

from .changes import Changes

T = TypeVar("T")

DEFAULT_KEY = "made-up-imaginepro-key"

USUAL = web.RequestKey("usual", bool)
"""The key of a request that got the usual answer, and no fault's."""
_PIECE = b" " * 64 * 1024


def linked_token(
    token_id: int,
    status: str = "FAST",
    *,
    fast_time: str = "15.00/15.0 hours (100.00%)",
    subscription: str = "Standard (Active monthly, renews next on <t:1774000000>)",
) -> LinkedToken:
    """Return a token as in the documentation; a test sets anything else on `info`."""
    info: dict[str, object] = {
        "jobMode": "",
        "message": "",
        "runningJobs": "None",
        "relaxedUsage": "0 images",
        "subscription": subscription,
        "lifetimeUsage": "674 images",
        "queuedJobsFast": "0",
        "visibilityMode": "Public",
        "queuedJobsRelax": "0",
        "fastTimeRemaining": fast_time,
    }
    return LinkedToken(token_id, status, info)


class Fault(Protocol):
    """One fault of one request."""

    async def apply(self, request: web.Request) -> web.StreamResponse | None:
        """Return a response instead of the server's; None continues as usual."""


@dataclass(frozen=True, slots=True)
class Refuse:
    """Return this status and the documented body of an error; a `Retry-After` goes into the headers."""

    status: HTTPStatus
    message: str = "A fault that a test has queued."
    headers: dict[str, str] = field(default_factory=dict)

    async def apply(self, request: web.Request) -> web.StreamResponse:
        answer = refusal(self.status, self.message)
        answer.headers.update(self.headers)
        return answer


@dataclass(frozen=True, slots=True)
class Say:
    """Return this body, whatever the request."""

    body: bytes
    content_type: str = "application/json"
    status: HTTPStatus = HTTPStatus.OK

    async def apply(self, request: web.Request) -> web.StreamResponse:
        return web.Response(body=self.body, content_type=self.content_type, status=self.status)


MALFORMED = Say(b'[{"id": 111, "status": "FA')
"""JSON that stops in the middle."""

GATEWAY_PAGE = Say(b"<html><body><h1>502 Bad Gateway</h1></body></html>", "text/html", HTTPStatus.BAD_GATEWAY)
"""What a gateway returns when ImaginePro behind it does not respond."""

LOGIN_PAGE = Say(b"<html><body><h1>Sign in</h1></body></html>", "text/html")
"""An HTML page instead of JSON, with a success status."""


@dataclass(frozen=True, slots=True)
class Drip:
    """Return a body that never ends, a byte at a time."""

    pause_seconds: float = 0.02

    async def apply(self, request: web.Request) -> web.StreamResponse:
        answer = web.StreamResponse(headers={"Content-Type": "application/json"})
        await answer.prepare(request)
        with suppress(ConnectionError):
            while True:
                await answer.write(b" ")
                await asyncio.sleep(self.pause_seconds)
        return answer


@dataclass(frozen=True, slots=True)
class Flood:
    """Return a body of at least this size: an empty list after whitespace."""

    size: int = 32 * 1024 * 1024

    async def apply(self, request: web.Request) -> web.StreamResponse:
        answer = web.StreamResponse(headers={"Content-Type": "application/json"})
        await answer.prepare(request)
        with suppress(ConnectionError):
            for _ in range(0, self.size, len(_PIECE)):
                await answer.write(_PIECE)
            await answer.write(b"[]")
        return answer


@dataclass(frozen=True, slots=True)
class Redirect:
    """Redirect the client to another host, where the key must not go."""

    to: str

    async def apply(self, request: web.Request) -> web.StreamResponse:
        return web.Response(status=HTTPStatus.TEMPORARY_REDIRECT, headers={"Location": self.to})


@dataclass(frozen=True, slots=True)
class Drop:
    """Cut the connection without a response."""

    async def apply(self, request: web.Request) -> web.StreamResponse:
        if request.transport is not None:
            request.transport.abort()
        return web.Response()


@dataclass(frozen=True, slots=True)
class Delay:
    """Respond as usual, but later."""

    seconds: float

    async def apply(self, request: web.Request) -> None:
        await asyncio.sleep(self.seconds)


@dataclass(frozen=True, slots=True)
class Hold:
    """Respond as usual, but not before the test sets the event."""

    released: asyncio.Event

    async def apply(self, request: web.Request) -> None:
        await self.released.wait()


@dataclass(frozen=True, slots=True)
class LoggedRequest:
    """A received request. It records whether there was a key, but not the key."""

    method: str
    path: str
    has_authorization: bool


class ImagineProServer:
    """ImaginePro as a test wants it: `async with ImagineProServer() as server`, then set its tokens and faults.
    `outage` affects every request while it is set; queued faults affect one request each, in order.
    """

    def __init__(self, *, key: str = DEFAULT_KEY) -> None:
        self.key = key
        self.expires_at = datetime(2030, 1, 1, tzinfo=UTC)
        self.credits = 1240
        self.credits_extra = 1000
        self.tokens: dict[int, LinkedToken] = {}
        self.messages: dict[UUID, int | None] = {}
        self.outage: Fault | None = None
        self.log: list[LoggedRequest] = []
        self.base_url = ""
        self._queued: list[tuple[str, Fault]] = []
        self._changes = Changes(lambda: f"the requests so far: {self.log}")
        self._open = AsyncExitStack()

    async def __aenter__(self) -> Self:
        application = DocumentedApi(self).application(self.take)
        self.base_url = await self._open.enter_async_context(serving(application, port=0))
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self._open.aclose()

    def link(self, *tokens: LinkedToken) -> None:
        """Add tokens to the fleet."""
        self.tokens.update({token.token_id: token for token in tokens})

    def switch(self, token_id: int, *, is_active: bool) -> None:
        """Set a token's switch, as its owner does by a request."""
        self.tokens[token_id].is_active = is_active

    def queue(self, *faults: Fault, path: str = "/") -> None:
        """Queue faults for the next requests whose path starts so, one each."""
        self._queued.extend((path, fault) for fault in faults)

    async def wait_for(self, predicate: Callable[[], T], timeout: float = 10.0) -> T:  # noqa: ASYNC109 - as asyncio.wait_for names it
        """Wait until the predicate is true; it is checked when a request arrives and when it was handled."""
        return await self._changes.wait_for(predicate, timeout)

    @web.middleware
    async def take(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        self.log.append(LoggedRequest(request.method, request.path, "Authorization" in request.headers))
        self._changes.notify()
        try:
            return await self._answer(request, handler)
        finally:
            self._changes.notify()

    async def _answer(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        fault = self.outage or self._next_fault(request.path)
        answer = await fault.apply(request) if fault else None
        if answer is not None:
            return answer
        request[USUAL] = True
        return await handler(request)

    def _next_fault(self, asked: str) -> Fault | None:
        for place, (path, _) in enumerate(self._queued):
            if asked.startswith(path):
                return self._queued.pop(place)[1]
        return None
