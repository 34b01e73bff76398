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
    switched_off_by: int | None = None
    """The member who switched the token off from Discord, where that is what happened."""

    @property
    def is_a_switch(self) -> bool:
        """Whether the token is out of FAST because a member of a home server wanted it so."""
        return self.switched_off_by is not None and self.mode is Mode.OFF

    @property
    def lasted(self) -> timedelta | None:
        """How long it took; None while it is open."""
        return self.ended_at - self.began_at if self.ended_at is not None else None
