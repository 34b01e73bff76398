"""Checks that find nothing new: they write nothing by themselves, and are recorded together in one statement.

The memory of an account holds what its last full round has read. A check with the same answer needs no database while
nothing is due by time and nothing that the checks read was changed: this process forgets the memory at once when one
of its transactions changes that, and within seconds when another process has (`record_unchanged`). Whatever a check
decides, it decides in a full round from what is recorded, so nothing that is notified depends on the memory.
"""

import asyncio
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import structlog
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.clock import Clock
from bot.domain.time_driven import ServerSnapshot
from bot.imaginepro.responses import FleetListing
from bot.monitor.digest_schedule import is_digest_due
from bot.monitor.responses import RoundResponses
from bot.storage.accounts import Account, UnchangedCheck, record_unchanged
from bot.storage.database import Database, DatabaseUnavailable
from bot.storage.digests import DigestSubscription
from bot.storage.watches import Watch

log = structlog.get_logger(__name__)

# How long a check may wait to be recorded with others.
_COMMIT_SECONDS = 3
_SAMPLE_INTERVAL = timedelta(hours=1)
_CLOSE_INTERVAL = timedelta(minutes=5)
# By how much the wall clock may run ahead of the monotonic one, or behind it, between two checks.
_MAX_CLOCK_STEP_SECONDS = 2


@dataclass(frozen=True, slots=True)
class Memory:
    """What the last full round of an account has read, after which the same answer would change nothing."""

    listing: FleetListing
    watches: tuple[Watch, ...]
    revision: int
    recorded_at: datetime
    until: datetime
    """When a full round is due at the latest, for samples, forecasts and all else that time brings."""
    servers: tuple[ServerSnapshot, ...]
    digests: tuple[DigestSubscription, ...]
    seen_at: datetime
    """The time of the latest check with this answer, by the wall clock and by the monotonic one."""
    seen: float

    def covers(self, responses: RoundResponses, now: datetime, monotonic: float) -> bool:
        """Whether a check with these responses would change nothing."""
        if responses.fleet is None or responses.trace_results:
            return False
        step = (now - self.seen_at).total_seconds() - (monotonic - self.seen)
        return (
            abs(step) <= _MAX_CLOCK_STEP_SECONDS
            and now < self.until
            and (responses.fleet is self.listing or responses.fleet.says_the_same_as(self.listing))
            and not any(server.is_due(now) for server in self.servers)
            and not any(is_digest_due(one, now) for one in self.digests)
        )


class UnchangedChecks:
    """The memories of the accounts that this process checks, and the checks that are not recorded yet."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        self._memories: dict[int, Memory] = {}
        self._unrecorded: dict[int, UnchangedCheck] = {}
        self._is_waiting = asyncio.Event()
        database.on_change(self)

    def recall(self, account_id: int) -> Memory | None:
        """Return the memory of an account; None if its next round must be a full one."""
        return self._memories.get(account_id)

    def remember(self, account_id: int, memory: Memory) -> None:
        """Remember what a full round has read."""
        self._memories[account_id] = memory

    def forget(self, account_ids: Iterable[int]) -> None:
        """Forget these accounts, so that their next rounds are full ones."""
        for account_id in account_ids:
            self._memories.pop(account_id, None)

    def leave(self, account_id: int) -> None:
        """Forget an account that another process checks now, with what is not recorded yet."""
        self.forget([account_id])
        self._unrecorded.pop(account_id, None)

    def note(self, account_id: int, responses: RoundResponses) -> bool:
        """Note a check, and return True, if it finds nothing new; False if a full round must look."""
        now, monotonic, memory = self._clock.now(), self._clock.monotonic(), self._memories.get(account_id)
        if memory is None or not memory.covers(responses, now, monotonic):
            return False
        self._memories[account_id] = replace(memory, seen_at=now, seen=monotonic)
        self._unrecorded[account_id] = UnchangedCheck(account_id, memory.revision, memory.recorded_at, now)
        self._is_waiting.set()
        return True

    async def record_waiting(self, connection: AsyncConnection, account: Account) -> Account:
        """Record the check of an account that waits for it, in the transaction of a full round; return the account."""
        waiting = self._unrecorded.pop(account.id, None)
        if waiting is None or not await record_unchanged(connection, [replace(waiting, revision=account.revision)]):
            return account
        return replace(account, last_success_at=waiting.checked_at)

    async def run(self, check_soon: Callable[[int], None]) -> None:
        """Record the checks that were noted, a few seconds later, until cancelled.

        `check_soon` is called with the accounts that somebody else has changed.
        """
        while True:
            await self._is_waiting.wait()
            await self._clock.sleep(_COMMIT_SECONDS)
            self._is_waiting.clear()
            for account_id in await self.commit():
                check_soon(account_id)

    async def commit(self) -> list[int]:
        """Record the checks that were noted, and return the accounts that somebody else has changed.

        Raises nothing: what cannot be recorded is checked in full again.
        """
        checks, self._unrecorded = list(self._unrecorded.values()), {}
        if not checks:
            return []
        recorded: frozenset[int] = frozenset()
        try:
            async with self._database.transaction(durable=False) as connection:
                recorded = await record_unchanged(connection, checks)
        except DatabaseUnavailable as error:
            self._database.outage.check_failed(error)
        except Exception:
            # The checks go on, whatever the error.
            log.exception("Checks that found nothing new could not be recorded. The next ones are made in full.")
        else:
            self._database.outage.check_succeeded()
        return self._settle(checks, recorded)

    def _settle(self, checks: Iterable[UnchangedCheck], recorded: frozenset[int]) -> list[int]:
        """Go on from what is recorded now. Forget and return the accounts that somebody else has changed."""
        changed = []
        for check in checks:
            account_id, memory = check.account_id, self._memories.get(check.account_id)
            if account_id not in recorded:
                self._unrecorded.setdefault(account_id, check)
            elif (later := self._unrecorded.get(account_id)) is not None:
                self._unrecorded[account_id] = replace(later, recorded_at=check.checked_at)
            if memory is None or memory.recorded_at != check.recorded_at:
                # A full round has read everything meanwhile, or will.
                continue
            if account_id in recorded:
                self._memories[account_id] = replace(memory, recorded_at=check.checked_at)
            else:
                self.forget([account_id])
                changed.append(account_id)
        return changed


def full_round_due(
    now: datetime, sampled_at: Iterable[datetime], next_early: datetime | None, *, is_watched_closely: bool
) -> datetime:
    """Return when a full round is due at the latest, although all answers are the same.

    Each token has a sample an hour. `next_early` is when a sample that a wrong clock has recorded must be deleted.
    `is_watched_closely`: forecasts are made, or there are open incidents or quiet hours, where a delivery may change
    what is due.
    """
    due = min(sampled_at, default=now) + _SAMPLE_INTERVAL
    if next_early is not None:
        due = min(due, next_early)
    return min(due, now + _CLOSE_INTERVAL) if is_watched_closely else due
