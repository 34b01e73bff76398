"""The fleet at a glance: its tokens in the order in which they need somebody, and what they amount to."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.domain.evaluation import TrackedToken
from bot.domain.fast_time import Unit, common_unit
from bot.domain.freshness import Freshness, freshness, seen_at
from bot.domain.modes import Mode, severity
from bot.domain.readings import Reading

GONE_RETENTION = timedelta(days=7)
"""After being gone for so long, or untold of by good rounds, a token is no longer part of the fleet."""


@dataclass(frozen=True, slots=True)
class FleetToken:
    """A token as it was read last, when it was last seen like that, and how fresh that is."""

    reading: Reading
    seen_at: datetime
    freshness: Freshness

    @property
    def last_mode(self) -> Mode:
        """What it was in when it was read last."""
        return self.reading.mode or Mode.OTHER

    @property
    def mode(self) -> Mode | None:
        """What it is in; None where nothing is known of now."""
        return None if self.freshness is Freshness.UNKNOWN else self.last_mode


@dataclass(frozen=True, slots=True)
class Fleet:
    """The tokens, worst first, and when and how freshly they were read; never where there was no good round yet.

    Where that is not fresh, the tokens are as they were then.
    """

    tokens: tuple[FleetToken, ...]
    read_at: datetime | None
    freshness: Freshness

    @property
    def worst(self) -> Mode | None:
        """The mode of the token that needs somebody first; None where that is not known."""
        return self.tokens[0].mode if self.tokens else None


@dataclass(frozen=True, slots=True)
class Totals:
    """What tokens amount to: how many are in which mode, their fast time, and of how many that is unknown."""

    modes: Counter[Mode | None]
    left: timedelta
    unit: Unit
    """Minutes where all of them count in minutes."""
    with_unknown_left: int

    @property
    def is_any_known(self) -> bool:
        """Whether the fast time of any is known."""
        return self.modes.total() - self.modes[Mode.GONE] > self.with_unknown_left


def build_fleet(
    known: Mapping[int, TrackedToken],
    last_success_at: datetime | None,
    now: datetime,
    *,
    poll_interval: timedelta,
    unknown_after: timedelta,
) -> Fleet:
    """Make the fleet of what is known of its tokens."""

    def how_fresh(seen: datetime, at: datetime) -> Freshness:
        return freshness(seen, at, poll_interval=poll_interval, unknown_after=unknown_after)

    of_all = how_fresh(last_success_at, now) if last_success_at is not None else Freshness.UNKNOWN
    # What is true of all is said once, and each token is compared with the last good round.
    as_of = now if of_all is Freshness.FRESH else last_success_at or now
    tokens = []
    for token in known.values():
        if not is_long_gone(token, last_success_at or now):
            seen = seen_at(token, last_success_at)
            tokens.append(FleetToken(token.reading, seen, how_fresh(seen, as_of)))
    return Fleet(tuple(sorted(tokens, key=_sort_key)), last_success_at, of_all)


def calculate_totals(tokens: Iterable[FleetToken]) -> Totals:
    """Add up. What is no longer listed has no fast time to count on."""
    modes: Counter[Mode | None] = Counter()
    left, units, unknown = timedelta(), set(), 0
    for token in tokens:
        modes[token.mode] += 1
        fast_time = token.reading.fast_time
        if token.mode is Mode.GONE:
            continue
        if token.mode is None or fast_time is None:
            unknown += 1
            continue
        left += fast_time.left
        units.add(fast_time.unit)
    return Totals(modes, left, common_unit(units), unknown)


def sort_modes(modes: Iterable[Mode | None]) -> list[Mode | None]:
    """Put modes in order, the best first. None stands for tokens of which nothing is known now."""
    return sorted(modes, key=lambda mode: (_attention(mode), mode or ""))


def is_long_gone(token: TrackedToken, last_success_at: datetime) -> bool:
    """Return whether a token is no part of the fleet any more: it is in no list and in no total."""
    # What was watched, and is not any more, is in no reading any more.
    gone_since = token.reading.read_at if token.mode is Mode.GONE else token.missing_since
    return gone_since is not None and last_success_at - gone_since >= GONE_RETENTION


def _attention(mode: Mode | None) -> tuple[int, int]:
    """Return how soon a token needs somebody, to be compared: by severity, but for what nobody can judge.

    What a token of an undocumented status does, or one of which nothing is known, may be worse than slow. OFF and GONE
    are alike: both make no images, and both may be meant so.
    """
    if mode is None:
        return severity(Mode.RELAX), 2
    if mode is Mode.OTHER:
        return severity(Mode.RELAX), 1
    return severity(Mode.OFF if mode is Mode.GONE else mode), 0


def _sort_key(token: FleetToken) -> tuple[int, int, timedelta, int]:
    fast_time = token.reading.fast_time
    left = timedelta()
    if token.mode is Mode.FAST:
        left = fast_time.left if fast_time is not None else timedelta.max
    of_severity, of_unknown = _attention(token.mode)
    return -of_severity, -of_unknown, left, token.reading.token_id
