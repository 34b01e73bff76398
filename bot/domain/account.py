"""What ImaginePro says of the account itself: its credits, and when it ends."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class AccountQuota:
    """The figures as one answer gave them; each is None where it was not said."""

    asked_at: datetime
    plan: str = ""
    """ImaginePro's own word, as it came, cut but not escaped."""
    credits: int | None = None
    credits_quota: int | None = None
    credits_extra: int | None = None
    expires_at: datetime | None = None
