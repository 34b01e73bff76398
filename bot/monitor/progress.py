"""Whether the monitor goes on as planned: by when its next step must come, whatever ImaginePro and the database do."""

import math
from collections.abc import Hashable

from bot.clock import Clock

# A round ends within minutes, since its requests and each of its transactions have a deadline.
_LONGEST_ROUND_SECONDS = 300
# How much later than planned a round may begin.
_LATE_SECONDS = 60


class Progress:
    """Notices a monitor that hangs. Before its first round, nothing is expected of it."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._next_by = math.inf
        # In the order in which they began.
        self._running: dict[Hashable, float] = {}

    def begins(self, round_: Hashable) -> None:
        """Expect the end of a round."""
        self._running[round_] = self._clock.monotonic()
        self._next_by = math.inf

    def ends(self, round_: Hashable) -> None:
        """Expect nothing of this round any more."""
        self._running.pop(round_, None)

    def next_begins_in(self, seconds: float) -> None:
        """Expect the next round; with infinity, none before another ends."""
        self._next_by = self._clock.monotonic() + seconds + _LATE_SECONDS

    @property
    def is_overdue(self) -> bool:
        """Whether the next step should have come by now."""
        oldest = next(iter(self._running.values()), math.inf)
        return self._clock.monotonic() > min(self._next_by, oldest + _LONGEST_ROUND_SECONDS)
