"""A tolerant grammar for the text lines of a token's account: its fast time, plan, usage and jobs.

They are the lines of Midjourney's `/info` command, whose wording varies. Each part is optional, and a part that cannot
be parsed is unknown. Example lines: ImaginePro's documentation of `GET /api/v1/discord/tokens`.
"""

import re
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from bot.domain.fast_time import FastTime, Unit
from bot.domain.subscription import Jobs, Plan, Usage

_PLAN_NAME = re.compile(r"\s*(?P<name>[^\s(<][^(<]*?)\s*(?:[(<].*)?", re.DOTALL)
_PLAN_TERMS = re.compile(
    r"\(\s*(?P<state>[a-z]+)(?:\s+(?P<period>monthly|yearly|annual|annually|weekly))?\b", re.IGNORECASE
)
_DATE = re.compile(r"(?P<words>[^(,;<>]*)<t:(?P<seconds>\d{1,11})(?::[a-z])?>", re.IGNORECASE | re.ASCII)
_RENEWS = re.compile(r"\brenew|\A\s*\Z", re.IGNORECASE)
_ENDS = re.compile(r"\b(?:expir|ends\b|ended\b|ending\b|until\b|cancels\b)", re.IGNORECASE)
_NOT_RENEWED = re.compile(r"\bcancel|\bexpir|\b(?:not|non|never)[\s-]+(?:auto-?)?renew", re.IGNORECASE)
_USAGE = re.compile(
    r"(?P<images>\d{1,3}(?:[, .]\d{3}){1,4}|\d{1,15}) ?(?:images?|jobs?)? ?"
    r"(?:\( ?(?P<hours>(?:\d{1,3}(?:,\d{3}){1,2}|\d{1,9})(?:\.\d+)?) ?(?:h|hrs?|hours?) ?\))?",
    re.IGNORECASE | re.ASCII,
)
_NUMBER_OF_JOBS = re.compile(r"\s*(\d{1,9})\s*(?:jobs?)?\s*", re.IGNORECASE | re.ASCII)


def parse_plan(text: str) -> Plan:
    """Parse a line such as `Standard (Active monthly, renews next on <t:1692258749>)`.

    `<t:...>` is Discord's timestamp markup, in seconds since 1970.
    """
    name = _PLAN_NAME.fullmatch(text)
    renews_at, ends_at = _dates(text)
    terms = _PLAN_TERMS.search(text)
    return Plan(
        name=name["name"] if name else None,
        state=terms["state"] if terms else None,
        period=terms["period"] if terms else None,
        renews_at=renews_at,
        ends_at=ends_at,
    )


def _dates(text: str) -> tuple[datetime | None, datetime | None]:
    """Return when a plan renews and when it ends. The words before a date tell which it is; others leave it unknown."""
    found = _DATE.search(text)
    if found is None:
        return None, None
    date = datetime.fromtimestamp(int(found["seconds"]), UTC)
    if _ENDS.search(found["words"]):
        return None, date
    renews = _RENEWS.search(found["words"]) and not _NOT_RENEWED.search(text[: found.end()])
    return (date if renews else None), None


def parse_usage(text: str) -> Usage | None:
    """Parse a line such as `102 images (1.77 hours)`; None if it has another form."""
    found = _USAGE.fullmatch(" ".join(text.split()))
    if found is None:
        return None
    hours = float(found["hours"].replace(",", "")) if found["hours"] else None
    return Usage(images=int(re.sub(r"\D", "", found["images"])), hours=hours)


def parse_jobs(text: str) -> int | Jobs | None:
    """Parse a line of jobs: 0 for `None`, a number, `Jobs.SOME` for other words, and None for an empty line.

    With several running jobs, the line is truncated at its first line break, so the jobs cannot be counted.
    """
    words = text.strip()
    if not words:
        return None
    if words.lower() == "none":
        return 0
    number = _NUMBER_OF_JOBS.fullmatch(words)
    return int(number[1]) if number else Jobs.SOME


_UNITS = {
    **dict.fromkeys(("h", "hr", "hrs", "hour", "hours"), Unit.HOURS),
    **dict.fromkeys(("m", "min", "mins", "minute", "minutes"), Unit.MINUTES),
}


# At most nine digits before the point, so that no number overflows a timedelta. The text is normalized to single spaces
# before it is matched: several `\s*` in a row would backtrack for seconds on a line of blanks.
_WITH_SEPARATORS = r"\d{1,3}(?:,\d{3}){1,2}(?:\.\d+)?"
_NUMBER = rf"(?:{_WITH_SEPARATORS}|\d{{1,9}}(?:[.,]\d+)?)"
_FAST_TIME = re.compile(
    rf"(?P<left>{_NUMBER}) ?(?P<left_unit>[a-z]+)? ?"
    rf"(?:(?:/|\bof\b) ?(?P<total>{_NUMBER}) ?)?"
    r"(?P<unit>(?!left|remaining)[a-z]+)?\.? ?"
    r"(?:left|remaining)? ?(?:\([^()]*\))?",
    re.IGNORECASE | re.ASCII,
)


def parse_fast_time(text: str) -> FastTime | None:
    """Parse Midjourney's line, such as `15.00/15.0 hours (100.00%)`; None if it has another form.

    A number without a unit is unknown and not taken for hours, since Basic plans count in minutes. The percentage is
    ignored, because it follows from the other two. Example lines: ImaginePro's documentation of
    `GET /api/v1/discord/tokens` and of `GET /api/v1/message/trace/{messageId}`.
    """
    found = _FAST_TIME.fullmatch(" ".join(text.split()))
    if found is None:
        return None
    unit = _UNITS.get((found["unit"] or found["left_unit"] or "").lower())
    left_unit = _UNITS.get(found["left_unit"].lower()) if found["left_unit"] else unit
    if unit is None or left_unit is not unit:
        return None
    left = _duration(found["left"], unit)
    total = _duration(found["total"], unit) if found["total"] else None
    return FastTime(left=left, total=total or None, unit=unit)


def _duration(number: str, unit: Unit) -> timedelta:
    return timedelta(seconds=float(Decimal(_plain(number)) * int(unit.length.total_seconds())))


def _plain(number: str) -> str:
    """Return the number with a decimal point and without separators. `1,234.5` and `12,5` are both in use."""
    if re.fullmatch(_WITH_SEPARATORS, number):
        return number.replace(",", "")
    return number.replace(",", ".")
