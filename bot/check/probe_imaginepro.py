"""Probes ImaginePro: whether the key works, and whether it can list its tokens."""

import asyncio
from collections.abc import Awaitable
from typing import TypeVar

from pydantic import SecretStr

from bot.clock import Clock
from bot.imaginepro.client import open_imaginepro
from bot.imaginepro.errors import ImagineProError
from bot.imaginepro.responses import AccountPayload, FleetListing
from bot.imaginepro.transport import Limits
from bot.network import DIRECT, Network

Value = TypeVar("Value")


async def look_at_imaginepro(
    base_url: str, key: SecretStr, clock: Clock, seconds: float, network: Network = DIRECT
) -> tuple[AccountPayload | ImagineProError, FleetListing | ImagineProError]:
    """Return the account's details and the tokens, asked for at the same time."""
    limits = Limits(call_seconds=seconds)
    async with open_imaginepro(base_url, key, clock, limits=limits, network=network) as imaginepro:
        return await asyncio.gather(_answer(imaginepro.account()), _answer(imaginepro.fleet()))


async def _answer(asking: Awaitable[Value]) -> Value | ImagineProError:
    try:
        return await asking
    except ImagineProError as error:
        return error
