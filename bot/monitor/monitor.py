"""The monitor: runs the rounds of one account. A round fetches from ImaginePro, decides, and records what changed."""

import asyncio
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta

import structlog
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.clock import Clock
from bot.concurrency.backoff import Backoff
from bot.concurrency.graceful import shield_until_done
from bot.domain.evaluation import TrackedToken, diff_readings
from bot.domain.readings import Reading
from bot.domain.run_out import RunOut
from bot.imaginepro.client import ImaginePro
from bot.imaginepro.errors import ImagineProError, RateLimited
from bot.monitor.account import AccountPoller
from bot.monitor.digest_schedule import record_digests
from bot.monitor.fetching import Fetcher
from bot.monitor.forecasts import RunOutForecasts
from bot.monitor.recording import RoundResult, record_no_data, record_round
from bot.monitor.responses import RoundResponses, describe_error, limit_new_tokens, readings_of, reject_empty_fleet
from bot.storage.accounts import get_account, record_failure, record_fleet_refused, record_success
from bot.storage.alert_routes import routes_of
from bot.storage.database import Database
from bot.storage.leases import RENEWAL_INTERVAL, Lease
from bot.storage.tokens import add_samples, known_tokens, save_tokens
from bot.storage.watches import record_watch_result

log = structlog.get_logger(__name__)

_RECHECK_DELAY = timedelta(seconds=8)  # at most 10 s with the jitter of 10 %
_MAX_BACKOFF_SECONDS = 120


class LeaseLost(Exception):
    """Another process has taken over the rounds during this one."""


class Monitor:
    """Runs the rounds of one account. `deliveries_recorded` is called after a round that recorded any."""

    def __init__(
        self,
        account_id: int,
        imaginepro: ImaginePro,
        database: Database,
        clock: Clock,
        *,
        poll_interval: timedelta,
        deliveries_recorded: Callable[[], None],
    ) -> None:
        self._account_id = account_id
        self._database = database
        self._clock = clock
        self._poll_interval = poll_interval
        self._deliveries_recorded = deliveries_recorded
        self._lease = Lease(f"rounds of account {account_id}", database, clock)
        self._fetcher = Fetcher(account_id, imaginepro, database, clock, poll_interval=poll_interval)
        self._run_out_forecasts = RunOutForecasts(account_id, database, clock)
        self._account_poller = AccountPoller(account_id, imaginepro, database, clock)
        self._has_succeeded = False
        self._started_at = clock.now()
        self._failures = 0
        self._has_logged_tokens = False

    async def run(self) -> None:
        """Run rounds forever. A failed round does not stop the next one."""
        async with self._lease.released_at_the_end(), asyncio.TaskGroup() as group:
            # The lease lasts 30 s and is renewed every 10 s, independently of how long a round takes.
            group.create_task(self._lease.keep())
            while True:
                delay = await shield_until_done(self.round())
                if self._has_succeeded:
                    # In the background, so that it does not delay the rounds.
                    group.create_task(self._account_poller.poll())
                # Jitter, so that several bots do not send their requests at the same moment.
                await self._clock.sleep(self._clock.jitter(delay.total_seconds()))

    async def round(self) -> timedelta:
        """Run one round, unless another process runs them, and return the delay until the next. Raises nothing."""
        self._has_succeeded = False
        try:
            if not await self._lease.take():
                return RENEWAL_INTERVAL
            result = await self._record(await self._fetcher.fetch())
        except ImagineProError as error:
            return await self._after_failure(error)
        except LeaseLost:
            log.warning("The round was discarded because another process has taken over the rounds.")
            return RENEWAL_INTERVAL
        except Exception as error:
            # The loop must survive any error.
            log.exception("Unexpected error in a round. The next round starts on time.")
            return await self._try_to_record_failure(type(error).__name__) or self._poll_interval
        self._has_succeeded = True
        if self._failures:
            log.info("ImaginePro responds again.", failed_rounds=self._failures)
            self._failures = 0
        return min(_RECHECK_DELAY, self._poll_interval) if result.has_pending_changes else self._poll_interval

    async def _record(self, responses: RoundResponses) -> RoundResult:
        """Record the readings, samples, incidents and deliveries of a round, in one transaction."""
        now = self._clock.now()
        run_outs = await self._run_out_forecasts.forecast(readings_of(responses, {}, now), now)
        async with self._database.transaction() as connection:
            await self._check_lease(connection)
            known = await known_tokens(connection, self._account_id)
            if responses.fleet is not None:
                reject_empty_fleet(responses.fleet, known)
            readings = limit_new_tokens(readings_of(responses, known, now), known)
            account = await get_account(connection, self._account_id)
            # The clock may be set back: a last success in the future counts as now.
            diff = diff_readings(
                known, readings, min(account.last_success_at or now, now), fleet=responses.listed_token_ids
            )
            await save_tokens(connection, self._account_id, diff.tokens)
            await add_samples(connection, self._account_id, diff.samples)
            result = await self._record_servers(connection, readings, known, run_outs, now)
            await self._record_outcome(connection, responses, now)
        if result.recorded:
            self._deliveries_recorded()
        if readings and not self._has_logged_tokens:
            modes = Counter(str(reading.mode) for reading in readings)
            log.info(
                "Watching tokens.", whole_fleet=responses.fleet is not None, tokens=len(readings), modes=dict(modes)
            )
            self._has_logged_tokens = True
        return result

    async def _check_lease(self, connection: AsyncConnection) -> None:
        """Keep other processes from recording a round until the transaction ends. Raises LeaseLost."""
        if not await self._lease.is_held(connection):
            raise LeaseLost

    async def _record_servers(
        self,
        connection: AsyncConnection,
        readings: Sequence[Reading],
        known: Mapping[int, TrackedToken],
        run_outs: Mapping[int, RunOut],
        now: datetime,
    ) -> RoundResult:
        """Record the round for each server with alerts, and the digests that are due."""
        routes = await routes_of(connection, self._account_id)
        results = [
            await record_round(connection, route, readings, known, run_outs, now, self._clock) for route in routes
        ]
        # A round without any reading is no basis for a digest.
        has_digests = bool(readings) and await record_digests(connection, self._account_id, now, self._clock)
        return RoundResult(
            recorded=has_digests or any(one.recorded for one in results),
            has_pending_changes=any(one.has_pending_changes for one in results),
        )

    async def _record_outcome(self, connection: AsyncConnection, responses: RoundResponses, now: datetime) -> None:
        for result in responses.trace_results:
            token_id = result.reading.token_id if result.reading else None
            await record_watch_result(
                connection, self._account_id, result.message_id, token_id=token_id, problem=result.error_message
            )
        if responses.fleet is not None or any(result.reading for result in responses.trace_results):
            await record_success(connection, self._account_id, now, lists_fleet=responses.fleet is not None)
        else:
            await record_fleet_refused(connection, self._account_id)

    async def _after_failure(self, error: ImagineProError) -> timedelta:
        """Record a failed round, log it if it is the first in a row, and return the delay before the next one."""
        self._failures += 1
        description = describe_error(error)
        if self._failures == 1:
            log.warning("The round failed. Token states stay as they were.", error=description)
        delay = await self._try_to_record_failure(description)
        return delay or delay_after_failure(error, self._failures, self._poll_interval)

    async def _try_to_record_failure(self, error: str) -> timedelta | None:
        """Record a failed round. Return the delay if another process has taken over the rounds, otherwise None."""
        try:
            recorded = await self._record_failure(error)
        except LeaseLost:
            return RENEWAL_INTERVAL
        except Exception:
            log.exception("The failed round could not be recorded.")
        else:
            if recorded:
                self._deliveries_recorded()
        return None

    async def _record_failure(self, error: str) -> bool:
        """Record a failed round, and open incidents where there was no data for too long. Whether any was notified."""
        now = self._clock.now()
        async with self._database.transaction() as connection:
            await self._check_lease(connection)
            await record_failure(connection, self._account_id, error)
            account = await get_account(connection, self._account_id)
            # The time before this process started does not count as an outage of ImaginePro.
            since = max(self._started_at, account.last_success_at or self._started_at)
            routes = await routes_of(connection, self._account_id)
            return any(
                [
                    await record_no_data(
                        connection, route, since, now, self._clock, min_duration=2 * self._poll_interval
                    )
                    for route in routes
                ]
            )


def delay_after_failure(error: ImagineProError, failures: int, poll_interval: timedelta) -> timedelta:
    """Return the delay after this many failed rounds in a row: it doubles up to 2 min, or the poll interval if longer.

    After a rate limit rounds go on as usual: the client itself sends nothing until it may, and the rounds notice in
    time that there is no data.
    """
    if isinstance(error, RateLimited):
        return poll_interval
    first = poll_interval.total_seconds()
    return timedelta(seconds=Backoff(first, longest=max(first, _MAX_BACKOFF_SECONDS)).pause(failures))
