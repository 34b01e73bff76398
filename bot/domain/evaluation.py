"""Evaluation of a round: the tracked tokens and the new readings in; what to save and which changes to alert out."""

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
from bot.domain.wrong_clock import is_from_the_future

# A forecast needs about one sample an hour (docs/forecast.md).
_MAX_SAMPLE_INTERVAL = timedelta(hours=1)
_NO_RUN_OUTS: Mapping[int, RunOut] = {}


@dataclass(frozen=True, slots=True)
class TrackedToken:
    """A token between rounds. `in_fleet`: the fleet has listed it, so if the list lacks it later, it is gone."""

    reading: Reading
    """The latest reading, with the time at which the token was first like that."""
    sampled_at: datetime
    in_fleet: bool
    missing_since: datetime | None = None
    """When it was last read, if the latest successful round had no reading of it; None if that round had one."""

    @property
    def mode(self) -> Mode:
        """The mode of the latest reading. Only readings with a mode are kept."""
        return self.reading.mode or Mode.OTHER


@dataclass(frozen=True, slots=True)
class ReadingsDiff:
    """The tokens to save and the samples to add after a round."""

    tokens: tuple[TrackedToken, ...]
    samples: tuple[Reading, ...]


@dataclass(frozen=True, slots=True)
class Evaluation:
    """The result of a round for one server: states to save, changes to alert, and whether any change is pending."""

    states: tuple[TokenState, ...]
    changes: tuple[Change, ...]
    has_pending_changes: bool


def missing_readings(known: Mapping[int, TrackedToken], listed: Iterable[Reading], now: datetime) -> list[Reading]:
    """Return a reading for each token that a complete fleet list lacks: the latest values, marked as not listed."""
    present = {reading.token_id for reading in listed}
    return [
        replace(token.reading, read_at=now, listed=False)
        for token_id, token in known.items()
        if token.in_fleet and token_id not in present
    ]


def diff_readings(
    known: Mapping[int, TrackedToken], readings: Iterable[Reading], last_success_at: datetime, *, fleet: Set[int]
) -> ReadingsDiff:
    """Return what to save of a successful round's readings, one per token. `fleet` has the ids that the fleet listed.

    A reading without a mode counts as no reading. A token without a reading in this round was last read in the
    previous successful round, at `last_success_at`, which may be hours ago.
    """
    tokens: list[TrackedToken] = []
    samples: list[Reading] = []
    unread = {token_id for token_id, token in known.items() if token.missing_since is None}
    for reading in readings:
        if reading.mode is None:
            continue
        unread.discard(reading.token_id)
        before = known.get(reading.token_id)
        after, is_sampled = _track(before, reading, in_fleet=reading.token_id in fleet)
        if before is None or _needs_saving(before, after):
            tokens.append(after)
        if is_sampled:
            samples.append(reading)
    tokens += [replace(known[token_id], missing_since=last_success_at) for token_id in sorted(unread)]
    return ReadingsDiff(tuple(tokens), tuple(samples))


def diff_some_readings(known: Mapping[int, TrackedToken], readings: Iterable[Reading]) -> ReadingsDiff:
    """Return what to save of what a failed round has read all the same.

    Each token is saved with the time of its reading, since the time of the last successful round is not that. Nothing
    follows for tokens without a reading.
    """
    tracked = [
        _track(known.get(reading.token_id), reading, in_fleet=False) for reading in readings if reading.mode is not None
    ]
    samples = tuple(token.reading for token, is_sampled in tracked if is_sampled)
    return ReadingsDiff(tuple(token for token, _ in tracked), samples)


def evaluate(
    states: Mapping[int, TokenState],
    readings: Iterable[Reading],
    now: datetime,
    rules: Rules,
    run_outs: Mapping[int, RunOut] = _NO_RUN_OUTS,
) -> Evaluation:
    """Compare a round's readings, one per token, with the states that a server has of its tokens.

    `run_outs` has how long fast time lasts, for the tokens with a forecast in this round.
    """
    to_save: list[TokenState] = []
    changes: list[Change] = []
    has_pending_changes = False
    for reading in readings:
        if reading.mode is None:
            continue
        before = states.get(reading.token_id)
        if before is None:
            # Whatever a new token is like is its initial state and not a change: setting up alerts alerts nobody.
            initial = initial_state(reading.token_id, reading.mode, now)
            outlook = initial_run_out(run_outs.get(reading.token_id))
            to_save.append(replace(initial, low=threshold_reached(reading, rules), outlook=outlook))
            continue
        state, mode_change = apply_reading(before, reading, now, rules)
        state, low_fast_time_change = apply_fast_time(state, reading, now, rules)
        state, run_out_change = apply_run_out(state, run_outs.get(reading.token_id), now, rules)
        found = (mode_change, low_fast_time_change, run_out_change)
        changes += [change for change in found if change is not None]
        # Compared with the state before, since a token that is out of FAST, or whose fast time is unknown, keeps its
        # `low_readings` for as long as it stays so.
        has_pending_changes = (
            has_pending_changes or state.pending is not None or state.low_readings > before.low_readings
        )
        if state != before:
            to_save.append(state)
    return Evaluation(tuple(to_save), tuple(changes), has_pending_changes)


def _track(before: TrackedToken | None, reading: Reading, *, in_fleet: bool) -> tuple[TrackedToken, bool]:
    """Return a token after a reading, and whether that is a sample."""
    is_sampled = before is None or _needs_sample(before, reading)
    token = TrackedToken(
        reading=reading,
        sampled_at=reading.read_at if before is None or is_sampled else before.sampled_at,
        in_fleet=in_fleet or (before is not None and before.in_fleet),
    )
    return token, is_sampled


def _needs_sample(before: TrackedToken, reading: Reading) -> bool:
    if (before.reading.mode, before.reading.fast_time) != (reading.mode, reading.fast_time):
        return True
    age = reading.read_at - before.sampled_at
    # A token that is no longer listed does not change, so one sample of that is enough. The clock may have been ahead.
    return reading.listed and not timedelta() <= age < _MAX_SAMPLE_INTERVAL


def _needs_saving(before: TrackedToken, after: TrackedToken) -> bool:
    """Whether more than the time of the reading differs. Most tokens do not change, and are not written each round."""
    if is_from_the_future(before.reading.read_at, after.reading.read_at):
        return True
    return replace(after, reading=replace(after.reading, read_at=before.reading.read_at)) != before
