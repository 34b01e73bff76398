"""Measure what a request to ImaginePro costs over several transports behind the client, side by side in one run.

`python -m benchmarks.http_transports` prints the processor time of this process for each trace. The server is a process
of its own, and answers after 50 ms.
"""

import argparse
import asyncio
import multiprocessing
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager
from multiprocessing.connection import Connection
from typing import Final
from uuid import uuid4

import httpx
import orjson
from pydantic import SecretStr

from bot.clock import Clock
from bot.concurrency.aimd_limit import Bounds
from bot.imaginepro.aiohttp_transport import AiohttpTransport
from bot.imaginepro.client import open_imaginepro
from bot.imaginepro.transport import Limits
from tests.standins.imaginepro_server import linked_token

_UPSTREAM_SECONDS = 0.05
_TURNS = 3
_AT_ONCE = (1, 16, 64)
_SMALLEST_NUMBER = 200
"""Of traces in a turn."""


class SmallPools(httpx.AsyncBaseTransport):
    """Several pools of httpx. A request goes through the first with a free connection."""

    def __init__(self, size: int, connections: int) -> None:
        self._size = size
        self._pools = [one_pool(size) for _ in range(-(-connections // size))]
        self._in_flight = [0] * len(self._pools)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send a request."""
        index = next(index for index, number in enumerate(self._in_flight) if number < self._size)
        self._in_flight[index] += 1
        response = await self._pools[index].handle_async_request(request)
        if not isinstance(response.stream, httpx.AsyncByteStream):
            raise TypeError(response.stream)
        response.stream = _Counted(response.stream, lambda: self._release(index))
        return response

    def _release(self, index: int) -> None:
        self._in_flight[index] -= 1

    async def aclose(self) -> None:
        """Close all connections."""
        for pool in self._pools:
            await pool.aclose()


class _Counted(httpx.AsyncByteStream):
    """A body that calls a function when it is closed."""

    def __init__(self, stream: httpx.AsyncByteStream, closed: Callable[[], None]) -> None:
        self._stream = stream
        self._closed = closed

    async def __aiter__(self) -> AsyncIterator[bytes]:
        async for chunk in self._stream:
            yield chunk

    async def aclose(self) -> None:
        await self._stream.aclose()
        self._closed()


def one_pool(connections: int) -> httpx.AsyncHTTPTransport:
    """Return httpx' own transport."""
    return httpx.AsyncHTTPTransport(
        # Building a TLS context is not what is measured.
        verify=False,
        limits=httpx.Limits(max_connections=connections, max_keepalive_connections=connections, keepalive_expiry=90),
    )


TRANSPORTS: Final[dict[str, Callable[[int], httpx.AsyncBaseTransport]]] = {
    "httpx, one pool": one_pool,
    "httpx, pools of 8": lambda connections: SmallPools(8, connections),
    "httpx, pools of 4": lambda connections: SmallPools(4, connections),
    "aiohttp": lambda _: AiohttpTransport(None, None),
}


class _Answering(asyncio.Protocol):
    """Answers each request with the same trace."""

    transport: asyncio.Transport

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        if isinstance(transport, asyncio.Transport):
            self.transport = transport

    def data_received(self, data: bytes) -> None:
        asyncio.get_running_loop().call_later(_UPSTREAM_SECONDS, self.transport.write, _ANSWER)


_BODY = orjson.dumps({"messageId": "x", "tokenId": 111, "tokenStatus": "FAST", "tokenInfo": linked_token(111).info})
_ANSWER = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s" % (len(_BODY), _BODY)


def _serve(started: Connection) -> None:
    async def serve() -> None:
        server = await asyncio.get_running_loop().create_server(_Answering, "127.0.0.1", 0, backlog=1024)
        started.send(server.sockets[0].getsockname()[1])
        await server.serve_forever()

    asyncio.run(serve())


@contextmanager
def _server() -> Iterator[str]:
    ours, theirs = multiprocessing.Pipe()
    process = multiprocessing.get_context("spawn").Process(target=_serve, args=(theirs,), daemon=True)
    process.start()
    try:
        yield f"http://127.0.0.1:{ours.recv()}"
    finally:
        process.terminate()
        process.join()


async def cpu_ms(url: str, transport: Callable[[int], httpx.AsyncBaseTransport], at_once: int) -> float:
    """Return the processor time of one trace with this many at once, once the connections are open."""
    limits = Limits(concurrency=Bounds(2 * at_once, 2 * at_once, 2 * at_once))
    async with open_imaginepro(
        url, SecretStr("made-up-key"), Clock(), limits=limits, transport=transport(2 * at_once)
    ) as imaginepro:

        async def trace_together() -> None:
            await asyncio.gather(*(imaginepro.trace(uuid4()) for _ in range(at_once)))

        await trace_together()
        waves = max(2, _SMALLEST_NUMBER // at_once) if at_once > 1 else 40
        before = time.process_time()
        for _ in range(waves):
            await trace_together()
        return (time.process_time() - before) * 1000 / waves / at_once


def _main(at_once: list[int]) -> None:
    with _server() as url:
        print("| requests in flight | transport | processor, each | compared with one pool |")
        print("| ---: | --- | ---: | ---: |")
        for number in at_once:
            taken: dict[str, list[float]] = {name: [] for name in TRANSPORTS}
            for _ in range(_TURNS):
                for name, transport in TRANSPORTS.items():
                    taken[name].append(asyncio.run(cpu_ms(url, transport, number)))
            medians = {name: sorted(figures)[_TURNS // 2] for name, figures in taken.items()}
            for name, median in medians.items():
                print(f"| {number} | {name} | {median:.2f} ms | {median / medians['httpx, one pool']:.2f} |")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m benchmarks.http_transports", description=__doc__)
    parser.add_argument("at_once", nargs="*", type=int, default=_AT_ONCE, help="how many requests in flight")
    _main(parser.parse_args().at_once)
