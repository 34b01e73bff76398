"""Outlooks: what the forecast of a token's fast time amounts to for those who are told of it."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from bot.domain.forecast import Forecast, is_run_out_imminent, is_run_out_likely, round_to_confidence
from bot.domain.modes import Mode
from bot.domain.readings import Reading

# Above the 40 % below which it is told: a few bought minutes are not plenty, or a token at the mark would be told anew.
_PLENTY_SHARE = 0.45


class RunOutStatus(StrEnum):
    """How long fast time lasts, in a word."""

    PLENTY = "plenty"
    """So much is left that nobody need be told how long it lasts."""
    SUFFICIENT = "lasts"
    SHORTFALL = "will_not_last"
    """It is gone before it comes back."""
    IMMINENT = "runs_out_soon"
    """The same, within hours."""


@dataclass(frozen=True, slots=True)
class RunOut:
    """How long fast time lasts. `gone_at` is when it may be gone, where it does not last."""

    status: RunOutStatus
    gone_at: datetime | None = None


def has_plenty(reading: Reading) -> bool:
    """Tell whether a token in FAST has so much left that no forecast is needed."""
    share = _share(reading)
    return share is not None and share >= _PLENTY_SHARE


def needs_forecast(reading: Reading) -> bool:
    """Tell whether only a forecast says how long it lasts: of a token in FAST with something left, but no plenty."""
    share = _share(reading)
    return share is not None and 0 < share < _PLENTY_SHARE


def run_out_of(forecast: Forecast) -> RunOut | None:
    """Tell what a forecast amounts to; None where that cannot be said: too little is known, or no refill is."""
    gone_at = forecast.faster.runs_out_at
    if gone_at is not None and is_run_out_likely(forecast):
        prospect = RunOutStatus.IMMINENT if is_run_out_imminent(forecast) else RunOutStatus.SHORTFALL
        return RunOut(prospect, round_to_confidence(gone_at, forecast.now))
    is_short = all(forecast.runs_out_before_refill(pace) for pace in (forecast.week, forecast.recent))
    # At 40 to 45 %, what does not last is neither worth an alert nor the end of one.
    is_unsaid = forecast.early or forecast.share is None or forecast.refill_at is None or is_short
    return None if is_unsaid else RunOut(RunOutStatus.SUFFICIENT)


def _share(reading: Reading) -> float | None:
    """Tell the share that is left. A token out of FAST uses nothing up."""
    return reading.fast_time.share if reading.fast_time is not None and reading.mode is Mode.FAST else None
