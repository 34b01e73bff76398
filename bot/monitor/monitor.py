"""The monitor: runs the rounds of one account. A round fetches from ImaginePro, decides, and records what changed."""

from collections.abc import Callable, Sequence
from datetime import timedelta

import structlog

from bot.clock import Clock
from bot.concurrency.backoff import Backoff
from bot.domain.outages import NoDataCause
from bot.imaginepro.client import ImaginePro
from bot.monitor import measuring
from bot.monitor.account import AccountPoller
from bot.monitor.fetching import DEADLINE as FETCH_DEADLINE
from bot.monitor.fetching import Fetcher
from bot.monitor.partitions import Partitions
from bot.monitor.responses import Failure, RoundResponses
from bot.monitor.round_recorder import LeaseLost, RoundRecorder
from bot.monitor.rounds import HandOver, RoundResult, hand_over_nothing
from bot.monitor.unchanged import Memory, UnchangedChecks
from bot.storage.accounts import fleet_was_listed
from bot.storage.database import Database, DatabaseUnavailable
from bot.storage.leases import RENEWAL_INTERVAL
from bot.storage.unavailable import Cause
from bot.storage.watches import Watch, watches_of

log = structlog.get_logger(__name__)

_RECHECK_DELAY = timedelta(seconds=8)  # at most 10 s with the jitter of 10 %
_MAX_BACKOFF_SECONDS = 120
JITTER = 0.1
"""By how much the delay between two rounds varies at random, as a share of it."""
_ALLOWANCE = timedelta(seconds=15)  # for what a round does besides its requests: a busy database, a busy machine
# Where requests may be part of the problem, or are useless until a person acts.
_BACKS_OFF = frozenset({NoDataCause.NO_RESPONSE, NoDataCause.UNUSABLE, NoDataCause.UNAUTHORIZED})


class Monitor:
    """Runs the rounds of one account.

    `deliveries_recorded` is called after a round that recorded any, and `check_succeeded` after one that read tokens.
    `hand_over` sends at once what a round records.
    """

    def __init__(
        self,
        account_id: int,
        imaginepro: ImaginePro,
        database: Database,
        clock: Clock,
        *,
        poll_interval: timedelta,
        deliveries_recorded: Callable[[], None],
        check_succeeded: Callable[[], None] = lambda: None,
        partitions: Partitions | None = None,
        hand_over: HandOver = hand_over_nothing,
        unchanged: UnchangedChecks | None = None,
    ) -> None:
        self._account_id = account_id
        self._database = database
        self._clock = clock
        self._poll_interval = poll_interval
        self._deliveries_recorded = deliveries_recorded
        self._check_succeeded = check_succeeded
        self.partitions = partitions or Partitions(database, clock)
        self._fetcher = Fetcher(imaginepro, clock, poll_interval=poll_interval)
        self.unchanged = unchanged or UnchangedChecks(database, clock)
        self._recorder = RoundRecorder(
            account_id,
            database,
            clock,
            self.partitions,
            self.unchanged,
            poll_interval=poll_interval,
            hand_over=hand_over,
        )
        self._account_poller = AccountPoller(account_id, imaginepro, database, clock)
        self._has_succeeded = False
        self._failures = 0
        self._last_cause: NoDataCause | None = None
        self._planned_delay = poll_interval

    @property
    def is_quota_due(self) -> bool:
        """Whether the account is to be polled: after a successful round, about once an hour."""
        return self._has_succeeded and self._account_poller.is_due

    async def poll_account(self) -> None:
        """Fetch the account's credits and expiry, if that is due. Raises nothing."""
        await self._account_poller.poll()

    async def round(self) -> timedelta:
        """Run one round, unless another process runs them, and return the delay until the next. Raises nothing.

        It ends within minutes: requests have a deadline (`Fetcher`), and so has each transaction (`Database`).
        """
        self._has_succeeded = False
        started_at = self._clock.monotonic()
        try:
            self._planned_delay = await self._round(started_at)
        except LeaseLost:
            log.warning("The round was discarded because another process has taken over the rounds.")
            measuring.DISCARDED.inc()
            self._planned_delay = RENEWAL_INTERVAL
        except DatabaseUnavailable as error:
            self._database.outage.check_failed(error)
            measuring.NOT_RECORDED.inc()
            self._planned_delay = self._poll_interval
        except Exception as error:
            # The loop must survive any error.
            measuring.FAILED[NoDataCause.INTERNAL].inc()
            log.exception("Unexpected error in a round. The next round starts on time.")
            self._planned_delay = await self._after_own_failure(error, started_at)
        return self._planned_delay

    async def _round(self, started_at: float) -> timedelta:
        if not await self.partitions.hold(self._account_id):
            self.unchanged.leave(self._account_id)
            self._database.outage.check_succeeded()
            return RENEWAL_INTERVAL
        memory = self.unchanged.recall(self._account_id)
        responses = await self._fetch(memory)
        # A process that stood still during the request records in full, where it is found out.
        if self.partitions.holds(self._account_id) and self.unchanged.note(self._account_id, responses):
            return self._after_success(RoundResult(recorded=False, has_pending_changes=False))
        self.unchanged.forget([self._account_id])
        if memory is not None and responses.fleet is memory.listing:
            responses = responses.read_again(self._clock.now())
        result = await self._recorder.record(responses, self._longest_gap(started_at))
        self._database.outage.check_succeeded()
        if result.recorded:
            self._deliveries_recorded()
        return self._after_success(result) if result.failure is None else self._after_failure(result.failure)

    async def _fetch(self, memory: Memory | None) -> RoundResponses:
        """Return the responses of ImaginePro. What to ask for is known from an earlier round, or read."""
        if memory is not None:
            return await self._fetcher.fetch(memory.watches, was_listed=True, last=memory.listing)
        watches, was_listed = await self._read_watched()
        return await self._fetcher.fetch(watches, was_listed=was_listed)

    async def _read_watched(self) -> tuple[Sequence[Watch], bool]:
        """Return the watched messages, and whether the fleet has ever been listed."""
        async with self._database.reading() as connection:
            watches = await watches_of(connection, self._account_id)
            return watches, await fleet_was_listed(connection, self._account_id)

    def _longest_gap(self, started_at: float) -> timedelta:
        """Return how long ago the round before this one may have been recorded, if all went as planned."""
        pause = max(self._planned_delay, self._poll_interval) * (1 + JITTER) + _ALLOWANCE
        # A process that was stopped during the round has not asked for longer than the deadline.
        taken = timedelta(seconds=self._clock.monotonic() - started_at)
        return pause + min(taken, FETCH_DEADLINE)

    def _after_success(self, result: RoundResult) -> timedelta:
        self._has_succeeded = True
        measuring.SUCCEEDED.inc()
        self._check_succeeded()
        if result.needs_quota:
            self._account_poller.poll_soon()
        if self._failures:
            log.info("ImaginePro responds again.", failed_rounds=self._failures)
            self._failures, self._last_cause = 0, None
        return min(_RECHECK_DELAY, self._poll_interval) if result.has_pending_changes else self._poll_interval

    def _after_failure(self, failure: Failure) -> timedelta:
        """Log the failed round if it is the first with its cause, and return the delay before the next one."""
        measuring.FAILED[failure.cause].inc()
        if failure.cause is NoDataCause.NOTHING_WATCHED:
            return self._poll_interval
        self._failures += 1
        if failure.cause is not self._last_cause:
            log.warning("The round failed. Token states stay as they were.", cause=failure.cause, error=failure.detail)
            self._last_cause = failure.cause
        return delay_after_failure(failure.cause, self._failures, self._poll_interval)

    async def _after_own_failure(self, error: Exception, started_at: float) -> timedelta:
        """Record that this process or its database failed, if that is possible. Return the delay before the next."""
        try:
            result = await self._recorder.record_own_failure(type(error).__name__, self._longest_gap(started_at))
        except LeaseLost:
            return RENEWAL_INTERVAL
        except DatabaseUnavailable as unavailable:
            self._database.outage.check_failed(unavailable)
        except Exception as unexpected:
            log.exception("The failed round could not be recorded.")
            internal = DatabaseUnavailable(Cause.INTERNAL, type(unexpected).__name__)
            self._database.outage.check_failed(internal)
        else:
            self._database.outage.check_succeeded()
            if result.recorded:
                self._deliveries_recorded()
        return self._poll_interval


def delay_after_failure(cause: NoDataCause, failures: int, poll_interval: timedelta) -> timedelta:
    """Return the delay after this many failed rounds in a row: it doubles up to 2 min, or the poll interval if longer.

    Where ImaginePro answers, but says nothing about tokens, rounds go on as usual, to see in time when it does. So they
    do after a rate limit: the client itself sends nothing until it may.
    """
    if cause not in _BACKS_OFF:
        return poll_interval
    first = poll_interval.total_seconds()
    return timedelta(seconds=Backoff(first, longest=max(first, _MAX_BACKOFF_SECONDS)).pause(failures))
