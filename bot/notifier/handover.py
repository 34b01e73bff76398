"""The hand-over: deliveries are claimed in the transaction that records them, and sent once it is committed.

So an alert waits for one commit instead of two, and for no look at the database.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Coroutine, Iterator
from contextlib import asynccontextmanager, contextmanager
from functools import partial
from typing import Any, TypeAlias

import structlog
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.clock import Clock
from bot.concurrency.graceful import shield_until_done
from bot.notifier.batch import DeliveryBatch
from bot.notifier.queue import claim_next_batch
from bot.notifier.sender import Sender
from bot.notifier.turns import Turn, Turns
from bot.storage.claims import Lane
from bot.storage.unavailable import as_unavailable

log = structlog.get_logger(__name__)

Claim: TypeAlias = Callable[[AsyncConnection, Collection[int]], Awaitable[None]]
"""Claims what may be sent at once of what a transaction has recorded for these servers."""

# The transaction that records a round must not last long. The notifier looks for what is left.
_MAX_SERVERS = 4


class Handover:
    """Takes deliveries from the transactions of this process, while the notifier runs. `deliver` sends a batch."""

    def __init__(
        self, clock: Clock, sender: Sender, turns: Turns, deliver: Callable[[DeliveryBatch], Coroutine[Any, Any, None]]
    ) -> None:
        self._clock = clock
        self._sender = sender
        self._turns = turns
        self._deliver = deliver
        self._group: asyncio.TaskGroup | None = None

    @contextmanager
    def accepted(self, group: asyncio.TaskGroup) -> Iterator[None]:
        """Take deliveries inside the block, and send them in this group."""
        self._group = group
        try:
            yield
        finally:
            self._group = None

    @asynccontextmanager
    async def handing_over(self) -> AsyncIterator[Claim]:
        """Yield what claims deliveries inside a transaction. The block must contain all of the transaction.

        They are sent at the end of the block. If it raises, nothing is: the claims were not committed either.
        """
        claimed: dict[Turn, DeliveryBatch] = {}
        try:
            yield partial(self._claim, claimed)
        except BaseException:
            for turn in claimed:
                self._turns.end(turn)
            raise
        for turn, batch in claimed.items():
            await self._begin(turn, batch)

    async def _claim(
        self, claimed: dict[Turn, DeliveryBatch], connection: AsyncConnection, server_ids: Collection[int]
    ) -> None:
        for turn in [(Lane.ALERTS, server_id) for server_id in server_ids][:_MAX_SERVERS]:
            if self._group is None or not self._turns.begin(turn):
                continue
            batch = None
            try:
                if await self._sender.take_turn():
                    batch = await self._claim_next(connection, turn[1])
            finally:
                if batch is None:
                    self._turns.end(turn)
            if batch is not None:
                claimed[turn] = batch

    async def _claim_next(self, connection: AsyncConnection, server_id: int) -> DeliveryBatch | None:
        """Claim the most urgent batch of a server. An error undoes the claim, and not what the transaction records."""
        try:
            async with connection.begin_nested():
                return await claim_next_batch(connection, server_id, self._clock)
        except Exception as error:
            if isinstance(error, SQLAlchemyError | OSError) and as_unavailable(error) is not None:
                raise
            log.exception("The next delivery could not be claimed. Retrying.", server=server_id)
            return None

    async def _begin(self, turn: Turn, batch: DeliveryBatch) -> None:
        if self._group is None:
            # The notifier has stopped meanwhile. What is claimed is sent all the same.
            try:
                await self._deliver(batch)
            finally:
                self._turns.end(turn)
            return
        self._turns.end_with(self._group.create_task(self._send(batch)), turn)

    async def _send(self, batch: DeliveryBatch) -> None:
        await shield_until_done(self._deliver(batch))
