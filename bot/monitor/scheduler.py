"""The scheduler: runs the checks of all accounts that this process holds, each when it is due.

An account that waits is an entry in a queue. Only a check in progress has a task.
"""

import asyncio
import math
from collections.abc import Callable
from enum import Enum, auto

import structlog

from bot.clock import Clock
from bot.concurrency.graceful import shield_until_done
from bot.monitor.due_queue import DueQueue
from bot.monitor.monitor import JITTER, Monitor
from bot.monitor.partitions import Partitions
from bot.monitor.progress import Progress
from bot.monitor.unchanged import UnchangedChecks

log = structlog.get_logger(__name__)

MAX_IN_FLIGHT = 64
"""How many checks run at once."""
# Checks that become due within this time begin together: each wait for a timer costs as much as a small statement.
_TICK_SECONDS = 0.05


class _Work(Enum):
    CHECK = auto()
    # The account's credits and expiry. Separate, so that it does not delay the checks.
    QUOTA = auto()


_Job = tuple[_Work, int]


class Scheduler:
    """Runs the checks of the accounts in this process's partitions, one at a time of each account.

    `monitor_of` returns the monitor of an account; None for one that this process cannot check.
    """

    def __init__(
        self,
        partitions: Partitions,
        monitor_of: Callable[[int], Monitor | None],
        clock: Clock,
        unchanged: UnchangedChecks,
        *,
        progress: Progress | None = None,
    ) -> None:
        self._partitions = partitions
        self._monitor_of = monitor_of
        self._clock = clock
        self._unchanged = unchanged
        self._progress = progress or Progress(clock)
        self._monitors: dict[int, Monitor] = {}
        self._queue = DueQueue[_Job]()
        self._running: set[_Job] = set()
        self._wanted: set[int] = set()
        self._new: set[int] = set()
        self._wakes_at = math.inf
        self._has_changed = asyncio.Event()
        self._waits: bool | None = None

    async def run(self) -> None:
        """Run checks until cancelled. A check in progress gets a few seconds to end then."""
        async with self._partitions.released_at_the_end(), asyncio.TaskGroup() as group:
            group.create_task(self._partitions.keep(self._update_accounts))
            group.create_task(self._unchanged.run(self.check_soon))
            while True:
                self._start_due(group)
                await self._next_due()

    def check_soon(self, account_id: int) -> None:
        """Check an account next, or again if a check of it is in progress, unless another process checks it."""
        if (_Work.CHECK, account_id) in self._running:
            self._wanted.add(account_id)
        elif account_id in self._monitors:
            self._put((_Work.CHECK, account_id), self._clock.monotonic())

    def _update_accounts(self) -> None:
        """Begin with the accounts that are new here, and leave those that another process checks now."""
        accounts = self._partitions.accounts
        for account_id in self._monitors.keys() - accounts:
            del self._monitors[account_id]
            self._new.discard(account_id)
            self._unchanged.leave(account_id)
            for work in _Work:
                self._queue.remove((work, account_id))
        for account_id in sorted(accounts - self._monitors.keys()):
            monitor = self._monitor_of(account_id)
            if monitor is not None:
                self._monitors[account_id] = monitor
                self._new.add(account_id)
                self.check_soon(account_id)
        waits = not self._monitors
        if waits is not self._waits:
            log.info("Another process runs the rounds; this one waits." if waits else "This process runs the rounds.")
            self._waits = waits

    def _start_due(self, group: asyncio.TaskGroup) -> None:
        """Begin what is due, as far as the limit allows."""
        now = self._clock.monotonic()
        while len(self._running) < MAX_IN_FLIGHT and (job := self._queue.pop(now)) is not None:
            self._running.add(job)
            if job[0] is _Work.CHECK:
                self._progress.begins(job)
            # It may leave before the task begins.
            group.create_task(self._run(job, self._monitors[job[1]]))
        self._wakes_at = self._queue.next_at if len(self._running) < MAX_IN_FLIGHT else math.inf
        self._progress.next_begins_in(self._wakes_at - now)

    async def _next_due(self) -> None:
        """Wait until something is due, or may have become so."""
        if self._wakes_at < math.inf:
            seconds = max(self._wakes_at - self._clock.monotonic(), _TICK_SECONDS)
            await self._clock.wait(self._has_changed, seconds)
        else:
            await self._has_changed.wait()
        self._has_changed.clear()

    async def _run(self, job: _Job, monitor: Monitor) -> None:
        work, account_id = job
        try:
            if work is _Work.QUOTA:
                await monitor.poll_account()
                return
            delay = await shield_until_done(monitor.round())
        finally:
            self._end(job)
        self._plan(account_id, delay.total_seconds())

    def _end(self, job: _Job) -> None:
        was_full = len(self._running) == MAX_IN_FLIGHT
        self._running.remove(job)
        self._progress.ends(job)
        if was_full:
            self._has_changed.set()

    def _plan(self, account_id: int, delay: float) -> None:
        """Plan what follows a check, unless another process has the account now."""
        monitor = self._monitors.get(account_id)
        is_wanted = account_id in self._wanted
        self._wanted.discard(account_id)
        if monitor is None:
            return
        pause = 0.0 if is_wanted else self._pause(account_id, delay)
        self._put((_Work.CHECK, account_id), self._clock.monotonic() + pause)
        quota = (_Work.QUOTA, account_id)
        if monitor.is_quota_due and quota not in self._running:
            self._put(quota, self._clock.monotonic())

    def _pause(self, account_id: int, delay: float) -> float:
        """Return the seconds until the next check: with jitter, so that bots do not send their requests together.

        The first is any part of the delay. Otherwise accounts that have begun together would stay together for hours.
        """
        if account_id in self._new:
            self._new.remove(account_id)
            if len(self._monitors) > 1:
                return self._clock.jitter(delay / 2, spread=1)
        return self._clock.jitter(delay, spread=JITTER)

    def _put(self, job: _Job, due_at: float) -> None:
        self._queue.put(job, due_at)
        if due_at < self._wakes_at:
            self._has_changed.set()
