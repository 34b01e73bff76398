"""What a whole round amounts to: what is known of the fleet and what was just read in, what to keep and tell out."""

from collections.abc import Iterable, Mapping, Set
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from bot.domain.low_fast_time import apply_fast_time, threshold_reached
from bot.domain.modes import Mode
from bot.domain.readings import Reading
from bot.domain.rules import Rules
from bot.domain.run_out import RunOut
from bot.domain.run_out_tracking import apply_run_out, initial_run_out
from bot.domain.tracking import Change, TokenState, apply_reading, initial_state

_MAX_SAMPLE_INTERVAL = timedelta(hours=1)
_NO_RUN_OUTS: Mapping[int, RunOut] = {}


@dataclass(frozen=True, slots=True)
class TrackedToken:
    """What is kept of a token between rounds. `in_fleet`: the fleet listed it, so that its absence means something."""

    reading: Reading
    """What was read last, with the time at which it was first like that."""
    sampled_at: datetime
    in_fleet: bool
    missing_since: datetime | None = None
    """When it was read last, where the last good round has told nothing of it; None where that one did."""

    @property
    def mode(self) -> Mode:
        """What it was in when it was read last; only readings that say so are kept."""
        return self.reading.mode or Mode.OTHER


@dataclass(frozen=True, slots=True)
class ReadingsDiff:
    """What a round has read: tokens to keep anew, and samples to add."""

    tokens: tuple[TrackedToken, ...]
    samples: tuple[Reading, ...]


@dataclass(frozen=True, slots=True)
class Evaluation:
    """What a round means to one server: states to keep anew, changes to tell, and whether any token is in doubt."""

    states: tuple[TokenState, ...]
    changes: tuple[Change, ...]
    has_pending_changes: bool


def missing_readings(known: Mapping[int, TrackedToken], listed: Iterable[Reading], now: datetime) -> list[Reading]:
    """Make the readings of tokens that a complete fleet list lacks: the last figures, marked as not listed."""
    present = {reading.token_id for reading in listed}
    return [
        replace(token.reading, read_at=now, listed=False)
        for token_id, token in known.items()
        if token.in_fleet and token_id not in present
    ]


def diff_readings(
    known: Mapping[int, TrackedToken], readings: Iterable[Reading], last_success_at: datetime, *, fleet: Set[int]
) -> ReadingsDiff:
    """Tell what to keep of a good round's readings, one a token. `fleet` has the ids that the fleet listed.

    A reading that does not say the mode tells nothing of its token. What this round tells nothing of was read last in
    the good round before it, which may be hours ago.
    """
    tokens: list[TrackedToken] = []
    samples: list[Reading] = []
    unread = {token_id for token_id, token in known.items() if token.missing_since is None}
    for reading in readings:
        if reading.mode is None:
            continue
        unread.discard(reading.token_id)
        before = known.get(reading.token_id)
        sampled = before is None or _needs_sample(before, reading)
        after = TrackedToken(
            reading=reading,
            sampled_at=reading.read_at if before is None or sampled else before.sampled_at,
            in_fleet=reading.token_id in fleet or (before is not None and before.in_fleet),
        )
        if before is None or _needs_saving(before, after):
            tokens.append(after)
        if sampled:
            samples.append(reading)
    tokens += [replace(known[token_id], missing_since=last_success_at) for token_id in sorted(unread)]
    return ReadingsDiff(tuple(tokens), tuple(samples))


def evaluate(
    states: Mapping[int, TokenState],
    readings: Iterable[Reading],
    now: datetime,
    rules: Rules,
    run_outs: Mapping[int, RunOut] = _NO_RUN_OUTS,
) -> Evaluation:
    """Weigh a round's readings, one a token, against what a server believes of the tokens.

    `outlooks` has how long their fast time lasts, of those for which that was looked at in this round.
    """
    kept: list[TokenState] = []
    changes: list[Change] = []
    has_pending_changes = False
    for reading in readings:
        if reading.mode is None:
            continue
        before = states.get(reading.token_id)
        if before is None:
            # What it is in now, how low it is, and whether that will last, is no change.
            seen = initial_state(reading.token_id, reading.mode, now)
            outlook = initial_run_out(run_outs.get(reading.token_id))
            kept.append(replace(seen, low=threshold_reached(reading, rules), outlook=outlook))
            continue
        state, change_of_mode = apply_reading(before, reading, now, rules)
        state, change_of_fast_time = apply_fast_time(state, reading, now, rules)
        state, change_of_outlook = apply_run_out(state, run_outs.get(reading.token_id), now, rules)
        found = (change_of_mode, change_of_fast_time, change_of_outlook)
        changes += [change for change in found if change is not None]
        # A token that has left FAST, or whose fast time is no longer said, may keep its `low_readings` for days.
        has_pending_changes = (
            has_pending_changes or state.pending is not None or state.low_readings > before.low_readings
        )
        if state != before:
            kept.append(state)
    return Evaluation(tuple(kept), tuple(changes), has_pending_changes)


def _needs_sample(before: TrackedToken, reading: Reading) -> bool:
    if (before.reading.mode, before.reading.fast_time) != (reading.mode, reading.fast_time):
        return True
    # Nothing more happens to what is no longer listed.
    return reading.listed and reading.read_at - before.sampled_at >= _MAX_SAMPLE_INTERVAL


def _needs_saving(before: TrackedToken, after: TrackedToken) -> bool:
    """Tell whether anything but the time of reading differs: most tokens of most rounds need no writing."""
    return replace(after, reading=replace(after.reading, read_at=before.reading.read_at)) != before
