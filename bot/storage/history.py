"""History of a token and of the whole fleet, from the samples. Each query returns few rows, however many are stored."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from sqlalchemy import (
    CTE,
    BigInteger,
    ColumnElement,
    Integer,
    and_,
    case,
    cast,
    column,
    func,
    literal,
    or_,
    select,
    true,
    type_coerce,
    values,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.domain.modes import Mode
from bot.storage.columns import DurationMillis, EpochMillis
from bot.storage.schema import samples, tokens

MAX_CHANGES = 500
"""The maximum number of changes of mode in a history, besides its regular samples. More would only show flapping."""

_MILLISECOND = timedelta(milliseconds=1)
# A listed token is sampled at least hourly, so after this time nothing is known of it any more.
_STALE_AFTER = timedelta(days=2)
# ImaginePro may report any number. With this limit, the sum of a fleet overflows neither a timedelta nor a BIGINT.
_MAX_LEFT = timedelta(hours=10**6)
_MODES = tuple(Mode)
_PACKED_MODES = 16
# A newer version of Fastwatch may have stored a mode that this one does not know.
_MODE = case((samples.c.mode.in_([mode.value for mode in _MODES]), samples.c.mode), else_=Mode.OTHER.value)


@dataclass(frozen=True, slots=True)
class StoredSample:
    """A token's mode and fast time at one time. Unknown fast time is None."""

    at: datetime
    mode: Mode
    left: timedelta | None
    total: timedelta | None


@dataclass(frozen=True, slots=True)
class ModeChange:
    """A token's change from one mode to another."""

    at: datetime
    before: Mode
    after: Mode


@dataclass(frozen=True, slots=True)
class FleetSnapshot:
    """The fleet at one time: the number of tokens in each mode, and the sum of their fast time left.

    Without any mode, nothing is known about that time.
    """

    at: datetime
    left: timedelta = timedelta()
    modes: Counter[Mode] = field(default_factory=Counter)


def of_token(account_id: int, token_id: int) -> ColumnElement[bool]:
    """Return the condition for the samples of this token."""
    return and_(samples.c.account_id == account_id, samples.c.token_id == token_id)


def from_last_before(account_id: int, token_id: int, since: datetime) -> ColumnElement[bool]:
    """Return the condition for a token's samples from this time on, and the last one before it if there is one."""
    earlier = samples.alias("earlier")
    last_before = (
        select(func.max(earlier.c.read_at))
        .where(earlier.c.account_id == account_id, earlier.c.token_id == token_id, earlier.c.read_at < since)
        .scalar_subquery()
    )
    return samples.c.read_at >= func.coalesce(last_before, literal(since, EpochMillis))


async def samples_of(
    connection: AsyncConnection, account_id: int, token_id: int, since: datetime, until: datetime, *, every: timedelta
) -> list[StoredSample]:
    """Return a token's samples of a period in order: the last of each span of `every`, and each that changes the mode.

    Spans are counted from 1970. The last sample before `since` comes first, so that the state at `since` is known. Of
    more than MAX_CHANGES changes, only the latest are returned.
    """
    span = type_coerce(samples.c.read_at, BigInteger) // (every // _MILLISECOND)
    in_order = samples.c.read_at
    seen = (
        select(
            *(samples.c.read_at, _MODE.label("mode"), samples.c.fast_left, samples.c.fast_total),
            func.lag(_MODE).over(order_by=in_order).label("mode_before"),
            func.lead(span).over(order_by=in_order).is_distinct_from(span).label("is_last"),
        )
        .where(
            of_token(account_id, token_id), from_last_before(account_id, token_id, since), samples.c.read_at <= until
        )
        .subquery()
    )
    number = func.row_number().over(partition_by=seen.c.is_last, order_by=seen.c.read_at.desc()).label("number")
    changes = seen.c.mode.is_distinct_from(seen.c.mode_before)
    picked = select(seen, number).where(or_(seen.c.is_last, changes)).subquery()
    query = (
        select(picked.c.read_at, picked.c.mode, picked.c.fast_left, picked.c.fast_total)
        .where(or_(picked.c.is_last, picked.c.mode_before.is_(None), picked.c.number <= MAX_CHANGES))
        .order_by(picked.c.read_at)
    )
    return [StoredSample(at, Mode(mode), left, total) for at, mode, left, total in await connection.execute(query)]


async def mode_changes(
    connection: AsyncConnection, account_id: int, token_id: int, *, since: datetime, until: datetime, most: int
) -> list[ModeChange]:
    """Return a token's latest changes of mode in a period, latest first. The first sample is not a change."""
    seen = (
        select(
            samples.c.read_at, _MODE.label("after"), func.lag(_MODE).over(order_by=samples.c.read_at).label("before")
        )
        .where(
            of_token(account_id, token_id), from_last_before(account_id, token_id, since), samples.c.read_at <= until
        )
        .subquery()
    )
    query = (
        select(seen.c.read_at, seen.c.before, seen.c.after)
        .where(seen.c.before != seen.c.after)
        .order_by(seen.c.read_at.desc())
        .limit(most)
    )
    return [ModeChange(at, Mode(before), Mode(after)) for at, before, after in await connection.execute(query)]


async def fleet_history(connection: AsyncConnection, account_id: int, times: Sequence[datetime]) -> list[FleetSnapshot]:
    """Return the whole fleet at each of these times, in their order.

    A token's last sample counts for up to two days, since a listed token is sampled at least hourly. A token that is
    GONE counts as such for that long, without its fast time.
    """
    if not times:
        return []
    snapshots = [FleetSnapshot(at) for at in times]
    asked = values(column("position", Integer), column("at", EpochMillis), name="asked").data(list(enumerate(times)))
    found = _found_at(account_id, asked.cte("asked"))
    number = found.c.packed % _PACKED_MODES
    left = cast(func.sum(found.c.packed // _PACKED_MODES), BigInteger)
    query = (
        select(found.c.position, number, func.count(), type_coerce(left, DurationMillis))
        .where(found.c.packed.is_not(None))
        .group_by(found.c.position, number)
        .order_by(found.c.position)
    )
    for position, mode_number, tokens_in_it, left_in_it in await connection.execute(query):
        mode = _MODES[mode_number]
        snapshot = snapshots[position]
        snapshot.modes[mode] = tokens_in_it
        if mode is not Mode.GONE:
            snapshots[position] = replace(snapshot, left=snapshot.left + left_in_it)
    return snapshots


def _found_at(account_id: int, asked: CTE) -> CTE:
    """Look up each token's last sample at each requested time: its fast time and its mode's number, in one integer.

    Each takes one seek in the primary key. That needs a scalar subquery, which has only one column, so both values are
    packed. With joins, or without MATERIALIZED, both databases choose worse plans, up to reading all samples.
    """
    numbers = {mode.value: number for number, mode in enumerate(_MODES)}
    mode_number = case(numbers, value=samples.c.mode, else_=numbers[Mode.OTHER])
    left = func.coalesce(type_coerce(samples.c.fast_left, BigInteger), 0)
    most_left = _MAX_LEFT // _MILLISECOND
    packed = case((left > most_left, most_left), else_=left) * _PACKED_MODES + mode_number
    at = type_coerce(asked.c.at, BigInteger)
    last = (
        select(packed)
        .where(samples.c.account_id == tokens.c.account_id, samples.c.token_id == tokens.c.token_id)
        .where(type_coerce(samples.c.read_at, BigInteger) <= at)
        .where(type_coerce(samples.c.read_at, BigInteger) > at - _STALE_AFTER // _MILLISECOND)
        .order_by(samples.c.read_at.desc())
        .limit(1)
        .scalar_subquery()
    )
    each = select(asked.c.position, last.label("packed")).join_from(tokens, asked, true())
    return each.where(tokens.c.account_id == account_id).cte("found").prefix_with("MATERIALIZED")
