"""Thinning: the samples of the last two weeks are kept as they are, older ones about one an hour, for 13 months.

Of each hour the last sample stays, and each whose mode differs from that of the one before: however short a token was
in VERIFYING, its history shows it. So does the very first sample. Thinning again takes nothing more away, and it does
not matter in which steps it was done: what stays of an hour hangs on other hours by nothing but the mode before it,
and that is the same after thinning.
"""

from datetime import datetime, timedelta

from sqlalchemy import BigInteger, ColumnElement, and_, delete, func, or_, select, type_coerce, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.storage.history import from_last_before, of_token
from bot.storage.schema import samples, tokens

RAW_RETENTION = timedelta(days=14)
"""How long all samples are kept; they are thinned a day at a time, so some stay a day longer."""
RETENTION = timedelta(days=396)
"""How long any sample is kept: 13 months."""

_HOUR = timedelta(hours=1)
_DAY = timedelta(days=1)
# A day of a token that is busy at all hours has 1,440.
_MAX_BATCH = 1500


async def tokens_to_downsample(connection: AsyncConnection, account_id: int, now: datetime) -> list[int]:
    """List the tokens that have a day or more to be thinned, those that have waited longest first."""
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
    """Do one step for one token, of about so many samples; whether it needs another one.

    Samples that are too old go first. Then as many whole hours are thinned as hold so many samples, the oldest first:
    a day of a busy token, months of a quiet one.
    """
    is_it = and_(tokens.c.account_id == account_id, tokens.c.token_id == token_id)
    # Another process that thins the same token waits here; a round that adds samples to it does not.
    locked = select(tokens.c.downsampled_until).where(is_it).with_for_update(key_share=True)
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
    await connection.execute(update(tokens).where(is_it).values(downsampled_until=end))
    return end < until


def _raw_since(now: datetime) -> datetime:
    """Tell since when all samples are kept: a full hour."""
    return _full_hour(now - RAW_RETENTION)


def _full_hour(at: datetime) -> datetime:
    return at.replace(minute=0, second=0, microsecond=0)


async def _delete_oldest(
    connection: AsyncConnection, account_id: int, token_id: int, before: datetime, most: int
) -> bool:
    """Delete the oldest of a token's samples from before this time; whether there are more."""
    is_too_old = and_(of_token(account_id, token_id), samples.c.read_at < before)
    beyond = await _first_beyond(connection, is_too_old, most)
    await connection.execute(delete(samples).where(is_too_old, samples.c.read_at < (beyond or before)))
    return beyond is not None


async def _first_hour(connection: AsyncConnection, account_id: int, token_id: int) -> datetime | None:
    """Tell in which hour a token's history begins; None where it has none."""
    first = await connection.scalar(select(func.min(samples.c.read_at)).where(of_token(account_id, token_id)))
    return _full_hour(first) if first is not None else None


async def _end_of_step(
    connection: AsyncConnection, account_id: int, token_id: int, since: datetime, until: datetime, most: int
) -> datetime:
    """Tell at which full hour a step ends that holds about so many samples, but one hour at least."""
    is_to_thin = and_(of_token(account_id, token_id), samples.c.read_at >= since, samples.c.read_at < until)
    beyond = await _first_beyond(connection, is_to_thin, most)
    return until if beyond is None else max(_full_hour(beyond), since + _HOUR)


async def _first_beyond(connection: AsyncConnection, taken: ColumnElement[bool], most: int) -> datetime | None:
    """Tell the time of the first of these samples that is too many; None where all are few enough."""
    query = select(samples.c.read_at).where(taken).order_by(samples.c.read_at).offset(most).limit(1)
    beyond: datetime | None = await connection.scalar(query)
    return beyond


async def _downsample_between(
    connection: AsyncConnection, account_id: int, token_id: int, since: datetime, end: datetime
) -> None:
    """Thin a token's samples between two full hours."""
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
    # What comes before the step has no mode before it, and so stays.
    is_superfluous = and_(seen.c.mode == seen.c.mode_before, seen.c.hour == seen.c.next_hour)
    # Found first, deleted by their keys: as a subquery PostgreSQL may look through all of them for each sample.
    found = (await connection.scalars(select(seen.c.read_at).where(is_superfluous))).all()
    await connection.execute(delete(samples).where(of_token(account_id, token_id), samples.c.read_at.in_(found)))
