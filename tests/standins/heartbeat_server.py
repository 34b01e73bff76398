"""A stand-in for a service that misses heartbeats, such as healthchecks, on loopback."""

from __future__ import annotations

import asyncio
from types import TracebackType
from typing import Self

from aiohttp import web
from aiohttp.test_utils import TestServer

from tests.patience import GENEROUS
from tests.standins.changes import Changes, loop_time

SECRET_PATH = "/ping/made-up-5f0b7b0c-secret"


class HeartbeatServer:
    """Counts the beats, and notices when none has come for the grace time."""

    def __init__(self, *, grace_seconds: float = GENEROUS) -> None:
        self.beats = 0
        self.asked = 0
        self.status = 200
        self.answers = asyncio.Event()
        self.answers.set()
        self._grace_seconds = grace_seconds
        self._beat_at = 0.0
        self._changes = Changes(lambda: f"{self.beats} beats")
        app = web.Application()
        app.router.add_get(SECRET_PATH, self._answer)
        self._server = TestServer(app)

    async def __aenter__(self) -> Self:
        await self._server.start_server()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.answers.set()
        await self._server.close()

    @property
    def url(self) -> str:
        """The address to call, which is a secret."""
        return str(self._server.make_url(SECRET_PATH))

    async def _answer(self, _: web.Request) -> web.Response:
        self.asked += 1
        self._changes.notify()
        await self.answers.wait()
        self.beats += self.status == web.HTTPOk.status_code
        self._beat_at = loop_time()
        self._changes.notify()
        return web.Response(status=self.status)

    async def has_asked(self, times: int) -> None:
        """Wait until it was called this many times."""
        await self._changes.wait_for(lambda: self.asked >= times)

    async def has_beats(self, number: int) -> None:
        """Wait until this many beats have come."""
        await self._changes.wait_for(lambda: self.beats >= number)

    async def is_down(self) -> None:
        """Wait until no beat has come for the grace time, when the real service would alert."""
        beats = -1
        while beats != self.beats:
            beats = self.beats
            await asyncio.sleep(self._beat_at + self._grace_seconds - loop_time())
