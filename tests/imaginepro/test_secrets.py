"""A token's Discord secret, an account's e-mail address and the API key never appear anywhere but on the wire."""

import asyncio
import json
import logging
import traceback
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Iterator
from contextlib import asynccontextmanager, suppress
from typing import Any
from uuid import UUID

import httpx
import pytest
import stamina
from pydantic import BaseModel, SecretStr, ValidationError

from bot.imaginepro.client import ImaginePro, open_imaginepro
from bot.imaginepro.errors import ImagineProError
from bot.imaginepro.responses import (
    AccountPayload,
    TokenPayload,
    TracePayload,
    parse_account,
    parse_error,
    parse_fleet,
    parse_token,
    parse_trace,
)
from bot.imaginepro.transport import Limits
from tests.cases import first_quick
from tests.clocks import NOON, SetClock

CANARY = "CANARY-made-up-and-secret"
KEY = "KEY-made-up-and-secret"
Call = Callable[[ImaginePro], Awaitable[object]]

CALLS: dict[str, Call] = {
    "trace": lambda client: client.trace(UUID(int=1)),
    "fleet": lambda client: client.fleet(),
    "token": lambda client: client.token(198),
    "account": lambda client: client.account(),
}

SECRETS: list[object] = [CANARY, [CANARY], {"value": CANARY}, {CANARY: 1}, [[{"a": CANARY}]]]
GOOD: dict[str, object] = {"id": 198, "tokenId": 111, "status": "FAST", "tokenStatus": "FAST", "isActive": True}
SPOILED: list[dict[str, object]] = [
    {},
    {"id": None, "tokenId": None},
    {"id": {"x": 1}, "tokenId": []},
    {"status": 7, "isActive": "no", "info": [1], "tokenInfo": "x"},
    {"info": {"token": CANARY, "email": CANARY}, "tokenInfo": {"token": CANARY, "email": CANARY}},
]


def bodies() -> Iterator[bytes]:
    """Every sort of response, valid and invalid, with the secret as `token` and as `email`."""
    for secret in SECRETS:
        for spoiled in SPOILED:
            answer = {**GOOD, **spoiled, "token": secret, "email": secret}
            yield json.dumps(answer).encode()
            yield json.dumps([answer]).encode()
            yield json.dumps([answer, None]).encode()
            yield json.dumps({"data": answer}).encode()
            yield json.dumps({"message": ["No."], "statusCode": 400, **answer}).encode()
    cut = json.dumps([{**GOOD, "token": CANARY, "email": CANARY}]).encode()
    yield from (cut[:-1], cut[: cut.index(b"secret") + 6], cut + b"}", b"\xff" + cut, cut.replace(b'"', b"'"))
    yield f"<html>token: {CANARY}</html>".encode()
    yield CANARY.encode()
    yield json.dumps(CANARY).encode()


BODIES = list(dict.fromkeys(bodies()))


def all_of(error: BaseException) -> str:
    """Everything that an error could show, including its chained errors."""
    shown = [*traceback.format_exception(error)]
    companion: BaseException | None = error
    while companion is not None:
        shown += [str(companion), repr(companion), repr(companion.args), repr(vars(companion))]
        shown += traceback.format_exception(companion)
        shown += map(repr, getattr(companion, "__notes__", []))
        companion = companion.__cause__ or companion.__context__
    return "\n".join(shown)


def outcome_of(read: Callable[[bytes], object], body: bytes) -> str:
    try:
        value = read(body)
    except ImagineProError as error:
        return all_of(error)
    return f"{value!r} {value} {getattr(value, '__dict__', '')}"


READERS: dict[str, Callable[[bytes], object]] = {
    "trace": lambda body: parse_trace(body, NOON),
    "fleet": lambda body: parse_fleet(body, NOON),
    "token": lambda body: parse_token(body, 198, NOON),
    "account": parse_account,
    "error": lambda body: parse_error(body, key=KEY),
}


@pytest.mark.parametrize("reader", READERS)
def test_no_parser_leaks_a_secret(reader: str) -> None:
    leaks = [body for body in BODIES if CANARY in outcome_of(READERS[reader], body)]

    assert leaks == []


def test_a_listed_token_has_no_field_for_a_secret() -> None:
    token = TokenPayload.model_validate_json(json.dumps({**GOOD, "token": CANARY}))

    assert CANARY not in f"{token!r} {token.model_dump()} {token.model_extra} {vars(token)}"


@pytest.mark.parametrize("model", [TokenPayload, TracePayload, AccountPayload])
def test_validation_errors_do_not_quote_input(model: type[BaseModel]) -> None:
    """Our own errors drop the model's error; this guards against chaining it later."""
    with pytest.raises(ValidationError) as caught:
        model.model_validate_json(json.dumps([CANARY]))

    assert CANARY not in f"{caught.value} {caught.value!r}"


@pytest.fixture
def shown(caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]) -> Callable[[], str]:
    """Everything that was logged, at DEBUG and by any logger, and printed."""
    caplog.set_level(logging.DEBUG)

    def text() -> str:
        records = [f"{record.getMessage()} {vars(record)!r}" for record in caplog.records]
        printed = capsys.readouterr()
        return "\n".join([*records, caplog.text, printed.out, printed.err])

    return text


@pytest.fixture(autouse=True)
def no_pauses_between_tries() -> Iterator[None]:
    with stamina.set_testing(True, attempts=2, cap=True):
        yield


async def transcript_of(call: Call, client: ImaginePro) -> str:
    try:
        return repr(await call(client))
    except ImagineProError as error:
        return all_of(error)


def answering(
    status: int, body: bytes, headers: dict[str, str] | None = None
) -> Callable[[httpx.Request], Coroutine[None, None, httpx.Response]]:
    async def answer(request: httpx.Request) -> httpx.Response:
        return httpx.Response(status, headers=headers, content=body)

    return answer


@pytest.mark.parametrize("name", CALLS)
@pytest.mark.parametrize("status", first_quick([200, 400, 401, 404, 429, 500]))
async def test_no_call_leaks_a_secret(name: str, status: int, shown: Callable[[], str]) -> None:
    transcripts = []
    for body in BODIES[::3] + BODIES[-8:]:
        transport = httpx.MockTransport(answering(status, body))
        async with open_imaginepro("https://x.invalid", SecretStr(KEY), SetClock(), transport=transport) as client:
            transcripts.append(await transcript_of(CALLS[name], client))
            transcripts.append(repr(vars(client)))
    everything = "\n".join([*transcripts, shown()])

    assert CANARY not in everything
    assert KEY not in everything


ECHOES = [
    json.dumps({"message": f"Invalid key: {KEY}"}).encode(),
    json.dumps({"message": f"Invalid key: {KEY}", "statusCode": 401}).encode(),
    json.dumps({"message": ["no", f"Bearer {KEY} is not valid", KEY]}).encode(),
    json.dumps({"message": "x" * 190 + KEY}).encode(),
    json.dumps({"error": KEY, "key": KEY}).encode(),
    KEY.encode(),
]


@pytest.mark.parametrize("body", ECHOES)
@pytest.mark.parametrize("status", [400, 401, 403, 429, 500])
async def test_an_echoed_key_is_redacted(body: bytes, status: int, shown: Callable[[], str]) -> None:
    transport = httpx.MockTransport(answering(status, body, {"X-Echo": KEY}))
    async with open_imaginepro("https://x.invalid", SecretStr(KEY), SetClock(), transport=transport) as client:
        transcript = await transcript_of(CALLS["fleet"], client)

    assert KEY not in transcript + shown()
    assert KEY[:8] not in transcript


# --- On a real connection, with httpcore


@asynccontextmanager
async def loopback(raw: bytes) -> AsyncIterator[str]:
    """Run a server that responds to each request with these bytes."""
    tasks: list[asyncio.Task[Any]] = []

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task
        tasks.append(task)
        with suppress(OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
            while await reader.readuntil(b"\r\n\r\n"):
                writer.write(raw)
                await writer.drain()
        writer.close()

    server = await asyncio.start_server(connected, "127.0.0.1", 0)
    try:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    finally:
        server.close()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks)


LISTED = json.dumps([{**GOOD, "token": CANARY, "email": CANARY}]).encode()
SECRET_LINE = b'{"token": "' + CANARY.encode() + b'"}\r\n\r\n'
RAW = {
    "good": b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(LISTED), LISTED),
    "echoed": b"HTTP/1.1 401 %s\r\nX-Key: %s\r\nSet-Cookie: t=%s\r\nContent-Length: 0\r\n\r\n"
    % (CANARY.encode(), KEY.encode(), CANARY.encode()),
    "cut short": b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(LISTED), LISTED[:-9]),
    "longer than said": b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n[]" + SECRET_LINE,
    "no status line": SECRET_LINE,
    "no chunk sizes": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + SECRET_LINE,
    "no end of headers": b"HTTP/1.1 200 OK\r\n" + SECRET_LINE,
    "no encoding": b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: %d\r\n\r\n%s" % (len(LISTED), LISTED),
}


@pytest.mark.parametrize("raw", RAW.values(), ids=RAW.keys())
async def test_no_real_response_leaks_a_secret(raw: bytes, shown: Callable[[], str]) -> None:
    limits = Limits(read_seconds=0.02)
    async with loopback(raw) as url, open_imaginepro(url, SecretStr(KEY), SetClock(), limits=limits) as client:
        transcripts = [await transcript_of(CALLS["fleet"], client) for _ in range(2)]
    everything = "\n".join([*transcripts, shown()])

    assert CANARY not in everything
    assert KEY not in everything


@pytest.mark.parametrize("key", [f"{KEY}\n", f"{KEY}\x00", f"{KEY}\r\nX: y"])
async def test_a_key_invalid_as_a_header_is_not_quoted(key: str, shown: Callable[[], str]) -> None:
    async with loopback(RAW["good"]) as url, open_imaginepro(url, SecretStr(key), SetClock()) as client:
        transcript = await transcript_of(CALLS["fleet"], client)

    assert KEY not in transcript + shown()


def hides_another() -> None:
    try:
        int(CANARY)
    except ValueError:
        raise ImagineProError("no secret here") from None


def test_the_checks_above_would_detect_a_secret(shown: Callable[[], str]) -> None:
    logging.getLogger("some.library").debug("%s", CANARY)
    with pytest.raises(ImagineProError) as caught:
        hides_another()

    assert CANARY in all_of(caught.value)
    assert CANARY in shown()
