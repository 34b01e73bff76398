"""Whether the monitor goes on as planned: by when its next step must come, whatever ImaginePro and the database do."""

import math

from bot.clock import Clock

# A round ends within minutes, since its requests and each of its transactions have a deadline.
_LONGEST_ROUND_SECONDS = 300
# How much later than planned a round may begin.
_LATE_SECONDS = 60


class Progress:
    """Notices a monitor that hangs. Before its first round, nothing is expected of it."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._due_at = math.inf

    def round_begins(self) -> None:
        """Expect the end of the round."""
        self._due_at = self._clock.monotonic() + _LONGEST_ROUND_SECONDS

    def round_ends(self, *, next_in_seconds: float) -> None:
        """Expect the next round."""
        self._due_at = self._clock.monotonic() + next_in_seconds + _LATE_SECONDS

    @property
    def is_overdue(self) -> bool:
        """Whether the next step should have come by now."""
        return self._clock.monotonic() > self._due_at
