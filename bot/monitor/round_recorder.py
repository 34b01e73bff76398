"""Records a round of one account, in one transaction: what it read, or why it read nothing."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import structlog
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.clock import Clock
from bot.concurrency.offload import offload
from bot.domain.evaluation import ReadingsDiff, diff_readings, diff_some_readings
from bot.domain.fleet import is_long_gone
from bot.domain.outages import NoDataCause, continue_outage
from bot.domain.run_out import needs_forecast
from bot.imaginepro.errors import NotInPlan
from bot.monitor.digest_schedule import record_digests
from bot.monitor.forecasts import RunOutForecasts
from bot.monitor.partitions import Partitions
from bot.monitor.recording import record_no_data, record_readings, record_round
from bot.monitor.responses import Failure, RoundResponses, failure_of, limit_new_tokens, readings_of
from bot.monitor.rounds import HandOver, Round, RoundResult, hand_over_nothing
from bot.monitor.unchanged import Memory, UnchangedChecks, full_round_due
from bot.storage.accounts import (
    Account,
    fleet_was_listed,
    get_account,
    record_failure,
    record_fleet_refused,
    record_success,
)
from bot.storage.alert_routes import Route, routes_of
from bot.storage.alerts_off import close_unread
from bot.storage.database import Database
from bot.storage.digests import digests_of
from bot.storage.tokens import add_samples, delete_samples_between, known_tokens, save_tokens
from bot.storage.watches import record_watch_result

log = structlog.get_logger(__name__)


class LeaseLost(Exception):
    """Another process has taken over the rounds during this one."""


class RoundRecorder:
    """Records the rounds of one account, while this process holds its partition."""

    def __init__(
        self,
        account_id: int,
        database: Database,
        clock: Clock,
        partitions: Partitions,
        unchanged: UnchangedChecks,
        *,
        poll_interval: timedelta,
        hand_over: HandOver = hand_over_nothing,
    ) -> None:
        self._account_id = account_id
        self._database = database
        self._clock = clock
        self._partitions = partitions
        self._unchanged = unchanged
        self._poll_interval = poll_interval
        self._hand_over = hand_over
        self._run_out_forecasts = RunOutForecasts(account_id, database, clock)
        self._has_logged_tokens = False
        self._has_succeeded = False

    async def record(self, responses: RoundResponses, longest_gap: timedelta) -> RoundResult:
        """Record the readings, samples, incidents and deliveries of a round. Raises LeaseLost.

        `longest_gap` is the longest time between two checks that are made as planned.
        """
        now, monotonic = self._clock.now(), self._clock.monotonic()
        run_outs = await self._run_out_forecasts.forecast(readings_of(responses, {}, now), now)
        async with self._hand_over() as claim, self._database.transaction() as connection:
            await self._check_lease(connection)
            account = await self._account(connection, now)
            next_early = await self._delete_early_samples(connection, account, now, longest_gap)
            was_listed = responses.fleet is not None or await self._was_listed(connection, account, responses)
            known = await known_tokens(connection, self._account_id)
            failure = failure_of(
                responses,
                known,
                was_listed=was_listed,
                is_empty_for_good=account.outage is not None and account.outage.is_empty_for_good,
            )
            await self._record_watches(connection, responses)
            # Also a failed check may have read tokens of watched messages.
            usable = responses if failure is None else responses.without_fleet
            readings = limit_new_tokens(readings_of(usable, known, now), known)
            # The clock may be set back: a last success in the future counts as now.
            round_ = Round(
                readings,
                known,
                run_outs,
                now,
                last_success_at=min(account.last_success_at or now, now),
                is_first=not self._has_succeeded,
                quota=account.quota,
                watched=responses.watched_token_ids,
            )
            if failure is None:
                result = await self._record_success(connection, round_, responses)
            else:
                result = await self._record_failure(connection, account, round_, failure, longest_gap)
            if not was_listed and isinstance(responses.fleet_error, NotInPlan):
                has_closed = await close_unread(connection, self._account_id, self._clock)
                result = replace(result, recorded=result.recorded or has_closed)
            await claim(connection, result.server_ids)
        if result.is_settled:
            self._remember(account, round_, responses, result, monotonic, next_early)
        self._has_succeeded = self._has_succeeded or failure is None
        self._log_first_tokens(round_, responses)
        return result

    async def record_own_failure(self, detail: str, longest_gap: timedelta) -> RoundResult:
        """Record that a round failed because of this process or its database. Raises LeaseLost."""
        failure = Failure(NoDataCause.INTERNAL, detail)
        async with self._hand_over() as claim, self._database.transaction() as connection:
            await self._check_lease(connection)
            now = self._clock.now()
            account = await self._account(connection, now)
            await self._delete_early_samples(connection, account, now, longest_gap)
            result = await self._record_failure(connection, account, Round((), {}, {}, now, now), failure, longest_gap)
            await claim(connection, result.server_ids)
            return result

    def _remember(
        self,
        account: Account,
        round_: Round,
        responses: RoundResponses,
        result: RoundResult,
        monotonic: float,
        next_early: datetime | None,
    ) -> None:
        """Remember what a round has read, whose answer would change nothing if it came again."""
        if responses.fleet is None or responses.trace_results:
            return
        read = [reading for reading in round_.readings if reading.listed and reading.mode is not None]
        is_close = any(one.incidents or one.rules.quiet_hours for one in result.snapshots)
        memory = Memory(
            responses.fleet,
            responses.watches,
            account.revision,
            recorded_at=round_.now,
            until=full_round_due(
                round_.now,
                [round_.known[reading.token_id].sampled_at for reading in read],
                next_early,
                is_watched_closely=is_close or any(map(needs_forecast, read)),
            ),
            servers=result.snapshots,
            digests=result.digests,
            seen_at=round_.now,
            seen=monotonic,
        )
        self._unchanged.remember(self._account_id, memory)

    async def _account(self, connection: AsyncConnection, now: datetime) -> Account:
        """Return the account, with the success of a check that waits to be recorded."""
        account = await get_account(connection, self._account_id, now)
        return await self._unchanged.record_waiting(connection, account)

    async def _check_lease(self, connection: AsyncConnection) -> None:
        """Keep other processes from recording a round until the transaction ends. Raises LeaseLost."""
        if not await self._partitions.still_holds(connection, self._account_id):
            raise LeaseLost

    async def _delete_early_samples(
        self, connection: AsyncConnection, account: Account, now: datetime, longest_gap: timedelta
    ) -> datetime | None:
        """Delete the samples of the time since the previous check: a clock that was ahead has recorded them. Return the
        time of the next one; None if there is none.

        Samples of the future stay until then, because the present clock may be the wrong one, for example before it is
        set after the machine has started. After a longer gap than planned, the clock may have been set ahead.
        """
        checked_at = account.checked_at
        if checked_at is not None and timedelta() < now - checked_at <= longest_gap:
            return await delete_samples_between(connection, self._account_id, checked_at, now)
        return now  # the next check will tell

    async def _was_listed(self, connection: AsyncConnection, account: Account, responses: RoundResponses) -> bool:
        """Whether ImaginePro has listed the fleet, and has not refused it for good since, which is recorded."""
        outage = account.outage
        was_listed = await fleet_was_listed(connection, self._account_id)
        if was_listed and outage is not None and outage.is_refused_for_good:
            log.warning("The fleet has been refused for days. Only watched messages are traced from now on.")
            was_listed = False
        if isinstance(responses.fleet_error, NotInPlan) and not was_listed:
            await record_fleet_refused(connection, self._account_id)
        return was_listed

    async def _record_watches(self, connection: AsyncConnection, responses: RoundResponses) -> None:
        for result in responses.trace_results:
            token_id = result.reading.token_id if result.reading else None
            await record_watch_result(
                connection, self._account_id, result.message_id, token_id=token_id, problem=result.error_message
            )

    async def _record_success(
        self, connection: AsyncConnection, round_: Round, responses: RoundResponses
    ) -> RoundResult:
        """Record a round for the account, for each server with alerts, and the digests that are due."""
        now = round_.now
        diff = await offload(
            len(round_.readings),
            diff_readings,
            round_.known,
            round_.readings,
            round_.last_success_at,
            fleet=responses.listed_token_ids,
        )
        await self._save_readings(connection, round_, diff)
        never_read = sorted(
            reading.token_id
            for reading in round_.readings
            if reading.mode is None and reading.token_id not in round_.known
        )
        await record_success(
            connection, self._account_id, now, lists_fleet=responses.fleet is not None, never_read=never_read
        )
        routes = await routes_of(connection, self._account_id)
        results = [_of(route, await record_round(connection, route, round_, self._clock)) for route in routes]
        # A round without any reading is no basis for a digest.
        digests = await digests_of(connection, self._account_id) if round_.readings else []
        if await record_digests(connection, digests, now, self._clock):
            results.append(RoundResult(recorded=True, has_pending_changes=False))
        is_settled = not diff.tokens and not diff.samples and not _unread(round_) and bool(round_.readings)
        return replace(
            _sum(results),
            is_settled=is_settled and all(one.is_settled for one in results),
            snapshots=tuple(snapshot for one in results for snapshot in one.snapshots),
            digests=tuple(digests),
        )

    async def _save_readings(self, connection: AsyncConnection, round_: Round, diff: ReadingsDiff) -> None:
        await save_tokens(connection, self._account_id, diff.tokens)
        await add_samples(connection, self._account_id, diff.samples)

    async def _record_failure(
        self, connection: AsyncConnection, account: Account, round_: Round, failure: Failure, longest_gap: timedelta
    ) -> RoundResult:
        """Record what the failed round has read all the same, and that there is no data about the rest."""
        diff = diff_some_readings(round_.known, round_.readings)
        await self._save_readings(connection, round_, diff)
        outage = continue_outage(
            account.outage, failure.cause, account.last_success_at, round_.now, longest_gap=longest_gap
        )
        await record_failure(connection, self._account_id, outage, failure.detail)
        results = [RoundResult(recorded=False, has_pending_changes=False, failure=failure)]
        for route in await routes_of(connection, self._account_id):
            if round_.readings:
                results.append(_of(route, await record_readings(connection, route, round_, self._clock)))
            no_data = await record_no_data(
                connection, route, outage, round_.now, self._clock, min_duration=2 * self._poll_interval
            )
            results.append(_of(route, no_data))
        return _sum(results)

    def _log_first_tokens(self, round_: Round, responses: RoundResponses) -> None:
        if round_.readings and not self._has_logged_tokens:
            modes = Counter(str(reading.mode) for reading in round_.readings)
            log.info(
                "Watching tokens.",
                whole_fleet=responses.fleet is not None,
                tokens=len(round_.readings),
                modes=dict(modes),
            )
            self._has_logged_tokens = True


def _of(route: Route, result: RoundResult) -> RoundResult:
    """Return the result of a round for one server."""
    return replace(result, server_ids=frozenset({route.server_id} if result.recorded else ()))


def _unread(round_: Round) -> bool:
    """Whether a token was not read, whose status becomes unknown by time."""
    read = {reading.token_id for reading in round_.readings if reading.mode is not None}
    return any(
        token_id not in read and not is_long_gone(token, round_.last_success_at)
        for token_id, token in round_.known.items()
    )


def _sum(results: Sequence[RoundResult]) -> RoundResult:
    return RoundResult(
        recorded=any(one.recorded for one in results),
        has_pending_changes=any(one.has_pending_changes for one in results),
        needs_quota=any(one.needs_quota for one in results),
        failure=next((one.failure for one in results if one.failure is not None), None),
        server_ids=frozenset().union(*(one.server_ids for one in results)),
    )
