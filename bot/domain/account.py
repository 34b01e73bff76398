"""The account itself, as ImaginePro reports it: its credits and its expiry."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class AccountQuota:
    """The credits and expiry in one response; None where the response did not include a value."""

    asked_at: datetime
    plan: str = ""
    """ImaginePro's own word for the plan, truncated but not escaped."""
    credits: int | None = None
    credits_quota: int | None = None
    credits_extra: int | None = None
    expires_at: datetime | None = None
