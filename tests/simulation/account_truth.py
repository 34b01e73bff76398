"""How the ImaginePro account really is, and what the rules of docs/alerts.md say about that."""

from __future__ import annotations

from dataclasses import dataclass

from bot.domain.alert_types import AlertType
from tests.simulation.history import DAY

QUOTA = 1600
_LOW, _ENOUGH = 10, 15
"""The percentages of credits below which an alert begins, and from which on it is over."""


@dataclass
class AccountTruth:
    """The account's credits and the end of its plan, in seconds of the simulation, and since when they are so."""

    credits: int = QUOTA
    credits_since: float = 0.0
    plan_ends_at: float = 1000 * DAY
    plan_since: float = 0.0

    @property
    def credits_problem(self) -> AlertType | None:
        """What is wrong with the credits; None if nothing is."""
        return AlertType.LOW_CREDITS if 100 * self.credits < _LOW * QUOTA else None

    @property
    def credits_are_clear(self) -> bool:
        """Whether it does not depend on what was before."""
        return self.credits_problem is not None or 100 * self.credits >= _ENOUGH * QUOTA

    def plan_problem(self, now: float) -> tuple[AlertType | None, float]:
        """Return what is wrong with the plan, None if nothing is, and since when that is so."""
        for within, problem in _PLAN_PROBLEMS:
            if now >= self.plan_ends_at - within:
                return problem, max(self.plan_since, self.plan_ends_at - within)
        return None, self.plan_since


_PLAN_PROBLEMS = (
    (0, AlertType.PLAN_ENDED),
    (DAY, AlertType.PLAN_ENDS_SOON),
    (7 * DAY, AlertType.PLAN_ENDS),
)
