"""A TCP proxy in front of PostgreSQL's Unix socket, which can fall silent or refuse connections."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import ExitStack, asynccontextmanager, suppress

from sqlalchemy import make_url


class PostgresProxy:
    """Forwards bytes in both directions. While it is silent it keeps connections open and forwards nothing."""

    def __init__(self, socket_path: str) -> None:
        self._socket_path = socket_path
        self._flows = asyncio.Event()
        self._flows.set()
        self.holds_back = asyncio.Event()
        """Set when something has arrived that is not forwarded."""
        self._server: asyncio.Server | None = None
        self._connections: set[asyncio.Task[None]] = set()
        self.port = 0

    async def start(self) -> None:
        """Listen, on the same port as before if there was one."""
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", self.port)
        self.port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        """Close all connections, and refuse new ones."""
        if self._server is not None:
            self._server.close()
        for connection in self._connections:
            connection.cancel()
        await asyncio.gather(*self._connections, return_exceptions=True)

    def fall_silent(self) -> None:
        """Forward nothing from now on, as a network that drops all packets."""
        self._flows.clear()

    def speak(self) -> None:
        """Forward again, all that has piled up first."""
        self._flows.set()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        if task is not None:
            self._connections.add(task)
            task.add_done_callback(self._connections.discard)
        with suppress(OSError, asyncio.CancelledError), ExitStack() as stack:
            stack.callback(writer.close)
            up_reader, up_writer = await asyncio.open_unix_connection(self._socket_path)
            stack.callback(up_writer.close)
            both = [
                asyncio.ensure_future(self._forward(reader, up_writer)),
                asyncio.ensure_future(self._forward(up_reader, writer)),
            ]
            for each in both:
                stack.callback(each.cancel)
            await asyncio.wait(both, return_when=asyncio.FIRST_COMPLETED)

    async def _forward(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError):
            await self._copy(reader, writer)

    async def _copy(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while data := await reader.read(65536):
            if not self._flows.is_set():
                self.holds_back.set()
            await self._flows.wait()
            writer.write(data)
            await writer.drain()


@asynccontextmanager
async def proxied(postgres_url: str) -> AsyncIterator[tuple[PostgresProxy, str]]:
    """Run a proxy to the database of this URL, and yield it with the URL that leads through it."""
    url = make_url(postgres_url)
    proxy = PostgresProxy(f"{url.query['host']}/.s.PGSQL.5432")
    await proxy.start()
    try:
        through = url.set(host="127.0.0.1", port=proxy.port, query={"sslmode": "disable"})
        yield proxy, through.render_as_string(hide_password=False)
    finally:
        proxy.speak()
        await proxy.stop()
