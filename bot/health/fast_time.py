"""Fast time: how much is left of what the plan gives."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from enum import StrEnum


class Unit(StrEnum):
    """The unit in which the plan counts; small plans count in minutes."""

    HOURS = "hours"
    MINUTES = "minutes"

    @property
    def length(self) -> timedelta:
        """How long one of it is."""
        return timedelta(hours=1) if self is Unit.HOURS else timedelta(minutes=1)


def common_unit(units: Iterable[Unit]) -> Unit:
    """Tell in which unit several plans are added up: in minutes where all count in them."""
    return Unit.MINUTES if set(units) == {Unit.MINUTES} else Unit.HOURS


@dataclass(frozen=True, slots=True)
class FastTime:
    """What is left, and what the plan gives if that was said. Left may exceed the total: hours can be bought."""

    left: timedelta
    total: timedelta | None
    unit: Unit

    @property
    def share(self) -> float | None:
        """Left as a share of the total, 0 to 1 and beyond; None without a total to compare with."""
        return self.left / self.total if self.total else None


_UNITS = {
    **dict.fromkeys(("h", "hr", "hrs", "hour", "hours"), Unit.HOURS),
    **dict.fromkeys(("m", "min", "mins", "minute", "minutes"), Unit.MINUTES),
}
# At most nine digits before the point, so that no number overflows a duration. The text has single spaces when it comes
# here: `\s*` many times in a row would take seconds to give up on a line of blanks.
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
    """Read Midjourney's line, such as `15.00/15.0 hours (100.00%)`; None where it cannot be read.

    A number without a unit is unknown, not hours: Basic plans count in minutes, and the two are never mixed up.
    The percentage is skipped, since it follows from the other two. Example lines: ImaginePro's documentation of
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
    """Write the number with a point and without separators: `1,234.5` and `12,5` are both seen in the world."""
    if re.fullmatch(_WITH_SEPARATORS, number):
        return number.replace(",", "")
    return number.replace(",", ".")
