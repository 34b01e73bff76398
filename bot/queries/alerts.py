"""The data of `/alerts show` for one server."""

from collections import Counter
from collections.abc import Mapping
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.domain.fleet import is_long_gone
from bot.domain.incidents import Incident
from bot.domain.readings import Reading
from bot.storage import accounts, alert_routes, incidents, mutes, token_names, tokens, watches
from bot.storage.alert_routes import Route
from bot.storage.backlog import get_backlog
from bot.ui import formatting
from bot.ui.alerts_overview import (
    AlertsOverview,
    IncidentOverview,
    MuteOverview,
    WatchOverview,
)
from bot.ui.route_overview import RouteOverview, TokenRouteOverview


async def alerts_overview(
    connection: AsyncConnection, account_id: int, server_id: int, now: datetime
) -> AlertsOverview:
    """Return the overview. All of it comes from one transaction, so that its parts are consistent."""
    route = await alert_routes.get_route(connection, server_id)
    account = await accounts.get_account(connection, account_id, now)
    known = await tokens.known_tokens(connection, account_id)
    watched = await watches.watches_of(connection, account_id)
    backlog = await get_backlog(connection, server_id)
    as_of = account.last_success_at or now

    return AlertsOverview(
        now=now,
        route=_route(route) if route else None,
        token_routes=await _token_routes(connection, route) if route else (),
        lists_fleet=account.lists_fleet,
        modes=Counter(token.mode for token in known.values() if token.in_fleet and not is_long_gone(token, as_of)),
        watches=[WatchOverview(watch.message_id, watch.token_id, watch.last_error) for watch in watched],
        last_success_at=account.last_success_at,
        last_error=account.last_error,
        incidents=await incidents_overview(
            connection, server_id, {token_id: token.reading for token_id, token in known.items()}
        ),
        mutes=[
            MuteOverview(mute.token_id, mute.expires_at, mute.reason, mute.muted_by, mute.include_urgent)
            for mute in await mutes.mutes_of(connection, server_id, now)
        ],
        waiting=backlog.number,
        waiting_problem=backlog.last_error,
        names=await token_names.names_of(connection, server_id),
    )


async def incidents_overview(
    connection: AsyncConnection, server_id: int, readings: Mapping[int, Reading]
) -> list[IncidentOverview]:
    """Return a server's open incidents, each with ImaginePro's status of its most severe token."""
    posts = await incidents.open_posts(connection, server_id)

    def overview(incident: Incident) -> IncidentOverview:
        most_severe = readings.get(incident.most_severe.token_id) if incident.most_severe is not None else None
        post = posts.get(incident.id or 0)
        return IncidentOverview(
            incident,
            most_severe.status if most_severe is not None else "",
            formatting.message_url(server_id, post.channel_id, post.discord_message_id) if post else None,
        )

    return [overview(incident) for incident in await incidents.open_incidents(connection, server_id)]


async def routes_overview(connection: AsyncConnection, server_id: int) -> list[RouteOverview]:
    """Return where a server's alerts go, and those of its tokens with a channel of their own."""
    route = await alert_routes.get_route(connection, server_id)
    return [_route(route), *await _token_routes(connection, route)] if route is not None else []


def _route(route: Route) -> RouteOverview:
    return RouteOverview(
        route.channel_id,
        route.role_id,
        route.disabled_reason,
        disabled_at=route.disabled_at,
        ping_problem=route.ping_problem,
    )


async def _token_routes(connection: AsyncConnection, route: Route) -> list[TokenRouteOverview]:
    return [
        TokenRouteOverview(
            one.channel_id,
            one.role_id,
            one.disabled_reason,
            one.token_id,
            disabled_at=one.disabled_at,
            ping_problem=one.ping_problem,
        )
        for one in await alert_routes.token_routes_of(connection, route)
        if one.token_id is not None
    ]
