"""Servers: where each one's alerts go, and whom they ping."""

from collections.abc import Set
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.storage.tables import servers
from bot.storage.upsert import upsert

NOT_A_HOME = "this server is not one of the bot's home servers"
"""Why the route of a server is broken that may not see the account any more."""


@dataclass(frozen=True, slots=True)
class Route:
    """A server's alert channel and role. `broken_because` says why Discord refuses it for good, if it does."""

    server_id: int
    account_id: int
    channel_id: int
    role_id: int | None
    set_up_by: int
    set_up_at: datetime
    broken_because: str | None = None


async def get_route(connection: AsyncConnection, server_id: int) -> Route | None:
    """Read a server's route, if it has one."""
    row = (await connection.execute(select(servers).where(servers.c.server_id == server_id))).one_or_none()
    return Route(**row._asdict()) if row else None


async def routes_of(connection: AsyncConnection, account_id: int) -> list[Route]:
    """List the routes of all servers that see this account."""
    query = select(servers).where(servers.c.account_id == account_id).order_by(servers.c.server_id)
    return [Route(**row._asdict()) for row in await connection.execute(query)]


async def set_route(connection: AsyncConnection, route: Route) -> None:
    """Set a server's route. A broken one is mended by it."""
    row = {name: getattr(route, name) for name in Route.__slots__}
    await upsert(connection, servers, [row])


async def mark_route_broken(connection: AsyncConnection, server_id: int, because: str) -> None:
    """Write down that Discord refuses this channel for good: its deliveries wait until the route is set anew."""
    await connection.execute(update(servers).where(servers.c.server_id == server_id).values(broken_because=because))


async def keep_to_homes(connection: AsyncConnection, home_servers: Set[int]) -> None:
    """Have no alert go where the account may not be seen any more; where it may again, they go on."""
    is_home = servers.c.server_id.in_(sorted(home_servers))
    await connection.execute(update(servers).where(~is_home).values(broken_because=NOT_A_HOME))
    back = update(servers).where(is_home, servers.c.broken_because == NOT_A_HOME)
    await connection.execute(back.values(broken_because=None))


async def remove_route(connection: AsyncConnection, server_id: int) -> bool:
    """Remove a server's route, with its deliveries; False where there was none."""
    return bool((await connection.execute(delete(servers).where(servers.c.server_id == server_id))).rowcount)
