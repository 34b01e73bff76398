"""Switching the alerts of a server off and on: its open incidents are closed, and opened again if it is still so."""

from collections.abc import Iterable, Set
from datetime import datetime

from sqlalchemy import and_, delete, exists, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.clock import Clock
from bot.domain.alert_routes import DisabledReason
from bot.domain.alert_types import IncidentType
from bot.domain.conditions import reopened
from bot.domain.fleet import WHOLE_FLEET
from bot.domain.incident_actions import close_because
from bot.domain.incidents import CloseReason, Incident
from bot.domain.modes import Mode
from bot.domain.tracking import TokenState, before_incident, clear_pending, pause, still_out
from bot.storage.account_revisions import server_changed
from bot.storage.accounts import is_listed
from bot.storage.alert_routes import Route, lock_server, set_route
from bot.storage.condition_states import condition_states_of, save_condition_states
from bot.storage.deliveries import DeliveryKind
from bot.storage.due_times import is_from_the_future_sql
from bot.storage.incident_updates import record_updates
from bot.storage.incidents import open_incidents, servers_with_open_incidents, take_quiet_incidents
from bot.storage.schema import alert_routes, deliveries, digests, incidents, mutes, samples, token_routes
from bot.storage.token_states import save_states, states_of
from bot.storage.watches import watched_tokens

# A single token has no capacity alert besides its own.
_FEWEST_TOKENS = 2


async def switch_off(connection: AsyncConnection, server_id: int, by: int, clock: Clock) -> bool:
    """Switch a server's alerts off for a member; False if they are off. Only its rules and its history stay."""
    if not await lock_server(connection, server_id):
        return False
    await _close_incidents(connection, server_id, CloseReason.ALERTS_OFF, by, clock)
    await _deactivate(connection, server_id, DisabledReason.SWITCHED_OFF)
    for table in (token_routes, mutes, digests):
        await connection.execute(delete(table).where(table.c.server_id == server_id))
    return True


async def switch_on(connection: AsyncConnection, route: Route) -> bool:
    """Set the route of a server; return whether its alerts were switched off before."""
    query = select(alert_routes.c.disabled_reason).where(alert_routes.c.server_id == route.server_id).with_for_update()
    was_off = await connection.scalar(query) == DisabledReason.SWITCHED_OFF
    await set_route(connection, route)
    if was_off:
        await _resume(connection, route.account_id, route.server_id, route.created_at)
    return was_off


async def enforce_home_servers(connection: AsyncConnection, home_servers: Set[int], clock: Clock) -> None:
    """Switch alerts off in servers that are not in HOME_SERVERS, and on in those that are there again."""
    # The routes of tokens need no change: a delivery checks the route of their server too.
    query = select(alert_routes.c.server_id, alert_routes.c.account_id, alert_routes.c.disabled_reason)
    for row in (await connection.execute(query.order_by(alert_routes.c.server_id).with_for_update())).all():
        is_home = row.server_id in home_servers
        if row.disabled_reason == DisabledReason.SWITCHED_OFF:
            continue
        if not is_home:
            await _close_incidents(connection, row.server_id, CloseReason.NOT_CONNECTED, None, clock)
            await _deactivate(connection, row.server_id, DisabledReason.SERVER_NOT_ALLOWED)
        elif row.disabled_reason == DisabledReason.SERVER_NOT_ALLOWED:
            await _set_reason(connection, row.server_id, None)
            await _resume(connection, row.account_id, row.server_id, clock.now())


async def is_followed(connection: AsyncConnection, account_id: int, token_id: int) -> bool:
    """Whether the checks still read a token: the fleet lists it, or a watched message leads to it."""
    return token_id in await watched_tokens(connection, account_id) or await is_listed(connection, account_id, token_id)


async def stop_following(connection: AsyncConnection, account_id: int, token_id: int, by: int, clock: Clock) -> None:
    """Close the incidents of a token that is not read any more, in all servers with alerts about its account."""
    query = select(alert_routes.c.server_id).where(alert_routes.c.account_id == account_id)
    for server_id in (await connection.scalars(query.order_by(alert_routes.c.server_id))).all():
        if await lock_server(connection, server_id):
            await _close_incidents(connection, server_id, CloseReason.NOT_WATCHED, by, clock, {token_id})


async def close_unread(connection: AsyncConnection, account_id: int, clock: Clock) -> bool:
    """Close what a key that cannot list tokens has open about tokens of no watched message; False if nothing is.

    Nothing reads these tokens, so nothing else would ever end their incidents.
    """
    servers = await servers_with_open_incidents(connection, account_id)
    read = await watched_tokens(connection, account_id) if servers else frozenset()
    has_closed = False
    for server_id in servers:
        await lock_server(connection, server_id)
        ongoing = await open_incidents(connection, server_id)
        unread = {token_id for incident in ongoing for token_id in incident.by_token if token_id not in read}
        if len(read) < _FEWEST_TOKENS:
            unread.add(WHOLE_FLEET)
        if any(_is_about(incident, unread) for incident in ongoing):
            await _close_incidents(connection, server_id, CloseReason.NOT_READ, None, clock, unread)
            has_closed = True
    return has_closed


async def _deactivate(connection: AsyncConnection, server_id: int, reason: DisabledReason) -> None:
    """Switch a server's alerts off. Only what was posted, or may have been, has still to say that it is closed."""
    await _set_reason(connection, server_id, reason)
    # Otherwise alerts would begin with a summary of old quiet hours when they are set up again.
    await take_quiet_incidents(connection, server_id)
    waiting = and_(deliveries.c.server_id == server_id, deliveries.c.delivered_at.is_(None))
    was_not_posted = incidents.c.posted_message_id.is_(None)
    unseen = and_(
        deliveries.c.incident_id.in_(select(incidents.c.id).where(incidents.c.server_id == server_id, was_not_posted)),
        deliveries.c.attempts == 0,
        deliveries.c.kind != DeliveryKind.REFRESH,  # one may be on its way to Discord
    )
    is_about_none = and_(deliveries.c.incident_id.is_(None), deliveries.c.kind != DeliveryKind.STALE_MESSAGE)
    needless = or_(is_about_none, deliveries.c.kind == DeliveryKind.SUMMARY, unseen)
    await connection.execute(delete(deliveries).where(waiting, needless))


async def _set_reason(connection: AsyncConnection, server_id: int, reason: DisabledReason | None) -> None:
    server_changed(connection, server_id)
    values = {"disabled_reason": reason, "disabled_at": None, "retry_at": None}
    await connection.execute(update(alert_routes).where(alert_routes.c.server_id == server_id).values(values))


async def _close_incidents(
    connection: AsyncConnection,
    server_id: int,
    reason: CloseReason,
    by: int | None,
    clock: Clock,
    tokens: Set[int] | None = None,
) -> None:
    """Close the open incidents of a server, or what they have of some tokens, and have their messages edited."""
    now = clock.now()
    affected = [
        incident
        for incident in await open_incidents(connection, server_id)
        if tokens is None or _is_about(incident, tokens)
    ]
    closed = [close_because(incident, reason, by, now, tokens) for incident in affected]
    await record_updates(connection, closed, nonces=[clock.nonce() for _ in closed], now=now)
    conditions = await condition_states_of(connection, server_id)
    chosen_conditions = {one.type: reopened(conditions[one.type]) for one in affected if one.type in conditions}
    await save_condition_states(connection, server_id, chosen_conditions)
    states = await states_of(connection, server_id)
    chosen = [state for token_id, state in states.items() if tokens is None or token_id in tokens]
    await save_states(connection, server_id, _before(chosen, affected))


def _is_about(incident: Incident, tokens: Set[int]) -> bool:
    """Whether some of the tokens are still affected; one that is flapping may only wait for all to stay in FAST."""
    if incident.type is IncidentType.CAPACITY:
        return WHOLE_FLEET in tokens
    if incident.still_affected:
        return any(member.token_id in tokens for member in incident.still_affected)
    return bool(incident.members) and all(member.token_id in tokens for member in incident.members)


def _before(states: Iterable[TokenState], closed: Iterable[Incident]) -> list[TokenState]:
    """Return the states from which the next readings open the closed incidents again, if it is still so."""
    paused = {state.token_id: pause(state) for state in states}
    for incident in closed:
        for member in incident.still_affected:
            state = paused.get(member.token_id)
            if state is None:
                continue
            state = before_incident(state, incident.type, member.mode_before, member.mode)
            if incident.type is IncidentType.MODE:
                state = still_out(state, member.mode, member.started_at)
            paused[member.token_id] = state
    return list(paused.values())


async def _resume(connection: AsyncConnection, account_id: int, server_id: int, now: datetime) -> None:
    """Forget since when tokens are out of FAST that have been in FAST while there were no alerts."""
    resumed = [
        clear_pending(state)
        for state in (await states_of(connection, server_id)).values()
        if state.pending is not None
        and await _was_in_fast(connection, account_id, state.token_id, state.pending.since, now)
    ]
    await save_states(connection, server_id, resumed)


async def _was_in_fast(
    connection: AsyncConnection, account_id: int, token_id: int, since: datetime, now: datetime
) -> bool:
    """Whether a token was read in FAST since then. A clock that was ahead has recorded no time that is known."""
    is_it = (samples.c.account_id == account_id) & (samples.c.token_id == token_id)
    is_between = (samples.c.read_at > since) & ~is_from_the_future_sql(samples.c.read_at, now)
    return bool(await connection.scalar(select(exists().where(is_it, is_between, samples.c.mode == Mode.FAST))))
