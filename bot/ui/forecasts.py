"""The forecast in words: when fast time runs out, or that it lasts."""

from datetime import datetime, timedelta

from bot.domain.forecast import BurnRate, Forecast, round_to_confidence
from bot.ui import formatting, texts

_DAY = timedelta(days=1)
_HOUR = timedelta(hours=1)


def forecast_words(forecast: Forecast, now: datetime) -> str:
    """Return how long it lasts at the week's rate, and at that of the last two days where that is sooner."""
    words = _words(forecast, now)
    return texts.forecasts.EARLY.format(words=words) if forecast.early else words


def _words(forecast: Forecast, now: datetime) -> str:
    week, lately = _gone_at(forecast, forecast.week, now), _gone_at(forecast, forecast.recent, now)
    if week is not None:
        before = _before(forecast, forecast.week)
        if lately is not None and lately < week:
            sooner = formatting.at(lately, "f")
            return texts.forecasts.GONE_OR_SOONER.format(when=formatting.at(week, "f"), before=before, sooner=sooner)
        return texts.forecasts.GONE.format(when=formatting.at(week, "f"), before=before)
    if not forecast.week.per_day:
        return texts.forecasts.UNUSED
    lasts = texts.forecasts.LASTS if forecast.refill_at is not None else texts.forecasts.LASTS_LONG
    if lately is None:
        return texts.forecasts.SENTENCE.format(words=lasts)
    before = _before(forecast, forecast.recent)
    return texts.forecasts.GONE_LATELY.format(lasts=lasts, when=formatting.at(lately, "f"), before=before)


def _gone_at(forecast: Forecast, pace: BurnRate, now: datetime) -> datetime | None:
    """Return when it runs out, rounded; None where it lasts until fast hours return, or for over a year."""
    lasts = forecast.refill_at is not None and not forecast.runs_out_before_refill(pace)
    return round_to_confidence(pace.runs_out_at, now) if pace.runs_out_at is not None and not lasts else None


def _before(forecast: Forecast, pace: BurnRate) -> str:
    short = forecast.shortfall(pace)
    return texts.forecasts.BEFORE.format(duration=_roughly(short)) if short is not None else ""


def _roughly(length: timedelta) -> str:
    """Return a duration in one unit, since the forecast is no more precise."""
    if length >= _DAY:
        return texts.common.DAYS.format(number=round(length / _DAY))
    return texts.common.HOURS.format(number=round(length / _HOUR)) if length >= _HOUR else texts.common.UNDER_AN_HOUR
