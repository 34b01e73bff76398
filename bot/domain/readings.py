"""What one answer said of one token at one time."""

from dataclasses import dataclass
from datetime import datetime

from bot.domain.fast_time import FastTime
from bot.domain.modes import Mode, parse_mode
from bot.domain.subscription import Jobs, Plan, Usage


@dataclass(frozen=True, slots=True)
class Reading:
    """One token as one answer described it. Texts are as they came, cut but not escaped; None means not said."""

    token_id: int
    read_at: datetime
    status: str = ""
    is_active: bool | None = None
    listed: bool = True
    """False in the reading that stands for a token missing from a complete fleet list."""
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
    """ImaginePro's own free text on the token: of unknown origin, to be escaped before it is shown."""

    @property
    def mode(self) -> Mode | None:
        """The mode this reading shows; None where the answer did not say."""
        return parse_mode(self.status, is_active=self.is_active) if self.listed else Mode.GONE
