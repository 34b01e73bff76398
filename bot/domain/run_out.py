"""Run-out: whether a token's fast time lasts until it comes back, as the forecast says."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from bot.domain.forecast import Forecast, is_run_out_imminent, is_run_out_likely, round_to_confidence
from bot.domain.modes import Mode
from bot.domain.readings import Reading

# Above the 40 % below which alerts begin. Without this margin, a few bought minutes would end an alert at the
# threshold, and the next hour would start it again.
_PLENTY_SHARE = 0.45


class RunOutStatus(StrEnum):
    """Whether fast time lasts until it comes back."""

    PLENTY = "plenty"
    """So much is left that no forecast is needed."""
    SUFFICIENT = "sufficient"
    SHORTFALL = "shortfall"
    """It runs out before it comes back."""
    IMMINENT = "imminent"
    """It runs out within hours."""


@dataclass(frozen=True, slots=True)
class RunOut:
    """Whether fast time lasts. `gone_at` is when it may run out; None if it lasts."""

    status: RunOutStatus
    gone_at: datetime | None = None


def has_plenty(reading: Reading) -> bool:
    """Whether a token in FAST has so much left that no forecast is needed."""
    share = _share(reading)
    return share is not None and share >= _PLENTY_SHARE


def needs_forecast(reading: Reading) -> bool:
    """Whether a token needs a forecast: it is in FAST and has fast time left, but not plenty."""
    share = _share(reading)
    return share is not None and 0 < share < _PLENTY_SHARE


def run_out_of(forecast: Forecast) -> RunOut | None:
    """Return whether fast time lasts as forecast; None if too little is known of consumption or of the refill."""
    gone_at = forecast.faster.runs_out_at
    if gone_at is not None and is_run_out_likely(forecast):
        status = RunOutStatus.IMMINENT if is_run_out_imminent(forecast) else RunOutStatus.SHORTFALL
        return RunOut(status, round_to_confidence(gone_at, forecast.now))
    is_short = all(forecast.runs_out_before_refill(rate) for rate in (forecast.week, forecast.recent))
    # A shortfall with 40 to 45 % left neither starts an alert nor ends one.
    is_unknown = forecast.early or forecast.share is None or forecast.refill_at is None or is_short
    return None if is_unknown else RunOut(RunOutStatus.SUFFICIENT)


def _share(reading: Reading) -> float | None:
    """Return the share that is left; None out of FAST, where a token uses no fast time."""
    return reading.fast_time.share if reading.fast_time is not None and reading.mode is Mode.FAST else None
