"""Turns: whose deliveries may begin now."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import TypeAlias

from bot.clock import Clock, Pause
from bot.storage.claims import Lane

Turn: TypeAlias = tuple[Lane, int]
"""What is delivered one at a time: the alerts of a server, or its digests."""

# A digest takes long, and may not keep alerts of other servers from being sent.
_MAX_CONCURRENT = {Lane.ALERTS: 16, Lane.DIGESTS: 4}


class Turns:
    """A server has one alert in progress at a time, and one digest beside it. `ended` is called at the end of each.

    After a delivery has failed, the others of its server may have to wait as long as it does.
    """

    def __init__(self, clock: Clock, ended: Callable[[], None]) -> None:
        self._clock = clock
        self._ended = ended
        self._in_progress: dict[Turn, asyncio.Event] = {}
        self._backoff: dict[int, Pause] = {}

    def is_full(self, lane: Lane) -> bool:
        """Whether as many are in progress as may be."""
        return sum(of_turn is lane for of_turn, _ in self._in_progress) >= _MAX_CONCURRENT[lane]

    def begin(self, turn: Turn) -> bool:
        """Begin a turn now; False if that has to wait. The caller must `end` it."""
        if turn in self._in_progress or self.is_full(turn[0]) or self.is_backed_off(turn[1]):
            return False
        self._in_progress[turn] = asyncio.Event()
        return True

    def end(self, turn: Turn) -> None:
        """End a turn."""
        self._in_progress.pop(turn).set()
        self._ended()

    def end_with(self, task: asyncio.Task[None], turn: Turn) -> None:
        """End a turn as soon as a task is done."""
        task.add_done_callback(lambda _: self.end(turn))

    @asynccontextmanager
    async def waited_for(self, turn: Turn) -> AsyncIterator[None]:
        """Wait for a turn, however many others are in progress, and end it after the block."""
        while (current := self._in_progress.get(turn)) is not None:
            await current.wait()
        self._in_progress[turn] = asyncio.Event()
        try:
            yield
        finally:
            self.end(turn)

    def back_off(self, server_id: int, seconds: float) -> None:
        """Let the deliveries of a server wait for so long, or until the end of a longer pause."""
        self._backoff.setdefault(server_id, Pause(self._clock)).extend(seconds)

    def is_backed_off(self, server_id: int) -> bool:
        """Whether the deliveries of a server have to wait."""
        return server_id in self._backoff and self._backoff[server_id].seconds_left > 0

    @property
    def waits(self) -> dict[int, float]:
        """The seconds that the deliveries of servers have to wait."""
        self._backoff = {server_id: pause for server_id, pause in self._backoff.items() if pause.seconds_left}
        return {server_id: pause.seconds_left for server_id, pause in self._backoff.items()}

    @property
    def alerting(self) -> set[int]:
        """The servers with an alert in progress."""
        return {server_id for lane, server_id in self._in_progress if lane is Lane.ALERTS}
