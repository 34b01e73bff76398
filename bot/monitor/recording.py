"""Records a round for one server: its token states, its incidents, and the deliveries about them."""

from collections.abc import Callable, Iterable, Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.clock import Clock
from bot.concurrency.offload import offload
from bot.domain.alert_types import IncidentType
from bot.domain.escalation import escalate
from bot.domain.evaluation import evaluate
from bot.domain.fleet import changed_hours, count_in_fast
from bot.domain.freshness import changed_freshness
from bot.domain.incident_actions import close_because
from bot.domain.incident_updates import (
    IncidentUpdate,
    RouteLookup,
    UpdateType,
    apply_changes,
    open_no_data,
    recount_reminders,
    remind,
    resolve_flapping,
    resolve_no_data,
    update_cause,
)
from bot.domain.incidents import CloseReason, Incident
from bot.domain.modes import Mode
from bot.domain.mutes import Mutes, find_mute_end, is_token_muted
from bot.domain.outages import NoDataCause, Outage, needs_alert
from bot.domain.rules import Rules
from bot.domain.time_driven import ServerSnapshot
from bot.domain.tracking import Change, TokenState, Transition, is_confirming
from bot.domain.wrong_clock import correct_incident
from bot.monitor.conditions import apply_inhibition, record_conditions
from bot.monitor.quiet_summary import record_quiet_summary
from bot.monitor.rounds import Round, RoundResult
from bot.storage.alert_routes import Route, lock_server, token_routes_of
from bot.storage.audit import disabling_members
from bot.storage.incident_updates import record_updates
from bot.storage.incidents import open_incidents, open_posts
from bot.storage.mutes import correct_mutes, mute_spans_of
from bot.storage.server_settings import rules_of
from bot.storage.token_states import save_states, states_of

log = structlog.get_logger(__name__)

# How long before a token is read as OFF a member's `/fleet disable` still counts as its cause.
_SWITCH_VISIBLE_WITHIN = timedelta(minutes=15)
_MAX_LOGGED = 20


@dataclass(frozen=True, slots=True)
class _Applied:
    """The incident updates of some readings, and whether any change is pending.

    `counts_changed`: another number of tokens is in FAST, which all open alerts say.
    """

    updates: list[IncidentUpdate]
    has_pending_changes: bool
    counts_changed: bool
    is_settled: bool
    """Whether the same readings would change no state again."""
    states_before: Mapping[int, TokenState]
    states_after: Mapping[int, TokenState]


async def record_round(connection: AsyncConnection, route: Route, round_: Round, clock: Clock) -> RoundResult:
    """Record a successful round for a server."""
    if not await lock_server(connection, route.server_id):
        return RoundResult(recorded=False, has_pending_changes=False)
    now, rules = round_.now, await rules_of(connection, route.server_id)
    await correct_mutes(connection, route.server_id, now)
    ongoing, corrections = await _ongoing(connection, route, now, rules)
    applied = await _apply_readings(connection, route, round_, ongoing, rules)
    states = applied.states_before, applied.states_after
    conditions = await record_conditions(connection, route.server_id, round_, states, ongoing, rules)
    updates = apply_inhibition(applied.updates, conditions.updates, ongoing, now, rules)
    untouched = _excluding(ongoing, updates)
    updates += [resolve_no_data(incident, now) for incident in untouched if incident.type is IncidentType.NO_DATA]
    updates += resolve_flapping(untouched, now, rules)
    updates += await _due_reminders(connection, _excluding(untouched, updates), now, rules)
    updates += _without_touched(corrections, updates)
    # Discord messages of open incidents may show a later state than a restored backup, such as their end.
    concerns_all = round_.is_first or any(incident.type is IncidentType.NO_DATA for incident in ongoing)
    changed = _changed_freshness(round_, rules) | changed_hours(round_.known, round_.readings)
    others = _excluding(ongoing, updates)
    outdated = others if concerns_all else _outdated(others, applied, changed)
    updates += await _refreshes(connection, route, outdated)
    await _record_updates(connection, updates, now, clock)
    has_summary = await record_quiet_summary(connection, route.server_id, rules, now, clock)
    return RoundResult(
        recorded=bool(updates) or has_summary,
        has_pending_changes=applied.has_pending_changes or conditions.has_pending_changes,
        needs_quota=conditions.needs_quota,
        is_settled=not updates and not has_summary and applied.is_settled and conditions.is_settled,
        snapshots=(ServerSnapshot(now, rules, tuple(ongoing), round_.quota, conditions.account_problems),),
    )


async def record_readings(connection: AsyncConnection, route: Route, round_: Round, clock: Clock) -> RoundResult:
    """Record for a server what a failed round has read all the same. Nothing else follows from it."""
    if not await lock_server(connection, route.server_id):
        return RoundResult(recorded=False, has_pending_changes=False)
    rules = await rules_of(connection, route.server_id)
    ongoing, corrections = await _ongoing(connection, route, round_.now, rules)
    applied = await _apply_readings(connection, route, round_, ongoing, rules)
    updates = applied.updates
    changed = changed_hours(round_.known, round_.readings)
    updates += await _refreshes(connection, route, _outdated(_excluding(ongoing, updates), applied, changed))
    updates += _without_touched(corrections, updates)
    await _record_updates(connection, updates, round_.now, clock)
    return RoundResult(recorded=bool(updates), has_pending_changes=applied.has_pending_changes)


async def record_no_data(
    connection: AsyncConnection, route: Route, outage: Outage, now: datetime, clock: Clock, *, min_duration: timedelta
) -> RoundResult:
    """Record for a server that a round has failed.

    Without data, nothing is concluded about tokens, not even that they are still out of FAST.
    """
    if not await lock_server(connection, route.server_id):
        return RoundResult(recorded=False, has_pending_changes=False)
    rules = await rules_of(connection, route.server_id)
    await correct_mutes(connection, route.server_id, now)
    others, corrections = await _ongoing(connection, route, now, rules)
    ongoing = [one for one in others if one.type is IncidentType.NO_DATA]
    if outage.is_settled and outage.cause is NoDataCause.NOTHING_WATCHED:
        # There will be no data, and it is nobody's fault.
        updates = [close_because(one, CloseReason.NOT_READ, None, now) for one in ongoing]
    else:
        updates = await _due_reminders(connection, ongoing, now, rules)
    if outage.is_settled:
        others_named = [one for one in _excluding(ongoing, updates) if one.cause is not outage.cause]
        updates += [update_cause(one, outage) for one in others_named]
    if not ongoing and needs_alert(outage, max(rules.no_data_after, min_duration)):
        log.warning("No data about the tokens for too long.", server=route.server_id, cause=outage.cause)
        updates.append(open_no_data(route.server_id, outage, now, rules))
        # Their Discord messages say from now on since when they may not be true.
        updates += await _refreshes(connection, route, others)
    updates += _without_touched(corrections, updates)
    await _record_updates(connection, updates, now, clock)
    has_summary = await record_quiet_summary(connection, route.server_id, rules, now, clock)
    return RoundResult(recorded=bool(updates) or has_summary, has_pending_changes=False)


async def _apply_readings(
    connection: AsyncConnection, route: Route, round_: Round, ongoing: Sequence[Incident], rules: Rules
) -> _Applied:
    """Save a server's token states, and return what follows from them."""
    now, run_outs = round_.now, round_.run_outs
    states = await states_of(connection, route.server_id)
    # A server that has just set up alerts is notified of changes since the round before.
    new_readings = [token.reading for token_id, token in round_.known.items() if token_id not in states]
    initial = (await offload(len(new_readings), evaluate, {}, new_readings, now, rules, run_outs)).states
    known_states = states | {state.token_id: state for state in initial}
    evaluation = await offload(len(known_states), evaluate, known_states, round_.readings, now, rules, run_outs)
    states_to_save = {state.token_id: state for state in (*initial, *evaluation.states)}
    await save_states(connection, route.server_id, states_to_save.values())
    updates = await _apply(connection, route, evaluation.changes, ongoing, now, rules)
    after = known_states | states_to_save
    counts = [count_in_fast(state.mode for state in one.values()) for one in (states, after)]
    is_settled = not states_to_save and not any(is_confirming(state) for state in after.values())
    return _Applied(updates, evaluation.has_pending_changes, counts[0] != counts[1], is_settled, known_states, after)


async def _apply(
    connection: AsyncConnection,
    route: Route,
    changes: Sequence[Change],
    ongoing: Sequence[Incident],
    now: datetime,
    rules: Rules,
) -> list[IncidentUpdate]:
    if not changes:
        return []
    _log_changes(route, changes)
    return await offload(
        len(changes) + len(ongoing),
        apply_changes,
        changes,
        ongoing,
        server_id=route.server_id,
        now=now,
        rules=rules,
        route_of=route_lookup(route, await token_routes_of(connection, route)),
        switched_off_by=await _find_who_disabled(connection, changes),
        muted=muted_alone(changes, await mute_spans_of(connection, route.server_id, now), now),
    )


def muted_alone(changes: Iterable[Change], mutes: Mutes, now: datetime) -> set[int]:
    """Return the tokens whose alert a mute of their own holds back."""
    return {
        change.token_id
        for change in changes
        if change.transition is not Transition.RESOLVED
        and is_token_muted(mutes, change.token_id, change.alert_type, now)
    }


def _log_changes(route: Route, changes: Sequence[Change]) -> None:
    """Log each change; of many at once only the first, since a line takes as long as the decision about its token."""
    for change in changes[:_MAX_LOGGED]:
        log.info(
            "A token changed.",
            server=route.server_id,
            token=change.token_id,
            type=change.type,
            before=change.before,
            after=change.low or change.outlook or change.after,
            transition=change.transition,
        )
    if len(changes) > _MAX_LOGGED:
        log.info("More tokens changed.", server=route.server_id, number=len(changes) - _MAX_LOGGED)


def route_lookup(server_route: Route, token_routes: Iterable[Route]) -> RouteLookup:
    """Return a lookup of each token's route. Tokens with the same channel and role share incidents."""
    own = {route.token_id: route for route in token_routes}

    def route_of(token_id: int) -> tuple[object, int | None]:
        route = own.get(token_id, server_route)
        return (route.channel_id, route.role_id), route.token_id

    return route_of


async def _find_who_disabled(connection: AsyncConnection, changes: Iterable[Change]) -> Callable[[Change], int | None]:
    off = [change for change in changes if change.after is Mode.OFF]
    if not off:
        return lambda _: None
    earliest = min(change.at for change in off) - _SWITCH_VISIBLE_WITHIN
    latest = {one.token_id: one for one in await disabling_members(connection, since=earliest)}

    def disabled_by(change: Change) -> int | None:
        disabled = latest.get(change.token_id) if change.after is Mode.OFF else None
        is_cause = disabled is not None and disabled.at >= change.at - _SWITCH_VISIBLE_WITHIN
        return disabled.member_id if disabled is not None and is_cause else None

    return disabled_by


async def _due_reminders(
    connection: AsyncConnection, incidents: Iterable[Incident], now: datetime, rules: Rules
) -> list[IncidentUpdate]:
    possible = (escalate(incident, now, rules) or remind(incident, now, rules) for incident in incidents)
    due = [update for update in possible if update is not None]
    mutes = await mute_spans_of(connection, due[0].incident.server_id, now) if due else {}
    # A muted incident is due for a reminder when its mute ends.
    return [update for update in due if find_mute_end(update.incident, mutes, now) is None]


def _outdated(incidents: Iterable[Incident], applied: _Applied, changed: Set[int]) -> list[Incident]:
    """Return the incidents whose messages show another number of tokens in FAST, or something of these tokens."""
    return [
        one
        for one in incidents
        if (applied.counts_changed and one.type is IncidentType.MODE) or not changed.isdisjoint(one.by_token)
    ]


def _changed_freshness(round_: Round, rules: Rules) -> set[int]:
    """Return the tokens whose status has become unknown to a server in this round, or is known again."""
    read = {reading.token_id for reading in round_.readings if reading.mode is not None}
    return changed_freshness(round_.known, read, round_.last_success_at, round_.now, unknown_after=rules.no_data_after)


async def _refreshes(connection: AsyncConnection, route: Route, incidents: Sequence[Incident]) -> list[IncidentUpdate]:
    """Return edits of the incidents' Discord messages, which show since when tokens could not be read."""
    posts = await open_posts(connection, route.server_id) if incidents else {}
    return [IncidentUpdate(one, UpdateType.REFRESH) for one in incidents if one.id in posts]


async def _ongoing(
    connection: AsyncConnection, route: Route, now: datetime, rules: Rules
) -> tuple[list[Incident], list[IncidentUpdate]]:
    """Return a server's open incidents, corrected if a clock was ahead, and the updates of those that are."""
    recorded = await open_incidents(connection, route.server_id)
    ongoing = [recount_reminders(correct_incident(one, now), now, rules) for one in recorded]
    return ongoing, [
        IncidentUpdate(after, UpdateType.REFRESH)
        for before, after in zip(recorded, ongoing, strict=True)
        if after is not before
    ]


def _without_touched(corrections: Iterable[IncidentUpdate], updates: Iterable[IncidentUpdate]) -> list[IncidentUpdate]:
    touched = {one.incident.id for one in updates}
    return [one for one in corrections if one.incident.id not in touched]


def _excluding(incidents: Iterable[Incident], updates: Iterable[IncidentUpdate]) -> list[Incident]:
    touched = {one.incident.id for one in updates}
    return [incident for incident in incidents if incident.id not in touched]


async def _record_updates(
    connection: AsyncConnection, updates: Sequence[IncidentUpdate], now: datetime, clock: Clock
) -> None:
    await record_updates(connection, updates, nonces=[clock.nonce() for _ in updates], now=now)
