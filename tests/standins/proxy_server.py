"""A stand-in for an HTTP proxy on loopback, with public hosts behind it whose certificates are of a CA of our own."""

from __future__ import annotations

import asyncio
import ssl
import subprocess
from base64 import b64encode
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit

_LOOPBACK = "127.0.0.1"
_MOST_BYTES = 64 * 1024

Handler = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


def make_certificate(folder: Path, *names: str) -> Path:
    """Make a certificate for these hosts. Return its file, which holds the key too. It is its own CA."""
    key, certificate, both = (folder / f"made-up-{name}.pem" for name in ("key", "certificate", "ca"))
    hosts = ",".join(f"{'IP' if name == _LOOPBACK else 'DNS'}:{name}" for name in names)
    command = [
        *("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=made-up"),
        *("-addext", f"subjectAltName={hosts}", "-addext", "keyUsage=critical,digitalSignature,keyCertSign"),
        *("-keyout", str(key), "-out", str(certificate)),
    ]
    subprocess.run(command, check=True, capture_output=True)  # noqa: S603 - nobody's input
    both.write_text(key.read_text() + certificate.read_text())
    return both


@asynccontextmanager
async def listening(handler: Handler, tls: ssl.SSLContext | None = None) -> AsyncIterator[int]:
    """Serve connections on loopback, and yield the port. At the end, cut them."""
    tasks: set[asyncio.Task[None]] = set()

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task
        tasks.add(task)
        with suppress(OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
            await handler(reader, writer)
        writer.close()

    server = await asyncio.start_server(connected, _LOOPBACK, 0, ssl=tls)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks)


async def _forward(port: int, seen: bytearray, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Pass bytes on to a local port and back, and note them."""
    its_reader, its_writer = await asyncio.open_connection(_LOOPBACK, port)

    async def pump(source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
        while chunk := await source.read(_MOST_BYTES):
            seen.extend(chunk)
            target.write(chunk)
            await target.drain()
        target.close()

    try:
        await asyncio.gather(pump(reader, its_writer), pump(its_reader, writer))
    finally:
        its_writer.close()


class ProxyServer:
    """A proxy that only tunnels: to each of `hosts`, which have TLS and pass requests on to a plain HTTP server.

    `requests` has the first line of each request to the proxy, and `seen` all bytes that it could read. The hosts
    listen at `ports`.
    """

    def __init__(
        self, certificate: Path, hosts: Mapping[str, str], *, credentials: str = "", tls: bool = False
    ) -> None:
        self.url = ""
        self.requests: list[str] = []
        self.seen = bytearray()
        self._context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        self._context.load_cert_chain(certificate)
        self._hosts = hosts
        self._authorization = f"Basic {b64encode(credentials.encode()).decode()}"
        self._tls = tls
        self.ports: dict[str, int] = {}
        self._open = AsyncExitStack()

    async def __aenter__(self) -> Self:
        for host, url in self._hosts.items():
            server = partial(_forward, urlsplit(url).port or 0, bytearray())
            self.ports[f"{host}:443"] = await self._open.enter_async_context(listening(server, self._context))
        port = await self._open.enter_async_context(listening(self._tunnel, self._context if self._tls else None))
        self.url = f"{'https' if self._tls else 'http'}://{_LOOPBACK}:{port}"
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._open.aclose()

    async def _tunnel(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        self.seen.extend(head.encode())
        line, *headers = head.split("\r\n")
        self.requests.append(line)
        method, target, _ = line.split()
        if self._authorization != "Basic " and f"Proxy-Authorization: {self._authorization}" not in headers:
            writer.write(b"HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n")
        elif method != "CONNECT" or target not in self.ports:
            writer.write(b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n")
        else:
            writer.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
            await _forward(self.ports[target], self.seen, reader, writer)
