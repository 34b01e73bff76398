"""The ImaginePro client: one method for each call of the API that Fastwatch uses."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from contextlib import asynccontextmanager
from datetime import timedelta
from http import HTTPStatus
from typing import Any, TypeVar
from uuid import UUID

import httpx
import stamina
from pydantic import SecretStr

from bot.clock import Clock
from bot.concurrency.offload import offload
from bot.concurrency.single_flight import SingleFlight
from bot.domain.readings import Reading
from bot.imaginepro.errors import ImagineProError, MessageNotFound, NotInPlan, RateLimited, Unreachable
from bot.imaginepro.measuring import Call, counted
from bot.imaginepro.responses import (
    AccountPayload,
    FleetListing,
    digest_of,
    parse_account,
    parse_fleet,
    parse_token,
    parse_trace,
)
from bot.imaginepro.transport import Connections, ErrorsByStatus, Limits, Partition, Transport, open_connections
from bot.network import DIRECT, Network

Value = TypeVar("Value")

_BYTES_OF_A_TOKEN = 500  # in the list of the fleet


class ImaginePro:
    """The calls of ImaginePro's API. Each raises ImagineProError; the subclasses say what can be done about it."""

    def __init__(self, transport: Transport, clock: Clock, limits: Limits) -> None:
        self._transport = transport
        self._clock = clock
        self._limits = limits
        self._traces: SingleFlight[Reading] = SingleFlight()

    async def trace(self, message_id: UUID, partition: Partition = Partition.COMMANDS) -> Reading:
        """Return the token that ran a message. Concurrent traces of the same message share one request.

        Raises MessageNotFound and NoTokenYet besides the errors of every call.
        """
        return await self._traces.call(message_id, lambda: self._trace(message_id, partition))

    async def _trace(self, message_id: UUID, partition: Partition) -> Reading:
        return await self._get(
            Call.TRACE,
            f"/api/v1/message/trace/{message_id}",
            lambda content: parse_trace(content, self._clock.now()),
            {HTTPStatus.NOT_FOUND: MessageNotFound},
            partition,
        )

    async def fleet(self, last: FleetListing | None = None) -> FleetListing:
        """Return all tokens of the account; `last` itself if the response is the same. Raises NotInPlan if the key may
        not list them.
        """

        def parse(content: bytes) -> FleetListing:
            if last is not None and last.digest == digest_of(content):
                return last
            return parse_fleet(content, self._clock.now())

        return await self._get(
            Call.FLEET,
            "/api/v1/discord/tokens",
            parse,
            # Which status a plan without the fleet gets is not documented; any of these can mean it.
            dict.fromkeys((HTTPStatus.PAYMENT_REQUIRED, HTTPStatus.FORBIDDEN, HTTPStatus.NOT_FOUND), NotInPlan),
            Partition.CHECKS,
        )

    async def token(self, token_id: int) -> Reading:
        """Return one token of the account."""
        return await self._get(
            Call.TOKEN,
            f"/api/v1/discord/token/{token_id:d}",
            lambda content: parse_token(content, token_id, self._clock.now()),
            {HTTPStatus.FORBIDDEN: NotInPlan},
            Partition.COMMANDS,
        )

    async def switch(self, token_id: int, *, is_active: bool) -> Reading:
        """Set the owner's switch of a token, in one attempt, and return the reading in the response.

        A write is not retried. After Unreachable or InvalidResponse it is uncertain whether it took effect; call
        `token` to find out.
        """

        async def put() -> Reading:
            path = f"/api/v1/discord/token/{token_id:d}"
            body = {"isActive": is_active}
            with counted(Call.SWITCH):
                errors: ErrorsByStatus = {HTTPStatus.FORBIDDEN: NotInPlan}
                content = await self._transport.send(
                    Call.SWITCH, "PUT", path, errors, body, partition=Partition.COMMANDS
                )
                return parse_token(content, token_id, self._clock.now())

        return await self._with_timeout(put())

    async def account(self) -> AccountPayload:
        """Return the account's credits and expiry."""
        return await self._get(Call.ACCOUNT, "/api/v1/subscription/account-info", parse_account, {}, Partition.CHECKS)

    async def _get(
        self,
        call: Call,
        path: str,
        parse: Callable[[bytes], Value],
        errors: ErrorsByStatus,
        partition: Partition,
    ) -> Value:
        """Send a GET, with retries after errors that may be temporary. A read is safe to repeat."""

        async def attempt() -> Value:
            with counted(call):
                content = await self._transport.send(call, "GET", path, errors, partition=partition)
                return await offload(len(content) // _BYTES_OF_A_TOKEN, parse, content)

        return await self._with_timeout(self._with_retries(attempt))

    async def _with_timeout(self, call: Coroutine[Any, Any, Value]) -> Value:
        try:
            async with asyncio.timeout(self._limits.call_seconds):
                return await call
        except TimeoutError:
            raise Unreachable(f"no answer within {self._limits.call_seconds:g} s") from None

    async def _with_retries(self, call: Callable[[], Awaitable[Value]]) -> Value:
        try:
            return await call()
        except ImagineProError as error:
            first = error
        # To set up stamina takes as long as to send a request, so only what has failed pays for it.
        attempts = stamina.retry_context(
            on=self._pause_before_retry,
            attempts=self._limits.attempts,
            timeout=None,  # `_with_timeout` limits the whole call
            wait_initial=0.2,
            wait_jitter=0.3,
            wait_max=self._limits.max_retry_delay.total_seconds(),
        )
        async for attempt in attempts:
            with attempt:
                if attempt.num == 1:
                    raise first
                return await call()
        raise AssertionError("stamina ends with a value or an error")

    def _pause_before_retry(self, error: Exception) -> bool | timedelta:
        """Return for stamina whether to retry, or how long to wait first if ImaginePro said so."""
        if isinstance(error, RateLimited):
            pause = max(error.retry_at - self._clock.now(), timedelta())
            return pause if pause <= self._limits.max_retry_delay else False
        return isinstance(error, Unreachable)


def imaginepro_for(connections: Connections, key: SecretStr, clock: Clock) -> ImaginePro:
    """Return the client of one account. Any number of accounts share the connections."""
    return ImaginePro(Transport(connections, key, clock), clock, connections.limits)


@asynccontextmanager
async def open_imaginepro(
    base_url: str,
    key: SecretStr,
    clock: Clock,
    *,
    limits: Limits | None = None,
    network: Network = DIRECT,
    transport: httpx.AsyncBaseTransport | None = None,
) -> AsyncIterator[ImaginePro]:
    """Open the client of one account with connections of its own, and close them at the end."""
    async with open_connections(base_url, clock, limits=limits, network=network, transport=transport) as connections:
        yield imaginepro_for(connections, key, clock)
