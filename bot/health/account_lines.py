"""The other lines of a token's account: its plan, its usage and its jobs, read by a tolerant grammar.

They are lines of Midjourney's own `/info` answer, whose wording varies; each part is read where it is there, and what
cannot be read is unknown. Example lines: ImaginePro's documentation of `GET /api/v1/discord/tokens`.
"""

import re
from dataclasses import dataclass
from datetime import UTC, datetime
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


_PLAN_NAME = re.compile(r"\s*(?P<name>[^\s(<][^(<]*?)\s*(?:[(<].*)?", re.DOTALL)
_PLAN_TERMS = re.compile(
    r"\(\s*(?P<state>[a-z]+)(?:\s+(?P<period>monthly|yearly|annual|annually|weekly))?\b", re.IGNORECASE
)
_RENEWAL = re.compile(r"<t:(\d{1,11})(?::[a-z])?>", re.IGNORECASE | re.ASCII)
_USAGE = re.compile(
    r"(?P<images>\d{1,3}(?:[, .]\d{3}){1,4}|\d{1,15}) ?(?:images?|jobs?)? ?"
    r"(?:\( ?(?P<hours>(?:\d{1,3}(?:,\d{3}){1,2}|\d{1,9})(?:\.\d+)?) ?(?:h|hrs?|hours?) ?\))?",
    re.IGNORECASE | re.ASCII,
)
_NUMBER_OF_JOBS = re.compile(r"\s*(\d{1,9})\s*(?:jobs?)?\s*", re.IGNORECASE | re.ASCII)


def parse_plan(text: str) -> Plan:
    """Read a line such as `Standard (Active monthly, renews next on <t:1692258749>)`."""
    name = _PLAN_NAME.fullmatch(text)
    terms = _PLAN_TERMS.search(text)
    return Plan(
        name=name["name"] if name else None,
        state=terms["state"] if terms else None,
        period=terms["period"] if terms else None,
        renews_at=_renewal(text),
    )


def _renewal(text: str) -> datetime | None:
    found = _RENEWAL.search(text)
    return datetime.fromtimestamp(int(found[1]), UTC) if found else None


def parse_usage(text: str) -> Usage | None:
    """Read a line such as `102 images (1.77 hours)`; None where it cannot be read."""
    found = _USAGE.fullmatch(" ".join(text.split()))
    if found is None:
        return None
    hours = float(found["hours"].replace(",", "")) if found["hours"] else None
    return Usage(images=int(re.sub(r"\D", "", found["images"])), hours=hours)


def parse_jobs(text: str) -> int | Jobs | None:
    """Read a line of jobs: `None` is 0, a number that many, other words some, and an empty line unknown.

    With several jobs running the line is cut at its first line break, so its words cannot be counted.
    """
    words = text.strip()
    if not words:
        return None
    if words.lower() == "none":
        return 0
    number = _NUMBER_OF_JOBS.fullmatch(words)
    return int(number[1]) if number else Jobs.SOME
