"""Refills: when a plan's fast time comes back, and when it came back before.

A plan is paid by the month or by the year, but gives its fast time by the month either way: "Fast GPU Time" is so many
hours a month in the one column for both. Source: Midjourney's documentation, "Subscription Plans", plan comparison.
"""

from calendar import monthrange
from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import count, dropwhile, takewhile

from bot.domain.subscription import Plan

_WEEK = timedelta(days=7)
# A yearly plan renews within 366 days. A date much farther off, such as 1970, stands for no date, and a line that was
# not said anew for so long tells nothing of today.
_MAX_PLAUSIBLE = timedelta(days=400)


def next_refill(plan: Plan, now: datetime) -> datetime | None:
    """Tell when fast time comes back next, later than `now`; None where no renewal is known that can be believed."""
    return next(_refills_after(plan, now, now), None)


def refills_between(plan: Plan, since: datetime, until: datetime) -> tuple[datetime, ...]:
    """Tell when fast time came back later than `since` and not later than `until`, in order."""
    return tuple(takewhile(lambda refill: refill <= until, _refills_after(plan, since, until)))


def _refills_after(plan: Plan, since: datetime, until: datetime) -> Iterator[datetime]:
    renewal = plan.renews_at
    if renewal is None or renewal - until > _MAX_PLAUSIBLE or since - renewal > _MAX_PLAUSIBLE:
        return iter(())
    if (plan.period or "").lower() == "weekly":
        first = (since - renewal) // _WEEK + 1
        return (renewal + number * _WEEK for number in count(first))
    # From the month before on, since the two times may be told in different zones.
    months = count(since.year * 12 + since.month - 2)
    return dropwhile(lambda refill: refill <= since, (_in_month(renewal, month) for month in months))


def _in_month(renewal: datetime, months: int) -> datetime:
    """Tell the same day and time in another month, counted from year 0; the 31st is the last day of a shorter one."""
    year, month = divmod(months, 12)
    return renewal.replace(year=year, month=month + 1, day=min(renewal.day, monthrange(year, month + 1)[1]))
