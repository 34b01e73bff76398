"""Tokens: the latest reading of each, and the samples of their history."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import Row, bindparam, delete, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.domain.evaluation import TrackedToken
from bot.domain.readings import Reading
from bot.storage.parts import rows_of
from bot.storage.schema import samples, tokens
from bot.storage.upsert import upsert

# Each round executes these. Building a statement takes longer than executing it.
_KNOWN = select(tokens).where(tokens.c.account_id == bindparam("its_account"))
_SOME = _KNOWN.where(tokens.c.token_id.in_(bindparam("ids", expanding=True)))
# One seek in the primary key per token. With a join, PostgreSQL may read all samples.
_first_after = (
    select(func.min(samples.c.read_at))
    .where(samples.c.account_id == tokens.c.account_id, samples.c.token_id == tokens.c.token_id)
    .where(samples.c.read_at > bindparam("since", type_=samples.c.read_at.type))
    .scalar_subquery()
)
_FIRST_AFTER = select(tokens.c.token_id, _first_after.label("first")).where(
    tokens.c.account_id == bindparam("its_account"), _first_after.is_not(None)
)


async def known_tokens(connection: AsyncConnection, account_id: int) -> dict[int, TrackedToken]:
    """Return the account's tokens by token id."""
    rows = rows_of(connection, _KNOWN, {"its_account": account_id})
    return {row.token_id: _tracked_token(row) async for row in rows}


async def known_token(connection: AsyncConnection, account_id: int, token_id: int) -> TrackedToken | None:
    """Return one token, if it is known."""
    query = select(tokens).where(tokens.c.account_id == account_id, tokens.c.token_id == token_id)
    row = (await connection.execute(query)).one_or_none()
    return _tracked_token(row) if row is not None else None


async def tracked_tokens_of(
    connection: AsyncConnection, account_id: int, token_ids: Iterable[int]
) -> list[TrackedToken]:
    """Return those of these tokens that are known."""
    values = {"its_account": account_id, "ids": list(token_ids)}
    return [_tracked_token(row) for row in await connection.execute(_SOME, values)]


async def token_ids_of(connection: AsyncConnection, account_id: int) -> list[int]:
    """Return the ids of the account's tokens."""
    return list(await connection.scalars(select(tokens.c.token_id).where(tokens.c.account_id == account_id)))


async def readings_of(connection: AsyncConnection, account_id: int, token_ids: Iterable[int]) -> dict[int, Reading]:
    """Return the latest readings of these tokens, by token id."""
    query = select(tokens.c.token_id, tokens.c.reading)
    query = query.where(tokens.c.account_id == account_id, tokens.c.token_id.in_(list(token_ids)))
    return {row.token_id: row.reading async for row in rows_of(connection, query)}


async def save_tokens(connection: AsyncConnection, account_id: int, tracked: Iterable[TrackedToken]) -> None:
    """Save these tokens, replacing their previous values."""
    await upsert(connection, tokens, [_row(account_id, token) for token in tracked])


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


async def delete_samples_between(
    connection: AsyncConnection, account_id: int, since: datetime, until: datetime
) -> datetime | None:
    """Delete the account's samples after `since`, up to `until`. Return the time of the first later one.

    None if there is none; `until` if that is not known, after some were deleted.
    """
    values = {"its_account": account_id, "since": since}
    first: dict[int, datetime] = {row.token_id: row.first for row in await connection.execute(_FIRST_AFTER, values)}
    if token_ids := [token_id for token_id, at in first.items() if at <= until]:
        is_between = (samples.c.read_at > since) & (samples.c.read_at <= until)
        is_theirs = (samples.c.account_id == account_id) & samples.c.token_id.in_(token_ids)
        await connection.execute(delete(samples).where(is_theirs, is_between))
        return until
    return min(first.values(), default=None)


def _row(account_id: int, token: TrackedToken) -> dict[str, Any]:
    return {
        "account_id": account_id,
        "token_id": token.reading.token_id,
        "reading": token.reading,
        "in_fleet": token.in_fleet,
        "sampled_at": token.sampled_at,
        "missing_since": token.missing_since,
    }


def _tracked_token(row: Row[Any]) -> TrackedToken:
    return TrackedToken(row.reading, row.sampled_at, row.in_fleet, row.missing_since)
