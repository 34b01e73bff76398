"""The content of responses: plain or compressed, whatever it is called, and never larger than the limit."""

import asyncio
import gzip
import tracemalloc
import zlib
from collections.abc import AsyncIterator
from contextlib import nullcontext

import httpx
import pytest
from pydantic import SecretStr

from bot.imaginepro.client import open_imaginepro
from bot.imaginepro.content import read_content
from bot.imaginepro.errors import InvalidResponse, NotInPlan
from tests.clocks import SetClock
from tests.standins.proxy_server import listening

LIMIT = 8 * 2**20
FLEET = b'[{"id": 198, "status": "FAST"}]'


class Chunks(httpx.AsyncByteStream):
    """A body in chunks, which counts those that were read."""

    def __init__(self, *chunks: bytes) -> None:
        self.taken = 0
        self._chunks = chunks

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for chunk in self._chunks:
            self.taken += 1
            yield chunk


def response(encoding: str | None, *chunks: bytes, status: int = 200) -> httpx.Response:
    headers = {} if encoding is None else {"Content-Encoding": encoding}
    return httpx.Response(status, headers=headers, stream=Chunks(*chunks))


@pytest.mark.parametrize(
    "encoding", [None, "identity", "Identity", "IDENTITY", "", " ", "none", "None", "utf-8", "UTF8", "identity, "]
)
async def test_what_is_no_compression_is_read(encoding: str | None) -> None:
    assert await read_content(response(encoding, FLEET[:9], FLEET[9:]), LIMIT) == FLEET


@pytest.mark.parametrize("encoding", ["gzip", "GZip", " x-gzip ", "deflate", "identity, gzip", "gzip, utf-8"])
@pytest.mark.parametrize("size", [1, 7, 1000])
async def test_compression_that_nobody_asked_for_is_read(encoding: str, size: int) -> None:
    body = zlib.compress(FLEET) if encoding == "deflate" else gzip.compress(FLEET)
    chunks = [body[start : start + size] for start in range(0, len(body), size)]

    assert await read_content(response(encoding, *chunks), LIMIT) == FLEET


async def test_a_compressed_body_expands_up_to_the_limit_only() -> None:
    bomb = gzip.compress(bytes(64 * 2**20), compresslevel=1)
    tracemalloc.start()
    try:
        with pytest.raises(InvalidResponse, match="longer than 1,048,576 bytes"):
            await read_content(response("gzip", bomb), 2**20)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert peak < 8 * 2**20


@pytest.mark.parametrize(("length", "is_read"), [(1000, True), (1001, False)])
async def test_the_limit_holds_for_what_a_body_expands_to(length: int, is_read: bool) -> None:
    body = gzip.compress(bytes(length))
    with nullcontext() if is_read else pytest.raises(InvalidResponse, match="longer than 1,000 bytes"):
        assert len(await read_content(response("gzip", body), 1000)) == length


async def test_data_after_a_compressed_body_is_limited_too() -> None:
    answer = response("gzip", gzip.compress(b"[]"), *[bytes(100)] * 20)
    with pytest.raises(InvalidResponse, match="longer than 1,000 bytes"):
        await read_content(answer, 1000)


# The time is in what `gzip.compress` returns, so it may not be in the tests' ids.
@pytest.mark.parametrize(
    "body",
    [b"", FLEET, gzip.compress(FLEET)[:-9], gzip.compress(FLEET)[:12], b"\x1f\x8b" + bytes(50)],
    ids=["empty", "plain", "without its end", "without its content", "zeros"],
)
async def test_a_damaged_compressed_body_is_invalid(body: bytes) -> None:
    with pytest.raises(InvalidResponse, match="the compressed answer"):
        await read_content(response("gzip", body), LIMIT)


@pytest.mark.parametrize("encoding", ["br", "zstd", "compress", "gzip, gzip", "br, gzip", "x-unknown"])
async def test_another_encoding_is_refused_unread(encoding: str) -> None:
    stream = Chunks(bytes(10))
    with pytest.raises(InvalidResponse, match="encoding"):
        await read_content(httpx.Response(200, headers={"Content-Encoding": encoding}, stream=stream), LIMIT)

    assert stream.taken == 0


async def test_the_client_reads_compressed_answers_and_errors() -> None:
    refusal = gzip.compress(b'{"message": "No.", "statusCode": 403}')
    answers = iter([response("gzip", gzip.compress(FLEET)), response("gzip", refusal, status=403)])

    async def answer(_: httpx.Request) -> httpx.Response:
        return next(answers)

    transport = httpx.MockTransport(answer)
    async with open_imaginepro("https://x.invalid", SecretStr("made-up"), SetClock(), transport=transport) as client:
        assert [reading.token_id for reading in (await client.fleet()).readings] == [198]
        with pytest.raises(NotInPlan, match=r"^HTTP 403 No\.$"):
            await client.fleet()


async def test_a_compressed_answer_of_a_real_server_is_read() -> None:
    body = gzip.compress(FLEET)
    head = f"HTTP/1.1 200 OK\r\nContent-Encoding: GZIP\r\nContent-Length: {len(body)}\r\n\r\n".encode()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        for start in range(0, len(head + body), 10):
            writer.write((head + body)[start : start + 10])
            await writer.drain()

    async with (
        listening(serve) as port,
        open_imaginepro(f"http://127.0.0.1:{port}", SecretStr("made-up"), SetClock()) as client,
    ):
        assert [reading.token_id for reading in (await client.fleet()).readings] == [198]
