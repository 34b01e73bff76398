"""Helpers that write and read samples."""

from collections.abc import Iterable
from datetime import timedelta

from sqlalchemy import insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.domain.modes import Mode
from bot.storage.schema import samples
from bot.storage.tokens import save_tokens
from tests.clocks import NOON
from tests.storage.seeds import TOKEN, known

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
FAST, RELAX, VERIFYING, GONE = Mode.FAST, Mode.RELAX, Mode.VERIFYING, Mode.GONE

Sampled = tuple[timedelta, str]
"""How long after noon, and the mode then."""


async def sample(
    connection: AsyncConnection,
    account_id: int,
    *sampled: Sampled,
    token_id: int = TOKEN,
    left: timedelta | None = HOUR,
) -> None:
    """Save a token and its samples."""
    await save_tokens(connection, account_id, [known(token_id)])
    rows = [
        {
            "account_id": account_id,
            "token_id": token_id,
            "read_at": NOON + after,
            "mode": mode,
            "fast_left": left,
            "fast_total": 15 * HOUR,
        }
        for after, mode in sampled
    ]
    if rows:
        await connection.execute(insert(samples), rows)


def minutely(minutes: Iterable[int], mode: Mode = FAST) -> list[Sampled]:
    """Return a sample at each of these minutes after noon."""
    return [(minute * MINUTE, mode) for minute in minutes]


async def left_of(connection: AsyncConnection, token_id: int = TOKEN) -> list[Sampled]:
    """Return a token's remaining samples, in order."""
    query = select(samples.c.read_at, samples.c.mode).where(samples.c.token_id == token_id)
    return [(at - NOON, mode) for at, mode in await connection.execute(query.order_by(samples.c.read_at))]
