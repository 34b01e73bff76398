"""A token's subscription: its plan, its usage and its jobs, as far as ImaginePro names them."""

from dataclasses import dataclass
from datetime import datetime
from enum import Enum


@dataclass(frozen=True, slots=True)
class Plan:
    """The subscription: each part None where it was not said."""

    name: str | None = None
    state: str | None = None
    period: str | None = None
    renews_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Usage:
    """Images made, and the hours they took where those were said."""

    images: int
    hours: float | None = None


class Jobs(Enum):
    """What a line of jobs says where it is not a number."""

    SOME = "some"
