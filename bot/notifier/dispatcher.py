"""The dispatcher: takes one batch after another from the queue, through the plan, to the sender."""

import asyncio
import logging
from collections import defaultdict
from dataclasses import replace

import structlog

from bot.clock import Clock, Pause
from bot.concurrency.graceful import shield_until_done
from bot.notifier.actions import Expired, Outcome, Refused, Replied, RetryAt
from bot.notifier.batch import DeliveryBatch
from bot.notifier.digests import Draw, compose_digest, period_of
from bot.notifier.discord_errors import FailureScope
from bot.notifier.plan import plan
from bot.notifier.queue import claim_next_batch, record_outcome
from bot.notifier.sender import Sender
from bot.storage.claims import next_due, servers_due
from bot.storage.database import Database, DatabaseUnavailable
from bot.storage.deliveries import DeliveryKind

log = structlog.get_logger(__name__)

_IDLE_SECONDS = 60
_DATABASE_RETRY_SECONDS = 5
_MAX_CONCURRENT_SERVERS = 16
# The next delivery of a server is tried after this time, in case the failure was about one delivery only.
_LONGEST_SERVER_BACKOFF = 30.0


class Dispatcher:
    """Sends recorded deliveries until each one has arrived.

    `draw` draws the pictures of digests; without it they have none.
    """

    def __init__(self, database: Database, clock: Clock, sender: Sender, *, draw: Draw | None = None) -> None:
        self._database = database
        self._clock = clock
        self._sender = sender
        self._draw = draw
        self._wake = asyncio.Event()
        self._locks: defaultdict[int, asyncio.Lock] = defaultdict(asyncio.Lock)
        # After a delivery has failed, the others of the same server wait as long as it does.
        self._backoff: dict[int, Pause] = {}

    def wake(self) -> None:
        """Look for due deliveries now, because some were just recorded."""
        self._wake.set()

    async def run(self) -> None:
        """Deliver forever. The client must be logged in; its gateway need not be connected.

        Each server has one delivery in progress at a time, then its most urgent one is next. So neither a slow channel
        nor a flood of alerts delays other servers for long.
        """
        in_progress: dict[int, asyncio.Task[None]] = {}
        async with asyncio.TaskGroup() as group:
            while True:
                self._wake.clear()
                idle = [server_id for server_id in await self._servers_due() if server_id not in in_progress]
                for server_id in idle[: _MAX_CONCURRENT_SERVERS - len(in_progress)]:
                    task = group.create_task(self._deliver_next(server_id), name=str(server_id))
                    in_progress[server_id] = task
                    task.add_done_callback(lambda task: self._on_done(in_progress, int(task.get_name())))
                await self._clock.wait(self._wake, await self._seconds_to_next())

    def _on_done(self, in_progress: dict[int, asyncio.Task[None]], server_id: int) -> None:
        del in_progress[server_id]
        self._wake.set()

    async def deliver_due(self) -> None:
        """Deliver all that is due: servers concurrently, the deliveries of one server in order."""
        while due := await self._servers_due():
            await asyncio.gather(*map(self._deliver_next, due))

    async def deliver_soon(self, seconds: float) -> None:
        """Deliver all that is due, and wait at most this many seconds; after that it continues in the background."""
        delivering = asyncio.create_task(self.deliver_due())
        await asyncio.wait({delivering}, timeout=seconds)

    async def _servers_due(self) -> list[int]:
        now = self._clock.now()
        try:
            async with self._database.reading() as connection:
                due = await servers_due(connection, now)
        except DatabaseUnavailable:
            return []
        except Exception:
            # The loop must survive any error. The deliveries remain recorded.
            log.exception("The due deliveries could not be read. Retrying.")
            return []
        self._backoff = {server_id: pause for server_id, pause in self._backoff.items() if pause.seconds_left}
        return [server_id for server_id in due if server_id not in self._backoff]

    async def _seconds_to_next(self) -> float:
        """Return the seconds until the next delivery is due, from 1 to 60."""
        now = self._clock.now()
        try:
            async with self._database.reading() as connection:
                next_attempt_at = await next_due(connection, now)
        except DatabaseUnavailable:
            return _DATABASE_RETRY_SECONDS
        except Exception:
            log.exception("The next delivery could not be read.")
            return _IDLE_SECONDS
        if next_attempt_at is None:
            return _IDLE_SECONDS
        return min(max((next_attempt_at - now).total_seconds(), 1), _IDLE_SECONDS)

    async def _deliver_next(self, server_id: int) -> None:
        """Deliver the most urgent batch of one server."""
        async with self._locks[server_id]:
            # Wait before claiming, so that the claim does not expire meanwhile.
            await self._sender.wait_for_turn()
            try:
                async with self._database.transaction() as connection:
                    batch = await claim_next_batch(connection, server_id, self._clock)
            except DatabaseUnavailable:
                self._back_off(server_id, _DATABASE_RETRY_SECONDS)
                return
            except Exception:
                log.exception("The next delivery could not be claimed. Retrying.", server=server_id)
                self._back_off(server_id, _IDLE_SECONDS)
                return
            if batch is not None:
                await shield_until_done(self._deliver(batch))

    async def _deliver(self, batch: DeliveryBatch) -> None:
        """Plan what to do about a batch, perform it, and record the outcome."""
        try:
            batch = await self._complete(batch)
            outcome = await self._sender.perform(plan(batch, self._clock.now()), batch.attempt)
        except Exception as error:
            log.exception("Unexpected error while sending a delivery. Retrying.", delivery=batch.first.id)
            outcome = self._sender.outcome_of(error, batch.attempt)
        if isinstance(outcome, Refused):
            outcome = replace(outcome, timed_out_until=self._sender.timed_out_until(batch.route.server_id))
        try:
            async with self._database.transaction() as connection:
                await record_outcome(connection, batch, outcome, self._clock)
        except DatabaseUnavailable:
            # It is sent again after its claim has expired. Discord drops the repeat by its nonce.
            log.warning("The outcome of a delivery could not be recorded.", delivery=batch.first.id)
        except Exception:
            log.exception("The outcome of a delivery could not be recorded.", delivery=batch.first.id)
        self._apply_backoff(batch, outcome)

    async def _complete(self, batch: DeliveryBatch) -> DeliveryBatch:
        """Compose the digest of a DIGEST batch. It is too slow for the transaction that claims the batch."""
        if batch.first.kind is not DeliveryKind.DIGEST:
            return batch
        period, now = period_of(batch.first), self._clock.now()
        return replace(batch, digest=await compose_digest(self._database, batch.route, period, now, self._draw))

    def _apply_backoff(self, batch: DeliveryBatch, outcome: Outcome) -> None:
        """Log a failure, and back off as far as it reaches."""
        match outcome:
            case Refused(error):
                # The route is tried again and again. Only the first refusal needs attention.
                log.log(
                    logging.ERROR if batch.route.disabled_reason is None else logging.DEBUG,
                    "Discord refuses an alert channel. Its deliveries wait.",
                    server=batch.route.server_id,
                    channel=batch.route.channel_id,
                    error=error,
                )
            case RetryAt() | Replied(RetryAt()):
                self._apply_failure(batch, outcome.edit if isinstance(outcome, Replied) else outcome)
            case Expired():
                log.warning("A delivery was not sent because its claim had expired.", delivery=batch.first.id)

    def _apply_failure(self, batch: DeliveryBatch, failure: RetryAt) -> None:
        delivery, server_id = batch.first, batch.route.server_id
        log.warning(
            "A delivery could not be sent. Retrying.",
            server=server_id,
            delivery=delivery.id,
            attempts=delivery.attempts,
            error=failure.error,
        )
        seconds = (failure.retry_at - self._clock.now()).total_seconds()
        if failure.scope is FailureScope.EVERYTHING:
            self._sender.pause(seconds)
        # The cause may be the digest itself, so other deliveries do not wait.
        elif failure.scope is FailureScope.SERVER and delivery.kind is not DeliveryKind.DIGEST:
            self._back_off(server_id, min(seconds, _LONGEST_SERVER_BACKOFF))

    def _back_off(self, server_id: int, seconds: float) -> None:
        self._backoff.setdefault(server_id, Pause(self._clock)).extend(seconds)
