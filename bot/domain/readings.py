"""Readings: one token as one response described it."""

from dataclasses import dataclass
from datetime import datetime

from bot.domain.fast_time import FastTime
from bot.domain.modes import Mode, parse_mode
from bot.domain.subscription import Jobs, Plan, Usage


@dataclass(frozen=True, slots=True)
class Reading:
    """One token in one response. Texts are truncated but not escaped; None means that the response did not say."""

    token_id: int
    read_at: datetime
    status: str = ""
    is_active: bool | None = None
    listed: bool = True
    """False in a reading that stands for a token missing from a complete fleet list."""
    fast_time: FastTime | None = None
    fast_time_text: str = ""
    plan: Plan = Plan()  # noqa: RUF009 - frozen, so one shared default is safe
    plan_text: str = ""
    running_jobs: int | Jobs | None = None
    queued_fast: int | Jobs | None = None
    queued_relax: int | Jobs | None = None
    relaxed_usage: Usage | None = None
    lifetime_usage: Usage | None = None
    visibility: str = ""
    remark: str = ""
    """ImaginePro's free text about the token: of unknown origin, to be escaped before it is shown."""

    @property
    def mode(self) -> Mode | None:
        """The mode of the token; None if the response did not say."""
        return parse_mode(self.status, is_active=self.is_active) if self.listed else Mode.GONE
