"""Alert routes: where the alerts of each server go, and whom they ping."""

from collections.abc import Mapping, Set
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import delete, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.domain.alert_routes import DisabledReason
from bot.storage.schema import alert_routes, token_routes
from bot.storage.upsert import upsert


@dataclass(frozen=True, slots=True)
class Route:
    """Where the alerts of a server go, or of one of its tokens. With `disabled_reason` set, deliveries wait."""

    server_id: int
    account_id: int
    channel_id: int
    role_id: int | None
    created_by: int
    created_at: datetime
    disabled_reason: DisabledReason | None = None
    token_id: int | None = None
    """The token, for a token's own route; None for the server's route."""


def route_of(values: Mapping[str, Any]) -> Route:
    """Return the route of a row, whose columns are the fields of Route."""
    reason = values["disabled_reason"]
    return Route(**{**values, "disabled_reason": DisabledReason(reason) if reason is not None else None})


async def get_route(connection: AsyncConnection, server_id: int) -> Route | None:
    """Return a server's route, if it has one."""
    row = (await connection.execute(select(alert_routes).where(alert_routes.c.server_id == server_id))).one_or_none()
    return route_of(row._asdict()) if row else None


async def routes_of(connection: AsyncConnection, account_id: int) -> list[Route]:
    """Return the routes of all servers with alerts about this account."""
    query = select(alert_routes).where(alert_routes.c.account_id == account_id).order_by(alert_routes.c.server_id)
    return [route_of(row._asdict()) for row in await connection.execute(query)]


async def lock_server(connection: AsyncConnection, server_id: int) -> bool:
    """Lock a server's incidents against other processes until the transaction ends; False if it has no alerts.

    PostgreSQL locks the row, with FOR NO KEY UPDATE so that inserts which refer to it do not wait. SQLite has no row
    locks and needs none: a writing transaction is alone there.
    """
    query = (
        select(alert_routes.c.server_id).where(alert_routes.c.server_id == server_id).with_for_update(key_share=True)
    )
    return await connection.scalar(query) is not None


async def set_route(connection: AsyncConnection, route: Route) -> None:
    """Set the route of a server or of one of its tokens. This enables a disabled one again."""
    table = alert_routes if route.token_id is None else token_routes
    await upsert(connection, table, [{column.name: getattr(route, column.name) for column in table.c}])


async def token_routes_of(connection: AsyncConnection, route: Route) -> list[Route]:
    """Return the routes of a server's tokens that have their own."""
    query = select(token_routes).where(token_routes.c.server_id == route.server_id).order_by(token_routes.c.token_id)
    return [route_of({**row._asdict(), "account_id": route.account_id}) for row in await connection.execute(query)]


async def remove_token_route(connection: AsyncConnection, server_id: int, token_id: int) -> bool:
    """Remove a token's own route, so that the server's applies; False if it had none."""
    query = delete(token_routes).where(token_routes.c.server_id == server_id, token_routes.c.token_id == token_id)
    return bool((await connection.execute(query)).rowcount)


async def mark_route_broken(connection: AsyncConnection, route: Route, reason: DisabledReason) -> bool:
    """Disable a route whose channel Discord refuses permanently; False if it is disabled already, or was removed.

    Its deliveries wait until the route is set again.
    """
    if route.token_id is None:
        query = update(alert_routes).where(
            alert_routes.c.server_id == route.server_id, alert_routes.c.disabled_reason.is_(None)
        )
    else:
        query = update(token_routes).where(
            token_routes.c.server_id == route.server_id,
            token_routes.c.token_id == route.token_id,
            token_routes.c.disabled_reason.is_(None),
        )
    return bool((await connection.execute(query.values(disabled_reason=reason))).rowcount)


async def mark_route_working(connection: AsyncConnection, server_id: int) -> None:
    """Enable a server's route again, after Discord accepted a message."""
    await connection.execute(
        update(alert_routes)
        .where(
            alert_routes.c.server_id == server_id, alert_routes.c.disabled_reason != DisabledReason.SERVER_NOT_ALLOWED
        )
        .values(disabled_reason=None)
    )


async def enforce_home_servers(connection: AsyncConnection, home_servers: Set[int]) -> None:
    """Disable the routes of servers that are not in HOME_SERVERS, and enable those of servers that are there again."""
    # The routes of tokens need no change: a delivery checks the route of their server too.
    is_home = alert_routes.c.server_id.in_(sorted(home_servers))
    not_allowed = DisabledReason.SERVER_NOT_ALLOWED
    await connection.execute(update(alert_routes).where(~is_home).values(disabled_reason=not_allowed))
    back = update(alert_routes).where(is_home, alert_routes.c.disabled_reason == not_allowed)
    await connection.execute(back.values(disabled_reason=None))


async def remove_route(connection: AsyncConnection, server_id: int) -> bool:
    """Remove a server's route and, by cascade, its incidents and deliveries; False if there was none."""
    return bool((await connection.execute(delete(alert_routes).where(alert_routes.c.server_id == server_id))).rowcount)
