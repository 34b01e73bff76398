"""Alerts about the database itself: they cannot wait in it, so they are kept in memory and sent directly."""

import asyncio
import math
from collections import defaultdict
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import discord
import structlog

from bot.clock import Clock, Pause
from bot.concurrency.backoff import Backoff
from bot.concurrency.graceful import shield_until_done
from bot.notifier.actions import Dropped, Outcome, Sent
from bot.notifier.discord_errors import DISCORD_FAILURES, describe_error, discord_timeout, is_message_gone
from bot.notifier.forums import find_archived_post, find_post
from bot.notifier.outage_alert import LONG_AGO, OutageAlert, edit_alert, end_alert, post_alert, reply_over
from bot.notifier.previous_attempts import OutageSignature, search
from bot.notifier.sender import Sender
from bot.storage.alert_routes import Route, routes_of
from bot.storage.database import Database, DatabaseUnavailable
from bot.storage.database_outage import DatabaseOutage
from bot.storage.incidents import PostedMessage
from bot.storage.server_settings import rules_of
from bot.ui.database_outage import OutageView, shown_outage

log = structlog.get_logger(__name__)

_LOOP_SECONDS = 5
_ROUTES_SECONDS = 60
# An outage that comes again within the hour is said without a ping.
_PING_SECONDS = 3600
# Causes may take turns.
_EDIT_SECONDS = 60
_SEARCH_SECONDS = 20
_SEARCHED_PERIOD = timedelta(days=7)
_BACKOFF = Backoff(first=5, longest=300)


@dataclass(frozen=True, slots=True)
class _Channel:
    route: Route
    no_data_after: timedelta


class OutageAlerts:
    """Alerts each server once that nothing can be recorded, and says when that is over.

    The routes are those that could be read last. A new process ends the alerts that an earlier one has left behind.
    """

    def __init__(
        self, account_id: int, database: Database, clock: Clock, sender: Sender, client: discord.Client
    ) -> None:
        self._client = client
        self._pinged: defaultdict[int, Pause] = defaultdict(lambda: Pause(clock))
        self._searched: defaultdict[int, Pause] = defaultdict(lambda: Pause(clock))
        """The channels in which the alert of an earlier process was looked for: for a while, or for good."""
        self._messages: set[int] = set()
        """The Discord messages of this process's alerts."""
        self._account_id = account_id
        self._database = database
        self._clock = clock
        self._sender = sender
        self._channels: dict[int, _Channel] = {}
        self._routes_are_fresh = Pause(clock)
        self._alerts: dict[tuple[int, float], OutageAlert] = {}

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
                if self._database.outage.has_recorded_check:
                    await asyncio.gather(*map(self._find_left_behind, self._channels.values()))
            else:
                self._open_alerts(outage)
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
        self._channels = {
            route.server_id: _Channel(route, rules[route.server_id].no_data_after)
            for route in routes
            if route.disabled_reason is None
        }

    async def _find_left_behind(self, channel: _Channel) -> None:
        """Find the alert of a process that was restarted during the outage. The database knows nothing of it."""
        route, now = channel.route, self._clock.now()
        is_first = route.channel_id not in self._searched
        searched = self._searched[route.channel_id]
        if searched.seconds_left:
            return
        searched.extend(_ROUTES_SECONDS)
        try:
            async with discord_timeout(self._client, _SEARCH_SECONDS):
                found = await self._search(route, now)
        except DISCORD_FAILURES as error:
            if is_first:
                log.info("An alert about an earlier outage was not looked for. Retrying.", error=describe_error(error))
            return
        searched.extend(math.inf)
        if found is not None:
            left = OutageAlert(route, LONG_AGO, shown_outage(found), Pause(self._clock), pings=False)
            left.posted, left.over_at = PostedMessage(found.channel.id, found.id), now
            self._messages.add(found.id)
            self._alerts[route.server_id, left.began] = left

    async def _search(self, route: Route, now: datetime) -> discord.Message | None:
        signature, since = OutageSignature(other_than=frozenset(self._messages)), now - _SEARCHED_PERIOD
        if route.is_forum:
            found = await find_post(self._client, route.server_id, route.channel_id, signature, since, now)
            return found or await find_archived_post(self._client, route.channel_id, signature, since, now)
        messages = self._client.get_partial_messageable(route.channel_id)
        return await search(messages, signature, since, self._client.user, now)

    def _open_alerts(self, outage: DatabaseOutage) -> None:
        lasted = timedelta(seconds=self._clock.monotonic() - outage.began)
        for server_id, channel in self._channels.items():
            alert = self._alerts.get((server_id, outage.began))
            if alert is not None:
                alert.view = replace(alert.view, cause=outage.cause)
            elif lasted >= channel.no_data_after:
                view = OutageView(outage.cause, self._clock.now() - lasted)
                pings = not self._pinged[server_id].seconds_left
                alert = OutageAlert(channel.route, outage.began, view, Pause(self._clock), pings=pings)
                self._alerts[server_id, outage.began] = alert
                self._pinged[server_id].extend(_PING_SECONDS)

    def _end_alerts(self) -> None:
        """Note which alerts are over. One that was not posted yet is of no use any more."""
        outage = self._database.outage.current
        for key, alert in list(self._alerts.items()):
            if outage is not None and outage.began == alert.began:
                continue
            if alert.posted is None or alert.is_gone:
                del self._alerts[key]
            elif alert.over_at is None:
                alert.over_at, alert.attempts = self._clock.now(), 0
                alert.retry.end()

    async def _send(self, alert: OutageAlert) -> None:
        if alert.retry.seconds_left or alert.is_up_to_date:
            return
        alert.attempts += 1
        if alert.posted is None:
            await self._post(alert)
        else:
            await self._edit(alert, alert.posted)

    async def _post(self, alert: OutageAlert) -> None:
        await self._sender.wait_for_turn()
        view = alert.view
        outcome = await self._sender.perform(post_alert(alert, self._messages), alert.attempt)
        if not isinstance(outcome, Sent) or outcome.message is None:
            self._retry(alert, outcome)
        elif outcome.message.discord_message_id in self._messages:
            # The outage before was minutes ago, so Discord knows its nonce, which is that of this one too.
            alert.follows = outcome.message.discord_message_id
        else:
            alert.posted, alert.shown, alert.attempts = outcome.message, view, 0
            self._messages.add(outcome.message.discord_message_id)
            alert.retry.extend(_EDIT_SECONDS)

    async def _edit(self, alert: OutageAlert, posted: PostedMessage) -> None:
        """Show another cause, or the end. Nothing is changed that another process has ended meanwhile."""
        await self._sender.wait_for_turn()
        view = alert.view
        try:
            is_open = alert.is_ended or await self._is_open(posted)
        except DISCORD_FAILURES as error:
            self._retry(alert, self._sender.outcome_of(error, alert.attempt))
            return
        if not is_open:
            outcome: Outcome = Dropped()
        elif alert.over_at is None:
            outcome = await self._sender.perform(edit_alert(alert, posted), alert.attempt)
        else:
            outcome = await self._end(alert, posted, alert.over_at)
        if not isinstance(outcome, Sent | Dropped):
            self._retry(alert, outcome)
        elif alert.over_at is not None:
            self._alerts.pop((alert.route.server_id, alert.began), None)
        else:
            alert.shown, alert.attempts, alert.is_gone = view, 0, isinstance(outcome, Dropped)
            alert.retry.extend(_EDIT_SECONDS)

    async def _end(self, alert: OutageAlert, posted: PostedMessage, over_at: datetime) -> Outcome:
        """Reply, then edit: a killed process leaves an alert that the next one finds, since it is still open."""
        outcomes: list[Outcome] = []
        if not alert.is_replied:
            outcomes.append(await self._sender.perform(reply_over(alert, posted, over_at), alert.attempt))
            alert.is_replied = isinstance(outcomes[-1], Sent)
        if not alert.is_ended:
            outcomes.append(await self._sender.perform(end_alert(alert, posted, over_at), alert.attempt))
            alert.is_ended = isinstance(outcomes[-1], Sent | Dropped)
        is_done = alert.is_replied and alert.is_ended
        return Sent() if is_done else next(one for one in outcomes if not isinstance(one, Sent | Dropped))

    async def _is_open(self, posted: PostedMessage) -> bool:
        """Whether a Discord message still says that nothing can be recorded. Raises DISCORD_FAILURES."""
        channel = self._client.get_partial_messageable(posted.channel_id)
        try:
            async with discord_timeout(self._client, _SEARCH_SECONDS):
                message = await channel.fetch_message(posted.discord_message_id)
        except discord.Forbidden:
            # Without Read Message History the bot can edit its message, but not fetch it.
            return True
        except discord.NotFound as error:
            if is_message_gone(error):
                return False
            raise
        return OutageSignature().matches(message)

    def _retry(self, alert: OutageAlert, outcome: Outcome) -> None:
        alert.retry.extend(_BACKOFF.pause(alert.attempts))
        log.warning(
            "The alert about the database could not be sent. Retrying.",
            server=alert.route.server_id,
            error=getattr(outcome, "error", None),
        )
