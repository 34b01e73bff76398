"""What a whole round amounts to: what is known of the fleet and what was just read in, what to keep and tell out."""

from collections.abc import Iterable, Mapping, Set
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from bot.health.changes import Change, Rules, TokenState, first_sight, take
from bot.health.readings import Reading

_SAMPLED_AT_LEAST_EVERY = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class KnownToken:
    """What is kept of a token between rounds. `in_fleet`: the fleet listed it, so that its absence means something."""

    state: TokenState
    reading: Reading
    sampled_at: datetime
    in_fleet: bool


@dataclass(frozen=True, slots=True)
class Findings:
    """What a round found: tokens to keep anew, samples to add, changes to tell, and whether any token is in doubt."""

    tokens: tuple[KnownToken, ...]
    samples: tuple[Reading, ...]
    changes: tuple[Change, ...]
    in_doubt: bool


def missing_readings(known: Mapping[int, KnownToken], listed: Iterable[Reading], now: datetime) -> list[Reading]:
    """Make the readings of tokens that a complete fleet list lacks: the last figures, marked as not listed."""
    present = {reading.token_id for reading in listed}
    return [
        replace(token.reading, read_at=now, listed=False)
        for token_id, token in known.items()
        if token.in_fleet and token_id not in present
    ]


def weigh(
    known: Mapping[int, KnownToken], readings: Iterable[Reading], now: datetime, rules: Rules, *, fleet: Set[int]
) -> Findings:
    """Weigh a round's readings, one a token, against what is known. `fleet` has the ids that the fleet listed.

    A reading that does not say the mode leaves its token alone.
    """
    tokens: list[KnownToken] = []
    samples: list[Reading] = []
    changes: list[Change] = []
    in_doubt = False
    for reading in readings:
        before = known.get(reading.token_id)
        if reading.mode is None:
            continue
        state, change = (
            take(before.state, reading, now, rules)
            if before is not None
            else (first_sight(reading.token_id, reading.mode, now), None)
        )
        sampled = before is None or _worth_a_sample(before, reading)
        after = KnownToken(
            state=state,
            reading=reading,
            sampled_at=now if before is None or sampled else before.sampled_at,
            in_fleet=reading.token_id in fleet or (before is not None and before.in_fleet),
        )
        in_doubt = in_doubt or state.doubt is not None
        if before is None or _worth_keeping(before, after):
            tokens.append(after)
        if sampled:
            samples.append(reading)
        if change is not None:
            changes.append(change)
    return Findings(tuple(tokens), tuple(samples), tuple(changes), in_doubt)


def _worth_a_sample(before: KnownToken, reading: Reading) -> bool:
    changed = (before.reading.mode, before.reading.fast_time) != (reading.mode, reading.fast_time)
    return changed or reading.read_at - before.sampled_at >= _SAMPLED_AT_LEAST_EVERY


def _worth_keeping(before: KnownToken, after: KnownToken) -> bool:
    """Tell whether anything but the time of reading differs: most tokens of most rounds need no writing."""
    return replace(after, reading=replace(after.reading, read_at=before.reading.read_at)) != before
