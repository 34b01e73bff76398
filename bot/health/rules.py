"""Rules: the numbers by which a server is told. Each server may set its own."""

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from bot.health.modes import Mode


class DigestDay(StrEnum):
    """When a server is told how its tokens have been."""

    OFF = "off"
    DAILY = "daily"
    MONDAY = "monday"
    TUESDAY = "tuesday"
    WEDNESDAY = "wednesday"
    THURSDAY = "thursday"
    FRIDAY = "friday"
    SATURDAY = "saturday"
    SUNDAY = "sunday"


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
    will_not_last: bool = True
    """Whether it is told that the fast time of a token will not last until it renews."""
    digest: DigestDay = DigestDay.OFF
    """The day on which a digest is posted."""
    digest_hour: int = 9
    """The hour of that day, 0 to 23, in the server's time zone."""
    time_zone: str = "UTC"
    """The server's time zone, by its name in the IANA database."""

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
