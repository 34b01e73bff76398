"""Column types: times in UTC, times and durations in milliseconds, and values as JSON."""

from datetime import UTC, datetime, timedelta
from typing import Any

from pydantic import TypeAdapter
from sqlalchemy import BigInteger, DateTime, Dialect, Integer, Text, TypeDecorator

# SQLite assigns row ids only to a column declared exactly INTEGER.
RowId = BigInteger().with_variant(Integer(), "sqlite")


class UtcDateTime(TypeDecorator[datetime]):
    """An aware time in UTC. SQLite does not store time zones, so UTC is added when the value is read."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Convert to UTC. Raises ValueError for a naive time, which could be in any zone."""
        return _require_aware(value).astimezone(UTC) if value is not None else None

    def process_result_value(self, value: Any | None, dialect: Dialect) -> datetime | None:
        """Return an aware time."""
        if value is None:
            return None
        time: datetime = value
        return time.replace(tzinfo=UTC) if time.tzinfo is None else time.astimezone(UTC)


class EpochMillis(TypeDecorator[datetime]):
    """An aware time as milliseconds since 1970. On SQLite it takes a quarter of the space of `UtcDateTime`.

    It is for the samples, the largest table. Integers also make "the hour of a sample" a division on both databases.
    """

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> int | None:
        """Convert to milliseconds. Raises ValueError for a naive time."""
        return round(_require_aware(value).timestamp() * 1000) if value is not None else None

    def process_result_value(self, value: Any | None, dialect: Dialect) -> datetime | None:
        """Return an aware time in UTC."""
        return datetime.fromtimestamp(value / 1000, UTC) if value is not None else None


class DurationMillis(TypeDecorator[timedelta]):
    """A duration in whole milliseconds, precise enough for the hundredths of a minute that Midjourney prints."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: timedelta | None, dialect: Dialect) -> int | None:
        """Convert to milliseconds."""
        return round(value / timedelta(milliseconds=1)) if value is not None else None

    def process_result_value(self, value: Any | None, dialect: Dialect) -> timedelta | None:
        """Return a duration."""
        return timedelta(milliseconds=value) if value is not None else None


class PydanticJson(TypeDecorator[Any]):
    """A value of one type, such as a dataclass, stored as JSON text that pydantic writes and validates.

    With `exclude_defaults`, fields that equal their defaults are left out: rows stay small, and a later change of a
    default applies to all rows.
    """

    impl = Text
    cache_ok = True

    def __init__(self, type_: Any, *, exclude_defaults: bool = True) -> None:
        super().__init__()
        self.type_ = type_
        self.exclude_defaults = exclude_defaults
        self._adapter: TypeAdapter[Any] = TypeAdapter(type_)

    def process_bind_param(self, value: Any | None, dialect: Dialect) -> str | None:
        """Write JSON; None is NULL."""
        if value is None:
            return None
        return self._adapter.dump_json(value, exclude_defaults=self.exclude_defaults).decode()

    def process_result_value(self, value: Any | None, dialect: Dialect) -> Any | None:
        """Read and validate JSON. Raises pydantic.ValidationError."""
        return self._adapter.validate_json(value) if value is not None else None


def _require_aware(time: datetime) -> datetime:
    if time.tzinfo is None:
        raise ValueError("a stored time must be aware")
    return time
