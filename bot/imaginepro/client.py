"""The client: one shared connection pool to ImaginePro, careful with its time, its size and its patience."""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Generator, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import Any, Final, TypeVar
from uuid import UUID

import httpx
import stamina
from pydantic import SecretStr

from bot.clock import Clock
from bot.concurrency.single_flight import SingleFlight
from bot.domain.readings import Reading
from bot.imaginepro.errors import (
    BadRequest,
    ImagineProError,
    InvalidResponse,
    MessageNotFound,
    NotInPlan,
    RateLimited,
    Unauthorized,
    Unreachable,
)
from bot.imaginepro.responses import (
    AccountPayload,
    FleetListing,
    parse_account,
    parse_error,
    parse_fleet,
    parse_token,
    parse_trace,
)

Value = TypeVar("Value")


@dataclass(frozen=True, slots=True)
class Limits:
    """How much of ImaginePro's patience, and of our own memory and time, the client may use."""

    connect_seconds: float = 5
    read_seconds: float = 10
    call_seconds: float = 20
    """For one call with all its tries; httpx itself has no total time-out."""
    response_bytes: int = 8 * 1024 * 1024
    """About 10,000 tokens at the 700 bytes that a documented one takes."""
    concurrent_requests: int = 16
    attempts: int = 3
    max_retry_delay: timedelta = timedelta(seconds=3)
    """A longer `Retry-After` is the caller's to wait for."""
    default_retry_after: timedelta = timedelta(seconds=30)
    """After a 429 without `Retry-After`."""
    max_retry_after: timedelta = timedelta(hours=1)


class _BearerKey(httpx.Auth):
    """Adds the key to requests, and only to those for the host it belongs to."""

    def __init__(self, key: SecretStr, origin: httpx.URL) -> None:
        self._key = key
        self._origin = origin

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        if (request.url.scheme, request.url.netloc) == (self._origin.scheme, self._origin.netloc):
            request.headers["Authorization"] = f"Bearer {self._key.get_secret_value()}"
        yield request


class ImaginePro:
    """What Fastwatch asks of ImaginePro. Every call raises ImagineProError, by what one can do about it."""

    def __init__(self, http: httpx.AsyncClient, key: SecretStr, clock: Clock, limits: Limits) -> None:
        self._http = http
        self._key = key
        self._clock = clock
        self._limits = limits
        self._places = asyncio.Semaphore(limits.concurrent_requests)
        # A quarter of the places is kept from traces, so that no crowd of them holds up a round.
        self._trace_places = asyncio.Semaphore(limits.concurrent_requests - limits.concurrent_requests // 4)
        self._traces: SingleFlight[Reading] = SingleFlight()
        self._slow_down: RateLimited | None = None

    async def trace(self, message_id: UUID) -> Reading:
        """Ask which token ran a message, and how it is; equal traces asked at once share one request.

        Raises MessageNotFound and NoTokenYet besides the errors of every call.
        """
        return await self._traces.call(message_id, lambda: self._trace(message_id))

    async def _trace(self, message_id: UUID) -> Reading:
        return await self._get(
            f"/api/v1/message/trace/{message_id}",
            lambda content: parse_trace(content, self._clock.now()),
            {HTTPStatus.NOT_FOUND: MessageNotFound},
            turn=self._trace_places,
        )

    async def fleet(self) -> FleetListing:
        """Ask for all tokens of the account. Raises NotInPlan where the key may not list them."""
        return await self._get(
            "/api/v1/discord/tokens",
            lambda content: parse_fleet(content, self._clock.now()),
            dict.fromkeys((HTTPStatus.PAYMENT_REQUIRED, HTTPStatus.FORBIDDEN, HTTPStatus.NOT_FOUND), NotInPlan),
        )

    async def token(self, token_id: int) -> Reading:
        """Ask for one token of the account."""
        return await self._get(
            f"/api/v1/discord/token/{token_id:d}",
            lambda content: parse_token(content, token_id, self._clock.now()),
            {HTTPStatus.FORBIDDEN: NotInPlan},
        )

    async def switch(self, token_id: int, *, is_active: bool) -> Reading:
        """Set the owner's own switch of a token, once: a write is not repeated. The reading that the answer gives.

        After Unreachable or InvalidResponse it is uncertain whether it took effect; ask for the token.
        """

        async def put() -> Reading:
            path = f"/api/v1/discord/token/{token_id:d}"
            status, headers, content = await self._send("PUT", path, {"isActive": is_active})
            self._check(status, headers, content, {HTTPStatus.FORBIDDEN: NotInPlan})
            return parse_token(content, token_id, self._clock.now())

        return await self._in_time(put())

    async def account(self) -> AccountPayload:
        """Ask for the account's own figures: credits and expiry."""
        return await self._get("/api/v1/subscription/account-info", parse_account, {})

    async def _get(
        self,
        path: str,
        read: Callable[[bytes], Value],
        meanings: Mapping[int, type[ImagineProError]],
        *,
        turn: AbstractAsyncContextManager[None] = nullcontext(),  # noqa: B008 - it has no state
    ) -> Value:
        """Ask, and ask again where the fault may pass by itself; only reads come here, so asking twice is safe."""

        async def ask() -> Value:
            async with turn:
                status, headers, content = await self._send("GET", path)
            self._check(status, headers, content, meanings)
            return read(content)

        return await self._in_time(self._with_retries(ask))

    async def _in_time(self, call: Coroutine[Any, Any, Value]) -> Value:
        try:
            async with asyncio.timeout(self._limits.call_seconds):
                return await call
        except TimeoutError:
            raise Unreachable(f"no answer within {self._limits.call_seconds:g} s") from None

    async def _with_retries(self, ask: Callable[[], Awaitable[Value]]) -> Value:
        attempts = stamina.retry_context(
            on=self._pause_before_retry,
            attempts=self._limits.attempts,
            timeout=None,  # the whole call has one
            wait_initial=0.2,
            wait_jitter=0.3,
            wait_max=self._limits.max_retry_delay.total_seconds(),
        )
        async for attempt in attempts:
            with attempt:
                return await ask()
        raise AssertionError("stamina ends with a value or an error")

    def _pause_before_retry(self, error: Exception) -> bool | timedelta:
        """Tell stamina whether to try again, and after how long where ImaginePro said so."""
        if isinstance(error, RateLimited):
            pause = max(error.retry_at - self._clock.now(), timedelta())
            return pause if pause <= self._limits.max_retry_delay else False
        return isinstance(error, Unreachable)

    async def _send(
        self, method: str, path: str, body: Mapping[str, object] | None = None
    ) -> tuple[int, httpx.Headers, bytes]:
        """Send one request. While ImaginePro wants to be left alone none is sent."""
        try:
            async with self._places:
                # Only now: others may have been told to slow down while this one waited for its place.
                if self._slow_down is not None and self._is_to_come(self._slow_down.retry_at):
                    raise RateLimited(self._slow_down.detail, self._slow_down.retry_at)
                async with self._http.stream(method, path, json=body) as answer:
                    return answer.status_code, answer.headers, await self._content(answer)
        except httpx.TransportError as error:
            fault = _describe_transport_error(error)
        # Raised here and not above, so that it does not carry the other error along.
        raise Unreachable(fault)

    async def _content(self, answer: httpx.Response) -> bytes:
        """Read what came. Where the status tells of an error already, a body that cannot be read takes nothing away."""
        try:
            return await self._body(answer)
        except (InvalidResponse, httpx.TransportError):
            if answer.status_code == HTTPStatus.OK:
                raise
            return b""

    async def _body(self, answer: httpx.Response) -> bytes:
        """Read the body up to the limit. An encoding nobody asked for might swell without end, so none is taken."""
        if answer.headers.get("Content-Encoding", "identity") != "identity":
            raise InvalidResponse("the answer came in an encoding that was not asked for")
        content = bytearray()
        async for piece in answer.aiter_bytes():
            content += piece
            if len(content) > self._limits.response_bytes:
                raise InvalidResponse(f"the answer is longer than {self._limits.response_bytes:,} bytes")
        return bytes(content)

    def _check(
        self, status: int, headers: httpx.Headers, content: bytes, meanings: Mapping[int, type[ImagineProError]]
    ) -> None:
        if status == HTTPStatus.OK:
            return
        detail = f"HTTP {status} {parse_error(content, key=self._key.get_secret_value())}".strip()
        if status == HTTPStatus.TOO_MANY_REQUESTS or (
            status == HTTPStatus.SERVICE_UNAVAILABLE and "Retry-After" in headers
        ):
            asked = RateLimited(detail, self._until(headers))
            # Several answers may ask at once; the longest wish counts.
            if self._slow_down is None or self._slow_down.retry_at < asked.retry_at:
                self._slow_down = asked
            raise asked
        raise _error_type(status, meanings)(detail)

    def _is_to_come(self, until: datetime) -> bool:
        """Tell whether this is still to be waited for. It is not where the clock has been set back meanwhile."""
        return timedelta() < until - self._clock.now() <= self._limits.max_retry_after

    def _until(self, headers: httpx.Headers) -> datetime:
        now = self._clock.now()
        wanted = retry_after(headers.get("Retry-After", ""), now)
        pause = self._limits.default_retry_after if wanted is None else wanted
        return now + min(pause, self._limits.max_retry_after)


_ERRORS_BY_STATUS: Final[Mapping[int, type[ImagineProError]]] = {
    HTTPStatus.UNAUTHORIZED: Unauthorized,
    HTTPStatus.PAYMENT_REQUIRED: Unauthorized,
    HTTPStatus.FORBIDDEN: Unauthorized,
    HTTPStatus.REQUEST_TIMEOUT: Unreachable,
}


def _describe_transport_error(error: httpx.TransportError) -> str:
    """Tell what broke. A protocol error quotes the line that broke it, which may hold the key or a token's secret."""
    quotes_lines = isinstance(error, httpx.ProtocolError)
    return type(error).__name__ if quotes_lines else f"{type(error).__name__}: {error}"[:200]


def _error_type(status: int, meanings: Mapping[int, type[ImagineProError]]) -> type[ImagineProError]:
    special = meanings.get(status) or _ERRORS_BY_STATUS.get(status)
    if special is not None:
        return special
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return Unreachable
    return BadRequest if status >= HTTPStatus.BAD_REQUEST else InvalidResponse


def retry_after(value: str, now: datetime) -> timedelta | None:
    """Read a `Retry-After` header, seconds or a date (RFC 9110, section 10.2.3); None where it cannot be read."""
    text = value.strip()
    if text.isascii() and text.isdigit():
        return timedelta(seconds=min(int(text[:9]), 10**8))
    try:
        date = parsedate_to_datetime(text)
    except (ValueError, OverflowError):
        return None
    return max(date - now, timedelta()) if date.tzinfo else None


@asynccontextmanager
async def open_imaginepro(
    base_url: str,
    key: SecretStr,
    clock: Clock,
    *,
    limits: Limits | None = None,
    transport: httpx.AsyncBaseTransport | None = None,
) -> AsyncIterator[ImaginePro]:
    """Open the client and its pool, and close them at the end. A transport is handed in by tests."""
    limits = limits or Limits()
    # They quote raw lines of answers, and the secrets in them: httpx the status line, httpcore at DEBUG whatever broke.
    for library in ("httpx", "httpcore"):
        logging.getLogger(library).setLevel(logging.WARNING)
    # A pool of httpx's slows with its size, so it is no larger than what may be under way.
    pool = httpx.Limits(
        max_connections=limits.concurrent_requests,
        max_keepalive_connections=limits.concurrent_requests,
        keepalive_expiry=90,
    )
    async with httpx.AsyncClient(
        base_url=base_url,
        auth=_BearerKey(key, httpx.URL(base_url)),
        headers={"Accept": "application/json", "Accept-Encoding": "identity"},
        timeout=httpx.Timeout(limits.read_seconds, connect=limits.connect_seconds, pool=None),
        limits=pool,
        follow_redirects=False,
        trust_env=False,
        transport=transport,
    ) as http:
        yield ImaginePro(http, key, clock, limits)
