"""What a chart shows: values, and no word of ImaginePro's or of members', on their way to the drawing process."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated, Literal, NamedTuple

from pydantic import Field, TypeAdapter

from bot.domain.fast_time import Unit
from bot.domain.modes import Mode


@dataclass(frozen=True, slots=True)
class Appearance:
    """The words on a chart, and the colour of each mode as `#rrggbb`. Whoever asks for the chart chooses them."""

    title: str
    amount: str
    """How an amount of fast time is written, with `{number}` for it."""
    colours: dict[Mode, str]
    left: str
    total: str
    forecast: str
    unknown: str
    now: str
    renewed: str
    renews: str
    incident: str
    modes: str
    zone: str
    empty: str
    fast_time_unknown: str


class Point(NamedTuple):
    """The fast time of a token at one time. Unknown leaves a gap, up to the next point that knows."""

    at: datetime
    left: timedelta | None
    total: timedelta | None


class Band(NamedTuple):
    """How long a token was in one mode."""

    mode: Mode
    since: datetime
    until: datetime


class IncidentSpan(NamedTuple):
    """How long an incident took; without an end it goes on."""

    started_at: datetime
    resolved_at: datetime | None


@dataclass(frozen=True, slots=True)
class ForecastLine:
    """The forecast: what is left now, and when it is gone at two paces; None where that is too far off to tell."""

    from_at: datetime
    from_left: timedelta
    runs_out_at_week: datetime | None
    runs_out_at_recent: datetime | None
    refill_at: datetime | None


@dataclass(frozen=True, slots=True)
class TokenChart:
    """One token's history, all times aware and in UTC: its fast time, its modes, refills, incidents and forecast."""

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
    """The whole fleet at one time: the fast time left of all its tokens, and how many are in which mode."""

    at: datetime
    left: timedelta | None
    modes: tuple[tuple[Mode, int], ...]


@dataclass(frozen=True, slots=True)
class FleetChart:
    """The history of a fleet, all times aware and in UTC."""

    since: datetime
    until: datetime
    appearance: Appearance
    points: tuple[FleetPoint, ...] = ()
    kind: Literal["fleet"] = "fleet"


Chart = TokenChart | FleetChart

_ADAPTER: TypeAdapter[Chart] = TypeAdapter(Annotated[Chart, Field(discriminator="kind")])


def encode(chart: Chart) -> bytes:
    """Write a chart as JSON; equal charts are written alike."""
    return _ADAPTER.dump_json(chart)


def decode(text: bytes) -> Chart:
    """Read a chart that `encode` wrote. Raises ValueError."""
    return _ADAPTER.validate_json(text)
