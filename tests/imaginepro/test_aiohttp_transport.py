"""The transport over aiohttp: each fault has its error of httpx, and each request is sent once."""

import asyncio
import os
import socket
import struct
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress

import httpx
import pytest

from bot.imaginepro.aiohttp_transport import AiohttpTransport
from bot.network import Network
from tests.patience import GENEROUS

Serve = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n[]"
HALF = b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n[]"
SECRET = b"made-up-secret"


@asynccontextmanager
async def client_of(serve: Serve, *, read_seconds: float = GENEROUS) -> AsyncIterator[httpx.AsyncClient]:
    """A client of a server that handles each request with `serve`."""
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
    url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    timeout = httpx.Timeout(read_seconds, connect=GENEROUS)
    try:
        async with httpx.AsyncClient(base_url=url, transport=AiohttpTransport(None, None), timeout=timeout) as client:
            yield client
    finally:
        server.close()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks)


def reset(writer: asyncio.StreamWriter) -> None:
    """Close the connection with RST."""
    writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()


async def disconnects(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.close()


async def resets(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    reset(writer)


async def is_silent(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None: ...


async def stops_halfway(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(HALF)


async def disconnects_halfway(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(HALF)
    writer.close()


async def speaks_no_http(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(SECRET + b"\r\n\r\n")


FAULTS = [
    (disconnects, httpx.RemoteProtocolError, "disconnected without a response"),
    (resets, httpx.ReadError, "Connection reset by peer"),
    (is_silent, httpx.ReadTimeout, "Timeout on reading"),
    (stops_halfway, httpx.ReadTimeout, "Timeout on reading"),
    (disconnects_halfway, httpx.RemoteProtocolError, "ClientPayloadError"),
    (speaks_no_http, httpx.RemoteProtocolError, "ClientResponseError"),
]


@pytest.mark.parametrize(("serve", "error", "text"), FAULTS, ids=[serve.__name__ for serve, *_ in FAULTS])
async def test_each_fault_has_its_error(serve: Serve, error: type[httpx.TransportError], text: str) -> None:
    read_seconds = 0.05 if error is httpx.ReadTimeout else GENEROUS
    async with client_of(serve, read_seconds=read_seconds) as client:
        with pytest.raises(httpx.TransportError, match=text) as caught:
            await client.get("/")

    assert caught.type is error
    assert SECRET.decode() not in str(caught.value)


async def test_a_refused_connection_is_told_apart_from_an_unknown_host(monkeypatch: pytest.MonkeyPatch) -> None:
    async def knows_none(*_: object, **__: object) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", knows_none)
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()[1]
    async with httpx.AsyncClient(transport=AiohttpTransport(None, None)) as client:
        with pytest.raises(httpx.ConnectError, match="Connect call failed"):
            await client.get(f"http://127.0.0.1:{port}/")
        with pytest.raises(httpx.ConnectError, match="Name or service not known"):
            await client.get("http://imaginepro.invalid/")


@pytest.mark.parametrize("method", ["GET", "PUT"])
@pytest.mark.parametrize("fault", [disconnects, resets])
async def test_a_request_is_sent_once_on_a_connection_that_is_used_again(method: str, fault: Serve) -> None:
    """aiohttp alone would send both again."""
    requests = 0

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal requests
        requests += 1
        if requests > 1:
            await fault(reader, writer)
        else:
            writer.write(OK)

    async with client_of(serve) as client:
        assert (await client.request(method, "/")).content == b"[]"
        with pytest.raises(httpx.TransportError):
            await client.request(method, "/")

    assert requests == 2


async def test_a_connection_is_used_again_only_if_the_body_was_read() -> None:
    connections: set[asyncio.StreamWriter] = set()

    def answers(content: bytes) -> Serve:
        async def serve(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            connections.add(writer)
            writer.write(content)

        return serve

    async with client_of(answers(OK)) as client:
        for _ in range(3):
            await client.get("/")
        assert len(connections) == 1

    connections.clear()
    async with client_of(answers(HALF)) as client:
        for _ in range(3):
            async with client.stream("GET", "/"):
                pass
        assert len(connections) == 3


async def test_headers_as_long_as_those_of_proxies_are_read() -> None:
    value = b"x" * 30_000

    async def serve(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nX-Policy: %s\r\nContent-Length: 0\r\n\r\n" % value)

    async with client_of(serve) as client:
        assert (await client.get("/")).headers["X-Policy"] == value.decode()


def test_all_clients_share_one_tls_context() -> None:
    contexts = {Network(ca_file=os.environ["SSL_CERT_FILE"]).tls() for _ in range(3)}

    assert len(contexts) == 1
    assert Network().tls() is None, "then aiohttp's own, which it makes once, at its import"
