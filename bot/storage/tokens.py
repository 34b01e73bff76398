"""Tokens: what is known of each between rounds, and the samples of their history."""

from collections.abc import Iterable
from typing import Any

from pydantic import TypeAdapter
from sqlalchemy import Row, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.health.changes import Doubt, TokenState
from bot.health.modes import Mode
from bot.health.readings import Reading
from bot.health.rounds import KnownToken
from bot.storage.tables import samples, tokens
from bot.storage.upsert import upsert

READING = TypeAdapter(Reading)


async def known_tokens(connection: AsyncConnection, account_id: int) -> dict[int, KnownToken]:
    """Read what is known of the account's tokens, by token id."""
    rows = await connection.execute(select(tokens).where(tokens.c.account_id == account_id))
    return {row.token_id: _known(row) for row in rows}


async def keep_tokens(connection: AsyncConnection, account_id: int, kept: Iterable[KnownToken]) -> None:
    """Keep what is known of these tokens, in the place of what was known before."""
    await upsert(connection, tokens, [_row(account_id, token) for token in kept])


async def add_samples(connection: AsyncConnection, account_id: int, readings: Iterable[Reading]) -> None:
    """Add samples to the history."""
    rows = [
        {
            "account_id": account_id,
            "token_id": reading.token_id,
            "read_at": reading.read_at,
            "mode": reading.mode,
            "fast_left": reading.fast_time.left if reading.fast_time else None,
            "fast_total": reading.fast_time.total if reading.fast_time else None,
        }
        for reading in readings
    ]
    await upsert(connection, samples, rows)


def _row(account_id: int, token: KnownToken) -> dict[str, Any]:
    state, doubt = token.state, token.state.doubt
    return {
        "account_id": account_id,
        "token_id": state.token_id,
        "mode": state.mode,
        "since": state.since,
        "out_since": state.out_since,
        "doubt_mode": doubt.mode if doubt else None,
        "doubt_since": doubt.since if doubt else None,
        "doubt_readings": doubt.readings if doubt else None,
        "reading": READING.dump_json(token.reading, exclude_defaults=True).decode(),
        "in_fleet": token.in_fleet,
        "sampled_at": token.sampled_at,
    }


def _known(row: Row[Any]) -> KnownToken:
    doubt = Doubt(Mode(row.doubt_mode), row.doubt_since, row.doubt_readings) if row.doubt_mode else None
    return KnownToken(
        state=TokenState(row.token_id, Mode(row.mode), row.since, doubt, row.out_since),
        reading=READING.validate_json(row.reading),
        sampled_at=row.sampled_at,
        in_fleet=row.in_fleet,
    )
