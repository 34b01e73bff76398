"""aiosqlite without its threads, for tests whose subject is not the database.

A statement takes a few microseconds, and handing it to a thread and back ten times as long: it was two fifths of the
processor time of the tests that drive the bot. The tests of storage, and all real processes, use the threads.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar
from unittest.mock import patch

import aiosqlite

T = TypeVar("T")

OnConnect = Callable[[Any], None]
Before = Callable[[Any, Callable[..., object], tuple[object, ...]], Awaitable[None]]


class _AtOnce:
    """In place of the queue to a thread, into which SQLAlchemy puts functions too."""

    def put_nowait(self, item: tuple[asyncio.Future[Any], Callable[[], Any]]) -> None:
        future, function = item
        future.set_result(function())


def _nothing(_connection: object) -> None:
    """Connect without conditions."""


async def _no_wait(_connection: object, _function: Callable[..., object], _args: tuple[object, ...]) -> None:
    """Execute at once."""


@contextmanager
def sqlite_at_once(on_connect: OnConnect = _nothing, before: Before = _no_wait) -> Iterator[None]:
    """Let aiosqlite execute everything at once. `on_connect` and `before` may raise, in place of SQLite."""

    async def connect(self: Any) -> Any:
        on_connect(self)
        if self._connection is None:
            self._connection = self._connector()
            self._tx = _AtOnce()
        return self

    async def execute(self: Any, function: Callable[..., T], *args: Any, **kwargs: Any) -> T:
        if not self._connection:
            raise ValueError("no active connection")
        await before(self, function, args)
        return function(*args, **kwargs)

    def stop(self: Any) -> None:
        self._running = False
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    with (
        patch.object(aiosqlite.Connection, "__await__", lambda self: connect(self).__await__()),
        patch.object(aiosqlite.Connection, "_execute", execute),
        patch.object(aiosqlite.Connection, "stop", stop),
    ):
        yield
