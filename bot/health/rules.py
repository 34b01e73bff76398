"""Rules: the numbers by which a server is told. Each server may set its own."""

from dataclasses import dataclass
from datetime import timedelta

from bot.health.modes import Mode


@dataclass(frozen=True, slots=True)
class Rules:
    """When something is told. The defaults are for a team that looks at Discord many times a day."""

    confirm_leaving: int = 2
    """Readings in a row that must agree before a token has left FAST."""
    confirm_urgent: int = 1
    """The same for VERIFYING and BANNED, where minutes count."""
    confirm_back: int = 2
    """The same for a token that is back in FAST."""
    low: int = 20
    """Percent of fast time left at which it is told to be low; 0 for never."""
    very_low: int = 5
    """Percent of fast time left at which it is told again; 0 for never."""
    reminders: tuple[timedelta, ...] = (timedelta(hours=1), timedelta(hours=6), timedelta(hours=24))
    """How long after its beginning an incident is called to mind, while nobody has acknowledged it."""
    blind_after: timedelta = timedelta(minutes=5)
    """How long without a good round until that is told."""
    flapping_after: int = 3
    """Incidents of one token within `flapping_within` that are told one by one; what follows is told as one."""
    flapping_within: timedelta = timedelta(hours=1)
    group_from: int = 3
    """Tokens of one round from which on they are told in one Discord message."""

    def readings_needed(self, mode: Mode) -> int:
        """Count the readings needed to believe this mode."""
        match mode:
            case Mode.FAST:
                return self.confirm_back
            case Mode.VERIFYING | Mode.BANNED:
                return self.confirm_urgent
            case _:
                return self.confirm_leaving

    @property
    def calm(self) -> timedelta:
        """How long a flapping token must stay in FAST until its flapping is over."""
        return self.flapping_within / 2
