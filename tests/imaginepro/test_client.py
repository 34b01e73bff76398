"""The client: careful with ImaginePro's rate limits and with our time, memory and key."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext, suppress
from datetime import timedelta
from email.utils import format_datetime
from itertools import product
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
import stamina
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr
from stamina.instrumentation import RetryDetails, set_on_retry_hooks

from bot.clock import Clock
from bot.concurrency.aimd_limit import Bounds
from bot.imaginepro.client import ImaginePro, imaginepro_for, open_imaginepro
from bot.imaginepro.errors import (
    BadRequest,
    ImagineProError,
    InvalidResponse,
    MessageNotFound,
    NotInPlan,
    NoTokenYet,
    RateLimited,
    Unauthorized,
    Unreachable,
)
from bot.imaginepro.transport import Limits, Partition, _BearerKey, open_connections, retry_after
from tests.clocks import NOON, SetClock
from tests.patience import GENEROUS

HOME = "https://imaginepro.invalid"
KEY = "made-up-key"
MESSAGE = UUID("d15c1541-229a-442b-9873-d3494dede12a")
TRACE = {"tokenId": 111, "tokenStatus": "FAST"}
GOOD = {
    "/api/v1/discord/tokens": [{"id": 198, "status": "FAST"}],
    "/api/v1/discord/token/198": [{"id": 198, "status": "FAST"}],
    "/api/v1/subscription/account-info": {"credits": 7},
}

Handler = Callable[[httpx.Request], Coroutine[None, None, httpx.Response]]
Call = Callable[[ImaginePro], Awaitable[Any]]

trace: Call = lambda client: client.trace(MESSAGE)  # noqa: E731 - names for a table
fleet: Call = lambda client: client.fleet()  # noqa: E731
token: Call = lambda client: client.token(198)  # noqa: E731
account: Call = lambda client: client.account()  # noqa: E731
CALLS = pytest.mark.parametrize("call", [trace, fleet, token, account], ids=["trace", "fleet", "token", "account"])


def good(path: str) -> httpx.Response:
    return httpx.Response(200, json=GOOD.get(path, TRACE))


class Responses:
    """Simulates ImaginePro: returns the responses in turn, the last one forever, and records the requests."""

    def __init__(self, *answers: httpx.Response | Exception | None) -> None:
        self.requests: list[httpx.Request] = []
        self._answers = list(answers) or [None]

    async def __call__(self, request: httpx.Request) -> httpx.Response:
        answer = self._answers[min(len(self.requests), len(self._answers) - 1)]
        self.requests.append(request)
        if isinstance(answer, Exception):
            raise answer
        # A stream can be read only once, so each request has its own.
        return (
            httpx.Response(answer.status_code, headers=answer.headers, content=answer.content)
            if answer
            else good(request.url.path)
        )


class Gate:
    """Holds every request until the gate is opened, and counts the pending ones."""

    def __init__(self) -> None:
        self.open = asyncio.Event()
        self.requests = self.under_way = self.most = 0

    async def __call__(self, request: httpx.Request) -> httpx.Response:
        self.requests += 1
        self.under_way += 1
        self.most = max(self.most, self.under_way)
        try:
            await self.open.wait()
        finally:
            self.under_way -= 1
        return good(request.url.path)


def client_of(
    handler: Handler, *, clock: Clock | None = None, limits: Limits | None = None, base_url: str = HOME
) -> AbstractAsyncContextManager[ImaginePro]:
    return open_imaginepro(
        base_url, SecretStr(KEY), clock or SetClock(), limits=limits, transport=httpx.MockTransport(handler)
    )


async def settle() -> None:
    for _ in range(50):
        await asyncio.sleep(0)


@pytest.fixture(autouse=True)
def no_pauses_between_tries() -> Iterator[None]:
    with stamina.set_testing(True, attempts=10, cap=True):
        yield


@asynccontextmanager
async def loopback(
    serve: Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]],
) -> AsyncIterator[str]:
    """Run a real server, for what a transport cannot show. `serve` handles each request."""
    tasks: list[asyncio.Task[None]] = []

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task
        tasks.append(task)
        with suppress(OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
            while True:
                await reader.readuntil(b"\r\n\r\n")
                await serve(reader, writer)
        writer.close()

    server = await asyncio.start_server(connected, "127.0.0.1", 0)
    try:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    finally:
        server.close()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks)


# --- Requests


@pytest.mark.parametrize(
    ("call", "path"),
    [
        (trace, "/api/v1/message/trace/d15c1541-229a-442b-9873-d3494dede12a"),
        (fleet, "/api/v1/discord/tokens"),
        (token, "/api/v1/discord/token/198"),
        (account, "/api/v1/subscription/account-info"),
    ],
)
@pytest.mark.parametrize("base_url", [HOME, HOME + "/", HOME + "/behind/a/gateway"])
async def test_each_call_requests_its_documented_path_with_the_key(call: Call, path: str, base_url: str) -> None:
    answers = Responses()
    async with client_of(answers, base_url=base_url) as client:
        with suppress(ImagineProError):  # the gateway's paths have no valid responses here
            await call(client)

    (request,) = answers.requests
    assert str(request.url) == base_url.rstrip("/") + path
    assert request.method == "GET"
    assert request.headers["Authorization"] == f"Bearer {KEY}"
    assert request.headers["Accept-Encoding"] == "identity"


async def test_responses_become_values_with_the_clocks_time() -> None:
    clock = SetClock()
    async with client_of(Responses(), clock=clock) as client:
        traced = await client.trace(MESSAGE)
        listed = await client.fleet()
        one = await client.token(198)
        figures = await client.account()

    assert (traced.token_id, traced.status, traced.read_at) == (111, "FAST", NOON)
    assert [(reading.token_id, reading.read_at) for reading in listed.readings] == [(198, NOON)]
    assert (one.token_id, one.read_at) == (198, NOON)
    assert figures.credits == 7


@pytest.mark.parametrize("spelling", ["{D15C1541-229A-442B-9873-D3494DEDE12A}", "urn:uuid:" + MESSAGE.hex, MESSAGE.hex])
async def test_a_message_id_is_normalized_in_the_path(spelling: str) -> None:
    answers = Responses()
    async with client_of(answers) as client:
        await client.trace(UUID(spelling))

    assert answers.requests[0].url.path.endswith(f"/{MESSAGE}")


@pytest.mark.parametrize("hostile", ["../../x", "1/../../x", "198?a=b", "198#", "%2e%2e", ""])
async def test_a_token_id_cannot_inject_a_path(hostile: Any) -> None:
    answers = Responses()
    async with client_of(answers) as client:
        with pytest.raises(ValueError, match="format code 'd'"):
            await client.token(hostile)

    assert answers.requests == []


# --- Status codes and retries

NEVER_AGAIN = [
    *[(call, status, InvalidResponse) for call in (trace, fleet) for status in (201, 204, 206, 301, 302, 304, 307)],
    *[(call, 400, BadRequest) for call in (trace, fleet, token, account)],
    *[(call, 401, Unauthorized) for call in (trace, fleet, token, account)],
    *[(call, status, BadRequest) for call in (trace, fleet) for status in (405, 409, 413, 418, 422, 451)],
    *[(call, 402, Unauthorized) for call in (trace, token, account)],
    *[(call, 403, Unauthorized) for call in (trace, account)],
    *[(fleet, status, NotInPlan) for status in (402, 403, 404)],
    (token, 403, NotInPlan),
    (trace, 404, MessageNotFound),
    *[(call, 404, BadRequest) for call in (token, account)],
]
MAY_PASS = [408, 500, 501, 502, 503, 504, 520, 599]


@pytest.mark.parametrize(("call", "status", "error"), NEVER_AGAIN)
async def test_a_refusal_has_its_error_type_and_is_never_retried(
    call: Call, status: int, error: type[ImagineProError]
) -> None:
    answers = Responses(httpx.Response(status, json={"message": "No.", "statusCode": status}))
    async with client_of(answers) as client:
        with pytest.raises(ImagineProError) as caught:
            await call(client)

    assert (caught.type, caught.value.detail) == (error, f"HTTP {status} No.")
    assert len(answers.requests) == 1


FOREIGN_BODIES = {
    "a page": b"<!DOCTYPE html><title>Just a moment...</title>",
    "nothing": b"",
    "a text": b"Forbidden",
    "JSON of a gateway": b'{"message": "Forbidden"}',
    "JSON of another API": b'{"error": {"message": "No.", "statusCode": 403}}',
    "another status": b'{"message": "No.", "error": "Bad Request", "statusCode": 418}',
    "a status that is no number": b'{"message": "No.", "statusCode": true}',
    "no message": b'{"message": "", "error": "Forbidden", "statusCode": %d}',
    "messages without text": b'{"message": [null, {}], "statusCode": %d}',
    "a list": b'[{"message": "No.", "statusCode": %d}]',
    "half of the documented body": b'{"message": "No.", "statusCode": %d',
    "an unknown path": b'{"message": "Cannot GET /api/v1/api/v1/x", "error": "Not Found", "statusCode": %d}',
}
switch: Call = lambda client: client.switch(198, is_active=False)  # noqa: E731


@pytest.mark.parametrize("body", FOREIGN_BODIES)
async def test_only_imaginepros_own_error_says_something_about_key_plan_and_message(body: str) -> None:
    status = requests = 0

    async def answer(_: httpx.Request) -> httpx.Response:
        nonlocal requests
        requests += 1
        return httpx.Response(status, content=FOREIGN_BODIES[body].replace(b"%d", b"%d" % status))

    async with client_of(answer) as client:
        for call, status in product([trace, fleet, token, account, switch], [400, 401, 402, 403, 404, 405, 422]):
            with pytest.raises(InvalidResponse, match=rf"^HTTP {status} .*\(not an error of ImaginePro's API\)$"):
                await call(client)

    assert requests == 5 * 7


@CALLS
@pytest.mark.parametrize("status", MAY_PASS)
async def test_a_server_error_is_retried_and_then_unreachable(call: Call, status: int) -> None:
    answers = Responses(httpx.Response(status, text="<html>"))
    async with client_of(answers) as client:
        with pytest.raises(Unreachable, match=f"^HTTP {status}$"):
            await call(client)

    assert len(answers.requests) == 3


@pytest.mark.parametrize(
    "fault",
    [
        httpx.ConnectError("refused"),
        httpx.ConnectTimeout(""),
        httpx.ReadTimeout(""),
        httpx.ReadError(""),
        httpx.RemoteProtocolError("cut"),
    ],
    ids=lambda fault: type(fault).__name__,
)
async def test_a_broken_connection_is_retried_and_then_unreachable(fault: httpx.TransportError) -> None:
    answers = Responses(fault)
    async with client_of(answers) as client:
        with pytest.raises(Unreachable, match=f"^{type(fault).__name__}"):
            await client.fleet()

    assert len(answers.requests) == 3


@pytest.mark.parametrize("tries", [1, 2, 5])
async def test_the_limits_set_the_number_of_attempts(tries: int) -> None:
    answers = Responses(httpx.Response(502))
    async with client_of(answers, limits=Limits(attempts=tries)) as client:
        with pytest.raises(Unreachable):
            await client.fleet()

    assert len(answers.requests) == tries


@CALLS
async def test_a_transient_error_is_hidden_from_the_caller(call: Call) -> None:
    answers = Responses(httpx.Response(502), httpx.ReadTimeout(""), None)
    async with client_of(answers) as client:
        await call(client)

    assert len(answers.requests) == 3


@CALLS
async def test_an_unreadable_response_is_not_retried(call: Call) -> None:
    answers = Responses(httpx.Response(200, text="<html>"))
    async with client_of(answers) as client:
        with pytest.raises(InvalidResponse):
            await call(client)

    assert len(answers.requests) == 1


async def test_a_trace_without_a_token_is_not_retried() -> None:
    answers = Responses(httpx.Response(200, json={"messageId": str(MESSAGE)}))
    async with client_of(answers) as client:
        with pytest.raises(NoTokenYet):
            await client.trace(MESSAGE)

    assert len(answers.requests) == 1


async def test_a_key_quoted_in_a_refusal_is_redacted() -> None:
    answers = Responses(httpx.Response(401, json={"message": f"Invalid key {KEY}", "statusCode": 401}))
    async with client_of(answers) as client:
        with pytest.raises(Unauthorized, match=r"^HTTP 401 Invalid key \(the key\)$"):
            await client.fleet()


# --- Rate limiting


def slow_down(wish: str | None, status: int = 429) -> httpx.Response:
    return httpx.Response(status, headers={} if wish is None else {"Retry-After": wish})


USUAL = timedelta(seconds=30)
HOUR = timedelta(hours=1)
WISHES = [
    ("5", timedelta(seconds=5)),
    ("3600", HOUR),
    ("0", timedelta()),
    ("99999999999999999999999", HOUR),
    (format_datetime(NOON + timedelta(seconds=90), usegmt=True), timedelta(seconds=90)),
    (format_datetime(NOON - timedelta(days=1), usegmt=True), timedelta()),
    (format_datetime(NOON + timedelta(days=900), usegmt=True), HOUR),
    ("Mon, 02 Mar 2026 14:01:30 +0200", timedelta(seconds=90)),
    ("Mon, 02 Mar 2026 12:01:30 -0000", USUAL),
    ("Mon, 02 Mar 99999999999999999999 12:00:00 GMT", USUAL),
    ("Mon, 02 Mar 2026 12:00:00 +99999999999999999999", USUAL),
    ("1.5", USUAL),
    ("-5", USUAL),
    ("soon", USUAL),
    ("", USUAL),
    (None, USUAL),
]


@pytest.mark.parametrize(
    ("status", "wish", "pause"),
    # A 503 without the header is an error and not a rate limit.
    [(status, wish, pause) for status in (429, 503) for wish, pause in WISHES if (status, wish) != (503, None)],
)
async def test_rate_limiting_is_raised_with_its_retry_time(status: int, wish: str | None, pause: timedelta) -> None:
    async with client_of(Responses(slow_down(wish, status)), limits=Limits(attempts=1)) as client:
        with pytest.raises(RateLimited) as caught:
            await client.fleet()

    assert caught.value.retry_at == NOON + pause


@given(
    wish=st.text()
    | st.integers().map(str)
    | st.lists(st.sampled_from(["Wed", ",", " ", "21", "Oct", "2015", ":", "+", "-", "GMT", "9" * 30])).map("".join)
)
def test_no_retry_after_causes_an_error_or_a_past_time(wish: str) -> None:
    pause = retry_after(wish, NOON)

    assert pause is None or pause >= timedelta()


@CALLS
async def test_no_request_is_sent_before_the_retry_time(call: Call) -> None:
    clock, answers = SetClock(), Responses(slow_down("60"), None)
    async with client_of(answers, clock=clock) as client:
        with pytest.raises(RateLimited):
            await client.fleet()
        for _ in range(3):
            clock.advance(timedelta(seconds=19))
            with pytest.raises(RateLimited) as caught:
                await call(client)
            assert caught.value.retry_at == NOON + timedelta(seconds=60)
        assert len(answers.requests) == 1

        clock.advance(timedelta(seconds=3))
        await call(client)

    assert len(answers.requests) == 2


async def test_queued_requests_wait_too() -> None:
    answers, opened = Responses(slow_down("60")), asyncio.Event()

    async def answer(request: httpx.Request) -> httpx.Response:
        await opened.wait()
        return await answers(request)

    async with client_of(answer, limits=Limits(concurrency=Bounds(1, 1, 1))) as client:
        askers = [asyncio.create_task(client.trace(uuid4())) for _ in range(20)]
        await settle()
        opened.set()
        results = await asyncio.gather(*askers, return_exceptions=True)

    assert {type(result) for result in results} == {RateLimited}
    assert len(answers.requests) == 1


async def test_the_longest_of_several_retry_times_counts() -> None:
    """Two requests run at once, and the shorter Retry-After comes last."""
    clock, waiting = SetClock(), asyncio.Barrier(2)
    wishes = iter(["600", "5"])

    async def answer(request: httpx.Request) -> httpx.Response:
        await waiting.wait()
        return slow_down(next(wishes))

    async with client_of(answer, clock=clock) as client:
        await asyncio.gather(client.fleet(), client.account(), return_exceptions=True)
        clock.advance(timedelta(seconds=10))
        with pytest.raises(RateLimited) as caught:
            await client.fleet()

    assert caught.value.retry_at == NOON + timedelta(seconds=600)


@pytest.mark.parametrize("ahead", [timedelta(minutes=30), 6 * HOUR], ids=str)
async def test_a_retry_after_keeps_its_length_when_the_wall_clock_is_put_right(ahead: timedelta) -> None:
    clock, answers = SetClock(NOON + ahead), Responses(slow_down("120"), None)
    async with client_of(answers, clock=clock) as client:
        with pytest.raises(RateLimited):
            await client.fleet()
        clock.jump(-ahead)
        clock.advance(timedelta(seconds=119))
        with pytest.raises(RateLimited) as caught:
            await client.fleet()
        assert caught.value.retry_at == NOON + timedelta(seconds=120)
        assert len(answers.requests) == 1

        clock.advance(timedelta(seconds=1))
        await client.fleet()

    assert len(answers.requests) == 2


class PausingClock(SetClock):
    """Advances by each of stamina's pauses, and records them."""

    def __init__(self) -> None:
        super().__init__(NOON - timedelta(milliseconds=2))
        self.pauses: list[float] = []

    def on_retry(self, details: RetryDetails) -> None:
        self.pauses.append(details.wait_for)
        self.advance(timedelta(seconds=details.wait_for))


@pytest.fixture
def pausing_clock() -> Iterator[PausingClock]:
    clock = PausingClock()
    set_on_retry_hooks([clock.on_retry])
    with stamina.set_testing(False):
        yield clock
    set_on_retry_hooks(None)


async def test_a_short_retry_after_is_waited_for_within_the_call(pausing_clock: PausingClock) -> None:
    answers = Responses(slow_down(format_datetime(NOON, usegmt=True)), None)
    async with client_of(answers, clock=pausing_clock) as client:
        await client.fleet()

    assert pausing_clock.pauses == [pytest.approx(0.002)]
    assert len(answers.requests) == 2


async def test_a_long_retry_after_is_left_to_the_caller(pausing_clock: PausingClock) -> None:
    answers = Responses(slow_down("4"), None)
    async with client_of(answers, clock=pausing_clock) as client:
        with pytest.raises(RateLimited):
            await client.fleet()

    assert pausing_clock.pauses == []
    assert len(answers.requests) == 1


@pytest.mark.parametrize(
    "body", [{"headers": {"Content-Encoding": "gzip"}}, {"content": b"x" * 2000}], ids=["encoded", "too long"]
)
async def test_a_status_counts_even_with_an_unreadable_body(body: dict[str, Any]) -> None:
    async def answer(request: httpx.Request) -> httpx.Response:
        headers = {"Retry-After": "60", **body.get("headers", {})}
        return httpx.Response(429, headers=headers, stream=Pieces(body.get("content", b"not gzip")))

    async with client_of(answer, limits=Limits(response_bytes=1000)) as client:
        with pytest.raises(RateLimited, match=r"^HTTP 429$"):
            await client.fleet()


async def test_a_status_counts_even_if_the_connection_breaks_after_it() -> None:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 429 Too Many\r\nContent-Length: 100\r\nRetry-After: 60\r\n\r\nhalf")
        writer.close()

    async with loopback(serve) as url, open_imaginepro(url, SecretStr(KEY), SetClock()) as client:
        with pytest.raises(RateLimited, match=r"^HTTP 429$"):
            await client.fleet()


# --- Many at once


async def test_concurrent_equal_traces_share_one_request() -> None:
    gate = Gate()
    async with client_of(gate) as client:
        askers = [asyncio.create_task(client.trace(UUID(str(MESSAGE)))) for _ in range(100)]
        await settle()
        askers.pop(0).cancel()
        askers.pop(50).cancel()
        await settle()
        gate.open.set()
        readings = await asyncio.gather(*askers)

    assert gate.requests == 1
    assert {reading.token_id for reading in readings} == {111}


async def test_a_later_trace_makes_a_new_request() -> None:
    answers = Responses()
    async with client_of(answers) as client:
        await client.trace(MESSAGE)
        await settle()
        await client.trace(MESSAGE)

    assert len(answers.requests) == 2


async def test_different_traces_are_not_mixed_up() -> None:
    async def answer(request: httpx.Request) -> httpx.Response:
        await asyncio.sleep(0)
        return httpx.Response(200, json={"tokenId": UUID(request.url.path.rpartition("/")[2]).int})

    async with client_of(answer) as client:
        readings = await asyncio.gather(*(client.trace(UUID(int=number)) for number in range(1, 50)))

    assert [reading.token_id for reading in readings] == list(range(1, 50))


async def test_concurrent_requests_stay_within_the_limit() -> None:
    gate = Gate()
    async with client_of(gate, limits=Limits(concurrency=Bounds(3, 3, 3))) as client:
        askers = [asyncio.create_task(client.trace(uuid4())) for _ in range(20)]
        await settle()
        assert gate.requests == 3
        gate.open.set()
        await asyncio.gather(*askers)

    assert (gate.requests, gate.most) == (20, 3)


WIDE = Limits(attempts=1, concurrency=Bounds(8, 4, 128))


async def most_at_once(client: ImaginePro, gate: Gate) -> int:
    """Return how many of many traces are sent before one is answered."""
    gate.open.clear()
    gate.most = 0
    traces = [asyncio.create_task(client.trace(uuid4())) for _ in range(200)]
    await settle()
    most = gate.most
    gate.open.set()
    await asyncio.gather(*traces, return_exceptions=True)
    return most


async def test_more_requests_are_in_flight_while_responses_come_quickly() -> None:
    gate = Gate()
    async with client_of(gate, limits=WIDE) as client:
        figures = [await most_at_once(client, gate) for _ in range(3)]

    assert figures == [6, 96, 96]


@pytest.mark.parametrize(
    ("answer", "most"),
    [
        (httpx.Response(429, headers={"Retry-After": "0"}), 6),
        (httpx.Response(503), 6),
        (httpx.Response(504), 6),
        (httpx.ReadTimeout(""), 6),
        (httpx.Response(500), 12),
        (httpx.ConnectError("refused"), 12),
        (httpx.Response(404, json={"message": "No.", "statusCode": 404}), 12),
    ],
    ids=str,
)
async def test_fewer_requests_are_in_flight_after_overload(answer: httpx.Response | Exception, most: int) -> None:
    gate, first = Gate(), Responses(answer)

    async def respond(request: httpx.Request) -> httpx.Response:
        return await (gate(request) if first.requests else first(request))

    async with client_of(respond, limits=Limits(attempts=1)) as client:
        with suppress(ImagineProError):
            await client.fleet()

        assert await most_at_once(client, gate) == most


async def test_watched_messages_are_traced_beside_a_burst_of_commands() -> None:
    gate = Gate()
    async with client_of(gate, limits=Limits(concurrency=Bounds(16, 16, 16))) as client:
        commands = [asyncio.create_task(client.trace(uuid4())) for _ in range(60)]
        await settle()
        checks = [asyncio.create_task(client.trace(uuid4(), Partition.CHECKS)) for _ in range(60)]
        await settle()
        assert gate.requests == 16
        gate.open.set()
        await asyncio.gather(*commands, *checks)

    assert gate.most == 16


async def test_accounts_share_connections_and_their_limit_but_no_key_and_no_cookie() -> None:
    gate, seen = Gate(), list[tuple[str, str | None]]()

    async def respond(request: httpx.Request) -> httpx.Response:
        seen.append((request.headers["Authorization"], request.headers.get("Cookie")))
        response = await gate(request)
        response.headers["Set-Cookie"] = "session=made-up; Path=/"
        return response

    limits, clock = Limits(concurrency=Bounds(3, 3, 3)), SetClock()
    transport = httpx.MockTransport(respond)
    async with open_connections(HOME, clock, limits=limits, transport=transport) as connections:
        accounts = [imaginepro_for(connections, SecretStr(f"made-up-{number}"), clock) for number in range(5)]
        fleets = [asyncio.create_task(one.fleet()) for one in accounts * 2]
        await settle()
        gate.open.set()
        await asyncio.gather(*fleets)

    assert gate.most == 3
    assert sorted(seen) == sorted([(f"Bearer made-up-{number}", None) for number in range(5)] * 2)


async def test_an_account_that_is_rate_limited_does_not_stop_the_others() -> None:
    async def respond(request: httpx.Request) -> httpx.Response:
        return slow_down("60") if request.headers["Authorization"] == "Bearer first" else good(request.url.path)

    clock = SetClock()
    async with open_connections(HOME, clock, transport=httpx.MockTransport(respond)) as connections:
        first, second = (imaginepro_for(connections, SecretStr(key), clock) for key in ("first", "second"))
        with pytest.raises(RateLimited):
            await first.fleet()
        assert (await second.fleet()).complete


async def test_a_cancelled_request_frees_its_slot() -> None:
    gate = Gate()
    async with client_of(gate, limits=Limits(concurrency=Bounds(1, 1, 1))) as client:
        gone = asyncio.create_task(client.fleet())
        await settle()
        gone.cancel()
        await settle()
        gate.open.set()
        await client.fleet()

    assert gate.under_way == 0


# --- Size, encoding, redirects


class Pieces(httpx.AsyncByteStream):
    """A body in pieces, endless by default, that counts what was read of it."""

    def __init__(self, piece: bytes, times: int = 10**9) -> None:
        self.taken = 0
        self.closed = False
        self._piece, self._times = piece, times

    async def __aiter__(self) -> AsyncIterator[bytes]:
        while self.taken < self._times:
            self.taken += 1
            yield self._piece

    async def aclose(self) -> None:
        self.closed = True


async def test_an_endless_body_is_cut_off_at_the_limit() -> None:
    body = Pieces(b" " * 400)

    async def answer(request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, stream=body)

    async with client_of(answer, limits=Limits(response_bytes=1000)) as client:
        with pytest.raises(InvalidResponse, match="longer than 1,000 bytes"):
            await client.fleet()

    assert (body.taken, body.closed) == (3, True)


@pytest.mark.parametrize("length", [999, 1000])
async def test_a_body_up_to_the_limit_is_read(length: int) -> None:
    answers = Responses(httpx.Response(200, content=b"[]" + b" " * (length - 2)))
    async with client_of(answers, limits=Limits(response_bytes=1000)) as client:
        assert (await client.fleet()).complete


@CALLS
@pytest.mark.parametrize(
    ("age", "is_read"), [("0", True), ("60", True), ("61", False), ("9" * 5000, False), ("-1", True), ("x", True)]
)
async def test_an_old_answer_of_a_cache_is_none(call: Call, age: str, is_read: bool) -> None:
    """A ban may have happened since."""

    async def answer(request: httpx.Request) -> httpx.Response:
        assert request.headers["Cache-Control"] == "no-cache"
        response = good(request.url.path)
        response.headers["Age"] = age
        return response

    async with client_of(answer) as client:
        with nullcontext() if is_read else pytest.raises(InvalidResponse, match=r"from a cache and is \d+ s old"):
            await call(client)


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize("location", ["https://elsewhere.invalid/", "/api/v1/other", "//elsewhere.invalid", "\x01:"])
async def test_a_redirect_is_not_followed(status: int, location: str) -> None:
    answers = Responses(httpx.Response(status, headers={"Location": location}))
    async with client_of(answers, limits=Limits(attempts=1)) as client:
        with pytest.raises(ImagineProError):
            await client.fleet()

    assert [str(request.url) for request in answers.requests] == [f"{HOME}/api/v1/discord/tokens"]


@pytest.mark.parametrize(
    ("url", "has_key"),
    [
        (f"{HOME}/any/path", True),
        (f"{HOME}:443/any/path", True),
        ("http://imaginepro.invalid/", False),
        ("https://imaginepro.invalid:444/", False),
        ("https://elsewhere.invalid/", False),
        ("https://imaginepro.invalid.elsewhere.invalid/", False),
    ],
)
def test_the_key_goes_to_its_own_host_only(url: str, has_key: bool) -> None:
    request = next(_BearerKey(SecretStr(KEY), httpx.URL(HOME)).auth_flow(httpx.Request("GET", url)))

    assert ("Authorization" in request.headers) is has_key


# --- Time


SHORT = Limits(call_seconds=0.05)


async def test_a_slow_response_ends_at_the_total_timeout() -> None:
    """Every piece comes well within the read time-out, and the pieces never end."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n[")
        while True:
            writer.write(b" ")
            await writer.drain()
            await asyncio.sleep(0.005)

    async with loopback(serve) as url, open_imaginepro(url, SecretStr(KEY), SetClock(), limits=SHORT) as client:
        async with asyncio.timeout(GENEROUS):
            with pytest.raises(Unreachable, match=r"^no answer within 0\.05 s$"):
                await client.fleet()


@pytest.mark.parametrize("call", [trace, fleet], ids=["trace", "fleet"])
async def test_the_total_timeout_includes_waiting_for_a_slot(call: Call) -> None:
    gate = Gate()
    async with client_of(gate, limits=Limits(call_seconds=0.2, concurrency=Bounds(1, 1, 1))) as client:
        first = asyncio.create_task(client.trace(uuid4()))
        await settle()
        with pytest.raises(Unreachable, match=r"^no answer within"):
            await call(client)
        with pytest.raises(Unreachable):
            await first
        gate.open.set()
        await call(client)


async def test_a_silent_server_hits_the_read_timeout() -> None:
    requests = 0

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal requests
        requests += 1

    async with (
        loopback(serve) as url,
        open_imaginepro(url, SecretStr(KEY), SetClock(), limits=Limits(read_seconds=0.02, attempts=2)) as client,
    ):
        with pytest.raises(Unreachable, match=r"^ReadTimeout"):
            await client.fleet()

    assert requests == 2


async def test_a_dropped_connection_is_retried() -> None:
    requests = 0

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal requests
        requests += 1
        if requests > 2:
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n[]")
        else:
            writer.close()

    async with loopback(serve) as url, open_imaginepro(url, SecretStr(KEY), SetClock()) as client:
        assert (await client.fleet()).complete

    assert requests == 3


@pytest.mark.parametrize(
    "response",
    [
        b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n[]",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n[]\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Le",
        b"[]",
    ],
    ids=["shorter than announced", "no last chunk", "half a header", "no header"],
)
async def test_a_truncated_response_is_no_empty_fleet(response: bytes) -> None:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(response)
        writer.close()

    async with loopback(serve) as url, open_imaginepro(url, SecretStr(KEY), SetClock()) as client:
        with pytest.raises(Unreachable):
            await client.fleet()


async def test_a_missing_server_is_unreachable() -> None:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None: ...

    async with loopback(serve) as url:
        pass
    async with open_imaginepro(url, SecretStr(KEY), SetClock()) as client:
        with pytest.raises(Unreachable, match=r"^ConnectError"):
            await client.fleet()


# --- Any input


header_values = st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=20)
bodies = st.binary(max_size=50) | st.sampled_from([json.dumps(value).encode() for value in [*GOOD.values(), TRACE]])


@given(
    status=st.integers(200, 599),
    headers=st.dictionaries(
        st.sampled_from(["Location", "Retry-After", "Content-Encoding", "Set-Cookie", "Content-Type"]), header_values
    ),
    body=bodies,
)
def test_any_response_is_a_value_or_one_of_our_errors(status: int, headers: dict[str, str], body: bytes) -> None:
    async def answer(request: httpx.Request) -> httpx.Response:
        return httpx.Response(status, headers=headers, stream=Pieces(body, times=1))

    async def ask() -> None:
        for call in (trace, fleet, token, account):
            async with client_of(answer, limits=Limits(attempts=1)) as client:
                with suppress(ImagineProError):
                    await call(client)

    asyncio.run(ask())


async def test_many_traces_leave_room_for_a_round() -> None:
    released = asyncio.Event()

    async def answer(request: httpx.Request) -> httpx.Response:
        if "/trace/" in request.url.path:
            await released.wait()
        return good(request.url.path)

    async with client_of(answer) as client:
        crowd = [asyncio.create_task(client.trace(uuid4())) for _ in range(60)]
        await asyncio.wait_for(client.fleet(), 5)
        released.set()
        await asyncio.gather(*crowd)
