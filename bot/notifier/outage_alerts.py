"""Alerts about the database itself: they cannot wait in it, so they are kept in memory and sent directly."""

import asyncio
import math
from base64 import urlsafe_b64encode
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import sha256

import discord
import structlog

from bot.clock import Clock, Pause
from bot.concurrency.backoff import Backoff
from bot.concurrency.graceful import shield_until_done
from bot.notifier.actions import Attempt, Drop, Dropped, Edit, Outcome, Post, Reason, Reply, Sent
from bot.notifier.discord_errors import DISCORD_FAILURES, describe_error, discord_timeout
from bot.notifier.previous_attempts import AlertSignature, OutageSignature, ReplySignature, find_previous_attempt
from bot.notifier.sender import Sender
from bot.storage.alert_routes import Route, routes_of
from bot.storage.database import Database, DatabaseUnavailable
from bot.storage.incidents import PostedMessage
from bot.storage.server_settings import rules_of
from bot.ui.alerts import OutgoingMessage
from bot.ui.database_outage import OutageView, outage_message, over_message, over_words, shown_outage

log = structlog.get_logger(__name__)

_LOOP_SECONDS = 5
_ROUTES_SECONDS = 60
# An outage that comes again within the hour is said without a ping.
_PING_SECONDS = 3600
_SEARCH_SECONDS = 20
_SEARCHED_PERIOD = timedelta(days=7)
_BACKOFF = Backoff(first=5, longest=300)
_NONCE_LENGTH = 25  # Discord's limit (Create Message, `nonce`)
# Several processes on one database notice its outage some seconds apart, and alert it with the same nonce.
_NONCE_PERIOD = timedelta(minutes=10)


@dataclass(slots=True)
class _Alert:
    """What is known about the alert of one outage in one channel."""

    route: Route
    began: float
    """The outage, by the monotonic time of its start."""
    view: OutageView
    message: OutgoingMessage
    retry: Pause
    pings: bool
    posted: PostedMessage | None = None
    over_at: datetime | None = None
    attempts: int = 0

    @property
    def attempted_since(self) -> datetime:
        """The earliest time at which this process, or another one with another nonce, may have sent it."""
        return self.over_at or self.view.since

    def nonce(self, what: str) -> str:
        """Return the nonce of the post or the reply, the same in all processes."""
        period = self.view.since.timestamp() // _NONCE_PERIOD.total_seconds()
        digest = sha256(f"{what} {self.route.channel_id} {period}".encode()).digest()
        return urlsafe_b64encode(digest).decode()[:_NONCE_LENGTH]


@dataclass(frozen=True, slots=True)
class _Channel:
    route: Route
    no_data_after: timedelta
    pinged: Pause = field(compare=False)


class OutageAlerts:
    """Alerts each server once that nothing can be recorded, and says when that is over.

    The routes are those that could be read last. A new process ends the alerts that an earlier one has left behind.
    """

    def __init__(
        self, account_id: int, database: Database, clock: Clock, sender: Sender, client: discord.Client
    ) -> None:
        self._client = client
        self._searched: set[int] = set()
        self._account_id = account_id
        self._database = database
        self._clock = clock
        self._sender = sender
        self._channels: dict[int, _Channel] = {}
        self._routes_are_fresh = Pause(clock)
        self._alerts: dict[int, _Alert] = {}

    async def run(self) -> None:
        """Watch the database forever. The client must be logged in; its gateway need not be connected."""
        while True:
            await shield_until_done(self.step())
            await self._clock.sleep(_LOOP_SECONDS)

    async def step(self) -> None:
        """Read the routes, or send what is due about an outage. Raises nothing."""
        try:
            outage = self._database.outage.current
            if outage is None:
                await self._read_routes()
                await asyncio.gather(*map(self._find_left_behind, self._channels.values()))
            else:
                self._open_alerts()
            self._end_alerts()
            await asyncio.gather(*map(self._send, list(self._alerts.values())))
        except Exception:
            # The loop must survive any error.
            log.exception("Unexpected error while alerting that the database cannot be used.")

    async def _read_routes(self) -> None:
        if self._routes_are_fresh.seconds_left:
            return
        try:
            async with self._database.reading() as connection:
                routes = await routes_of(connection, self._account_id)
                rules = {route.server_id: await rules_of(connection, route.server_id) for route in routes}
        except DatabaseUnavailable:
            return
        self._routes_are_fresh.extend(_ROUTES_SECONDS)
        before = self._channels
        self._channels = {
            route.server_id: _Channel(
                route,
                rules[route.server_id].no_data_after,
                before[route.server_id].pinged if route.server_id in before else Pause(self._clock),
            )
            for route in routes
            if route.disabled_reason is None
        }

    async def _find_left_behind(self, channel: _Channel) -> None:
        """Find the alert of a process that was restarted during the outage. The database knows nothing of it."""
        route, now = channel.route, self._clock.now()
        if route.channel_id in self._searched:
            return
        self._searched.add(route.channel_id)
        messages = self._client.get_partial_messageable(route.channel_id)
        try:
            async with discord_timeout(self._client, _SEARCH_SECONDS):
                since = now - _SEARCHED_PERIOD
                found = await find_previous_attempt(messages, OutageSignature(), since, self._client.user, now)
        except DISCORD_FAILURES as error:
            log.info("An alert about an earlier outage was not looked for.", error=describe_error(error))
            return
        if found is not None and route.server_id not in self._alerts:
            view, posted = shown_outage(found), PostedMessage(route.channel_id, found.id)
            left = _Alert(route, math.nan, view, outage_message(view, None), Pause(self._clock), pings=False)
            left.posted, left.over_at = posted, now
            self._alerts[route.server_id] = left

    def _open_alerts(self) -> None:
        outage = self._database.outage.current
        if outage is None:
            return
        lasted = timedelta(seconds=self._clock.monotonic() - outage.began)
        for server_id, channel in self._channels.items():
            alert = self._alerts.get(server_id)
            if lasted < channel.no_data_after or (alert is not None and alert.began == outage.began):
                continue
            view = OutageView(outage.cause, self._clock.now() - lasted)
            pings = not channel.pinged.seconds_left
            message = outage_message(view, channel.route.role_id if pings else None)
            self._alerts[server_id] = _Alert(
                channel.route, outage.began, view, message, Pause(self._clock), pings=pings
            )
            channel.pinged.extend(_PING_SECONDS)

    def _end_alerts(self) -> None:
        """Note which alerts are over. One that was not posted yet is of no use any more."""
        outage = self._database.outage.current
        for server_id, alert in list(self._alerts.items()):
            if outage is not None and outage.began == alert.began:
                continue
            if alert.posted is None:
                del self._alerts[server_id]
            elif alert.over_at is None:
                alert.over_at, alert.attempts = self._clock.now(), 0

    async def _send(self, alert: _Alert) -> None:
        if alert.retry.seconds_left or (alert.posted is not None and alert.over_at is None):
            return
        await self._sender.wait_for_turn()
        action = _post(alert) if alert.posted is None else _end(alert, alert.posted, alert.over_at or self._clock.now())
        alert.attempts += 1
        outcome = await self._sender.perform(action, Attempt(alert.attempts, alert.attempted_since))
        self._settle(alert, outcome)

    def _settle(self, alert: _Alert, outcome: Outcome) -> None:
        match outcome:
            case Sent(posted) if alert.posted is None:
                alert.posted = posted
            case Sent() | Dropped():
                self._alerts.pop(alert.route.server_id, None)
            case _:
                alert.retry.extend(_BACKOFF.pause(alert.attempts))
                log.warning(
                    "The alert about the database could not be sent. Retrying.",
                    server=alert.route.server_id,
                    error=getattr(outcome, "error", None),
                )


def _post(alert: _Alert) -> Post:
    return Post(
        Reason.DATABASE_OUTAGE,
        alert.route.channel_id,
        alert.route.server_id,
        alert.message,
        nonce=alert.nonce("outage"),
        signature=AlertSignature(alert.message.content),
        role_id=alert.route.role_id if alert.pings else None,
        is_silent=not alert.pings,
    )


def _end(alert: _Alert, posted: PostedMessage, over_at: datetime) -> Edit:
    words = over_words(alert.view, over_at)
    signature = ReplySignature(words, posted.discord_message_id, ignores_numbers=True)
    return Edit(
        Reason.RESOLVED,
        posted,
        over_message(alert.view, over_at),
        if_gone=Drop(Reason.UP_TO_DATE),
        reply=Reply(Reason.RESOLVED, words, nonce=alert.nonce("over"), signature=signature, is_silent=True),
    )
