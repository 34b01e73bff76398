"""The monitor: asks ImaginePro about one account, round after round, and records what has changed."""

import asyncio
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import structlog
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.clock import Clock
from bot.concurrency.graceful import shield_until_done
from bot.domain.evaluation import TrackedToken, diff_readings, missing_readings
from bot.domain.readings import Reading
from bot.domain.run_out import RunOut
from bot.imaginepro.client import ImaginePro
from bot.imaginepro.errors import (
    ImagineProError,
    InvalidResponse,
    MessageNotFound,
    NotInPlan,
    NoTokenYet,
    RateLimited,
)
from bot.imaginepro.responses import MAX_TOKENS, FleetListing
from bot.monitor.account import AccountPoller
from bot.monitor.digest_schedule import record_digests
from bot.monitor.forecasts import RunOutForecasts
from bot.monitor.recording import RoundResult, record_no_data, record_round
from bot.storage.accounts import get_account, record_failure, record_fleet_refused, record_success
from bot.storage.alert_routes import routes_of
from bot.storage.database import Database
from bot.storage.leases import RENEWAL_INTERVAL, Lease
from bot.storage.tokens import add_samples, known_tokens, save_tokens
from bot.storage.watches import record_watch_result, watches_of

log = structlog.get_logger(__name__)

_RECHECK_DELAY = timedelta(seconds=8)  # with its jitter, within 10 s
_MAX_BACKOFF = timedelta(minutes=2)
_MAX_FLEET_RETRY_DELAY = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class TraceResult:
    """What tracing one watched message gave: a reading, or an error."""

    message_id: UUID
    reading: Reading | None = None
    error: ImagineProError | None = None

    @property
    def error_message(self) -> str | None:
        """The error in words."""
        return _describe(self.error) if self.error is not None else None


@dataclass(frozen=True, slots=True)
class RoundResponses:
    """All that one round asked for: the fleet, or None where the key may not list it, and the watched messages."""

    fleet: FleetListing | None
    trace_results: tuple[TraceResult, ...]

    @property
    def listed_token_ids(self) -> frozenset[int]:
        """The ids of the tokens that the fleet listed."""
        return frozenset(reading.token_id for reading in self.fleet.readings) if self.fleet is not None else frozenset()


class LeaseLost(Exception):
    """Another process has taken the rounds over while this one asked."""


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
        self._imaginepro = imaginepro
        self._database = database
        self._clock = clock
        self._poll_interval = poll_interval
        self._deliveries_recorded = deliveries_recorded
        self._lease = Lease(f"rounds of account {account_id}", database, clock)
        self._run_out_forecasts = RunOutForecasts(account_id, database)
        self._account_poller = AccountPoller(account_id, imaginepro, database, clock)
        self._was_good = False
        self._started_at = clock.now()
        self._failures = 0
        self._fleet_refusals = 0
        self._fetch_fleet_at: datetime | None = None
        self._has_logged_tokens = False

    async def run(self) -> None:
        """Run rounds for ever. A bad round is outlived; the next one comes on time."""
        async with self._lease.released_at_the_end(), asyncio.TaskGroup() as group:
            group.create_task(self._lease.keep())
            while True:
                pause = await shield_until_done(self.round())
                if self._was_good:
                    # Beside the rounds, which it must not keep waiting.
                    group.create_task(self._account_poller.poll())
                await self._clock.sleep(self._clock.jitter(pause.total_seconds()))

    async def round(self) -> timedelta:
        """Run one round, unless another process runs them: ask, decide, record; the pause until the next.

        Raises nothing.
        """
        self._was_good = False
        try:
            if not await self._lease.take():
                return RENEWAL_INTERVAL
            result = await self._record(await self._fetch())
        except ImagineProError as error:
            return await self._after_failure(error)
        except LeaseLost:
            log.warning("This round came to nothing: another process has taken the rounds over meanwhile.")
            return RENEWAL_INTERVAL
        except Exception as error:
            # The loop must outlive whatever this was, and the log must hold it.
            log.exception("The round failed for a reason nobody expected; the next one comes on time.")
            return await self._try_to_record_failure(type(error).__name__) or self._poll_interval
        self._was_good = True
        if self._failures:
            log.info("ImaginePro answers again.", failed_rounds=self._failures)
            self._failures = 0
        return min(_RECHECK_DELAY, self._poll_interval) if result.has_pending_changes else self._poll_interval

    async def _fetch(self) -> RoundResponses:
        fleet = await self._fetch_fleet()
        listed = RoundResponses(fleet, ()).listed_token_ids
        async with self._database.reading() as connection:
            watches = await watches_of(connection, self._account_id)
        # The fleet says more of a token than a trace does, so a token it lists is not traced as well.
        traced = await asyncio.gather(
            *(self._trace(watch.message_id) for watch in watches if watch.token_id not in listed)
        )
        if fleet is None:
            _require_an_answer(traced)
        return RoundResponses(fleet, tuple(traced))

    async def _fetch_fleet(self) -> FleetListing | None:
        """Ask for the fleet; None where the key may not list it, which is asked again ever more seldom."""
        now = self._clock.now()
        if self._fetch_fleet_at is not None and now < self._fetch_fleet_at:
            return None
        try:
            fleet = await self._imaginepro.fleet()
        except NotInPlan as error:
            if not self._fleet_refusals:
                log.warning("This key may not list its fleet; only watched messages are traced.", reason=error.detail)
            self._fleet_refusals += 1
            pause: timedelta = min(self._poll_interval * 2 ** min(self._fleet_refusals, 10), _MAX_FLEET_RETRY_DELAY)
            self._fetch_fleet_at = now + pause
            return None
        self._fleet_refusals = 0
        self._fetch_fleet_at = None
        return fleet

    async def _trace(self, message_id: UUID) -> TraceResult:
        """Trace a watched message. What goes wrong with one says nothing about the others, or about any token."""
        try:
            return TraceResult(message_id, await self._imaginepro.trace(message_id))
        except ImagineProError as error:
            return TraceResult(message_id, error=error)

    async def _record(self, answers: RoundResponses) -> RoundResult:
        """Record what follows from the answers in one transaction: readings, samples, incidents and deliveries."""
        now = self._clock.now()
        outlooks = await self._run_out_forecasts.forecast(readings_of(answers, {}, now), now)
        async with self._database.transaction() as connection:
            await self._check_lease(connection)
            known = await known_tokens(connection, self._account_id)
            if answers.fleet is not None:
                _reject_empty_fleet(answers.fleet, known)
            readings = limit_new_tokens(readings_of(answers, known, now), known)
            account = await get_account(connection, self._account_id)
            # A clock may be set back: nothing was read later than now.
            read = diff_readings(
                known, readings, min(account.last_success_at or now, now), fleet=answers.listed_token_ids
            )
            await save_tokens(connection, self._account_id, read.tokens)
            await add_samples(connection, self._account_id, read.samples)
            result = await self._record_servers(connection, readings, known, outlooks, now)
            await self._record_outcome(connection, answers, now)
        if result.recorded:
            self._deliveries_recorded()
        if readings and not self._has_logged_tokens:
            modes = Counter(str(reading.mode) for reading in readings)
            log.info("Watching.", whole_fleet=answers.fleet is not None, tokens=len(readings), modes=dict(modes))
            self._has_logged_tokens = True
        return result

    async def _check_lease(self, connection: AsyncConnection) -> None:
        """Let no other process record a round of this account until the transaction ends. Raises LeaseLost."""
        if not await self._lease.is_held(connection):
            raise LeaseLost

    async def _record_servers(
        self,
        connection: AsyncConnection,
        readings: Sequence[Reading],
        known: Mapping[int, TrackedToken],
        outlooks: Mapping[int, RunOut],
        now: datetime,
    ) -> RoundResult:
        """Record what the round means to each server that sees this account."""
        routes = await routes_of(connection, self._account_id)
        results = [
            await record_round(connection, route, readings, known, outlooks, now, self._clock) for route in routes
        ]
        # A round that saw nothing is no time to sum up.
        has_digests = bool(readings) and await record_digests(connection, self._account_id, now, self._clock)
        return RoundResult(
            recorded=has_digests or any(one.recorded for one in results),
            has_pending_changes=any(one.has_pending_changes for one in results),
        )

    async def _record_outcome(self, connection: AsyncConnection, answers: RoundResponses, now: datetime) -> None:
        for traced in answers.trace_results:
            token_id = traced.reading.token_id if traced.reading else None
            await record_watch_result(
                connection, self._account_id, traced.message_id, token_id=token_id, problem=traced.error_message
            )
        if answers.fleet is not None or any(traced.reading for traced in answers.trace_results):
            await record_success(connection, self._account_id, now, lists_fleet=answers.fleet is not None)
        else:
            await record_fleet_refused(connection, self._account_id)

    async def _after_failure(self, error: ImagineProError) -> timedelta:
        """Write down a failed round, in the log only the first of a row; the pause before the next try."""
        self._failures += 1
        problem = _describe(error)
        if self._failures == 1:
            log.warning("The round told nothing about the tokens; their states stay as they were.", problem=problem)
        elsewhere = await self._try_to_record_failure(problem)
        return elsewhere or delay_after_failure(error, self._failures, self._poll_interval)

    async def _try_to_record_failure(self, problem: str) -> timedelta | None:
        """Write a failed round down; the pause where another process has taken the rounds over."""
        try:
            recorded = await self._record_failure(problem)
        except LeaseLost:
            return RENEWAL_INTERVAL
        except Exception:
            log.exception("The failed round could not be written down.")
        else:
            if recorded:
                self._deliveries_recorded()
        return None

    async def _record_failure(self, problem: str) -> bool:
        """Write a failed round down, and tell the servers for which that has lasted too long; whether any is told."""
        now = self._clock.now()
        async with self._database.transaction() as connection:
            await self._check_lease(connection)
            await record_failure(connection, self._account_id, problem)
            account = await get_account(connection, self._account_id)
            # For the time this process did not run, ImaginePro is not to blame.
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


def readings_of(answers: RoundResponses, known: Mapping[int, TrackedToken], now: datetime) -> list[Reading]:
    """Take one reading a token from the answers: the fleet's before a trace's, which may be of an older time.

    A token that a complete list lacks is read as gone, whatever a trace says of it.
    """
    readings = {
        traced.reading.token_id: traced.reading for traced in answers.trace_results if traced.reading is not None
    }
    if answers.fleet is not None:
        gone = missing_readings(known, answers.fleet.readings, now) if answers.fleet.complete else []
        readings |= {reading.token_id: reading for reading in (*gone, *answers.fleet.readings)}
    return list(readings.values())


def limit_new_tokens(readings: Sequence[Reading], known: Mapping[int, TrackedToken]) -> list[Reading]:
    """Take the readings of known tokens, and of new ones while there is room.

    Otherwise answers with other ids each time would fill the disk, and make each round longer than the one before.
    """
    new = [reading.token_id for reading in readings if reading.token_id not in known]
    too_many = frozenset(new[max(MAX_TOKENS - len(known), 0) :])
    if too_many:
        log.warning("New tokens are not watched: too many are known.", known=len(known), not_watched=len(too_many))
    return [reading for reading in readings if reading.token_id not in too_many]


def _require_an_answer(traced: Sequence[TraceResult]) -> None:
    """Raise where every watched message failed for a reason that is not its own: then nothing is known of any token."""
    errors = [one.error for one in traced if one.error is not None]
    common = [error for error in errors if not isinstance(error, MessageNotFound | NoTokenYet)]
    if common and len(errors) == len(traced):
        raise common[0]


def _reject_empty_fleet(fleet: FleetListing, known: Mapping[int, TrackedToken]) -> None:
    """Raise where a fleet of several tokens is empty all at once: that is a blank answer before it is a farewell."""
    if fleet.complete and not fleet.readings and sum(token.in_fleet for token in known.values()) > 1:
        raise InvalidResponse("the fleet came back empty, though it had several tokens")


def _describe(error: ImagineProError) -> str:
    return f"{type(error).__name__}: {error.detail}"


def delay_after_failure(error: ImagineProError, failures: int, poll_interval: timedelta) -> timedelta:
    """Tell how long to wait after so many failed rounds in a row: longer each time.

    Where ImaginePro asked to slow down, the client asks nothing until then by itself, and rounds go on: they tell in
    time of the blindness that comes of it.
    """
    if isinstance(error, RateLimited):
        return poll_interval
    pause: timedelta = min(poll_interval * 2 ** min(failures - 1, 10), max(poll_interval, _MAX_BACKOFF))
    return pause
