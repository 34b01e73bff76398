"""How many requests may be in flight at once, by what the other side bears. Pure: time comes with each sample.

The limit grows while responses come quickly and is halved on overload, as the congestion window of TCP (RFC 5681). The
names are those of Netflix' concurrency-limits, whose `AIMDLimit` does the same without slow start.
"""

import math
from collections.abc import Hashable
from dataclasses import dataclass

_BACKOFF_RATIO = 0.5
# A response is slow if it takes three times as long as usual, and longer than 1 s: a busy event loop adds some 100 ms,
# and RFC 6298 never calls a shorter time lost either.
_TOLERANCE = 3
_SLOW_SECONDS = 1.0
# Over so many samples, what was slow becomes the usual time. As the window of Netflix' `Gradient2Limit`.
_LONG_WINDOW = 600


@dataclass(frozen=True, slots=True)
class Bounds:
    """The limit at first, and the least and most that it may become."""

    initial: int
    minimum: int
    maximum: int


@dataclass(frozen=True, slots=True)
class Sample:
    """What one request has shown."""

    kind: Hashable
    """Requests of one kind usually take about as long as each other."""
    started_at: float
    """In seconds of a monotonic clock."""
    rtt: float
    """Seconds from its start to the headers of the response."""
    in_flight: int
    """How many requests were in flight at its start, with itself."""
    dropped: bool = False
    """Whether it was refused because of overload, or had no response in time."""


@dataclass(slots=True)
class _LongRtt:
    """The average time of one kind of requests."""

    seconds: float = 0.0
    samples: int = 0

    def add(self, rtt: float) -> None:
        self.samples = min(self.samples + 1, _LONG_WINDOW)
        self.seconds += (rtt - self.seconds) / self.samples


class AimdLimit:
    """A limit with additive increase and multiplicative decrease."""

    def __init__(self, bounds: Bounds) -> None:
        self._bounds = bounds
        self._limit = float(bounds.initial)
        self._threshold = math.inf
        """Below it, the limit doubles with each round trip (slow start); above, it grows by one."""
        self._decreased_at = -math.inf
        self._long_rtts: dict[Hashable, _LongRtt] = {}

    @property
    def value(self) -> int:
        """How many requests may be in flight."""
        return int(self._limit)

    def update(self, sample: Sample) -> None:
        """Learn from one request."""
        long_rtt = self._long_rtts.setdefault(sample.kind, _LongRtt())
        if sample.dropped or _is_slow(sample.rtt, long_rtt):
            self._decrease(sample)
        elif 2 * sample.in_flight >= self._limit:
            # Otherwise it shows nothing about more requests than there were.
            self._increase()
        if not sample.dropped:
            long_rtt.add(sample.rtt)

    def _increase(self) -> None:
        step = 1 if self._limit < self._threshold else 1 / self._limit
        self._limit = min(self._limit + step, self._bounds.maximum)

    def _decrease(self, sample: Sample) -> None:
        # Once for all requests that were in flight together: the others know nothing of the lower limit yet.
        if sample.started_at < self._decreased_at:
            return
        self._limit = max(self._limit * _BACKOFF_RATIO, self._bounds.minimum)
        self._threshold = self._limit
        self._decreased_at = sample.started_at + sample.rtt


def _is_slow(rtt: float, long_rtt: _LongRtt) -> bool:
    """Whether a response was slow. The first of its kind is not: it may have waited for a connection."""
    return bool(long_rtt.samples) and rtt > max(_SLOW_SECONDS, _TOLERANCE * long_rtt.seconds)
