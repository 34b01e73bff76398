"""Fetches what one round needs from ImaginePro: the fleet, and a trace of each watched message."""

import asyncio
from datetime import timedelta
from uuid import UUID

import structlog

from bot.clock import Clock, Pause
from bot.concurrency.backoff import Backoff
from bot.imaginepro.client import ImaginePro
from bot.imaginepro.errors import ImagineProError, NotInPlan
from bot.imaginepro.responses import FleetListing
from bot.monitor.responses import RoundResponses, TraceResult, require_a_response
from bot.storage.database import Database
from bot.storage.watches import watches_of

log = structlog.get_logger(__name__)

_MAX_FLEET_RETRY_SECONDS = 3600


class Fetcher:
    """Fetches the responses of each round of one account."""

    def __init__(
        self, account_id: int, imaginepro: ImaginePro, database: Database, clock: Clock, *, poll_interval: timedelta
    ) -> None:
        self._account_id = account_id
        self._imaginepro = imaginepro
        self._database = database
        self._poll_interval = poll_interval
        self._fleet_refusals = 0
        self._fleet_pause = Pause(clock)

    async def fetch(self) -> RoundResponses:
        """Return the responses of one round. Raises ImagineProError if they say nothing about any token."""
        fleet = await self._fetch_fleet()
        listed = RoundResponses(fleet, ()).listed_token_ids
        async with self._database.reading() as connection:
            watches = await watches_of(connection, self._account_id)
        # The fleet's list says more about a token than a trace, so listed tokens are not traced.
        results = await asyncio.gather(
            *(self._trace(watch.message_id) for watch in watches if watch.token_id not in listed)
        )
        if fleet is None:
            require_a_response(results)
        return RoundResponses(fleet, tuple(results))

    async def _fetch_fleet(self) -> FleetListing | None:
        """Return the fleet; None if the key may not list it. After each such refusal the pause doubles, up to 1 h."""
        if self._fleet_pause.seconds_left:
            return None
        try:
            fleet = await self._imaginepro.fleet()
        except NotInPlan as error:
            if not self._fleet_refusals:
                log.warning("This key may not list its fleet. Only watched messages are traced.", error=error.detail)
            self._fleet_refusals += 1
            backoff = Backoff(2 * self._poll_interval.total_seconds(), _MAX_FLEET_RETRY_SECONDS)
            self._fleet_pause.extend(backoff.pause(self._fleet_refusals))
            return None
        self._fleet_refusals = 0
        return fleet

    async def _trace(self, message_id: UUID) -> TraceResult:
        """Trace a watched message. An error of one message says nothing about the others, or about any token."""
        try:
            return TraceResult(message_id, await self._imaginepro.trace(message_id))
        except ImagineProError as error:
            return TraceResult(message_id, error=error)
