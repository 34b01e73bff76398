"""Fast time: how much is left of a plan's amount."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum


class Unit(StrEnum):
    """The unit of a plan's fast time. Basic plans count in minutes, the others in hours."""

    HOURS = "hours"
    MINUTES = "minutes"

    @property
    def length(self) -> timedelta:
        """The duration of one unit."""
        return timedelta(hours=1) if self is Unit.HOURS else timedelta(minutes=1)


def common_unit(units: Iterable[Unit]) -> Unit:
    """Return the unit for a sum over several plans: minutes if all count in minutes, else hours."""
    return Unit.MINUTES if set(units) == {Unit.MINUTES} else Unit.HOURS


@dataclass(frozen=True, slots=True)
class FastTime:
    """The fast time left, and the plan's total if known. `left` may exceed `total`, since hours can be bought."""

    left: timedelta
    total: timedelta | None
    unit: Unit

    @property
    def share(self) -> float | None:
        """The share of the total that is left, 0 to 1 or more; None without a total."""
        return self.left / self.total if self.total else None
