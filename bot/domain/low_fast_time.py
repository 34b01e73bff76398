"""Low fast time: one alert for each threshold, and another only after hours have returned."""

from dataclasses import replace
from datetime import datetime

from bot.domain.alert_types import AlertType, IncidentType, severity
from bot.domain.modes import Mode
from bot.domain.readings import Reading
from bot.domain.rules import Rules
from bot.domain.tracking import Change, TokenState, Transition

# Percentage points above the highest threshold before hours count as returned. Without this margin, a few bought
# minutes near a threshold would cause an alert every hour.
_RETURNED_PERCENT = 5


def threshold_reached(reading: Reading, rules: Rules) -> AlertType | None:
    """Return the alert type of the lowest threshold reached; None if fast time is above all of them, or unknown."""
    percent = _percent(reading)
    if percent is None:
        return None
    # A threshold of 0 is off.
    if rules.very_low and percent <= rules.very_low:
        return AlertType.VERY_LOW
    return AlertType.LOW if rules.low and percent <= rules.low else None


def apply_fast_time(
    state: TokenState, reading: Reading, now: datetime, rules: Rules
) -> tuple[TokenState, Change | None]:
    """Return the next state after one reading, and the change if this reading confirms one.

    Only a token in FAST uses fast time, so only that is alerted as low; a token that has left FAST has an alert of its
    own. Hours may return in any mode. Unknown fast time changes nothing. The alert of a token that is no longer listed
    ends with it.
    """
    if state.mode is Mode.GONE:
        return _end_unlisted(state)
    percent = _percent(reading) if reading.mode not in {None, Mode.GONE} else None
    if percent is None:
        return state, None
    threshold = threshold_reached(reading, rules)
    is_lower = threshold is not None and (state.low is None or severity(threshold) > severity(state.low))
    fell = is_lower and reading.mode is Mode.FAST
    returned = state.low is not None and percent >= _highest_threshold(rules) + _RETURNED_PERCENT
    if not fell and not returned:
        return replace(state, low_readings=0), None
    if state.low_readings + 1 < rules.confirm_leaving:
        return replace(state, low_readings=state.low_readings + 1), None
    if_fallen = Transition.STARTED if state.low is None else Transition.CHANGED
    change = Change(
        Transition.RESOLVED if returned else if_fallen,
        state.token_id,
        Mode.FAST,
        Mode.FAST,
        now,
        low=threshold or state.low,
        type=IncidentType.LOW_FAST_TIME,
    )
    return replace(state, low=threshold, low_readings=0), change


def _end_unlisted(state: TokenState) -> tuple[TokenState, Change | None]:
    if state.low is None:
        return state, None
    over = Change(
        Transition.RESOLVED,
        state.token_id,
        Mode.FAST,
        Mode.GONE,
        state.since,
        low=state.low,
        type=IncidentType.LOW_FAST_TIME,
    )
    return replace(state, low=None, low_readings=0), over


def _highest_threshold(rules: Rules) -> int:
    # Once both are off, an open alert still has to mean what it said, so it ends at the default.
    return max(rules.low, rules.very_low) or Rules().low


def _percent(reading: Reading) -> float | None:
    share = reading.fast_time.share if reading.fast_time is not None else None
    return share * 100 if share is not None else None
