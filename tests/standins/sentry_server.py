"""A stand-in for Sentry on loopback: it keeps the events it gets."""

from __future__ import annotations

import gzip
import json
from types import TracebackType
from typing import Any, Self

from aiohttp import web
from aiohttp.test_utils import TestServer

from tests.standins.changes import Changes

KEY = "madeupsentrykey"


class SentryServer:
    """`events` are the reported ones; `seen` is everything that was sent, headers included."""

    def __init__(self) -> None:
        self.events: list[dict[str, Any]] = []
        self.seen = ""
        self._changes = Changes(lambda: f"{len(self.events)} events")
        app = web.Application()
        app.router.add_post("/api/7/envelope/", self._take)
        self._server = TestServer(app)

    async def __aenter__(self) -> Self:
        await self._server.start_server()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._server.close()

    @property
    def dsn(self) -> str:
        """The DSN of its project."""
        return f"http://{KEY}@{self._server.host}:{self._server.port}/7"

    async def _take(self, request: web.Request) -> web.Response:
        body = await request.read()
        if body.startswith(b"\x1f\x8b"):
            # aiohttp decompresses it if the header says so.
            body = gzip.decompress(body)
        text = body.decode()
        self.seen += f"{dict(request.headers)}\n{text}\n"
        # An envelope: its header, then a header and a body for each item.
        lines = [json.loads(line) for line in text.splitlines() if line]
        self.events += [
            item for header, item in zip(lines[1::2], lines[2::2], strict=True) if header["type"] == "event"
        ]
        self._changes.notify()
        return web.json_response({})

    async def has_events(self, number: int) -> None:
        """Wait until this many events were reported."""
        await self._changes.wait_for(lambda: len(self.events) >= number)
