"""What a round says about a server's fleet and account as a whole."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import structlog
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.concurrency.offload import offload
from bot.domain.account import AccountQuota
from bot.domain.alert_types import AlertType, IncidentType
from bot.domain.capacity import Capacity, measure_capacity
from bot.domain.condition_updates import (
    CONDITION_TYPES,
    inhibit,
    is_about_fast,
    is_new,
    lift_inhibition,
    open_condition,
    update_condition,
)
from bot.domain.conditions import ConditionState, first_state, next_state
from bot.domain.fleet import is_long_gone
from bot.domain.incident_updates import IncidentUpdate
from bot.domain.incidents import Incident
from bot.domain.readings import Reading
from bot.domain.rules import Rules
from bot.domain.tracking import TokenState
from bot.monitor.rounds import Round
from bot.storage.condition_states import condition_states_of, save_condition_states

log = structlog.get_logger(__name__)

_ABOUT_ACCOUNT = frozenset({IncidentType.CREDITS, IncidentType.PLAN_END})


@dataclass(frozen=True, slots=True)
class ConditionUpdates:
    """The updates of incidents about conditions, and what awaits another look: at the tokens, or at the account."""

    updates: tuple[IncidentUpdate, ...]
    has_pending_changes: bool
    needs_quota: bool
    is_settled: bool
    """Whether the same figures would change nothing again."""
    account_problems: Mapping[IncidentType, AlertType | None]
    """What is wrong with the account's credits and plan."""


@dataclass(frozen=True, slots=True)
class _Subject:
    """What a condition is judged by: now, when that was read, and before this round."""

    figures: Capacity | AccountQuota
    read_at: datetime
    before: Capacity | AccountQuota


async def record_conditions(
    connection: AsyncConnection,
    server_id: int,
    round_: Round,
    states: tuple[Mapping[int, TokenState], Mapping[int, TokenState]],
    ongoing: Iterable[Incident],
    rules: Rules,
) -> ConditionUpdates:
    """Save what a successful round confirms of a server's fleet and account, and return the updates that follow.

    `states` has the token states before and after the round.
    """
    known = await condition_states_of(connection, server_id)
    before_round, after_round = states
    before_round = before_round if IncidentType.CAPACITY not in known else {}
    subjects = await offload(len(after_round), _subjects, round_, before_round, after_round)
    incidents = {incident.type: incident for incident in ongoing if incident.type in CONDITION_TYPES}
    after: dict[IncidentType, ConditionState] = {}
    updates: list[IncidentUpdate | None] = []
    for type_, one in subjects.items():
        # What a condition is like at first is no change: setting up alerts alerts nobody.
        before = known.get(type_) or first_state(type_, one.before, round_.now, rules)
        after[type_] = next_state(type_, before, one.figures, one.read_at, round_.now, rules)
        updates.append(_update(server_id, incidents.get(type_), before, after[type_], one.figures, round_.now, rules))
    changed = {type_: state for type_, state in after.items() if state != known.get(type_)}
    await save_condition_states(connection, server_id, changed)
    pending = {type_ for type_, state in after.items() if state.is_pending}
    return ConditionUpdates(
        tuple(one for one in updates if one is not None),
        has_pending_changes=IncidentType.CAPACITY in pending,
        needs_quota=not pending.isdisjoint(_ABOUT_ACCOUNT),
        is_settled=not changed and not pending,
        account_problems={type_: state.kind for type_, state in after.items() if type_ in _ABOUT_ACCOUNT},
    )


def apply_inhibition(
    updates: Sequence[IncidentUpdate],
    conditions: Sequence[IncidentUpdate],
    ongoing: Iterable[Incident],
    now: datetime,
    rules: Rules,
) -> list[IncidentUpdate]:
    """Return all updates of a check. What an alert about the team's capacity inhibits does not ping."""
    capacity = next((one for one in conditions if one.incident.type is IncidentType.CAPACITY), None)
    updates = [*inhibit(updates, capacity), *conditions]
    touched = {update.incident.id for update in updates}
    untouched = [incident for incident in ongoing if incident.id not in touched]
    if any(is_about_fast(one) for one in (*untouched, *(update.incident for update in updates))):
        return updates
    return lift_inhibition(updates, untouched, now, rules)


def _update(
    server_id: int,
    incident: Incident | None,
    before: ConditionState,
    after: ConditionState,
    figures: Capacity | AccountQuota,
    now: datetime,
    rules: Rules,
) -> IncidentUpdate | None:
    if before.kind is not after.kind:
        log.info("A condition changed.", server=server_id, before=before.kind, after=after.kind)
    if incident is not None and after.is_pending:
        # Its message would contradict itself: the figures say that it is over, and the title does not yet.
        return None
    if incident is not None:
        return update_condition(incident, after.kind, figures, now, rules)
    if after.kind is not None and is_new(before.kind, after.kind):
        return open_condition(server_id, after.kind, figures, now, rules)
    return None


def current_figures(round_: Round, states: Mapping[int, TokenState]) -> dict[IncidentType, Capacity | AccountQuota]:
    """Return what each condition is judged by."""
    return {type_: subject.figures for type_, subject in _subjects(round_, {}, states).items()}


def _subjects(
    round_: Round, before: Mapping[int, TokenState], after: Mapping[int, TokenState]
) -> dict[IncidentType, _Subject]:
    readings = {reading.token_id: reading for reading in round_.readings if reading.mode is not None}
    capacity = _capacity(round_, after, readings)
    earlier = {token_id: token.reading for token_id, token in round_.known.items()} if before else {}
    capacity_before = _capacity(round_, before, earlier) if before else capacity
    subjects = {IncidentType.CAPACITY: _Subject(capacity, round_.now, capacity_before)}
    if (quota := round_.quota) is not None:
        of_account = _Subject(quota, quota.asked_at, quota)
        subjects |= {IncidentType.CREDITS: of_account, IncidentType.PLAN_END: of_account}
    return subjects


def _capacity(round_: Round, states: Mapping[int, TokenState], readings: Mapping[int, Reading]) -> Capacity:
    """Return the capacity of the tokens that a round reads, or failed to read. Nothing reads any others."""
    followed = {
        token_id
        for token_id, token in round_.known.items()
        if (token.in_fleet or token_id in round_.watched or token_id in readings)
        and not is_long_gone(token, round_.last_success_at)
    }
    counted = followed | readings.keys()
    modes = {token_id: state.mode for token_id, state in states.items() if token_id in counted}
    return measure_capacity(modes, readings, unread=counted - readings.keys())
