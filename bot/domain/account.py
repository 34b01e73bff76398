"""The account itself, as ImaginePro reports it: its credits and its expiry, and whether they need an alert."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.domain.alert_types import AlertType
from bot.domain.rules import Rules

PLAN_ENDS_WITHIN = timedelta(days=7)
"""How long before the end of the plan the first alert is."""
_PLAN_ENDS_SOON = timedelta(days=1)
# Percentage points above the rule before credits count as topped up. ImaginePro gives credits back for failed requests,
# so without this margin a few of them would end an alert and start it again.
_TOPPED_UP_PERCENT = 5


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

    @property
    def credits_percent(self) -> float | None:
        """The credits left, bought ones included, in percent of the plan's; None where ImaginePro does not say."""
        if self.credits is None or not self.credits_quota or self.credits_quota < 0:
            return None
        return 100 * (self.credits + (self.credits_extra or 0)) / self.credits_quota


def credits_problem(quota: AccountQuota, rules: Rules, before: AlertType | None) -> AlertType | None:
    """Return LOW_CREDITS if few are left, else None; `before`, the present alert, if that is unknown."""
    percent = quota.credits_percent
    if not rules.low_credits:
        return None
    if percent is None:
        return before
    enough = rules.low_credits if before is None else rules.low_credits + _TOPPED_UP_PERCENT
    return AlertType.LOW_CREDITS if percent < enough else None


def plan_problem(quota: AccountQuota, now: datetime, rules: Rules, before: AlertType | None) -> AlertType | None:
    """Return that the plan ends soon or has ended, else None; `before`, the present alert, if its end is unknown."""
    if not rules.plan_end:
        return None
    if quota.expires_at is None:
        return before
    left = quota.expires_at - now
    if left <= timedelta():
        return AlertType.PLAN_ENDED
    if left <= _PLAN_ENDS_SOON:
        return AlertType.PLAN_ENDS_SOON
    return AlertType.PLAN_ENDS if left <= PLAN_ENDS_WITHIN else None
