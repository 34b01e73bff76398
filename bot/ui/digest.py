"""The digest: the tokens over a day or a week, in one Discord message."""

from collections import Counter
from datetime import datetime, timedelta

import discord

from bot.domain.account import AccountQuota
from bot.domain.digests import Digest, Period, TokenDigest
from bot.domain.fast_time import Unit, common_unit
from bot.domain.forecast import Forecast, round_to_confidence
from bot.domain.modes import Mode
from bot.ui import formatting, texts
from bot.ui.account import account_words
from bot.ui.formatting import Names

_MOST_LINES = 15
_MINUTE = timedelta(minutes=1)


def digest_words(period: Period) -> str:
    """Return the content. It is the same at every attempt, since an earlier attempt is found by it."""
    return texts.digest.CONTENT.format(since=formatting.at(period.since, "f"), until=formatting.at(period.until, "f"))


def digest_embed(digest: Digest, quota: AccountQuota | None, names: Names, now: datetime) -> discord.Embed:
    """Return the embed: a line for each token, the worst and most used first, and the totals."""
    embed = discord.Embed(
        title=texts.digest.TITLE,
        description=_tokens(digest, names, now),
        colour=discord.Colour.blurple(),
        timestamp=digest.period.until,
    )
    embed.add_field(name=texts.digest.FIELD_TOTALS, value=_totals(digest), inline=False)
    if digest.tokens:
        modes = formatting.mode_counts(Counter(token.mode for token in digest.tokens))
        embed.add_field(name=texts.digest.FIELD_NOW, value=modes, inline=False)
    if account := account_words(quota, now):
        embed.add_field(name=texts.status.FIELD_ACCOUNT, value=account, inline=False)
    return embed


def _tokens(digest: Digest, names: Names, now: datetime) -> str:
    lines = [_token(token, digest.period, names, now) for token in digest.tokens[:_MOST_LINES]]
    if len(digest.tokens) > _MOST_LINES:
        lines.append(texts.digest.MORE.format(number=len(digest.tokens) - _MOST_LINES))
    if digest.uncounted:
        lines.append(texts.digest.UNCOUNTED.format(number=digest.uncounted))
    return "\n".join(lines) or texts.digest.NO_TOKENS


def _token(token: TokenDigest, period: Period, names: Names, now: datetime) -> str:
    parts = [
        texts.digest.USED.format(amount=_amount(token.used, token.unit))
        if token.used is not None
        else texts.digest.USED_UNKNOWN,
        _out(token, period),
        _incidents(token.incidents) if token.incidents else "",
        _forecast(token.forecast, now) if token.forecast is not None else "",
        _return(token),
    ]
    return texts.digest.TOKEN.format(
        sign=texts.common.SIGNS[token.mode],
        token=formatting.token(token.token_id, names),
        what=" · ".join(filter(None, parts)),
    )


def _out(token: TokenDigest, period: Period) -> str:
    if token.out >= period.until - period.since:
        return texts.digest.OUT_ALL_THE_TIME
    return texts.digest.OUT.format(duration=formatting.duration(token.out)) if token.out else ""


def _forecast(forecast: Forecast, now: datetime) -> str:
    gone_at = forecast.week.runs_out_at
    if gone_at is None or _is_enough(forecast):
        return texts.digest.LASTS
    return texts.digest.GONE_BY.format(when=formatting.at(round_to_confidence(gone_at, now), "D"))


def _return(token: TokenDigest) -> str:
    """Return when fast hours return, unless enough is left until then or they are no use."""
    is_waiting = token.mode is Mode.RELAX or (token.forecast is not None and not _is_enough(token.forecast))
    if token.returns_at is None or not is_waiting:
        return ""
    return texts.digest.RETURN.format(when=formatting.at(token.returns_at, "D"))


def _is_enough(forecast: Forecast) -> bool:
    """Whether the rest lasts until hours return, or for over a year."""
    lasts_until_refill = forecast.refill_at is not None and not forecast.runs_out_before_refill(forecast.week)
    return forecast.week.runs_out_at is None or lasts_until_refill


def _totals(digest: Digest) -> str:
    unit = common_unit(token.unit for token in digest.tokens)
    lines = [
        texts.digest.TOTALS_USED.format(amount=_amount(digest.used, unit)),
        _totals_out(digest),
        _totals_incidents(digest),
    ]
    if digest.outages:
        lines.append(texts.digest.NO_DATA.format(number=digest.outages))
    return "\n".join(lines)


def _totals_out(digest: Digest) -> str:
    if not digest.tokens_out:
        return texts.digest.NEVER_OUT
    duration = formatting.duration(digest.out)
    if digest.tokens_out == 1:
        return texts.digest.TOTALS_OUT_ONE.format(duration=duration)
    return texts.digest.TOTALS_OUT.format(number=digest.tokens_out, duration=duration)


def _totals_incidents(digest: Digest) -> str:
    """Return how many incidents began, and how many went on from before, since those explain the time out of FAST."""
    match digest.incidents:
        case 0:
            began = texts.digest.NO_NEW_INCIDENTS
        case 1:
            began = texts.digest.NEW_INCIDENT
        case number:
            began = texts.digest.NEW_INCIDENTS.format(number=number)
    return texts.digest.FROM_BEFORE.format(began=began, number=digest.from_before) if digest.from_before else began


def _incidents(number: int) -> str:
    return texts.digest.INCIDENT if number == 1 else texts.digest.INCIDENTS.format(number=number)


def _amount(used: timedelta, unit: Unit) -> str:
    return formatting.amount(timedelta(minutes=round(used / _MINUTE)), unit)
