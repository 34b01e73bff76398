"""The dispatcher: whose turn it is. It takes batch after batch from the queue through the plan to the sender."""

import asyncio
from collections import defaultdict
from dataclasses import replace
from datetime import datetime, timedelta

import structlog

from bot.clock import Clock
from bot.concurrency.graceful import shield_until_done
from bot.notifier.actions import Expired, Outcome, Refused, RetryAt
from bot.notifier.batch import DeliveryBatch
from bot.notifier.digests import Draw, compose_digest, period_of
from bot.notifier.plan import plan
from bot.notifier.queue import claim_next_batch, resolve_flapping
from bot.notifier.sender import Sender
from bot.storage.claims import next_due, servers_due
from bot.storage.database import Database
from bot.storage.deliveries import DeliveryKind

log = structlog.get_logger(__name__)

_IDLE_SECONDS = 60
_MAX_CONCURRENT_SERVERS = 16


class Dispatcher:
    """Delivers what is recorded, until each delivery has arrived.

    `draw` draws the pictures of digests, which go without where there is none.
    """

    def __init__(self, database: Database, clock: Clock, sender: Sender, *, draw: Draw | None = None) -> None:
        self._database = database
        self._clock = clock
        self._sender = sender
        self._draw = draw
        self._news = asyncio.Event()
        self._turns: defaultdict[int, asyncio.Lock] = defaultdict(asyncio.Lock)
        # Where Discord did not take a delivery, the others of the same server wait as long, untried.
        self._resting: dict[int, datetime] = {}

    def wake(self) -> None:
        """Look for deliveries now: some were just recorded."""
        self._news.set()

    async def run(self) -> None:
        """Deliver for ever. The client must be logged in; its gateway need not be connected.

        One delivery a server at a time, and then the most urgent again: neither a channel where Discord is slow nor a
        flood of alerts keeps others waiting for long.
        """
        under_way: dict[int, asyncio.Task[None]] = {}
        async with asyncio.TaskGroup() as group:
            while True:
                self._news.clear()
                idle = [server_id for server_id in await self._servers_due() if server_id not in under_way]
                for server_id in idle[: _MAX_CONCURRENT_SERVERS - len(under_way)]:
                    task = group.create_task(self._deliver_next(server_id), name=str(server_id))
                    under_way[server_id] = task
                    task.add_done_callback(lambda task: self._is_done(under_way, int(task.get_name())))
                await self._clock.wait(self._news, await self._pause())

    def _is_done(self, under_way: dict[int, asyncio.Task[None]], server_id: int) -> None:
        del under_way[server_id]
        self._news.set()

    async def deliver_due(self) -> None:
        """Deliver all that is due: servers side by side, each server's one after the other."""
        while due := await self._servers_due():
            await asyncio.gather(*map(self._deliver_next, due))

    async def deliver_soon(self, seconds: float) -> None:
        """Deliver all that is due, and wait so long for it to arrive; after that it goes on by itself."""
        delivering = asyncio.create_task(self.deliver_due())
        await asyncio.wait({delivering}, timeout=seconds)

    async def _servers_due(self) -> list[int]:
        now = self._clock.now()
        try:
            async with self._database.reading() as connection:
                due = await servers_due(connection, now)
        except Exception:
            # The loop must outlive whatever this was, a full disk for one; the deliveries are still recorded.
            log.exception("The deliveries that are due could not be looked up; it is tried again.")
            return []
        self._resting = {server_id: until for server_id, until in self._resting.items() if until > now}
        return [server_id for server_id in due if server_id not in self._resting]

    async def _pause(self) -> float:
        now = self._clock.now()
        try:
            async with self._database.reading() as connection:
                due_at = await next_due(connection, now)
        except Exception:
            log.exception("The next delivery could not be looked up.")
            return _IDLE_SECONDS
        if due_at is None:
            return _IDLE_SECONDS
        return min(max((due_at - now).total_seconds(), 1), _IDLE_SECONDS)

    async def _deliver_next(self, server_id: int) -> None:
        """Deliver what is most urgent for one server."""
        async with self._turns[server_id]:
            # Before it is claimed, so that a claim does not run out meanwhile.
            await self._sender.wait_for_turn()
            try:
                async with self._database.transaction() as connection:
                    batch = await claim_next_batch(connection, server_id, self._clock)
            except Exception:
                log.exception("What is to be delivered next could not be claimed; it is tried again.", server=server_id)
                self._rest(server_id, self._clock.now() + timedelta(seconds=_IDLE_SECONDS))
                return
            if batch is not None:
                await shield_until_done(self._deliver(batch))

    async def _deliver(self, batch: DeliveryBatch) -> None:
        """Plan what to do about a batch, do it, and record the outcome."""
        try:
            batch = await self._complete(batch)
            outcome = await self._sender.perform(plan(batch, self._clock.now()), batch.attempt)
        except Exception as error:
            log.exception("A delivery failed for a reason nobody expected; it is tried again.", delivery=batch.first.id)
            outcome = self._sender.outcome_of(error, batch.attempt)
        try:
            async with self._database.transaction() as connection:
                await resolve_flapping(connection, batch, outcome, self._clock)
        except Exception:
            # It is sent again when its claim has run out, with the nonce by which Discord drops the repeat.
            log.exception("The outcome of a delivery could not be recorded.", delivery=batch.first.id)
        self._note(batch, outcome)

    async def _complete(self, batch: DeliveryBatch) -> DeliveryBatch:
        """Add the digest where the batch is to bring one: composing it takes more time than a claim should."""
        if batch.first.kind is not DeliveryKind.DIGEST:
            return batch
        period, now = period_of(batch.first), self._clock.now()
        return replace(batch, digest=await compose_digest(self._database, batch.route, period, now, self._draw))

    def _note(self, batch: DeliveryBatch, outcome: Outcome) -> None:
        """Log what went wrong, and let a server rest where Discord fails."""
        delivery = batch.first
        match outcome:
            case Refused(problem):
                log.error("Discord refuses an alert channel; its deliveries wait.", route=batch.route, problem=problem)
            case RetryAt(problem, retry_at):
                log.warning("A delivery is put off.", delivery=delivery.id, tries=delivery.attempts, problem=problem)
                # What is wrong with a digest may be wrong with nothing else.
                if delivery.kind is not DeliveryKind.DIGEST:
                    self._rest(batch.route.server_id, retry_at)
            case Expired():
                log.warning("A delivery was not sent: its claim ran out before it could be.", delivery=delivery.id)

    def _rest(self, server_id: int, until: datetime) -> None:
        self._resting[server_id] = max(until, self._resting.get(server_id, until))
