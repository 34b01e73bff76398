"""How a token really is, and since when."""

from __future__ import annotations

from dataclasses import dataclass, field

from bot.demo.documented_api import LinkedToken
from bot.domain.modes import Mode

FOR_EVER = float("inf")
URGENT_MODES = (Mode.BANNED, Mode.VERIFYING)
SURELY_SEEN = 6 * 60 * 60
"""After how long the bot has surely read how many hours are left, whatever fails."""


@dataclass
class TokenTruth:
    """How a token is, and since when."""

    linked: LinkedToken
    is_listed: bool = True
    mode: Mode = Mode.FAST
    since: float = 0.0
    urgent_until: float = -FOR_EVER
    """Until when it was BANNED or VERIFYING."""
    out_since: float = 0.0
    """When it last left FAST after hours in it, so that its alert cannot be older."""
    percent_left: float = 100.0
    """How much fast time it has left, and since when."""
    percent_since: float = 0.0
    hours_left: float = 15.0
    drops: list[tuple[float, float]] = field(default_factory=list)
    """When it used how many hours, of which the bot has surely seen those before."""

    def actual_mode(self) -> Mode:
        """Return the mode that the bot should have for it."""
        if not self.is_listed:
            return Mode.GONE
        if not self.linked.is_active:
            return Mode.OFF
        return Mode(self.linked.status) if self.linked.status in set(Mode) else Mode.OTHER
