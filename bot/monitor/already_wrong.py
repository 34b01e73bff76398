"""What was wrong in a server before its alerts were set up: that is no change, so only a person can have it alerted."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.clock import Clock
from bot.domain.account import AccountQuota
from bot.domain.alert_types import ALERT_POLICIES, AlertType, IncidentType
from bot.domain.capacity import Capacity
from bot.domain.condition_updates import open_condition
from bot.domain.conditions import ConditionState, find_problem
from bot.domain.evaluation import TrackedToken
from bot.domain.fleet import is_long_gone
from bot.domain.incident_updates import apply_changes
from bot.domain.incidents import Incident
from bot.domain.modes import Mode
from bot.domain.tracking import Change, TokenState, Transition, initial_state
from bot.monitor.conditions import apply_inhibition, current_figures
from bot.monitor.recording import muted_alone, route_lookup
from bot.monitor.rounds import Round
from bot.storage.accounts import get_account
from bot.storage.alert_routes import Route, lock_server, token_routes_of
from bot.storage.condition_states import condition_states_of, save_condition_states
from bot.storage.incident_updates import record_updates
from bot.storage.incidents import open_incidents
from bot.storage.mutes import mute_spans_of
from bot.storage.server_settings import rules_of
from bot.storage.token_states import save_states, states_of
from bot.storage.tokens import known_tokens
from bot.storage.watches import watched_tokens

_NOT_REPORTED = frozenset({Mode.FAST, Mode.GONE})


@dataclass(frozen=True, slots=True)
class AlreadyWrong:
    """The states of tokens out of FAST, and the conditions, that have no open incident."""

    tokens: tuple[TokenState, ...] = ()
    conditions: Mapping[AlertType, Capacity | AccountQuota] = field(default_factory=dict)

    def __bool__(self) -> bool:
        """Whether anything is wrong."""
        return bool(self.tokens or self.conditions)


async def find_already_wrong(connection: AsyncConnection, route: Route, now: datetime) -> AlreadyWrong:
    """Return what is wrong in a server without an alert; nothing while no token can be read."""
    account = await get_account(connection, route.account_id, now)
    if account.outage is not None or account.last_success_at is None:
        return AlreadyWrong()
    known = {
        token_id: token
        for token_id, token in (await known_tokens(connection, route.account_id)).items()
        if token.missing_since is None and not is_long_gone(token, account.last_success_at)
    }
    states = await states_of(connection, route.server_id)
    current = {id_: states.get(id_) or initial_state(id_, token.mode, now) for id_, token in known.items()}
    ongoing = await open_incidents(connection, route.server_id)
    round_ = Round(
        [token.reading for token in known.values()],
        known,
        {},
        now,
        account.last_success_at,
        quota=account.quota,
        watched=await watched_tokens(connection, route.account_id),
    )
    tokens = [state for token_id, state in current.items() if _is_out(state, known[token_id], ongoing)]
    rules = await rules_of(connection, route.server_id)
    judged = await condition_states_of(connection, route.server_id)
    # What the next check alerts by itself, after alerts were off.
    pending = {type_ for type_, state in judged.items() if state.is_pending}
    conditions = {
        kind: figures
        for type_, figures in current_figures(round_, current).items()
        if type_ not in pending | {one.type for one in ongoing}
        and (kind := find_problem(type_, figures, now, rules, None)) is not None
    }
    return AlreadyWrong(tuple(tokens), conditions)


async def report_already_wrong(connection: AsyncConnection, route: Route, clock: Clock) -> int:
    """Open incidents for what is wrong in a server without an alert, and return their number."""
    await lock_server(connection, route.server_id)
    now = clock.now()
    found = await find_already_wrong(connection, route, now)
    rules, ongoing = await rules_of(connection, route.server_id), await open_incidents(connection, route.server_id)
    changes = [
        Change(Transition.STARTED, one.token_id, Mode.FAST, one.mode, min(one.since, now)) for one in found.tokens
    ]
    opened = apply_changes(
        changes,
        ongoing,
        server_id=route.server_id,
        now=now,
        rules=rules,
        route_of=route_lookup(route, await token_routes_of(connection, route)),
        muted=muted_alone(changes, await mute_spans_of(connection, route.server_id, now), now),
    )
    conditions = [
        open_condition(route.server_id, kind, figures, now, rules) for kind, figures in found.conditions.items()
    ]
    updates = apply_inhibition(opened, conditions, ongoing, now, rules)
    await record_updates(connection, updates, nonces=[clock.nonce() for _ in updates], now=now)
    reported = [replace(state, incident_since=min(state.since, now), pending=None) for state in found.tokens]
    await save_states(connection, route.server_id, reported)
    judged = {ALERT_POLICIES[kind].type: ConditionState(kind) for kind in found.conditions}
    await save_condition_states(connection, route.server_id, judged)
    return len(opened) + len(conditions)


def _is_out(state: TokenState, token: TrackedToken, ongoing: list[Incident]) -> bool:
    """Whether a token is confirmed and read as out of FAST, and no open incident says so."""
    if state.mode in _NOT_REPORTED or token.mode in _NOT_REPORTED:
        return False
    its = [one.find_token(state.token_id) for one in ongoing if one.type is IncidentType.MODE]
    return not any(member is not None and member.resolved_at is None for member in its)
