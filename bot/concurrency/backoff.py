"""Exponential backoff: pauses between attempts that get longer."""

from typing import NamedTuple

# Two to the power of a counter is too large for a float after days of failures; by then any pause is at its longest.
_MAX_DOUBLINGS = 60


class Backoff(NamedTuple):
    """Pauses in seconds, without jitter: the first, then each twice as long as the one before, up to the longest."""

    first: float
    longest: float

    def pause(self, attempts: int) -> float:
        """Return the pause after this many failed attempts, at least one."""
        return min(self.first * 2.0 ** min(attempts - 1, _MAX_DOUBLINGS), self.longest)
