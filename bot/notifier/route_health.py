"""Route health: follows what changes in servers, because it may fix a broken route, or the ping of alerts may break."""

from collections.abc import Callable, Sequence

import discord
import structlog

from bot.clock import Clock
from bot.domain.alert_routes import PingProblem
from bot.domain.alert_types import Urgency
from bot.storage.alert_routes import (
    Route,
    get_route,
    lock_server,
    retry_routes,
    set_ping_problem,
    token_routes_of,
)
from bot.storage.boards import has_failing_board, retry_board
from bot.storage.database import Database, DatabaseUnavailable
from bot.storage.deliveries import DeliveryKind, record_delivery, retry_now
from bot.storage.payloads import PingProblemPayload
from bot.storage.stale_messages import has_stale_message, retry_stale_messages
from bot.ui.alert_setup import find_ping_problem

log = structlog.get_logger(__name__)

# One change in Discord is often many events: a role that is edited, and every channel below a category.
_SECONDS_BEFORE_RETRY = 1


class RouteHealth:
    """Follows the changes in servers."""

    def __init__(self, database: Database, clock: Clock, wake: Callable[[], None]) -> None:
        self._database = database
        self._clock = clock
        self._wake = wake
        self._retrying: set[int] = set()

    async def on_change(self, guild: discord.Guild) -> None:
        """Check the roles that alerts ping, and retry what waits because of a refusal. Raises nothing."""
        try:
            async with self._database.reading() as connection:
                route = await get_route(connection, guild.id)
                routes = [route, *await token_routes_of(connection, route)] if route is not None else []
                is_failing = await has_failing_board(connection, guild.id)
                is_stale = await has_stale_message(connection, guild.id)
            await self._check_pings(guild, routes)
            if is_failing or is_stale or any(route.is_broken for route in routes):
                await self._retry(guild.id)
        # The next change is checked again, and a broken route is retried within the hour anyway.
        except DatabaseUnavailable:
            return
        except Exception:
            log.exception("A change in a server could not be checked.", server=guild.id)

    async def _check_pings(self, guild: discord.Guild, routes: Sequence[Route]) -> None:
        """Record whether alerts ping their roles. Moderators are notified when one no longer does."""
        problems = [(route, find_ping_problem(guild, route.channel_id, route.role_id)) for route in routes]
        changed = [(route, problem) for route, problem in problems if problem is not route.ping_problem]
        if not changed:
            return
        async with self._database.transaction() as connection:
            await lock_server(connection, guild.id)
            for route, problem in changed:
                is_news = await set_ping_problem(connection, route, problem)
                if is_news and problem is not None:
                    await record_delivery(
                        connection,
                        DeliveryKind.PING_PROBLEM,
                        server_id=guild.id,
                        urgency=Urgency.WARNING,
                        nonce=self._clock.nonce(),
                        now=self._clock.now(),
                        payload=_payload(route, problem),
                    )
        self._wake()

    async def _retry(self, server_id: int) -> None:
        if server_id in self._retrying:
            return
        self._retrying.add(server_id)
        try:
            await self._clock.sleep(_SECONDS_BEFORE_RETRY)
        finally:
            # Events from now on are for the next retry.
            self._retrying.discard(server_id)
        now = self._clock.now()
        async with self._database.transaction() as connection:
            if await retry_routes(connection, server_id, now):
                await retry_now(connection, server_id, now)
            await retry_stale_messages(connection, server_id, now)
            await retry_board(connection, server_id, now)
        self._wake()


def _payload(route: Route, problem: PingProblem) -> PingProblemPayload:
    if route.role_id is None:
        raise ValueError("a route without a role has no problem with it")
    return PingProblemPayload(route.channel_id, route.role_id, route.created_by, problem)
