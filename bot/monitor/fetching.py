"""Fetches what one round needs from ImaginePro: the fleet, and a trace of each watched message."""

import asyncio
from collections.abc import Awaitable, Collection
from datetime import timedelta
from typing import TypeVar
from uuid import UUID

import structlog

from bot.clock import Clock, Pause
from bot.concurrency.backoff import Backoff
from bot.imaginepro.client import ImaginePro
from bot.imaginepro.errors import ImagineProError, InvalidResponse, NotInPlan, Unreachable
from bot.imaginepro.responses import FleetListing
from bot.imaginepro.transport import Partition
from bot.monitor.responses import RoundResponses, TraceResult
from bot.storage.watches import Watch

log = structlog.get_logger(__name__)

Value = TypeVar("Value")

_MAX_FLEET_RETRY_SECONDS = 3600
# The client limits each call to 20 s, but many watched messages wait for one another.
DEADLINE = timedelta(seconds=60)
"""How long the requests of one round may take in all."""


class Fetcher:
    """Fetches the responses of each round of one account."""

    def __init__(self, imaginepro: ImaginePro, clock: Clock, *, poll_interval: timedelta) -> None:
        self._imaginepro = imaginepro
        self._poll_interval = poll_interval
        self._refusal: NotInPlan | None = None
        self._refusals = 0
        self._fleet_pause = Pause(clock)

    async def fetch(
        self, watches: Collection[Watch], *, was_listed: bool, last: FleetListing | None = None
    ) -> RoundResponses:
        """Return the responses of one round, at the latest after a minute, with the errors of calls as values.

        `was_listed`: the fleet has been listed before, so it is asked for in every round, even if that is refused.
        `last`: the listing that stands for a response with the same bytes.
        """
        deadline = asyncio.get_running_loop().time() + DEADLINE.total_seconds()
        try:
            fleet, error = await _before(deadline, self._fetch_fleet(last, was_listed=was_listed)), None
        except (NotInPlan, InvalidResponse) as refusal:
            # ImaginePro answers, so watched messages may still lead to their tokens.
            fleet, error = None, refusal
        except ImagineProError as failure:
            return RoundResponses(None, fleet_error=failure)
        listed = RoundResponses(fleet).listed_token_ids
        # The fleet's list says more about a token than a trace, so listed tokens are not traced.
        messages = [watch.message_id for watch in watches if watch.token_id not in listed]
        results = await asyncio.gather(*(self._trace(message_id, deadline) for message_id in messages))
        return RoundResponses(fleet, tuple(results), error, tuple(watches))

    async def _fetch_fleet(self, last: FleetListing | None, *, was_listed: bool) -> FleetListing:
        """Return the fleet. Where it was never listed, the pause after a refusal doubles, up to 1 h."""
        if self._refusal is not None and self._fleet_pause.seconds_left and not was_listed:
            raise self._refusal
        try:
            fleet = await self._imaginepro.fleet(last)
        except NotInPlan as refusal:
            if self._refusal is None and not was_listed:
                log.warning("This key may not list its fleet. Only watched messages are traced.", error=refusal.detail)
            self._refusal = refusal
            self._refusals += 1
            backoff = Backoff(2 * self._poll_interval.total_seconds(), _MAX_FLEET_RETRY_SECONDS)
            self._fleet_pause.extend(backoff.pause(self._refusals))
            raise
        self._refusal, self._refusals = None, 0
        return fleet

    async def _trace(self, message_id: UUID, deadline: float) -> TraceResult:
        """Trace a watched message. An error of one message says nothing about the others, or about any token."""
        try:
            tracing = self._imaginepro.trace(message_id, Partition.CHECKS)
            return TraceResult(message_id, await _before(deadline, tracing))
        except ImagineProError as error:
            return TraceResult(message_id, error=error)


async def _before(deadline: float, call: Awaitable[Value]) -> Value:
    """Return the result of a call. Raises Unreachable if there is none by the deadline of the whole round."""
    try:
        async with asyncio.timeout_at(deadline):
            return await call
    except TimeoutError:
        raise Unreachable(f"no answer within {DEADLINE.total_seconds():g} s of the check") from None
