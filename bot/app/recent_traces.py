"""Recent traces of each server, for completion. Written at most once a second, so that many traces cost little."""

import asyncio
import contextlib
from datetime import timedelta

import structlog
from sqlalchemy.exc import SQLAlchemyError

from bot.clock import Clock, Pause
from bot.storage.database import Database, DatabaseUnavailable
from bot.storage.traces import TraceRecord, delete_traces, recent_traces, save_traces

log = structlog.get_logger(__name__)

_WRITE_DELAY_SECONDS = 1
_CLOSE_SECONDS = 0.5
_RETENTION = timedelta(days=30)
_CLEANUP_SECONDS = 3600
_MAX_SEARCHED = 200


class RecentTraces:
    """Stores traces for 30 days. A crash loses those of the last second, which are missing in completions only."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        self._unwritten: list[TraceRecord] = []
        self._scheduled_write: asyncio.Task[None] | None = None
        self._lock = asyncio.Lock()
        self._cleanup_pause = Pause(clock)

    def add(self, trace: TraceRecord) -> None:
        """Add a trace."""
        self._unwritten.append(trace)
        if self._scheduled_write is None:
            self._scheduled_write = asyncio.create_task(self._schedule_write())

    async def matching(self, server_id: int, typed: str, *, most: int) -> list[TraceRecord]:
        """Return recent traces of a server whose message id contains the typed text, latest first."""
        await self._write()
        async with self._database.reading() as connection:
            recent = await recent_traces(connection, server_id, most=_MAX_SEARCHED)
        wanted = typed.strip().lower()
        return [trace for trace in recent if wanted in str(trace.message_id)][:most]

    async def close(self) -> None:
        """Write what is not written yet."""
        if self._scheduled_write is not None:
            self._scheduled_write.cancel()
        with contextlib.suppress(SQLAlchemyError, DatabaseUnavailable, TimeoutError):
            async with asyncio.timeout(_CLOSE_SECONDS):
                await self._write()

    async def _schedule_write(self) -> None:
        await self._clock.sleep(_WRITE_DELAY_SECONDS)
        self._scheduled_write = None
        with contextlib.suppress(SQLAlchemyError, DatabaseUnavailable):
            await self._write()

    async def _write(self) -> None:
        """Write what is not written yet, after a write in progress. What cannot be written is logged, and dropped."""
        async with self._lock:
            unwritten, self._unwritten = self._unwritten, []
            if not unwritten:
                return
            try:
                await self._save(unwritten)
            except BaseException as error:
                messages = [str(trace.message_id) for trace in unwritten]
                log.warning("Recent traces could not be written.", error=repr(error), messages=messages)
                raise

    async def _save(self, unwritten: list[TraceRecord]) -> None:
        async with self._database.transaction() as connection:
            await save_traces(connection, unwritten)
            if not self._cleanup_pause.seconds_left:
                await delete_traces(connection, self._clock.now() - _RETENTION)
                self._cleanup_pause.extend(_CLEANUP_SECONDS)
