"""The notifier: carries recorded deliveries to Discord, until each has arrived."""

import asyncio
from datetime import timedelta
from itertools import groupby

import aiohttp
import discord
import structlog

from bot.clock import Clock
from bot.monitoring.last_moments import finished
from bot.storage.database import Database
from bot.storage.deliveries import (
    Delivery,
    DeliveryKind,
    Post,
    due_deliveries,
    mark_delivered,
    next_due,
    postpone,
    set_post,
)
from bot.storage.servers import Route, mark_route_broken
from bot.ui.alerts import Notice, alert_test_notice, back_words, incident_notice, only_this_role

log = structlog.get_logger(__name__)

_AT_ONCE = 50
_SEND_SECONDS = 45
_LONGEST_PAUSE_SECONDS = 300
_IDLE_SECONDS = 60
_UNKNOWN_DISCORD_MESSAGE = 10008
# Unknown Channel, Unknown Guild, Cannot send messages in a non-text channel, Thread is archived (Discord's
# documentation, "Opcodes and Status Codes", JSON error codes). Every 403 is for good as well.
_FOR_GOOD = frozenset({10003, 10004, 50008, 50083})


class Notifier:
    """Delivers at least once. The nonce of a delivery never changes, so that Discord shows a repeat once."""

    def __init__(self, database: Database, clock: Clock, client: discord.Client) -> None:
        self._database = database
        self._clock = clock
        self._client = client
        self._news = asyncio.Event()
        self._turn = asyncio.Lock()

    def wake(self) -> None:
        """Look for deliveries now: some were just recorded."""
        self._news.set()

    async def run(self) -> None:
        """Deliver for ever. The client must be logged in; its gateway need not be connected."""
        while True:
            self._news.clear()
            await finished(self._deliver_and_survive())
            await self._clock.wait(self._news, await self._pause())

    async def _deliver_and_survive(self) -> None:
        try:
            await self.deliver_due()
        except Exception:
            # The loop must outlive whatever this was, a full disk for one; the deliveries are still recorded.
            log.exception("Deliveries failed for a reason nobody expected; they are tried again.")

    async def _pause(self) -> float:
        try:
            async with self._database.reading() as connection:
                due_at = await next_due(connection)
        except Exception:
            log.exception("The next delivery could not be looked up.")
            return _IDLE_SECONDS
        if due_at is None:
            return _IDLE_SECONDS
        return min(max((due_at - self._clock.now()).total_seconds(), 1), _IDLE_SECONDS)

    async def deliver_soon(self, seconds: float) -> None:
        """Deliver all that is due, and wait so long for it to arrive; after that it goes on by itself."""
        delivering = asyncio.create_task(self._deliver_and_survive())
        await asyncio.wait({delivering}, timeout=seconds)

    async def deliver_due(self) -> None:
        """Deliver all that is due: servers side by side, each server's in order."""
        async with self._turn:
            while due := await self._due():
                by_server = groupby(sorted(due, key=_server_of), key=_server_of)
                async with asyncio.TaskGroup() as group:
                    for _, deliveries in by_server:
                        group.create_task(self._deliver_in_order(list(deliveries)))

    async def _due(self) -> list[Delivery]:
        async with self._database.reading() as connection:
            return await due_deliveries(connection, self._clock.now(), most=_AT_ONCE)

    async def _deliver_in_order(self, deliveries: list[Delivery]) -> None:
        for delivery in deliveries:
            await self._deliver(delivery)

    async def _deliver(self, delivery: Delivery) -> None:
        try:
            async with asyncio.timeout(_SEND_SECONDS):
                post = await self._send(delivery)
        except (discord.DiscordException, aiohttp.ClientError, OSError, TimeoutError) as error:
            await self._after_failure(delivery, error)
        except Exception as error:
            log.exception("A delivery failed for a reason nobody expected; it is tried again.", delivery=delivery.id)
            await self._after_failure(delivery, error)
        else:
            async with self._database.transaction() as connection:
                # It is gone where alerts were switched off meanwhile, and what was posted is nobody's then.
                is_wanted = await mark_delivered(connection, delivery.id, self._clock.now())
                if is_wanted and post is not None:
                    await set_post(connection, delivery, post)

    async def _send(self, delivery: Delivery) -> Post | None:
        """Send what the delivery brings; the incident's Discord message, if it was posted anew."""
        match delivery:
            case Delivery(kind=DeliveryKind.TEST, route=route):
                await self._post(delivery, alert_test_notice(route.role_id))
                return None
            case Delivery(incident=incident, reading=reading, route=route) if incident and reading:
                notice = incident_notice(incident, reading, route.role_id)
                if delivery.post is None or not await self._edit(delivery.post, notice, route):
                    return await self._post(delivery, notice)
                if delivery.kind is DeliveryKind.ENDED:
                    await self._reply(delivery, delivery.post, back_words(incident))
                return None
        raise AssertionError("a delivery of an incident comes with it, and with its token's reading")

    async def _post(self, delivery: Delivery, notice: Notice) -> Post:
        channel = self._channel(delivery.route.channel_id, delivery.route.server_id)
        sent = await channel.send(
            notice.content,
            embed=notice.embed,
            nonce=delivery.nonce,
            allowed_mentions=only_this_role(delivery.route.role_id),
        )
        return Post(delivery.route.channel_id, sent.id)

    async def _edit(self, post: Post, notice: Notice, route: Route) -> bool:
        """Edit the incident's Discord message, which pings nobody; False where it is out of reach for good.

        That is where somebody has deleted it, or where the route has left a channel that refuses us.
        """
        try:
            await (
                self._channel(post.channel_id)
                .get_partial_message(post.discord_message_id)
                .edit(content=notice.content, embed=notice.embed, allowed_mentions=discord.AllowedMentions.none())
            )
        except (discord.NotFound, discord.Forbidden) as error:
            left_behind = post.channel_id != route.channel_id
            if error.code == _UNKNOWN_DISCORD_MESSAGE or left_behind:
                return False
            raise
        return True

    async def _reply(self, delivery: Delivery, post: Post, words: str) -> None:
        """Reply without a sound, so that the channel sees the end without a ping."""
        to = discord.MessageReference(
            message_id=post.discord_message_id, channel_id=post.channel_id, fail_if_not_exists=False
        )
        await self._channel(post.channel_id).send(
            words, reference=to, nonce=delivery.nonce, silent=True, allowed_mentions=discord.AllowedMentions.none()
        )

    def _channel(self, channel_id: int, server_id: int | None = None) -> discord.PartialMessageable:
        return self._client.get_partial_messageable(channel_id, guild_id=server_id)

    async def _after_failure(self, delivery: Delivery, error: Exception) -> None:
        """Put a delivery off; where Discord refuses for good, mark the route broken, and the delivery waits for it."""
        problem = describe(error)
        pause = pause_before_retry(error, delivery.tries)
        async with self._database.transaction() as connection:
            await postpone(connection, delivery.id, self._clock.now() + pause, problem)
            if is_for_good(error):
                await mark_route_broken(connection, delivery.route.server_id, problem)
        if is_for_good(error):
            log.error("Discord refuses an alert channel; its deliveries wait.", route=delivery.route, problem=problem)
        else:
            log.warning("A delivery is put off.", delivery=delivery.id, tries=delivery.tries + 1, problem=problem)


def _server_of(delivery: Delivery) -> int:
    return delivery.route.server_id


def is_for_good(error: Exception) -> bool:
    """Tell whether trying again would be in vain until somebody changes something in Discord."""
    return isinstance(error, discord.Forbidden) or (
        isinstance(error, discord.HTTPException) and error.code in _FOR_GOOD
    )


def pause_before_retry(error: Exception, tries: int) -> timedelta:
    """Tell how long to wait: as long as Discord asks, or longer after each try."""
    asked = 0.0
    if isinstance(error, discord.RateLimited):
        asked = error.retry_after
    elif isinstance(error, discord.HTTPException):
        # A 429 without a `Via` header comes from Discord's edge and is not retried by discord.py.
        header = error.response.headers.get("Retry-After", "")
        asked = float(header) if header.isascii() and header.replace(".", "", 1).isdigit() else 0.0
    # After days of failing, two to the power of the tries would be too large a number.
    return timedelta(seconds=max(asked, min(2.0 ** min(tries, 10), _LONGEST_PAUSE_SECONDS)))


def describe(error: Exception) -> str:
    """Write a failure in a few words for the log and for mods."""
    match error:
        case discord.HTTPException():
            return f"Discord answered {error.status}, code {error.code}"
        case discord.RateLimited():
            return "Discord asked to slow down"
        case TimeoutError():
            return "Discord did not answer in time"
        case aiohttp.ClientError() | OSError():
            return f"Discord could not be reached ({type(error).__name__})"
    return f"something nobody expected went wrong ({type(error).__name__})"
