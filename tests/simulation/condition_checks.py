"""Alerts about the whole fleet and the account, by docs/alerts.md: capacity, credits, and the end of the plan."""

from __future__ import annotations

from bot.domain.alert_types import AlertType, IncidentType
from tests.monitor.world import Team
from tests.simulation.cards import Card
from tests.simulation.checks import Checks

_ASKED_EVERY = 2 * 3600
"""The account is asked once an hour. After a failure, this takes another one."""


def conditions_are_told(checks: Checks, team: Team) -> None:
    """Find alerts about the fleet or the account that are missing, wrong, twice, or open for too long."""
    cards = [card for card in checks.open_cards(team) if card.condition is not None]
    _capacity_is_told(checks, team, cards)
    _account_is_told(checks, team, cards)


def _capacity_is_told(checks: Checks, team: Team, cards: list[Card]) -> None:
    truth = checks.world.truth
    if checks.quiet(team, truth.capacity_since) <= checks.settle:
        return
    is_missing = truth.none_in_fast and truth.are_several_listed
    if is_missing or not truth.none_in_fast:
        _is_told(checks, team, IncidentType.CAPACITY, AlertType.NONE_IN_FAST if is_missing else None, cards)


def _account_is_told(checks: Checks, team: Team, cards: list[Card]) -> None:
    account = checks.world.truth.account
    unmuted_since = checks.world.truth.muted_until(team, 0)
    settle = checks.settle + _ASKED_EVERY
    if account.credits_are_clear and checks.quiet(team, max(account.credits_since, unmuted_since)) > settle:
        _is_told(checks, team, IncidentType.CREDITS, account.credits_problem, cards)
    problem, since = account.plan_problem(checks.now)
    if checks.quiet(team, max(since, unmuted_since)) > settle:
        _is_told(checks, team, IncidentType.PLAN_END, problem, cards)


def _is_told(checks: Checks, team: Team, type_: IncidentType, problem: AlertType | None, cards: list[Card]) -> None:
    truth = checks.world.truth
    of_type = [card for card in cards if card.condition is not None and card.condition[0] is type_]
    is_left_alone = (team.alerts, type_) in truth.conditions_left_alone
    about = (team.id, type_, problem)
    if problem is None and of_type:
        checks.found(f"says that {type_} is wrong", about, f"{of_type[0].title!r} is open")
    elif problem is not None and not of_type and not is_left_alone:
        checks.found(f"{type_} not alerted", about, f"it is {problem}, and no alert in {team.alerts} says so")
    elif len(of_type) > 1:
        checks.found("two alerts", about, f"{[card.title for card in of_type]} in {team.alerts}")
    elif problem is not None and of_type and of_type[0].condition != (type_, problem):
        checks.found("out of date", about, f"it is {problem}, and the alert says {of_type[0].title!r}")
