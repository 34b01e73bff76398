"""The notifier: carries recorded deliveries to Discord, until each has arrived."""

import asyncio
import contextlib
from collections import defaultdict
from collections.abc import Coroutine
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, TypeVar

import aiohttp
import discord
import structlog
from aiolimiter import AsyncLimiter
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.clock import Clock
from bot.health.alert_kinds import Urgency
from bot.health.alert_routes import DisabledReason
from bot.health.incidents import Incident
from bot.monitoring.digesting import Draw, digest_notice, period_of, without_picture
from bot.monitoring.last_moments import finished
from bot.monitoring.looking_back import find_earlier, find_earlier_reply
from bot.monitoring.queue import Lot, next_lot
from bot.storage.database import Database
from bot.storage.deliveries import (
    Delivery,
    DeliveryKind,
    is_claimed,
    mark_delivered,
    next_due,
    postpone,
    record_delivery,
    servers_due,
)
from bot.storage.incidents import Post, get_incident, set_post
from bot.storage.payloads import BrokenRoutePayload
from bot.storage.servers import Route, lock_server, mark_route_broken
from bot.ui import texts
from bot.ui.alerts import (
    Notice,
    alert_test_notice,
    back_words,
    incident_notice,
    missed_words,
    only_this_role,
    reminder_words,
    route_broken_words,
    worse_words,
)
from bot.ui.wording import nameless

log = structlog.get_logger(__name__)

Value = TypeVar("Value")

_SEND_SECONDS = 20
_LONGEST_PAUSE_SECONDS = 300
_IDLE_SECONDS = 60
_SERVERS_AT_ONCE = 16
# Discord takes 50 requests a second from a bot ("Rate Limits", global rate limit); some are left for people.
_SENDINGS_A_SECOND = 30
_UNKNOWN_DISCORD_MESSAGE = 10008
# Discord's documentation, "Opcodes and Status Codes", JSON error codes. Every 403 is permanent as well.
_DISABLED_REASONS = {
    10003: DisabledReason.UNKNOWN_CHANNEL,
    10004: DisabledReason.UNKNOWN_SERVER,
    50001: DisabledReason.MISSING_ACCESS,
    50008: DisabledReason.NOT_A_TEXT_CHANNEL,
    50013: DisabledReason.MISSING_PERMISSIONS,
    50083: DisabledReason.THREAD_ARCHIVED,
}
_TOO_MANY_REQUESTS = 429
# What goes on without anything new to say: it is shown where it is told already, and is no reason to tell it anew.
_SHOWN_ONLY = frozenset({DeliveryKind.HANDLED})


class ClaimRanOut(Exception):
    """This process has stood still for so long that another one may be sending the same."""


class Notifier:
    """Delivers at least once. The nonce of a delivery never changes, so that Discord shows a repeat once.

    `draw` draws the pictures of digests, which go without where there is none.
    """

    def __init__(self, database: Database, clock: Clock, client: discord.Client, *, draw: Draw | None = None) -> None:
        self._database = database
        self._clock = clock
        self._client = client
        self._draw = draw
        self._news = asyncio.Event()
        self._turns: defaultdict[int, asyncio.Lock] = defaultdict(asyncio.Lock)
        self._limiter = AsyncLimiter(_SENDINGS_A_SECOND, time_period=1)
        self._quiet_until: datetime | None = None
        # Where Discord did not take a delivery, the others of the same server wait as long, untried.
        self._resting: dict[int, datetime] = {}

    def wake(self) -> None:
        """Look for deliveries now: some were just recorded."""
        self._news.set()

    @property
    def quiet_until(self) -> datetime | None:
        """Until when Discord has asked for quiet."""
        return self._quiet_until

    async def run(self) -> None:
        """Deliver for ever. The client must be logged in; its gateway need not be connected.

        One delivery a server at a time, and then the most urgent again: neither a channel where Discord is slow nor a
        flood of alerts keeps others waiting for long.
        """
        under_way: dict[int, asyncio.Task[None]] = {}
        async with asyncio.TaskGroup() as group:
            while True:
                self._news.clear()
                idle = [server_id for server_id in await self._servers_due() if server_id not in under_way]
                for server_id in idle[: _SERVERS_AT_ONCE - len(under_way)]:
                    task = group.create_task(self._deliver_next(server_id), name=str(server_id))
                    under_way[server_id] = task
                    task.add_done_callback(lambda task: self._is_done(under_way, int(task.get_name())))
                await self._clock.wait(self._news, await self._pause())

    def _is_done(self, under_way: dict[int, asyncio.Task[None]], server_id: int) -> None:
        del under_way[server_id]
        self._news.set()

    async def deliver_due(self) -> None:
        """Deliver all that is due: servers side by side, each server's one after the other."""
        while due := await self._servers_due():
            await asyncio.gather(*map(self._deliver_next, due))

    async def deliver_soon(self, seconds: float) -> None:
        """Deliver all that is due, and wait so long for it to arrive; after that it goes on by itself."""
        delivering = asyncio.create_task(self.deliver_due())
        await asyncio.wait({delivering}, timeout=seconds)

    async def _servers_due(self) -> list[int]:
        now = self._clock.now()
        try:
            async with self._database.reading() as connection:
                due = await servers_due(connection, now)
        except Exception:
            # The loop must outlive whatever this was, a full disk for one; the deliveries are still recorded.
            log.exception("The deliveries that are due could not be looked up; it is tried again.")
            return []
        self._resting = {server_id: until for server_id, until in self._resting.items() if until > now}
        return [server_id for server_id in due if server_id not in self._resting]

    async def _pause(self) -> float:
        now = self._clock.now()
        try:
            async with self._database.reading() as connection:
                due_at = await next_due(connection, now)
        except Exception:
            log.exception("The next delivery could not be looked up.")
            return _IDLE_SECONDS
        if due_at is None:
            return _IDLE_SECONDS
        return min(max((due_at - now).total_seconds(), 1), _IDLE_SECONDS)

    async def _deliver_next(self, server_id: int) -> None:
        """Deliver what is most urgent for one server."""
        async with self._turns[server_id]:
            # Before it is claimed, so that a claim does not run out meanwhile.
            await self._wait_for_a_turn()
            try:
                async with self._database.transaction() as connection:
                    lot = await next_lot(connection, server_id, self._clock)
            except Exception:
                log.exception("What is to be delivered next could not be told; it is tried again.", server=server_id)
                self._rest(server_id, self._clock.now() + timedelta(seconds=_IDLE_SECONDS))
                return
            if lot is not None:
                await finished(self._deliver(lot))

    def _rest(self, server_id: int, until: datetime) -> None:
        self._resting[server_id] = max(until, self._resting.get(server_id, until))

    async def _deliver(self, lot: Lot) -> None:
        try:
            post = await self._tell_in_time(lot)
        except ClaimRanOut:
            log.warning(
                "A delivery was not sent: it took too long to begin, and is anyone's now.", delivery=lot.first.id
            )
        except (discord.DiscordException, aiohttp.ClientError, OSError, TimeoutError) as error:
            await self._after_failure(lot, error)
        except Exception as error:
            log.exception("A delivery failed for a reason nobody expected; it is tried again.", delivery=lot.first.id)
            await self._after_failure(lot, error)
        else:
            await self._write_down(lot, post)

    async def _wait_for_a_turn(self) -> None:
        """Spread what is sent, and keep still while Discord has asked for that."""
        while self._quiet_until is not None and (now := self._clock.now()) < self._quiet_until:
            await self._clock.sleep((self._quiet_until - now).total_seconds())
        await self._limiter.acquire()

    def _check_claim(self, lot: Lot) -> None:
        """Let nothing be sent that another process may have sent meanwhile. Raises ClaimRanOut."""
        if self._clock.now() >= lot.claimed_until:
            raise ClaimRanOut

    async def _write_down(self, lot: Lot, post: Post | None) -> None:
        try:
            async with self._database.transaction() as connection:
                # As a round does: two that lock the same rows in another order would wait for each other.
                await lock_server(connection, lot.route.server_id)
                if not await is_claimed(connection, lot.first.id, lot.claimed_until):
                    await self._have_it_shown_anew(connection, lot)
                    return
                await mark_delivered(connection, [delivery.id for delivery in lot.deliveries], self._clock.now())
                if lot.incident is not None and lot.incident.id is not None and post != lot.post:
                    await set_post(connection, lot.incident.id, post)
        except Exception:
            # It is sent once more when its claim has run out, with the nonce that lets Discord drop it.
            log.exception("A delivery arrived and could not be written down.", delivery=lot.first.id)

    async def _have_it_shown_anew(self, connection: AsyncConnection, lot: Lot) -> None:
        """Have the incident's Discord message edited: what arrived so late may not be true any more.

        There is none where alerts were switched off meanwhile, and what was posted is nobody's then.
        """
        incident = await get_incident(connection, lot.incident.id) if lot.incident and lot.incident.id else None
        if incident is not None:
            await record_delivery(
                connection,
                DeliveryKind.HANDLED,
                server_id=incident.server_id,
                incident_id=incident.id,
                urgency=Urgency.ROUTINE,
                nonce=self._clock.nonce(),
                now=self._clock.now(),
            )

    async def _tell_in_time(self, lot: Lot) -> Post | None:
        if lot.first.kind is not DeliveryKind.DIGEST:
            return await in_time(self._client, self._tell(lot), _SEND_SECONDS)
        # Putting it together keeps to a time of its own.
        period, now = period_of(lot.first), self._clock.now()
        notice = await digest_notice(self._database, lot.route, period, now, self._draw)
        await in_time(self._client, self._tell_digest(lot, notice), _SEND_SECONDS)
        return None

    async def _tell(self, lot: Lot) -> Post | None:
        """Tell what the lot brings, as it stands now; the incident's living Discord message after that."""
        match lot.first.kind:
            case DeliveryKind.TEST:
                await self._send(lot, alert_test_notice(lot.route.role_id), lot.route.role_id)
                return None
            case DeliveryKind.ROUTE_BROKEN:
                await self._tell_mods(lot)
                return None
            case DeliveryKind.MISSED:
                await self._send(lot, Notice(missed_words(lot.missed, lot.names)), None, silent=True)
                return None
        return await self._tell_incident(lot)

    async def _tell_digest(self, lot: Lot, notice: Notice) -> None:
        try:
            await self._send(lot, notice, None, silent=True)
        except discord.Forbidden:
            if notice.file is None:
                raise
            # Files take a permission of their own, which alerts do without.
            await self._send(lot, without_picture(notice), None, silent=True)

    async def _tell_incident(self, lot: Lot) -> Post | None:
        if lot.incident is None:
            raise AssertionError("a delivery of an incident comes with it")
        role_id = lot.route.role_id if lot.incident.pings and not lot.is_silenced else None
        notice = incident_notice(
            lot.incident, lot.readings, lot.timeline, lot.route.role_id, now=self._clock.now(), names=lot.names
        )
        if (
            lot.post is not None
            and await self._edit(lot, lot.post, notice)
            and await self._reply(lot, lot.post, role_id)
        ):
            return lot.post
        if lot.kinds <= _SHOWN_ONLY:
            return None
        if not lot.incident.is_open:
            notice = Notice(missed_words([lot.incident], lot.names))
        sent = await self._send(lot, notice, role_id, silent=lot.is_silenced or not lot.incident.is_open)
        post = Post(lot.route.channel_id, sent.id)
        if lot.first.tries > 1 and not _shows(sent, notice):
            # An earlier try had got through, and showed what was true then: this is that message. It is written down
            # before it is edited: what is over has no buttons any more, by which it could be found once more.
            await self._remember(lot, lot.incident, post)
            return await self._tell_incident(replace(lot, post=post))
        return post if lot.incident.is_open else None

    async def _remember(self, lot: Lot, incident: Incident, post: Post) -> None:
        async with self._database.transaction() as connection:
            if incident.id is not None and await is_claimed(connection, lot.first.id, lot.claimed_until):
                await set_post(connection, incident.id, post)

    async def _send(self, lot: Lot, notice: Notice, role_id: int | None, *, silent: bool = False) -> discord.Message:
        self._check_claim(lot)
        channel = self._channel(lot.route.channel_id, lot.route.server_id)
        earlier = await find_earlier(channel, lot, notice, self._client.user, self._clock.now())
        if earlier is not None:
            return earlier
        return await channel.send(
            notice.content,
            nonce=lot.first.nonce,
            silent=silent,
            allowed_mentions=only_this_role(role_id),
            **notice.extras,
        )

    async def _edit(self, lot: Lot, post: Post, notice: Notice) -> bool:
        """Edit the incident's Discord message, which pings nobody; False where it is out of reach for good.

        That is where somebody has deleted it, or where the route has left a channel that refuses us.
        """
        self._check_claim(lot)
        message = self._channel(post.channel_id).get_partial_message(post.discord_message_id)
        try:
            await message.edit(
                content=notice.content,
                embed=notice.embed,
                view=notice.view,
                allowed_mentions=discord.AllowedMentions.none(),
            )
        except (discord.NotFound, discord.Forbidden) as error:
            left_behind = post.channel_id != lot.route.channel_id
            if error.code == _UNKNOWN_DISCORD_MESSAGE or left_behind:
                return False
            raise
        return True

    async def _reply(self, lot: Lot, post: Post, role_id: int | None) -> bool:
        """Say under the incident's Discord message what an edit cannot: edits are silent. At most one thing a lot.

        False where the route has left that channel, and nothing can be said there any more.
        """
        said = _what_to_say(lot, self._clock.now())
        if said is None:
            return True
        delivery, words = said
        pings = role_id if delivery.kind is not DeliveryKind.ENDED else None
        to = discord.MessageReference(
            message_id=post.discord_message_id, channel_id=post.channel_id, fail_if_not_exists=False
        )
        words = f"<@&{pings}> {words}" if pings is not None else words
        channel = self._channel(post.channel_id)
        self._check_claim(lot)
        try:
            if await find_earlier_reply(channel, lot, delivery.kind, words, to, self._client.user, self._clock.now()):
                return True
            await channel.send(
                words,
                reference=to,
                nonce=delivery.nonce,
                silent=delivery.kind is DeliveryKind.ENDED,
                allowed_mentions=only_this_role(pings),
            )
        except (discord.NotFound, discord.Forbidden):
            if post.channel_id == lot.route.channel_id:
                raise
            return False
        return True

    async def _tell_mods(self, lot: Lot) -> None:
        """Tell those who can mend it that Discord refuses an alert channel: in the system channel, or by DM."""
        broken = lot.first.payload
        if not isinstance(broken, BrokenRoutePayload):
            raise TypeError("a broken route comes with its channel")
        channel_id = broken.channel_id
        is_the_servers = lot.route.channel_id == channel_id
        words = route_broken_words(channel_id, lot.route.broken_because if is_the_servers else None)
        guild = self._client.get_guild(lot.route.server_id)
        if guild is None:
            raise discord.ClientException("the server is not known before the gateway is connected")
        silent = discord.AllowedMentions.none()
        if guild.system_channel is not None and guild.system_channel.id != channel_id:
            with contextlib.suppress(discord.Forbidden, discord.NotFound):
                await guild.system_channel.send(words, nonce=lot.first.nonce, allowed_mentions=silent)
                return
        try:
            user = await self._client.fetch_user(broken.created_by)
            await user.send(words, nonce=lot.first.nonce, allowed_mentions=silent)
        except (discord.Forbidden, discord.NotFound) as error:
            log.warning("Nobody could be told of a refused alert channel.", server=guild.id, reason=describe(error))

    def _channel(self, channel_id: int, server_id: int | None = None) -> discord.PartialMessageable:
        return self._client.get_partial_messageable(channel_id, guild_id=server_id)

    async def _after_failure(self, lot: Lot, error: Exception) -> None:
        """Put a delivery off; where Discord refuses for good, mark the route broken, and all that goes there waits."""
        problem = describe(error)
        until = self._clock.now() + self._pause_before_retry(error, lot.first.tries)
        reason = disabled_reason(error)
        try:
            async with self._database.transaction() as connection:
                await lock_server(connection, lot.route.server_id)
                if await is_claimed(connection, lot.first.id, lot.claimed_until):
                    await postpone(connection, lot.first.id, until, problem)
                is_news = reason is not None and await mark_route_broken(connection, lot.route, reason)
                # Whoever sends a test is told of its outcome.
                if is_news and lot.first.kind is not DeliveryKind.TEST:
                    await self._have_mods_told(connection, lot.route)
        except Exception:
            log.exception("A failed delivery could not be written down.", delivery=lot.first.id)
        if reason is not None:
            log.error("Discord refuses an alert channel; its deliveries wait.", route=lot.route, problem=problem)
            return
        if lot.first.kind is not DeliveryKind.DIGEST:
            # What is wrong with a digest may be wrong with nothing else.
            self._rest(lot.route.server_id, until)
        if isinstance(error, discord.HTTPException) and error.status == _TOO_MANY_REQUESTS:
            # Each refused request counts towards a limit of 10,000 in ten minutes, after which Discord refuses all.
            self._quiet_until = max(until, self._quiet_until or until)
        log.warning("A delivery is put off.", delivery=lot.first.id, tries=lot.first.tries, problem=problem)

    def _pause_before_retry(self, error: Exception, tries: int) -> timedelta:
        seconds = seconds_before_retry(error, tries)
        # Never less than Discord asks for.
        return timedelta(seconds=seconds + self._clock.jitter(seconds / 10, spread=1))

    async def _have_mods_told(self, connection: AsyncConnection, route: Route) -> None:
        await record_delivery(
            connection,
            DeliveryKind.ROUTE_BROKEN,
            server_id=route.server_id,
            incident_id=None,
            urgency=Urgency.WARNING,
            nonce=self._clock.nonce(),
            now=self._clock.now(),
            payload=BrokenRoutePayload(route.channel_id, route.set_up_by),
        )


def _shows(message: discord.Message, notice: Notice) -> bool:
    """Tell whether a Discord message says all that the notice does: the words of two that differ may be the same."""

    def said(embed: discord.Embed) -> list[str | None]:
        lines = [line for field in embed.fields for line in (field.name, field.value)]
        return [embed.title, embed.description, *lines]

    wanted = [said(notice.embed)] if notice.embed is not None else []
    return nameless(message.content) == nameless(notice.content) and [said(embed) for embed in message.embeds] == wanted


def _what_to_say(lot: Lot, now: datetime) -> tuple[Delivery, str] | None:
    """Tell what is worth a reply, if anything, and by which delivery it goes out. What is over is past reminding."""
    if lot.incident is None or lot.is_silenced:
        return None
    if not lot.incident.is_open:
        ended = lot.latest(DeliveryKind.ENDED)
        return (ended, back_words(lot.incident, lot.names)) if ended is not None else None
    if (worse := lot.latest(DeliveryKind.GOT_WORSE)) is not None:
        return worse, worse_words(lot.incident, lot.readings, now, lot.names)
    reminder = lot.latest(DeliveryKind.REMINDER)
    if reminder is not None and lot.incident.acknowledged_by is None:
        return reminder, reminder_words(lot.incident, now, lot.names)
    return None


async def in_time(client: discord.Client, work: Coroutine[Any, Any, Value], seconds: float) -> Value:
    """Do what asks Discord for something, within so many seconds. Raises TimeoutError."""
    try:
        async with asyncio.timeout(seconds):
            return await work
    except TimeoutError:
        # Broken off while it waits for the end of Discord's global rate limit, discord.py would wait for ever, with
        # this request and all others.
        client.http._global_over.set()
        raise


def disabled_reason(error: Exception) -> DisabledReason | None:
    """Return why a route is disabled after this error, until somebody changes something in Discord; None to retry."""
    match error:
        case discord.Forbidden():
            return _DISABLED_REASONS.get(error.code, DisabledReason.REFUSED)
        case discord.HTTPException():
            return _DISABLED_REASONS.get(error.code)
    return None


def is_for_good(error: Exception) -> bool:
    """Whether trying again is useless until somebody changes something in Discord."""
    return disabled_reason(error) is not None


def seconds_before_retry(error: Exception, tries: int) -> float:
    """Tell how long to wait: as long as Discord asks, or longer after each try."""
    asked = 0.0
    if isinstance(error, discord.RateLimited):
        asked = error.retry_after
    elif isinstance(error, discord.HTTPException):
        # A 429 without a `Via` header comes from Discord's edge and is not retried by discord.py.
        header = error.response.headers.get("Retry-After", "")
        asked = float(header) if header.isascii() and header.replace(".", "", 1).isdigit() else 0.0
    # After days of failing, two to the power of the tries would be too large a number.
    return max(asked, min(2.0 ** min(tries - 1, 10), _LONGEST_PAUSE_SECONDS))


def describe(error: Exception) -> str:
    """Write a failure in a few words for the log and for mods."""
    match error:
        case discord.HTTPException() if error.code in texts.DISCORD_REFUSALS:
            return f"{texts.DISCORD_REFUSALS[error.code]}: code {error.code}"
        case discord.HTTPException():
            return f"Discord answered {error.status}, code {error.code}"
        case discord.RateLimited():
            return "Discord asked to slow down"
        case TimeoutError():
            return "Discord did not answer in time"
        case aiohttp.ClientError() | OSError():
            return f"Discord could not be reached ({type(error).__name__})"
    return f"something nobody expected went wrong ({type(error).__name__})"
