"""Times in the database until which something waits, and how far ahead each can be.

The wall clock that set such a time may have been wrong. One that is further ahead than it is ever set comes from a
clock that has been put right since, and is void: it would block what it stands for, for hours or for good.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import BindParameter, ColumnElement, and_, bindparam

from bot.domain.wrong_clock import CLOCK_SKEW
from bot.storage.columns import UtcDateTime

MAX_POSTPONEMENT = timedelta(minutes=75)
"""How long a delivery or a board waits at most for its next attempt: an hour, and 20 % of jitter."""
MAX_ROUTE_PAUSE = timedelta(hours=1)
"""How long a broken route waits at most until it is tried again."""
CLAIM_DURATION = timedelta(seconds=45)
"""How long a batch is claimed by a process. If it has recorded no outcome by then, any process may claim it."""
LEASE_DURATION = timedelta(seconds=30)
"""Three renewal intervals, so that a lease survives two renewals that fail."""


@dataclass(frozen=True, slots=True)
class StatementTime:
    """The time at which a statement is executed, or so much later, as a parameter.

    Statements about due times are long, and building one takes longer than executing it. With this in place of a time,
    it is built once. `values` returns the parameters of all statements with this time or one derived from it.
    """

    later: timedelta = timedelta()
    _names: dict[str, timedelta] = field(default_factory=dict)

    def __add__(self, duration: timedelta) -> "StatementTime":
        return StatementTime(self.later + duration, self._names)

    def __clause_element__(self) -> BindParameter[datetime]:
        """SQLAlchemy takes this for an operand."""
        name = f"now_plus_{self.later // timedelta(seconds=1)}"
        self._names[name] = self.later
        return bindparam(name, type_=UtcDateTime())

    def values(self, now: datetime) -> dict[str, datetime]:
        """Return the parameters of a statement that is executed now."""
        return {name: now + later for name, later in self._names.items()}


def is_ahead(until: datetime | None, now: datetime, longest: timedelta) -> bool:
    """Whether this time is still to wait for: it is ahead, and no further than it can be set."""
    return until is not None and now < until <= now + longest + CLOCK_SKEW


def is_ahead_sql(until: ColumnElement[Any], now: datetime | StatementTime, longest: timedelta) -> ColumnElement[bool]:
    """Return `is_ahead` as a condition on a column. It is never NULL where the column is not."""
    return and_(until > now, until <= now + longest + CLOCK_SKEW)


def is_from_the_future_sql(at: ColumnElement[Any], now: datetime | StatementTime) -> ColumnElement[bool]:
    """Return `bot.domain.wrong_clock.is_from_the_future` as a condition on a column."""
    return at > now + CLOCK_SKEW
