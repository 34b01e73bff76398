"""A token's subscription: its plan, its usage and its jobs, as far as ImaginePro names them."""

from dataclasses import dataclass
from datetime import datetime
from enum import Enum


@dataclass(frozen=True, slots=True)
class Plan:
    """The subscription. None means that ImaginePro did not say."""

    name: str | None = None
    state: str | None = None
    period: str | None = None
    renews_at: datetime | None = None
    ends_at: datetime | None = None
    """When a plan ends that is not paid again."""


@dataclass(frozen=True, slots=True)
class Usage:
    """Images made, and the GPU hours they took if known."""

    images: int
    hours: float | None = None


class Jobs(Enum):
    """A line of jobs that is not a number."""

    SOME = "some"
