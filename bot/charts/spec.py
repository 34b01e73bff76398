"""Chart specifications: the values of a chart for the drawing process, without any text from ImaginePro or members."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated, Literal, NamedTuple

from pydantic import Field, TypeAdapter

from bot.domain.fast_time import Unit
from bot.domain.modes import Mode


@dataclass(frozen=True, slots=True)
class Appearance:
    """The words on a chart, and the colour of each mode as `#rrggbb`. The caller chooses them."""

    title: str
    amount: str
    """The format of an amount of fast time, with `{number}`."""
    colours: dict[Mode, str]
    left: str
    total: str
    forecast: str
    unknown: str
    now: str
    refilled: str
    refill: str
    incident: str
    modes: str
    zone: str
    empty: str
    fast_time_unknown: str


class Point(NamedTuple):
    """The fast time of a token at one time. Unknown time leaves a gap, up to the next point with a value."""

    at: datetime
    left: timedelta | None
    total: timedelta | None


class Band(NamedTuple):
    """A period during which a token was in one mode."""

    mode: Mode
    since: datetime
    until: datetime


class IncidentSpan(NamedTuple):
    """The time of an incident. `resolved_at` is None while it is open."""

    started_at: datetime
    resolved_at: datetime | None


@dataclass(frozen=True, slots=True)
class ForecastLine:
    """The forecast: what is left now, and when it runs out at the two rates; None if that is too far away."""

    from_at: datetime
    from_left: timedelta
    runs_out_at_week: datetime | None
    runs_out_at_recent: datetime | None
    refill_at: datetime | None


@dataclass(frozen=True, slots=True)
class TokenChart:
    """One token's history, with all times in UTC: fast time, modes, refills, incidents and forecast."""

    token_id: int
    since: datetime
    until: datetime
    unit: Unit
    appearance: Appearance
    points: tuple[Point, ...] = ()
    bands: tuple[Band, ...] = ()
    refills: tuple[datetime, ...] = ()
    incidents: tuple[IncidentSpan, ...] = ()
    forecast: ForecastLine | None = None
    kind: Literal["token"] = "token"


class FleetPoint(NamedTuple):
    """The whole fleet at one time: the fast time left of all tokens, and the number of tokens in each mode."""

    at: datetime
    left: timedelta | None
    modes: tuple[tuple[Mode, int], ...]


@dataclass(frozen=True, slots=True)
class FleetChart:
    """The history of a fleet, with all times in UTC."""

    since: datetime
    until: datetime
    appearance: Appearance
    points: tuple[FleetPoint, ...] = ()
    kind: Literal["fleet"] = "fleet"


Chart = TokenChart | FleetChart

_ADAPTER: TypeAdapter[Chart] = TypeAdapter(Annotated[Chart, Field(discriminator="kind")])


def encode(chart: Chart) -> bytes:
    """Return a chart as JSON. Equal charts have equal JSON, so its hash can be a key."""
    return _ADAPTER.dump_json(chart)


def decode(text: bytes) -> Chart:
    """Return the chart of JSON from `encode`. Raises ValueError."""
    return _ADAPTER.validate_json(text)
