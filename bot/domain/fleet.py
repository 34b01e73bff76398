"""The fleet: its tokens, those that need attention first, and their totals."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from math import inf
from types import MappingProxyType

from bot.domain.evaluation import TrackedToken
from bot.domain.fast_time import Unit, common_unit
from bot.domain.freshness import Freshness, freshness, seen_at
from bot.domain.modes import Mode, severity
from bot.domain.readings import Reading

_NEVER = datetime.max.replace(tzinfo=UTC)
GONE_RETENTION = timedelta(days=7)
"""A token that has been gone, or in no successful round, for this long is no longer part of the fleet."""
WHOLE_FLEET = 0
"""Stands for all tokens in a set of token ids, where an alert is about all of them."""
MOST_COUNTED = 50
"""The most tokens that alerts count: whenever one leaves FAST or is back, all open alerts are edited."""


@dataclass(frozen=True, slots=True)
class FleetToken:
    """A token's latest reading, when that was last confirmed, and how fresh it is."""

    reading: Reading
    seen_at: datetime
    freshness: Freshness
    runs_out_at: datetime | None = None
    """When fast time runs out, if it will run out before it returns."""

    @property
    def last_mode(self) -> Mode:
        """The mode of the latest reading."""
        return self.reading.mode or Mode.OTHER

    @property
    def mode(self) -> Mode | None:
        """The present mode; None if the reading is too old to tell."""
        return None if self.freshness is Freshness.UNKNOWN else self.last_mode


@dataclass(frozen=True, slots=True)
class Fleet:
    """The tokens, worst first, and the age of the data. `read_at` is None before the first successful round.

    If the data is not fresh, the freshness of each token is relative to `read_at`.
    """

    tokens: tuple[FleetToken, ...]
    read_at: datetime | None
    freshness: Freshness

    @property
    def worst(self) -> Mode | None:
        """The mode of the token that needs attention first; None if it is unknown or there are no tokens."""
        return self.tokens[0].mode if self.tokens else None


@dataclass(frozen=True, slots=True)
class FleetInFast:
    """How many of a server's tokens are in FAST, by their confirmed modes."""

    number: int
    total: int


@dataclass(frozen=True, slots=True)
class Totals:
    """Totals: the number of tokens in each mode, the fast time left, and for how many tokens that is unknown.

    `usable` and `locked` are the parts of `left` that tokens in FAST have, and those that need a person first. The rest
    is left to tokens in RELAX.
    """

    modes: Counter[Mode | None]
    left: timedelta
    usable: timedelta
    locked: timedelta
    unit: Unit
    """Minutes if all plans count in minutes, else hours."""
    with_unknown_left: int

    @property
    def is_any_known(self) -> bool:
        """Whether the fast time of at least one token is known."""
        return self.modes.total() - self.modes[Mode.GONE] > self.with_unknown_left


def build_fleet(
    known: Mapping[int, TrackedToken],
    last_success_at: datetime | None,
    now: datetime,
    *,
    poll_interval: timedelta,
    unknown_after: timedelta,
    run_outs: Mapping[int, datetime] = MappingProxyType({}),
) -> Fleet:
    """Return the fleet made of the tracked tokens. `run_outs` has when tokens in FAST will run out, by token id."""

    def freshness_at(seen: datetime, at: datetime) -> Freshness:
        return freshness(seen, at, poll_interval=poll_interval, unknown_after=unknown_after)

    fleet_freshness = freshness_at(last_success_at, now) if last_success_at is not None else Freshness.UNKNOWN
    # If all data is old, that is shown once for the fleet. Each token is then compared with the latest successful
    # round.
    as_of = now if fleet_freshness is Freshness.FRESH else last_success_at or now
    tokens = []
    for token in known.values():
        if not is_long_gone(token, last_success_at or now):
            seen = seen_at(token, last_success_at, now)
            fresh = freshness_at(seen, as_of)
            tokens.append(FleetToken(token.reading, seen, fresh, run_outs.get(token.reading.token_id)))
    return Fleet(tuple(sorted(tokens, key=_sort_key)), last_success_at, fleet_freshness)


def calculate_totals(tokens: Iterable[FleetToken]) -> Totals:
    """Return the totals of these tokens. The fast time of a token that is no longer listed does not count."""
    modes: Counter[Mode | None] = Counter()
    left, units, unknown = dict.fromkeys(Mode, timedelta()), set(), 0
    for token in tokens:
        modes[token.mode] += 1
        fast_time = token.reading.fast_time
        if token.mode is Mode.GONE:
            continue
        if token.mode is None or fast_time is None:
            unknown += 1
            continue
        left[token.mode] += fast_time.left
        units.add(fast_time.unit)
    total = sum(left.values(), timedelta())
    usable = left[Mode.FAST]
    return Totals(modes, total, usable, total - usable - left[Mode.RELAX], common_unit(units), unknown)


def changed_hours(known: Mapping[int, TrackedToken], readings: Iterable[Reading]) -> set[int]:
    """Return the tokens out of FAST that have other fast hours than before, such as hours that returned.

    Those in FAST use theirs all the time, and nobody waits for an edit of each minute.
    """
    return {
        reading.token_id
        for reading in readings
        if reading.mode not in {None, Mode.FAST}
        and (before := known.get(reading.token_id)) is not None
        and (before.reading.fast_time, before.reading.plan) != (reading.fast_time, reading.plan)
    }


def count_in_fast(modes: Iterable[Mode]) -> FleetInFast | None:
    """Return how many tokens are in FAST; None for one token alone, and for a fleet too large to keep it up to date."""
    listed = [mode for mode in modes if mode is not Mode.GONE]
    if not 1 < len(listed) <= MOST_COUNTED:
        return None
    return FleetInFast(sum(mode is Mode.FAST for mode in listed), len(listed))


def sort_modes(modes: Iterable[Mode | None]) -> list[Mode | None]:
    """Return the modes sorted, the best first. None stands for tokens whose present mode is unknown."""
    return sorted(modes, key=lambda mode: (_attention(mode), mode or ""))


def is_long_gone(token: TrackedToken, last_success_at: datetime) -> bool:
    """Whether a token is no longer part of the fleet, and so is left out of lists and totals."""
    # A token that is no longer watched is not marked as gone; it simply has no more readings.
    gone_since = token.reading.read_at if token.mode is Mode.GONE else token.missing_since
    return gone_since is not None and last_success_at - gone_since >= GONE_RETENTION


def _attention(mode: Mode | None) -> tuple[int, int]:
    """Return a sort key for how much attention a token needs: its severity, with exceptions.

    A token with an undocumented or unknown status may be worse than slow, so it ranks just above RELAX. OFF and GONE
    rank alike: neither makes images, and both may be intended.
    """
    if mode is None:
        return severity(Mode.RELAX), 2
    if mode is Mode.OTHER:
        return severity(Mode.RELAX), 1
    return severity(Mode.OFF if mode is Mode.GONE else mode), 0


def _sort_key(token: FleetToken) -> tuple[int, int, datetime, float, timedelta, int]:
    """Return a sort key: the most severe first, then what runs out first, then the smallest share, then the least."""
    fast_time = token.reading.fast_time
    runs_out_at, share, left = _NEVER, 0.0, timedelta()
    if token.mode is Mode.FAST:
        runs_out_at = token.runs_out_at or _NEVER
        share = fast_time.share if fast_time is not None and fast_time.share is not None else inf
        left = fast_time.left if fast_time is not None else timedelta.max
    of_severity, of_unknown = _attention(token.mode)
    return -of_severity, -of_unknown, runs_out_at, share, left, token.reading.token_id
