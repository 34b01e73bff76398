"""Values as text: durations, fast time, times in the reader's time zone, and escaped untrusted text."""

import re
from collections import Counter
from collections.abc import Mapping
from datetime import datetime, timedelta
from types import MappingProxyType

from discord.utils import TimestampStyle, format_dt

from bot.domain.fast_time import Unit
from bot.domain.fleet import sort_modes
from bot.domain.incidents import Incident
from bot.domain.modes import Mode, parse_mode
from bot.domain.readings import Reading
from bot.ui import texts

_BAR_CELLS = 10
_STATUS_LENGTH = 20
_ONE_DAY_AHEAD = timedelta(hours=20)
MAX_NAME_LENGTH = 30
"""The most characters in the name of a token."""
# Includes the slash of links: Discord also links "discord.gg/..." without "https:" before it.
_MARKDOWN = re.compile(r"([\\*_~`|#\[\]()<>-]|(?<=[:a-z])/)", re.IGNORECASE)
# A word joiner is invisible, and Discord does not parse a mention across it.
_NO_MENTION = "\u2060"


def escape_untrusted(text: str, *, most: int) -> str:
    """Return untrusted text for an embed: cut, without active markdown, mentions, links or emoji."""
    cut = text if len(text) <= most else text[: most - 1] + "…"
    return _MARKDOWN.sub(r"\\\1", cut).replace("@", "@" + _NO_MENTION)


Names = Mapping[int, str]
"""The names that a server has given its tokens, by token id; not escaped."""
NO_NAMES: Names = MappingProxyType({})
# What `token` adds; brackets within a name are escaped.
_NAME = re.compile(r"(?<=\d)[ \u00a0]\((?:\\.|[^\\()])*\)")


def token(token_id: int, names: Names) -> str:
    """Return a token as its number, with its name if it has one."""
    name = names.get(token_id)
    if name is None:
        return str(token_id)
    return texts.common.TOKEN_WITH_NAME.format(token=token_id, name=escape_untrusted(name, most=MAX_NAME_LENGTH))


def without_names(words: str) -> str:
    """Return the text without the names that `token` has added, to compare texts from before and after a renaming."""
    return _NAME.sub("", words)


def plain_token(token_id: int, names: Names) -> str:
    """Return a token with its name for autocompletion and menus, where Discord renders no markdown."""
    name = names.get(token_id)
    return str(token_id) if name is None else texts.common.TOKEN_WITH_PLAIN_NAME.format(token=token_id, name=name)


def hours_left(reading: Reading) -> str:
    """Return what is left in the unit of the plan; empty where it is unknown."""
    known = reading.fast_time
    if known is None:
        return ""
    return texts.common.FAST_TIME_SHORT.format(
        left=f"{known.left / known.unit.length:.1f}", unit=texts.common.UNIT_SIGNS[known.unit]
    )


def fast_length(length: timedelta, unit: Unit) -> str:
    """Return an amount of fast time in the unit of the plan."""
    return texts.common.FAST_TIME_NUMBERS[unit].format(number=f"{length / unit.length:,.2f}")


def at(time: datetime, style: TimestampStyle) -> str:
    """Return a Discord timestamp, shown in the reader's own time zone and language."""
    return format_dt(time, style)


def until(time: datetime, now: datetime) -> str:
    """Return a time in the future: the time of day, with the date where that alone is ambiguous."""
    return at(time, "t" if time - now < _ONE_DAY_AHEAD else "f")


def duration(length: timedelta) -> str:
    """Return a duration in its two largest units, or in one where the other is zero."""
    minutes = int(length.total_seconds()) // 60
    hours, days = minutes // 60, minutes // (24 * 60)
    if minutes < 1:
        return texts.common.UNDER_A_MINUTE
    parts = (
        (texts.common.DAYS, days),
        (texts.common.HOURS, hours % 24),
        (texts.common.MINUTES, minutes % 60 if not days else 0),
    )
    return " ".join(words.format(number=number) for words, number in parts if number)


def mode_counts(modes: Counter[Mode]) -> str:
    """Return the number of tokens in each mode, the best mode first."""
    return ", ".join(
        texts.common.MODE_COUNT.format(sign=texts.common.SIGNS[mode], number=modes[mode], mode=mode.value)
        for mode in sort_modes(modes)
        if mode is not None
    )


def bar(share: float, cells: int = _BAR_CELLS) -> str:
    """Return a share as a bar: empty only at 0, full only at 1."""
    filled = round(share * cells)
    if 0 < share < 1:
        filled = min(max(filled, 1), cells - 1)
    filled = min(max(filled, 0), cells)
    return "▰" * filled + "▱" * (cells - filled)


def fast_time(reading: Reading) -> str:
    """Return what is left and what the plan gives, in the unit of the plan; unknown is not zero."""
    known = reading.fast_time
    if known is None:
        if not reading.fast_time_text:
            return texts.common.FAST_TIME_UNKNOWN
        return texts.common.FAST_TIME_AS_IT_CAME.format(text=escape_untrusted(reading.fast_time_text, most=60))
    unit, sign = known.unit.length, texts.common.UNIT_SIGNS[known.unit]
    left = f"{known.left / unit:.2f}"
    if known.total is None or known.share is None:
        return texts.common.FAST_TIME_WITHOUT_TOTAL.format(left=left, unit=sign)
    total = f"{known.total / unit:.1f}"
    percent = round(known.share * 100)
    if 0 < known.share < 1:
        # As with the bar, 0 % and 100 % are shown only where they are exact.
        percent = min(max(percent, 1), 99)
    return texts.common.FAST_TIME.format(bar=bar(known.share), left=left, total=total, unit=sign, percent=percent)


def status(mode: Mode | None, said: str) -> str:
    """Return a mode in one word; an undocumented status is shown as received."""
    if mode is None:
        return texts.common.STATUS_UNKNOWN
    # The last status may be newer than the confirmed mode.
    is_its_word = mode is Mode.OTHER and parse_mode(said, is_active=None) is Mode.OTHER
    return escape_untrusted(said, most=_STATUS_LENGTH) if is_its_word else mode.value


def duration_of(incident: Incident) -> str:
    """Return the duration of an incident that is over."""
    return duration(incident.duration or timedelta())


def capitalized(words: str) -> str:
    """Return words as the start of a sentence."""
    return words[:1].upper() + words[1:]
