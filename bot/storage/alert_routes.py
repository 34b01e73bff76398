"""Alert routes: where the alerts of each server go, and whom they ping."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Table, and_, bindparam, delete, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.domain.alert_routes import INACTIVE_REASONS, DisabledReason, PingProblem
from bot.storage.account_revisions import server_changed
from bot.storage.schema import alert_routes, token_routes
from bot.storage.upsert import upsert

_ENABLED = {"disabled_reason": None, "disabled_at": None, "retry_at": None}


@dataclass(frozen=True, slots=True)
class Route:
    """Where the alerts of a server go, or of one of its tokens.

    With `disabled_reason` set, deliveries wait until `retry_at`; then one is tried.
    """

    server_id: int
    account_id: int
    channel_id: int
    role_id: int | None
    created_by: int
    created_at: datetime
    disabled_reason: DisabledReason | None = None
    disabled_at: datetime | None = None
    """None if it is not disabled, or was disabled by an older version."""
    retry_at: datetime | None = None
    ping_problem: PingProblem | None = None
    is_forum: bool = False
    """Whether the channel is a forum, in which each alert is a post."""
    token_id: int | None = None
    """The token, for a token's own route; None for the server's route."""

    @property
    def is_broken(self) -> bool:
        """Whether Discord refuses its channel."""
        return self.disabled_reason is not None and self.disabled_reason not in INACTIVE_REASONS


def route_of(values: Mapping[str, Any]) -> Route:
    """Return the route of a row, whose columns are the fields of Route."""
    reason, problem = values["disabled_reason"], values["ping_problem"]
    typed = {
        "disabled_reason": DisabledReason(reason) if reason is not None else None,
        "ping_problem": PingProblem(problem) if problem is not None else None,
    }
    return Route(**{**values, **typed})


def has_alerts() -> ColumnElement[bool]:
    """Return the condition for servers whose alerts are on, whether or not Discord refuses their channel."""
    reason = alert_routes.c.disabled_reason
    return or_(reason.is_(None), reason.not_in(INACTIVE_REASONS))


async def get_route(connection: AsyncConnection, server_id: int) -> Route | None:
    """Return a server's route; None if its alerts were never set up, or are switched off."""
    is_on = alert_routes.c.disabled_reason.is_distinct_from(DisabledReason.SWITCHED_OFF)
    query = select(alert_routes).where(alert_routes.c.server_id == server_id, is_on)
    row = (await connection.execute(query)).one_or_none()
    return route_of(row._asdict()) if row else None


_OF_ACCOUNT = (
    select(alert_routes)
    .where(alert_routes.c.account_id == bindparam("its_account"), has_alerts())
    .order_by(alert_routes.c.server_id)
)


async def routes_of(connection: AsyncConnection, account_id: int) -> list[Route]:
    """Return the routes of all servers with alerts about this account."""
    return [route_of(row._asdict()) for row in await connection.execute(_OF_ACCOUNT, {"its_account": account_id})]


# FOR NO KEY UPDATE, so that inserts which refer to the row do not wait.
_LOCK = (
    select(alert_routes.c.disabled_reason)
    .where(alert_routes.c.server_id == bindparam("its_server"))
    .with_for_update(key_share=True)
)


async def lock_server(connection: AsyncConnection, server_id: int) -> bool:
    """Lock a server's incidents against other processes until the transaction ends; False if it has no alerts.

    PostgreSQL locks the row. SQLite has no row locks and needs none: a writing transaction is alone there.
    """
    row = (await connection.execute(_LOCK, {"its_server": server_id})).one_or_none()
    return row is not None and row.disabled_reason not in INACTIVE_REASONS


async def set_route(connection: AsyncConnection, route: Route) -> None:
    """Set the route of a server or of one of its tokens. This enables a disabled one again."""
    server_changed(connection, route.server_id)
    table = alert_routes if route.token_id is None else token_routes
    await upsert(connection, table, [{column.name: getattr(route, column.name) for column in table.c}])


_OF_TOKENS = (
    select(token_routes).where(token_routes.c.server_id == bindparam("its_server")).order_by(token_routes.c.token_id)
)


async def token_routes_of(connection: AsyncConnection, route: Route) -> list[Route]:
    """Return the routes of a server's tokens that have their own."""
    rows = await connection.execute(_OF_TOKENS, {"its_server": route.server_id})
    return [route_of({**row._asdict(), "account_id": route.account_id}) for row in rows]


async def remove_token_route(connection: AsyncConnection, server_id: int, token_id: int) -> bool:
    """Remove a token's own route, so that the server's applies; False if it had none."""
    server_changed(connection, server_id)
    query = delete(token_routes).where(token_routes.c.server_id == server_id, token_routes.c.token_id == token_id)
    return bool((await connection.execute(query)).rowcount)


async def mark_route_broken(
    connection: AsyncConnection, route: Route, reason: DisabledReason, *, now: datetime, retry_at: datetime
) -> bool:
    """Disable a route whose channel Discord refuses, until `retry_at`; False if it is no news, or another channel."""
    table, is_it = _row_of(route)
    values = {"disabled_reason": reason, "retry_at": retry_at}
    # Older versions recorded no time, and without one the pauses would not grow.
    is_news = or_(table.c.disabled_reason.is_(None), and_(_is_broken(table), table.c.disabled_at.is_(None)))
    newly = update(table).where(is_it, is_news).values(**values, disabled_at=now)
    if (await connection.execute(newly)).rowcount:
        return True
    await connection.execute(update(table).where(is_it, _is_broken(table)).values(values))
    return False


async def mark_route_working(connection: AsyncConnection, route: Route) -> None:
    """Enable a route again, after Discord has accepted a message."""
    table, is_it = _row_of(route)
    await connection.execute(update(table).where(is_it, _is_broken(table)).values(_ENABLED))


async def set_ping_problem(connection: AsyncConnection, route: Route, problem: PingProblem | None) -> bool:
    """Record why a route's alerts do not ping its role; False if that is no news, or the route was replaced."""
    table, is_it = _row_of(route)
    changed = update(table).where(
        is_it, table.c.role_id == route.role_id, table.c.ping_problem.is_distinct_from(problem)
    )
    return bool((await connection.execute(changed.values(ping_problem=problem))).rowcount)


async def retry_routes(connection: AsyncConnection, server_id: int, now: datetime) -> bool:
    """Try the broken routes of a server again now, since they may be fixed; False if it has none."""
    # Lock in the same order as a round and the notifier do, so that they cannot deadlock.
    await lock_server(connection, server_id)
    number = 0
    for table in (alert_routes, token_routes):
        broken = update(table).where(table.c.server_id == server_id, _is_broken(table))
        number += (await connection.execute(broken.values(retry_at=now))).rowcount
    return number > 0


def _row_of(route: Route) -> tuple[Table, ColumnElement[bool]]:
    """Return the table of a route and the condition for its row, unless it leads to another channel by now."""
    if route.token_id is None:
        table, is_it = alert_routes, alert_routes.c.server_id == route.server_id
    else:
        table = token_routes
        is_it = and_(table.c.server_id == route.server_id, table.c.token_id == route.token_id)
    return table, and_(is_it, table.c.channel_id == route.channel_id)


def _is_broken(table: Table) -> ColumnElement[bool]:
    """Return the condition for routes whose channel Discord refuses."""
    return and_(table.c.disabled_reason.is_not(None), table.c.disabled_reason.not_in(INACTIVE_REASONS))
