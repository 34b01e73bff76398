"""Conditions: what may be wrong with a fleet or an account as a whole, and when checks have confirmed it."""

from dataclasses import dataclass, replace
from datetime import datetime

from bot.domain.account import AccountQuota, credits_problem, plan_problem
from bot.domain.alert_types import AlertType, IncidentType, is_more_severe
from bot.domain.capacity import ABOUT_FAST, Capacity, capacity_problem
from bot.domain.rules import Rules

_AS_MANY_AS_ANY_RULE = 10
# Each is a response of its own. The second is asked for at once.
_ACCOUNT_READINGS = 2


@dataclass(frozen=True, slots=True)
class Condition:
    """What an incident is about that affects no single token. After it is resolved, `kind` keeps its last value."""

    kind: AlertType
    notified: AlertType | None = None
    """The most severe alert type that people were notified of, if any. Only a more severe one pings again."""
    capacity: Capacity | None = None
    quota: AccountQuota | None = None

    @property
    def got_worse(self) -> bool:
        """Whether it is more severe than anything that people were notified of."""
        return is_more_severe(self.kind, self.notified)


@dataclass(frozen=True, slots=True)
class ConditionState:
    """What checks have confirmed of one condition for one server. `kind` is None while nothing is wrong."""

    kind: AlertType | None = None
    readings: int = 0
    """Consecutive readings that contradict `kind`."""
    read_at: datetime | None = None
    """The time of the latest reading that counts: the account is not asked in every check."""

    @property
    def is_pending(self) -> bool:
        """Whether a change awaits another reading."""
        return self.readings > 0


def reopened(state: ConditionState) -> ConditionState:
    """Return the state as if nothing had been alerted, so that the next reading opens an incident if it is still so."""
    return replace(state, kind=None, readings=_AS_MANY_AS_ANY_RULE, read_at=None)


def first_state(type_: IncidentType, figures: Capacity | AccountQuota, now: datetime, rules: Rules) -> ConditionState:
    """Return the state of a condition that was not judged before. What it is like at first is not a change."""
    return ConditionState(find_problem(type_, figures, now, rules, None))


def next_state(
    type_: IncidentType,
    state: ConditionState,
    figures: Capacity | AccountQuota,
    read_at: datetime,
    now: datetime,
    rules: Rules,
) -> ConditionState:
    """Return the next state of a condition after one look at it."""
    problem = find_problem(type_, figures, now, rules, state.kind)
    if problem is state.kind:
        return ConditionState(state.kind, read_at=read_at) if state.is_pending else state
    if read_at == state.read_at:
        return state
    if state.readings + 1 < _readings_needed(type_, state.kind, problem, rules):
        return replace(state, readings=state.readings + 1, read_at=read_at)
    return ConditionState(problem, read_at=read_at)


def find_problem(
    type_: IncidentType, figures: Capacity | AccountQuota, now: datetime, rules: Rules, before: AlertType | None
) -> AlertType | None:
    """Return what is wrong with a condition; None if nothing is. `before` is what was wrong until now."""
    if isinstance(figures, Capacity):
        return capacity_problem(figures, rules, before)
    if type_ is IncidentType.CREDITS:
        return credits_problem(figures, rules, before)
    return plan_problem(figures, now, rules, before)


def _readings_needed(type_: IncidentType, before: AlertType | None, problem: AlertType | None, rules: Rules) -> int:
    """Return how many consecutive readings confirm a change.

    The number of tokens in FAST needs no more than one: the mode of each token was confirmed already.
    """
    if type_ is not IncidentType.CAPACITY:
        return _ACCOUNT_READINGS
    if not ABOUT_FAST.isdisjoint({before, problem}):
        return 1
    return rules.confirm_back if problem is None else rules.confirm_leaving
