"""Capacity: what the tokens of a fleet can do for the team, and whether that is less than the rules ask for."""

from collections.abc import Mapping, Set
from dataclasses import dataclass, replace
from datetime import timedelta

from bot.domain.alert_types import AlertType, severity
from bot.domain.fast_time import Unit, common_unit
from bot.domain.modes import Mode
from bot.domain.readings import Reading
from bot.domain.rules import Rules

ABOUT_FAST = frozenset({AlertType.NONE_IN_FAST, AlertType.FEW_IN_FAST})
"""What an alert says about the number of tokens in FAST. Those were confirmed one by one."""


@dataclass(frozen=True, slots=True)
class Capacity:
    """The tokens that are listed, how many of them are in FAST, and the fast time that those have left.

    `locked` is the fast time of the tokens that need a person first: all others that are not in RELAX.
    """

    tokens: int
    in_fast: int
    usable: timedelta = timedelta()
    locked: timedelta = timedelta()
    unit: Unit = Unit.HOURS
    unread: int = 0
    """The tokens without a reading in this check. They may be in FAST."""
    unknown_left: int = 0
    """The tokens in FAST whose fast time is unknown."""

    @property
    def rounded(self) -> "Capacity":
        """Return it with fast time rounded down, so that an alert is edited no more often than a board."""
        return replace(self, usable=_rounded(self.usable, self.unit), locked=_rounded(self.locked, self.unit))


def measure_capacity(modes: Mapping[int, Mode], readings: Mapping[int, Reading], unread: Set[int]) -> Capacity:
    """Return the capacity of tokens in these confirmed modes, with these latest readings."""
    listed = {token_id: mode for token_id, mode in modes.items() if mode is not Mode.GONE}
    read = {token_id: mode for token_id, mode in listed.items() if token_id not in unread}
    left = {token_id: readings[token_id].fast_time if token_id in readings else None for token_id in read}
    sums = dict.fromkeys(Mode, timedelta())
    for token_id, fast_time in left.items():
        sums[read[token_id]] += fast_time.left if fast_time is not None else timedelta()
    return Capacity(
        tokens=len(listed),
        in_fast=sum(mode is Mode.FAST for mode in read.values()),
        usable=sums[Mode.FAST],
        locked=sum((sums[mode] for mode in Mode if mode not in (Mode.FAST, Mode.RELAX)), timedelta()),
        unit=common_unit(fast_time.unit for fast_time in left.values() if fast_time is not None),
        unread=len(listed) - len(read),
        unknown_left=sum(mode is Mode.FAST and left[token_id] is None for token_id, mode in read.items()),
    )


def capacity_problem(capacity: Capacity, rules: Rules, before: AlertType | None) -> AlertType | None:
    """Return what is too little; None if nothing is. `before` is what was too little until now.

    What could not be read may be as good or as bad as it can be, and changes nothing between the two: a check that read
    only some tokens neither starts an alert nor ends one.
    """
    is_known = not capacity.unread and not capacity.unknown_left
    best = _problem(capacity, rules, before, capacity.in_fast + capacity.unread, capacity.usable if is_known else None)
    worst = _problem(capacity, rules, before, capacity.in_fast, capacity.usable)
    return max(best, min(before, worst, key=_rank), key=_rank)


def _problem(
    capacity: Capacity, rules: Rules, before: AlertType | None, in_fast: int, usable: timedelta | None
) -> AlertType | None:
    # A fleet of one token needs no alert besides the one about that token.
    has_several = capacity.tokens > 1 or before in ABOUT_FAST
    if has_several and in_fast < rules.min_fast:
        return AlertType.FEW_IN_FAST if in_fast else AlertType.NONE_IN_FAST
    if capacity.tokens and usable is not None and usable < timedelta(hours=rules.min_hours):
        return AlertType.FEW_HOURS
    return None


def _rank(kind: AlertType | None) -> int:
    return 0 if kind is None else severity(kind)


def _rounded(left: timedelta, unit: Unit) -> timedelta:
    step = timedelta(minutes=5) if unit is Unit.MINUTES else timedelta(hours=1)
    return left // step * step
