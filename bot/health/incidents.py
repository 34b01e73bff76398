"""Incidents: from the round in which a token left FAST to the round in which it is back."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.health.modes import Mode


@dataclass(frozen=True, slots=True)
class Incident:
    """One incident as it stands: the mode that was left, and the one since, which stays when the incident has ended."""

    id: int
    token_id: int
    mode_before: Mode
    mode: Mode
    began_at: datetime
    ended_at: datetime | None

    @property
    def lasted(self) -> timedelta | None:
        """How long it took; None while it is open."""
        return self.ended_at - self.began_at if self.ended_at is not None else None
