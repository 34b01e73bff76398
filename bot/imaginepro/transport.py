"""HTTP for the client: connections that all accounts share, with limits on requests, time and the size of responses."""

import logging
from collections.abc import AsyncIterator, Generator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from enum import Enum, auto
from http import HTTPStatus
from http.cookiejar import CookieJar, DefaultCookiePolicy
from typing import Final, TypeAlias

import httpx
from pydantic import SecretStr

from bot.clock import Clock, Pause
from bot.concurrency.aimd_limit import AimdLimit, Bounds
from bot.concurrency.limiter import Limiter, Listener
from bot.imaginepro.aiohttp_transport import AiohttpTransport
from bot.imaginepro.content import read_content
from bot.imaginepro.errors import BadRequest, ImagineProError, InvalidResponse, RateLimited, Unauthorized, Unreachable
from bot.imaginepro.measuring import DURATION, Call
from bot.imaginepro.responses import parse_error
from bot.metrics import IMAGINEPRO_CONCURRENCY_LIMIT
from bot.network import DIRECT, Network

ErrorsByStatus: TypeAlias = Mapping[int, type[ImagineProError]]


_CONCURRENCY: Final = Bounds(initial=16, minimum=4, maximum=128)


@dataclass(frozen=True, slots=True)
class Limits:
    """How many requests may be in flight, and how much of our own time and memory they may take."""

    connect_seconds: float = 5
    read_seconds: float = 10
    call_seconds: float = 20
    """For one call with all its attempts. httpx has time-outs for each step of a request, but none for the whole."""
    response_bytes: int = 8 * 1024 * 1024
    """About 10,000 tokens, at the 700 bytes of the documented example."""
    concurrency: Bounds = _CONCURRENCY
    """How many requests may be in flight: httpx alone would open up to 100 connections."""
    max_age: timedelta = timedelta(minutes=1)
    """Of a response from a cache. What it says of a token may have changed since."""
    attempts: int = 3
    max_retry_delay: timedelta = timedelta(seconds=3)
    """After a longer `Retry-After` the call fails, and its caller decides whether to wait."""
    default_retry_after: timedelta = timedelta(seconds=30)
    """After a 429 without `Retry-After`."""
    max_retry_after: timedelta = timedelta(hours=1)


class Partition(Enum):
    """Who causes a request. Neither can take all of the requests that may be in flight."""

    CHECKS = auto()
    COMMANDS = auto()


class _BearerKey(httpx.Auth):
    """Adds the key to requests, and only to those for the host it belongs to."""

    def __init__(self, key: SecretStr, origin: httpx.URL) -> None:
        self._key = key
        self._origin = origin

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        if (request.url.scheme, request.url.netloc) == (self._origin.scheme, self._origin.netloc):
            request.headers["Authorization"] = f"Bearer {self._key.get_secret_value()}"
        yield request


@dataclass(frozen=True, slots=True)
class Connections:
    """The connections to ImaginePro, and what limits the requests on them, whichever account they are for."""

    http: httpx.AsyncClient
    base_url: str
    origin: httpx.URL
    limiter: Limiter
    limits: Limits


class Transport:
    """Sends single requests for one account. While ImaginePro asks it to slow down, it sends none: RateLimited."""

    def __init__(self, connections: Connections, key: SecretStr, clock: Clock) -> None:
        self._connections = connections
        self._key = key
        self._auth = _BearerKey(key, connections.origin)
        self._clock = clock
        self._pause = Pause(clock)
        self._pause_detail = ""

    async def send(
        self,
        call: Call,
        method: str,
        path: str,
        errors: ErrorsByStatus,
        body: Mapping[str, object] | None = None,
        *,
        partition: Partition,
    ) -> bytes:
        """Send one request and return the body of the response. Raises ImagineProError.

        `errors` has the errors that statuses mean for this call, where these differ from the general meaning.
        """
        async with self._connections.limiter.acquire(partition) as listener:
            # Checked after the wait for a slot, since another response may have set the rate limit meanwhile.
            if seconds := self._pause.seconds_left:
                raise RateLimited(self._pause_detail, self._clock.now() + timedelta(seconds=seconds))
            status, headers, content = await self._request(listener, call, method, path, body)
        self._check(status, headers, content, errors)
        return content

    async def _request(
        self, listener: Listener, call: Call, method: str, path: str, body: Mapping[str, object] | None
    ) -> tuple[int, httpx.Headers, bytes]:
        try:
            with DURATION[call].time():
                # httpx would parse an address twice to join it with a base of its own.
                url = self._connections.base_url + path
                async with self._connections.http.stream(method, url, json=body, auth=self._auth) as response:
                    _count(listener, call, response.status_code)
                    return response.status_code, response.headers, await self._content(response)
        except httpx.TransportError as error:
            if isinstance(error, httpx.TimeoutException):
                listener.on_dropped(call)
            description = _describe_transport_error(error)
        # Raised outside the `except` block, so that the httpx error, which may hold the key, is not chained to it.
        raise Unreachable(description)

    async def _content(self, response: httpx.Response) -> bytes:
        """Return the body; empty if the status is an error already and the body cannot be read."""
        try:
            return await read_content(response, self._connections.limits.response_bytes)
        except (InvalidResponse, httpx.TransportError):
            if response.status_code == HTTPStatus.OK:
                raise
            return b""

    def _check(self, status: int, headers: httpx.Headers, content: bytes, errors: ErrorsByStatus) -> None:
        # Only 200 is documented as a success.
        if status == HTTPStatus.OK:
            _check_age(headers.get("Age", ""), self._connections.limits.max_age)
            return
        body = parse_error(content, key=self._key.get_secret_value())
        detail = f"HTTP {status} {body.message}".strip()
        # A 503 with `Retry-After` is a request to slow down as well (RFC 9110, section 15.6.4).
        if status == HTTPStatus.TOO_MANY_REQUESTS or (
            status == HTTPStatus.SERVICE_UNAVAILABLE and "Retry-After" in headers
        ):
            now = self._clock.now()
            pause = self._requested_pause(headers, now)
            # Several concurrent responses may ask for one; the latest end counts.
            self._pause.extend(pause.total_seconds())
            self._pause_detail = detail
            raise RateLimited(detail, now + pause)
        error_type = _error_type(status, errors, is_imaginepros=body.is_imaginepros(status))
        if error_type is InvalidResponse and status >= HTTPStatus.BAD_REQUEST:
            detail = f"{detail} (not an error of ImaginePro's API)"
        raise error_type(detail)

    def _requested_pause(self, headers: httpx.Headers, now: datetime) -> timedelta:
        requested = retry_after(headers.get("Retry-After", ""), now)
        pause = self._connections.limits.default_retry_after if requested is None else requested
        return min(pause, self._connections.limits.max_retry_after)


def _count(listener: Listener, call: Call, status: int) -> None:
    """Report a response to the limiter. Other errors of a server say nothing about its load."""
    if status in _OVERLOADED:
        listener.on_dropped(call)
    elif status < HTTPStatus.INTERNAL_SERVER_ERROR:
        listener.on_success(call)


_OVERLOADED: Final = frozenset(
    {HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE, HTTPStatus.GATEWAY_TIMEOUT}
)


def _check_age(age: str, max_age: timedelta) -> None:
    """Raise InvalidResponse if a cache has kept the response for long: `Age`, in seconds (RFC 9111, section 5.1)."""
    if age.isascii() and age.isdigit() and int(age[:9]) > max_age.total_seconds():
        raise InvalidResponse(f"the answer comes from a cache and is {int(age[:9])} s old")


# ImaginePro answers 401 for a bad key and for an account without credits; the others are not documented.
_ERRORS_BY_STATUS: Final[ErrorsByStatus] = {
    HTTPStatus.UNAUTHORIZED: Unauthorized,
    HTTPStatus.PAYMENT_REQUIRED: Unauthorized,
    HTTPStatus.FORBIDDEN: Unauthorized,
}


def _describe_transport_error(error: httpx.TransportError) -> str:
    """Return what failed. A protocol error quotes the line it met, which may hold the key or a token's secret."""
    quotes_lines = isinstance(error, httpx.ProtocolError)
    return type(error).__name__ if quotes_lines else f"{type(error).__name__}: {error}"[:200]


def _error_type(status: int, errors: ErrorsByStatus, *, is_imaginepros: bool) -> type[ImagineProError]:
    """Return what a status means. A 4xx that is not ImaginePro's own says nothing about the key, plan or message."""
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR or status == HTTPStatus.REQUEST_TIMEOUT:
        return Unreachable
    if status < HTTPStatus.BAD_REQUEST or not is_imaginepros:
        return InvalidResponse
    return errors.get(status) or _ERRORS_BY_STATUS.get(status, BadRequest)


def retry_after(value: str, now: datetime) -> timedelta | None:
    """Parse a `Retry-After` header, seconds or a date (RFC 9110, section 10.2.3); None if it is neither."""
    text = value.strip()
    if text.isascii() and text.isdigit():
        # Limited twice, so that no number of digits overflows a timedelta.
        return timedelta(seconds=min(int(text[:9]), 10**8))
    try:
        date = parsedate_to_datetime(text)
    except (ValueError, OverflowError):
        return None
    return max(date - now, timedelta()) if date.tzinfo else None


@asynccontextmanager
async def open_connections(
    base_url: str,
    clock: Clock,
    *,
    limits: Limits | None = None,
    network: Network = DIRECT,
    transport: httpx.AsyncBaseTransport | None = None,
) -> AsyncIterator[Connections]:
    """Open the connections, and close them at the end. Tests pass a `transport`."""
    limits, origin = limits or Limits(), httpx.URL(base_url)
    # It logs the status line, which may hold secrets.
    logging.getLogger("httpx").setLevel(logging.WARNING)
    async with httpx.AsyncClient(
        # A proxy must not answer from its cache, nor compress.
        headers={"Accept": "application/json", "Accept-Encoding": "identity", "Cache-Control": "no-cache"},
        # The API has no cookies, and one account's must not reach another.
        cookies=CookieJar(DefaultCookiePolicy(allowed_domains=())),
        # No time-out for the pool: the wait for a slot is ours, and `call_seconds` limits it.
        timeout=httpx.Timeout(limits.read_seconds, connect=limits.connect_seconds, pool=None),
        # No redirects are documented, and one could lead a request to another host.
        follow_redirects=False,
        # Otherwise httpx would read .netrc credentials from the environment, and proxies without our checks.
        trust_env=False,
        transport=transport or AiohttpTransport(network.tls(), network.proxy_for(origin.host)),
    ) as http:
        limiter = Limiter(AimdLimit(limits.concurrency), clock.monotonic, IMAGINEPRO_CONCURRENCY_LIMIT.set)
        yield Connections(http, base_url.rstrip("/"), origin, limiter, limits)
