"""Refills: when a plan's fast time comes back, and when it came back before.

A plan is paid monthly or yearly, but its fast time comes back every month either way: "Fast GPU Time" is a number of
hours per month for both. Source: Midjourney's documentation, "Subscription Plans", plan comparison.
"""

from calendar import monthrange
from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import count, dropwhile, takewhile

from bot.domain.subscription import Plan

_WEEK = timedelta(days=7)
# A yearly plan renews within 366 days. A date much farther away, such as 1970, is a placeholder, and a renewal that
# passed so long ago without an update says nothing about today.
_MAX_PLAUSIBLE = timedelta(days=400)


def next_refill(plan: Plan, now: datetime) -> datetime | None:
    """Return the next refill after `now`; None if no plausible renewal is known."""
    return next(_refills_after(plan, now, now), None)


def hours_return_at(plan: Plan, now: datetime) -> datetime | None:
    """Return the next refill, unless the plan ends before it."""
    refill_at = next_refill(plan, now)
    return None if refill_at is not None and plan.ends_at is not None and plan.ends_at <= refill_at else refill_at


def refills_between(plan: Plan, since: datetime, until: datetime) -> tuple[datetime, ...]:
    """Return the refills after `since` and not after `until`, in order."""
    return tuple(takewhile(lambda refill: refill <= until, _refills_after(plan, since, until)))


def _refills_after(plan: Plan, since: datetime, until: datetime) -> Iterator[datetime]:
    renewal = plan.renews_at
    if renewal is None or renewal - until > _MAX_PLAUSIBLE or since - renewal > _MAX_PLAUSIBLE:
        return iter(())
    if (plan.period or "").lower() == "weekly":
        first = (since - renewal) // _WEEK + 1
        return (renewal + number * _WEEK for number in count(first))
    # Begin one month early, since the two times may be in different zones.
    months = count(since.year * 12 + since.month - 2)
    return dropwhile(lambda refill: refill <= since, (_in_month(renewal, month) for month in months))


def _in_month(renewal: datetime, months: int) -> datetime:
    """Return the same day and time in another month, counted from year 0, or the last day of a shorter month."""
    year, month = divmod(months, 12)
    return renewal.replace(year=year, month=month + 1, day=min(renewal.day, monthrange(year, month + 1)[1]))
