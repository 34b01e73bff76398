"""The dispatcher: takes one batch after another from the queue, through the plan, to the sender."""

import asyncio
import logging
from collections.abc import Collection, Iterable
from dataclasses import replace

import structlog

from bot.clock import Clock
from bot.concurrency.graceful import shield_until_done
from bot.notifier import measuring
from bot.notifier.actions import Expired, Outcome, Refused, Replied, RetryAt
from bot.notifier.batch import DeliveryBatch
from bot.notifier.digests import DigestComposer, Draw, period_of
from bot.notifier.discord_errors import FailureScope
from bot.notifier.handover import Handover
from bot.notifier.outcomes import record_outcome
from bot.notifier.plan import plan
from bot.notifier.queue import claim_next_batch
from bot.notifier.sender import Sender
from bot.notifier.turns import Turn, Turns
from bot.storage.claims import Lane, next_due, servers_due
from bot.storage.database import Database, DatabaseUnavailable
from bot.storage.deliveries import NOT_IN_ROUTES, DeliveryKind
from bot.storage.notifications import Listener
from bot.storage.payloads import BrokenRoutePayload

log = structlog.get_logger(__name__)

_IDLE_SECONDS = 60
_DATABASE_RETRY_SECONDS = 5
# The next delivery of a server is tried after this time, in case the failure was about one delivery only.
_LONGEST_SERVER_BACKOFF = 30.0


class Dispatcher:
    """Sends recorded deliveries until each one has arrived.

    `draw` draws the pictures of digests; without it they have none.
    Alerts link `dashboard_url` where a person must act.
    """

    def __init__(
        self, database: Database, clock: Clock, sender: Sender, *, draw: Draw | None = None, dashboard_url: str = ""
    ) -> None:
        self._database = database
        self._clock = clock
        self._sender = sender
        self._dashboard_url = dashboard_url
        self._digests = DigestComposer(database, clock, draw)
        self._wake = asyncio.Event()
        self._turns = Turns(clock, self._wake.set)
        self.handover = Handover(clock, sender, self._turns, self._deliver)

    def wake(self) -> None:
        """Look for due deliveries now, because some were just recorded."""
        self._wake.set()

    async def run(self) -> None:
        """Deliver forever. The client must be logged in; its gateway need not be connected.

        Each server has one alert in progress at a time, then its most urgent one is next. So neither a slow channel nor
        a flood of alerts delays other servers for long. A digest is sent beside the alerts.
        """
        async with asyncio.TaskGroup() as group:
            group.create_task(self._sender.shared_limit.keep_shared(self._database, self._clock))
            group.create_task(Listener(self._database, self._clock, self.wake).run())
            with self.handover.accepted(group):
                while True:
                    self._wake.clear()
                    # Each look is at a part of what waits, without the servers that it need not see again.
                    while not self._turns.is_full(Lane.ALERTS):
                        if not self._begin(group, await self._due(without=self._turns.alerting)):
                            break
                    await self._clock.wait(self._wake, await self._seconds_to_next())

    def _begin(self, group: asyncio.TaskGroup, due: Iterable[Turn]) -> bool:
        """Begin to deliver in the background what can begin; False if nothing can."""
        begun = [turn for turn in due if self._turns.begin(turn)]
        for turn in begun:
            self._turns.end_with(group.create_task(self._deliver_next(*turn)), turn)
        return bool(begun)

    async def deliver_due(self) -> None:
        """Deliver all that is due: servers concurrently, the deliveries of one server in order."""
        while due := await self._due():
            await asyncio.gather(*(self._wait_and_deliver(turn) for turn in due))

    async def _wait_and_deliver(self, turn: Turn) -> None:
        async with self._turns.waited_for(turn):
            await self._deliver_next(*turn)

    async def deliver_soon(self, seconds: float) -> None:
        """Deliver all that is due, and wait at most this many seconds; after that it continues in the background."""
        delivering = asyncio.create_task(self.deliver_due())
        await asyncio.wait({delivering}, timeout=seconds)

    async def _due(self, *, without: Collection[int] = ()) -> list[Turn]:
        """Return what to deliver next in other servers, the most urgent first. Digests wait for all alerts."""
        now, without = self._clock.now(), {*without, *self._turns.waits}
        try:
            async with self._database.reading() as connection:
                if alerts := await servers_due(connection, now, without=without):
                    return [(Lane.ALERTS, server_id) for server_id in alerts]
                digests = await servers_due(connection, now, Lane.DIGESTS, without=without)
                return [(Lane.DIGESTS, server_id) for server_id in digests]
        except DatabaseUnavailable:
            return []
        except Exception:
            # The loop must survive any error. The deliveries remain recorded.
            log.exception("The due deliveries could not be read. Retrying.")
            return []

    async def _seconds_to_next(self) -> float:
        """Return the seconds until the next delivery is due, from 1 to 60. The end of one in progress wakes anyway."""
        if self._turns.is_full(Lane.ALERTS):
            return _IDLE_SECONDS
        now, paused = self._clock.now(), self._turns.waits
        without = {*paused, *self._turns.alerting}
        try:
            async with self._database.reading() as connection:
                next_attempt_at = await next_due(connection, now, without=without)
        except DatabaseUnavailable:
            return _DATABASE_RETRY_SECONDS
        except Exception:
            log.exception("The next delivery could not be read.")
            return _IDLE_SECONDS
        waits = list(paused.values())
        if next_attempt_at is not None:
            waits.append((next_attempt_at - now).total_seconds())
        return min(max(min(waits, default=_IDLE_SECONDS), 1), _IDLE_SECONDS)

    async def _deliver_next(self, lane: Lane, server_id: int) -> None:
        """Deliver the most urgent batch of one server."""
        # Wait before claiming, so that the claim does not expire meanwhile.
        await self._sender.wait_for_turn()
        try:
            async with self._database.transaction() as connection:
                batch = await claim_next_batch(connection, server_id, self._clock, lane)
        except DatabaseUnavailable:
            self._turns.back_off(server_id, _DATABASE_RETRY_SECONDS)
            return
        except Exception:
            log.exception("The next delivery could not be claimed. Retrying.", server=server_id)
            self._turns.back_off(server_id, _IDLE_SECONDS)
            return
        if batch is not None:
            await shield_until_done(self._deliver(batch))

    async def _deliver(self, batch: DeliveryBatch) -> None:
        """Plan what to do about a batch, perform it, and record the outcome."""
        try:
            batch = await self._complete(batch)
            outcome = await self._sender.perform(plan(batch, self._clock.now()), batch.attempt)
        except DatabaseUnavailable:
            # A digest that could not be composed. It is tried again after its claim has expired.
            return
        except Exception as error:
            log.exception("Unexpected error while sending a delivery. Retrying.", delivery=batch.first.id)
            outcome = self._sender.outcome_of(error, batch.attempt)
        measuring.count(batch, outcome, self._clock.now())
        if isinstance(outcome, Refused):
            outcome = replace(outcome, timed_out_until=self._sender.timed_out_until(batch.route.server_id))
        try:
            # If a power failure undoes it, the message is sent again and recognized, as after a crash before it.
            async with self._database.transaction(durable=False) as connection:
                await record_outcome(connection, batch, outcome, self._clock)
        except DatabaseUnavailable:
            # It is sent again after its claim has expired. Discord drops the repeat by its nonce.
            log.warning("The outcome of a delivery could not be recorded.", delivery=batch.first.id)
        except Exception:
            log.exception("The outcome of a delivery could not be recorded.", delivery=batch.first.id)
        self._apply_backoff(batch, outcome)

    async def _complete(self, batch: DeliveryBatch) -> DeliveryBatch:
        """Add what the claim has not read. A digest is too slow to be composed in its transaction."""
        batch = replace(batch, dashboard_url=self._dashboard_url)
        if isinstance(batch.first.payload, BrokenRoutePayload):
            lacking = self._sender.lacking_in(batch.route.server_id, batch.first.payload.channel_id)
            return replace(batch, lacking=lacking)
        if batch.first.kind is not DeliveryKind.DIGEST:
            return batch
        return replace(batch, digest=await self._digests.compose(batch.route, period_of(batch.first)))

    def _apply_backoff(self, batch: DeliveryBatch, outcome: Outcome) -> None:
        """Log a failure, and back off as far as it reaches."""
        match outcome:
            case Refused() if batch.first.kind in NOT_IN_ROUTES:
                pass  # `bot.notifier.threads` and `bot.notifier.stale_messages` log it, once
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
            self._turns.back_off(server_id, min(seconds, _LONGEST_SERVER_BACKOFF))
