"""The lines of tokens in a list and on a board: one line for each, no wider than a phone, and what needs attention."""

import unicodedata
from datetime import datetime, timedelta

from bot.domain.fast_time import Unit
from bot.domain.fleet import FleetToken
from bot.domain.freshness import Freshness
from bot.domain.modes import Mode
from bot.domain.readings import Reading
from bot.domain.refills import next_refill
from bot.ui import formatting, texts
from bot.ui.formatting import Names

_BAR_CELLS = 4
_TEXT_LENGTH = 16
# How many characters fit beside each other in an embed on a phone, 390 px wide. A cell of the bar is wider than a
# character, as is a sign.
_LINE_WIDTH = 38
_BAR_WIDTH = 6
_SIGN_WIDTH = 3
_MIN_NAME = 3
_MINUTE, _HOUR = timedelta(minutes=1), timedelta(hours=1)
# A decimal of more hours only takes up room.
_WHOLE_FROM = 10
# The fast time of tokens in these modes cannot be used, so its share says nothing about how long the token lasts.
_WITHOUT_BAR = frozenset({Mode.BANNED, Mode.VERIFYING, Mode.OFF})


def token_lines(token: FleetToken, names: Names, unit: Unit, *, coarse: bool = False) -> str:
    """Return a token in one line, and in a second one what needs attention.

    `unit` is that of the whole list. `coarse` rounds, so that a board changes less.
    """
    notes = _notes(token, coarse=coarse)
    status = formatting.status(token.mode, token.reading.status) if token.mode is not None else texts.common.UNKNOWN
    bar, left = _bar(token), _left(token, unit, coarse=coarse)
    width = _LINE_WIDTH - _SIGN_WIDTH - 1 - len(status)
    width -= (1 + _BAR_WIDTH if bar else 0) + (1 + len(left) if left else 0)
    line = texts.fleet.LINE.format(
        sign=texts.common.SIGNS[token.mode],
        token=_token(token.reading.token_id, names, width),
        parts=texts.fleet.NO_BREAK.join(part for part in (status, bar, left) if part),
    )
    return "\n".join([line, *(texts.fleet.NOTE.format(note=note) for note in notes)])


def amount(left: timedelta, unit: Unit, *, coarse: bool = False) -> str:
    """Return an amount of fast time with one decimal. What is left is never shown as 0.

    Coarse is whole hours or five minutes, and finer below 5 h or 1 h. It rounds down, so that there is never less than
    it says. Less than the smallest step is shown as at most that.
    """
    words = texts.fleet.AMOUNTS[unit]
    smallest = _MINUTE if coarse and unit is Unit.MINUTES else unit.length / 10
    if left < smallest:
        return words.format(number=texts.fleet.LESS.format(number=f"{smallest / unit.length:g}") if left else "0")
    if not coarse:
        return words.format(number=f"{left / unit.length:,.1f}")
    if unit is Unit.MINUTES:
        step = timedelta(minutes=5 if left >= _HOUR else 1)
        return words.format(number=f"{left // step * step / unit.length:,.0f}")
    if left >= 5 * _HOUR:
        return words.format(number=f"{left // unit.length:,}")
    return words.format(number=f"{left // timedelta(minutes=6) / 10:.1f}")


def _token(token_id: int, names: Names, width: int) -> str:
    """Return a token with as much of its name as fits; the number alone where hardly anything of it does."""
    name = names.get(token_id)
    if name is None:
        return str(token_id)
    # A space and two brackets.
    cut = _cut(name, width - len(str(token_id)) - 3)
    return formatting.token(token_id, {token_id: cut}).replace(" ", texts.fleet.NO_BREAK) if cut else str(token_id)


def _cut(name: str, width: int) -> str:
    if _width(name) <= width:
        return name
    if width < _MIN_NAME:
        return ""
    while _width(name) > width - 1:
        name = name[:-1]
    return name.rstrip() + texts.common.ELLIPSIS


def _width(text: str) -> int:
    """Return about how wide a text is, in Latin characters."""
    return sum(2 if unicodedata.east_asian_width(one) in "WF" else 1 for one in text)


def _bar(token: FleetToken) -> str:
    fast_time = token.reading.fast_time
    if token.mode in (None, Mode.GONE) or token.mode in _WITHOUT_BAR or fast_time is None or fast_time.share is None:
        return ""
    return formatting.bar(fast_time.share, _BAR_CELLS)


def _left(token: FleetToken, unit: Unit, *, coarse: bool) -> str:
    fast_time = token.reading.fast_time
    if token.mode in (None, Mode.GONE) or fast_time is None:
        return ""
    return amount(fast_time.left, unit, coarse=coarse or fast_time.left >= _WHOLE_FROM * unit.length)


def _notes(token: FleetToken, *, coarse: bool) -> list[str]:
    """Return what needs attention, the most important first."""
    reading = token.reading
    if token.mode is None:
        was = formatting.status(token.last_mode, reading.status)
        return [texts.fleet.NOT_KNOWN.format(when=formatting.at(token.seen_at, "R"), mode=was)]
    if token.mode is Mode.GONE:
        return [texts.fleet.GONE.format(when=formatting.at(reading.read_at, "R"))]
    notes = []
    if token.runs_out_at is not None:
        at = _whole_hours(token.runs_out_at) if coarse else token.runs_out_at
        notes.append(texts.fleet.RUNS_OUT.format(when=formatting.at(at, "R")))
    if (returns_at := _returns_at(token)) is not None:
        notes.append(texts.fleet.RETURN.format(when=formatting.at(returns_at, "R")))
    if reading.plan.ends_at is not None:
        notes.append(texts.fleet.ENDS.format(when=formatting.at(reading.plan.ends_at, "R")))
    if reading.fast_time is None:
        notes.append(_unknown(reading))
    if token.freshness is Freshness.OLD:
        notes.append(texts.fleet.OLD.format(when=formatting.at(token.seen_at, "R")))
    return notes


def _returns_at(token: FleetToken) -> datetime | None:
    """Return when fast hours return, for a token that has none or does not use them."""
    fast_time = token.reading.fast_time
    is_empty = fast_time is not None and not fast_time.left
    return next_refill(token.reading.plan, token.seen_at) if is_empty or token.mode is Mode.RELAX else None


def _whole_hours(at: datetime) -> datetime:
    return at.replace(minute=0, second=0, microsecond=0)


def _unknown(reading: Reading) -> str:
    if not reading.fast_time_text:
        return texts.fleet.UNKNOWN
    return texts.fleet.UNREADABLE.format(text=formatting.escape_untrusted(reading.fast_time_text, most=_TEXT_LENGTH))
