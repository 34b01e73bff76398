"""When the quiet hours of a server are. The days of the simulation are those of UTC, as are a server's by default."""

from __future__ import annotations

from dataclasses import dataclass

from tests.simulation.history import DAY

NONE = "none"
_EDGE_SECONDS = 120
"""How long before it arrives a Discord message may have been composed."""


@dataclass(slots=True)
class QuietHours:
    """The quiet hours of one server, such as `22:00-07:00`, as people set and reset them."""

    value: str = NONE
    changed_at: float = 0.0
    is_changing: bool = False

    def change(self, value: str, at: float) -> None:
        """Somebody has set the rule."""
        self.value, self.changed_at = value, at

    def is_quiet(self, at: float) -> bool | None:
        """Whether it was quiet at a time since the last change; None if that is not sure."""
        if self.is_changing or at < self.changed_at + _EDGE_SECONDS:
            return None
        edges = {self._includes(at - _EDGE_SECONDS), self._includes(at), self._includes(at + _EDGE_SECONDS)}
        return edges.pop() if len(edges) == 1 else None

    def over_since(self, now: float) -> float | None:
        """Return since when it has not been quiet; None while it is, or may be."""
        if self.is_changing or self._includes(now):
            return None
        if self.value == NONE:
            return self.changed_at
        return max(self.changed_at, now - (now - _span(self.value)[1]) % DAY)

    def ended_before(self, at: float) -> float:
        """Return when the last quiet hours before a time ended; 0 if there were none under the present rule."""
        if self.value == NONE or self.is_changing:
            return 0
        ended = at - (at - _span(self.value)[1]) % DAY
        return ended if ended > self.changed_at else 0

    def _includes(self, at: float) -> bool:
        if self.value == NONE:
            return False
        start, end = _span(self.value)
        return (at - start) % DAY < (end - start) % DAY


def _span(value: str) -> tuple[int, int]:
    start, end = (60 * (60 * int(time[:2]) + int(time[3:])) for time in value.split("-"))
    return start, end
