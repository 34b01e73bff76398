"""Admits requests up to an adaptive limit, and shares it between partitions."""

import asyncio
from collections import Counter, defaultdict, deque
from collections.abc import AsyncIterator, Callable, Hashable
from contextlib import asynccontextmanager

from bot.concurrency.aimd_limit import AimdLimit, Sample

_RESERVED = 4
"""A partition never uses the last fourth of the limit, so that a burst of one delays no other."""


class Listener:
    """Reports to the limit how a request went. Without a report, the request counts for nothing."""

    def __init__(self, limit: AimdLimit, monotonic: Callable[[], float], in_flight: int) -> None:
        self._limit = limit
        self._monotonic = monotonic
        self._in_flight = in_flight
        self._started_at = monotonic()

    def on_success(self, kind: Hashable) -> None:
        """The headers of a response have come."""
        self._limit.update(self._sample(kind))

    def on_dropped(self, kind: Hashable) -> None:
        """The request was refused because of overload, or had no response in time."""
        self._limit.update(self._sample(kind, dropped=True))

    def _sample(self, kind: Hashable, *, dropped: bool = False) -> Sample:
        rtt = self._monotonic() - self._started_at
        return Sample(kind, self._started_at, rtt, self._in_flight, dropped)


class Limiter:
    """Admits requests of several partitions, those of a partition in their order."""

    def __init__(self, limit: AimdLimit, monotonic: Callable[[], float], show: Callable[[float], object]) -> None:
        """`show` gets the limit whenever it may have changed."""
        self._limit = limit
        self._monotonic = monotonic
        self._show = show
        self._in_flight: Counter[Hashable] = Counter()
        self._waiting: defaultdict[Hashable, deque[asyncio.Future[None]]] = defaultdict(deque)
        show(limit.value)

    @asynccontextmanager
    async def acquire(self, partition: Hashable) -> AsyncIterator[Listener]:
        """Wait for a slot, and hold it."""
        await self._wait(partition)
        try:
            yield Listener(self._limit, self._monotonic, self._in_flight.total())
        finally:
            self._show(self._limit.value)
            self._release(partition)

    async def _wait(self, partition: Hashable) -> None:
        admitted = asyncio.get_running_loop().create_future()
        self._waiting[partition].append(admitted)
        self._admit()
        try:
            await admitted
        except asyncio.CancelledError:
            if not admitted.cancelled():
                # Admitted in the moment in which the caller was cancelled.
                self._release(partition)
            raise

    def _release(self, partition: Hashable) -> None:
        self._in_flight[partition] -= 1
        self._admit()

    def _admit(self) -> None:
        """Admit who waits and has room, from the partition with the fewest in flight first."""
        while partitions := [one for one, waiting in self._waiting.items() if waiting and self._has_room(one)]:
            partition = min(partitions, key=self._in_flight.__getitem__)
            admitted = self._waiting[partition].popleft()
            if not admitted.done():
                self._in_flight[partition] += 1
                admitted.set_result(None)

    def _has_room(self, partition: Hashable) -> bool:
        limit = self._limit.value
        return self._in_flight.total() < limit and self._in_flight[partition] < limit - limit // _RESERVED
