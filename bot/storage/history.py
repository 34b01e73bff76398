"""History: what the samples tell of a token and of the whole fleet, each query few rows whatever is kept."""

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
"""How many changes of mode a history holds besides its regular samples: the latest. More is flapping, not history."""

_MILLISECOND = timedelta(milliseconds=1)
_STALE_AFTER = timedelta(days=2)
# ImaginePro may say any number. No fleet's sum of these overflows a duration, or what a database counts with.
_MAX_LEFT = timedelta(hours=10**6)
_MODES = tuple(Mode)
_PACKED_MODES = 16
# A newer version may have kept a mode that this one does not know.
_MODE = case((samples.c.mode.in_([mode.value for mode in _MODES]), samples.c.mode), else_=Mode.OTHER.value)


@dataclass(frozen=True, slots=True)
class StoredSample:
    """What a token was like at one time. Unknown fast time is None."""

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
    """How the fleet stood at one time: how many tokens in which mode, and the fast time they had left together.

    Without any mode, nothing is known of that time.
    """

    at: datetime
    left: timedelta = timedelta()
    modes: Counter[Mode] = field(default_factory=Counter)


def of_token(account_id: int, token_id: int) -> ColumnElement[bool]:
    """Take the samples of this token."""
    return and_(samples.c.account_id == account_id, samples.c.token_id == token_id)


def from_last_before(account_id: int, token_id: int, since: datetime) -> ColumnElement[bool]:
    """Take a token's samples from this time on, and the last one before it if there is one."""
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
    """Read a token's samples of this time in order: the last of each span of `every`, and each that changes the mode.

    Spans are counted from 1970. The last sample before `since` comes first, so that the state then is known. Of more
    than MOST_CHANGES changes only the latest come.
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
    connection: AsyncConnection, account_id: int, token_id: int, *, since: datetime, most: int
) -> list[ModeChange]:
    """List a token's changes of mode since this time, latest first. First sight is not a change."""
    seen = (
        select(
            samples.c.read_at, _MODE.label("after"), func.lag(_MODE).over(order_by=samples.c.read_at).label("before")
        )
        .where(of_token(account_id, token_id), from_last_before(account_id, token_id, since))
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
    """Tell how the whole fleet stood at each of these times, in their order.

    A token counts as its last sample says, for up to two days: while it is listed it is sampled at least hourly. One
    that is GONE counts as such for that long, and what it had left does not count.
    """
    if not times:
        return []
    moments = [FleetSnapshot(at) for at in times]
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
        moment = moments[position]
        moment.modes[mode] = tokens_in_it
        if mode is not Mode.GONE:
            moments[position] = replace(moment, left=moment.left + left_in_it)
    return moments


def _found_at(account_id: int, asked: CTE) -> CTE:
    """Look up each token's last sample at each time asked for: its fast time and the number of its mode in one figure.

    One seek in the key for each, which is why they are packed: SQLite gives a subquery in this place one column, and
    both databases choose worse ways, up to reading all samples, where they may join or evaluate it as they like.
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
