"""What was traced lately in each server: written once a second at the most, so that a busy minute costs little."""

import asyncio
from datetime import datetime, timedelta

import structlog
from sqlalchemy.exc import SQLAlchemyError

from bot.clock import Clock
from bot.storage.database import Database
from bot.storage.traces import TraceRecord, delete_traces, recent_traces, save_traces

log = structlog.get_logger(__name__)

_WRITTEN_AFTER_SECONDS = 1
_KEPT = timedelta(days=30)
_TIDIED_EVERY = timedelta(hours=1)
_LOOKED_THROUGH = 200


class RecentTraces:
    """Remembers traces for 30 days. A crash loses those of the last second, which only a completion would miss."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        self._unwritten: list[TraceRecord] = []
        self._scheduled_write: asyncio.Task[None] | None = None
        self._turn = asyncio.Lock()
        self._tidied_at: datetime | None = None

    def add(self, traced: TraceRecord) -> None:
        """Remember a trace."""
        self._unwritten.append(traced)
        if self._scheduled_write is None:
            self._scheduled_write = asyncio.create_task(self._schedule_write())

    async def matching(self, server_id: int, typed: str, *, most: int) -> list[TraceRecord]:
        """List what was traced lately in this server and has the typed text in its id, latest first."""
        await self._write()
        async with self._database.reading() as connection:
            lately = await recent_traces(connection, server_id, most=_LOOKED_THROUGH)
        wanted = typed.strip().lower()
        return [traced for traced in lately if wanted in str(traced.message_id)][:most]

    async def close(self) -> None:
        """Write what is left."""
        if self._scheduled_write is not None:
            self._scheduled_write.cancel()
        await self._write()

    async def _schedule_write(self) -> None:
        await self._clock.sleep(_WRITTEN_AFTER_SECONDS)
        self._scheduled_write = None
        try:
            await self._write()
        except SQLAlchemyError:
            log.exception("What was traced lately could not be written down.")

    async def _write(self) -> None:
        """Write what is not written yet, once what is being written is."""
        async with self._turn:
            unwritten, self._unwritten = self._unwritten, []
            if unwritten:
                await self._save(unwritten)

    async def _save(self, unwritten: list[TraceRecord]) -> None:
        now = self._clock.now()
        async with self._database.transaction() as connection:
            await save_traces(connection, unwritten)
            if self._tidied_at is None or now - self._tidied_at >= _TIDIED_EVERY:
                await delete_traces(connection, now - _KEPT)
                self._tidied_at = now
