"""Downsampling: all samples of the last two weeks are kept, and about one an hour of older ones, for 13 months.

The last sample of each hour stays, and every sample whose mode differs from the one before, so that a history shows
even the shortest time in VERIFYING. The very first sample stays too. Downsampling is idempotent and can be done in any
steps: what stays of an hour depends on other hours only by the mode before it, which downsampling does not change.
"""

from datetime import datetime, timedelta

from sqlalchemy import BigInteger, ColumnElement, and_, delete, func, or_, select, type_coerce, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.storage.history import from_last_before, of_token
from bot.storage.schema import samples, tokens

RAW_RETENTION = timedelta(days=14)
"""How long all samples are kept. They are downsampled a day at a time, so some are kept a day longer."""
RETENTION = timedelta(days=396)
"""How long any sample is kept: 13 months."""

_HOUR = timedelta(hours=1)
_DAY = timedelta(days=1)
# A token that changes every minute has 1,440 samples a day.
_MAX_BATCH = 1500


async def tokens_to_downsample(connection: AsyncConnection, account_id: int, now: datetime) -> list[int]:
    """Return the tokens with a day or more to downsample, those that have waited longest first."""
    query = (
        select(tokens.c.token_id)
        .where(tokens.c.account_id == account_id)
        .where(or_(tokens.c.downsampled_until.is_(None), tokens.c.downsampled_until <= _raw_since(now) - _DAY))
        .order_by(tokens.c.downsampled_until.asc().nulls_first(), tokens.c.token_id)
    )
    return list((await connection.scalars(query)).all())


async def downsample(
    connection: AsyncConnection, account_id: int, token_id: int, now: datetime, *, most: int = _MAX_BATCH
) -> bool:
    """Do one step for one token, of about `most` samples; return whether it needs another step.

    Samples beyond their retention are deleted first. Then whole hours are downsampled, the oldest first, as many as
    hold `most` samples: a day of a busy token, months of a quiet one.
    """
    is_token = and_(tokens.c.account_id == account_id, tokens.c.token_id == token_id)
    # Another process that downsamples the same token waits here. With FOR NO KEY UPDATE, a round that adds samples,
    # which refer to this row, does not.
    locked = select(tokens.c.downsampled_until).where(is_token).with_for_update(key_share=True)
    downsampled_until: datetime | None = await connection.scalar(locked)
    if await _delete_oldest(connection, account_id, token_id, now - RETENTION, most):
        return True
    until = _raw_since(now)
    if downsampled_until is not None and downsampled_until >= until:
        return False
    since = downsampled_until or await _first_hour(connection, account_id, token_id) or until
    end = until
    if since < until:
        end = await _end_of_step(connection, account_id, token_id, since, until, most)
        await _downsample_between(connection, account_id, token_id, since, end)
    await connection.execute(update(tokens).where(is_token).values(downsampled_until=end))
    return end < until


def _raw_since(now: datetime) -> datetime:
    """Return since when all samples are kept, rounded down to a full hour."""
    return _full_hour(now - RAW_RETENTION)


def _full_hour(at: datetime) -> datetime:
    return at.replace(minute=0, second=0, microsecond=0)


async def _delete_oldest(
    connection: AsyncConnection, account_id: int, token_id: int, before: datetime, most: int
) -> bool:
    """Delete the oldest of a token's samples from before this time, up to `most`; return whether there are more."""
    is_too_old = and_(of_token(account_id, token_id), samples.c.read_at < before)
    beyond = await _first_beyond(connection, is_too_old, most)
    await connection.execute(delete(samples).where(is_too_old, samples.c.read_at < (beyond or before)))
    return beyond is not None


async def _first_hour(connection: AsyncConnection, account_id: int, token_id: int) -> datetime | None:
    """Return the hour in which a token's history begins; None if it has no samples."""
    first = await connection.scalar(select(func.min(samples.c.read_at)).where(of_token(account_id, token_id)))
    return _full_hour(first) if first is not None else None


async def _end_of_step(
    connection: AsyncConnection, account_id: int, token_id: int, since: datetime, until: datetime, most: int
) -> datetime:
    """Return the full hour at which a step of about `most` samples ends, at least one hour after `since`."""
    is_in_range = and_(of_token(account_id, token_id), samples.c.read_at >= since, samples.c.read_at < until)
    beyond = await _first_beyond(connection, is_in_range, most)
    return until if beyond is None else max(_full_hour(beyond), since + _HOUR)


async def _first_beyond(connection: AsyncConnection, condition: ColumnElement[bool], most: int) -> datetime | None:
    """Return the time of the first sample after the `most` oldest that match; None if there are not so many."""
    query = select(samples.c.read_at).where(condition).order_by(samples.c.read_at).offset(most).limit(1)
    beyond: datetime | None = await connection.scalar(query)
    return beyond


async def _downsample_between(
    connection: AsyncConnection, account_id: int, token_id: int, since: datetime, end: datetime
) -> None:
    """Downsample a token's samples between two full hours."""
    hour = type_coerce(samples.c.read_at, BigInteger) // (_HOUR // timedelta(milliseconds=1))
    seen = (
        select(
            *(samples.c.read_at, samples.c.mode, hour.label("hour")),
            func.lag(samples.c.mode).over(order_by=samples.c.read_at).label("mode_before"),
            func.lead(hour).over(order_by=samples.c.read_at).label("next_hour"),
        )
        .where(of_token(account_id, token_id), from_last_before(account_id, token_id, since), samples.c.read_at < end)
        .subquery()
    )
    # The sample before the step is in the query only for its mode. Its own `mode_before` is NULL, so it stays.
    is_redundant = and_(seen.c.mode == seen.c.mode_before, seen.c.hour == seen.c.next_hour)
    # Selected first and deleted by key: with a subquery, PostgreSQL may run it again for each sample.
    redundant = (await connection.scalars(select(seen.c.read_at).where(is_redundant))).all()
    await connection.execute(delete(samples).where(of_token(account_id, token_id), samples.c.read_at.in_(redundant)))
