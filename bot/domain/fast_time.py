"""Fast time: how much is left of what the plan gives."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
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
