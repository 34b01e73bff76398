"""The outage of the database: whether checks and people's changes can be recorded, and since when they cannot."""

from dataclasses import dataclass, replace

import structlog

from bot.clock import Clock
from bot.storage.unavailable import Cause, DatabaseUnavailable

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class DatabaseOutage:
    """A time in which nothing can be recorded. `began` is a time of the monotonic clock."""

    cause: Cause
    detail: str
    began: float


class OutageTracker:
    """Keeps in memory whether the database can be used. It logs one line when that ends, and one when it works again.

    Every transaction reports here. A check that could not be recorded outweighs them: while a single table is locked,
    other transactions succeed.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._checks_fail = False
        self.current: DatabaseOutage | None = None
        self.has_recorded_check = False
        """Whether this process knows of a check that was recorded since its start."""

    def failed(self, error: DatabaseUnavailable) -> None:
        """Report a failed transaction."""
        if self.current is not None:
            self.current = replace(self.current, cause=error.cause, detail=error.detail)
            return
        self.current = DatabaseOutage(error.cause, error.detail, self._clock.monotonic())
        log.error(
            "The database cannot be used. Retrying.",
            cause=error.cause.value,
            error=error.detail,
        )

    def check_failed(self, error: DatabaseUnavailable) -> None:
        """Report a check that could not be recorded."""
        self._checks_fail = True
        self.failed(error)

    def succeeded(self) -> None:
        """Report a transaction that has written something."""
        if not self._checks_fail:
            self._end()

    def check_succeeded(self) -> None:
        """Report a check that was recorded, here or by another process."""
        self._checks_fail = False
        self.has_recorded_check = True
        self._end()

    def _end(self) -> None:
        if self.current is not None:
            lasted = self._clock.monotonic() - self.current.began
            self.current = None
            log.info("The database works again.", seconds=round(lasted))
