"""Turning values into words: durations, fast time, times in the reader's own zone, hostile text made harmless."""

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
MAX_NAME_LENGTH = 30
"""How many characters the name of a token may have."""
# The slash of an address, and of an invitation, which Discord knows without `https:` before it.
_MARKDOWN = re.compile(r"([\\*_~`|#\[\]()<>-]|(?<=[:a-z])/)", re.IGNORECASE)
# Word joiner: invisible, and no mention is read across it.
_NO_MENTION = "\u2060"


def escape_untrusted(text: str, *, most: int) -> str:
    """Make text of unknown origin safe in an embed: cut, with no markdown, mention, link or emoji in force."""
    cut = text if len(text) <= most else text[: most - 1] + "…"
    return _MARKDOWN.sub(r"\\\1", cut).replace("@", "@" + _NO_MENTION)


Names = Mapping[int, str]
"""What the people of a server call its tokens, by token id; not escaped."""
NO_NAMES: Names = MappingProxyType({})
# What `token` adds; brackets within a name are escaped.
_NAME = re.compile(r"(?<=\d) \((?:\\.|[^\\()])*\)")


def token(token_id: int, names: Names) -> str:
    """Write a token by its number, with its name where it has one."""
    name = names.get(token_id)
    if name is None:
        return str(token_id)
    return texts.common.TOKEN_WITH_NAME.format(token=token_id, name=escape_untrusted(name, most=MAX_NAME_LENGTH))


def without_names(words: str) -> str:
    """Take the names that `token` has written out of words, to compare what was said before and after a naming."""
    return _NAME.sub("", words)


def plain_token(token_id: int, names: Names) -> str:
    """Write a token with its name where Discord renders no markdown: in what a completion or a menu offers."""
    name = names.get(token_id)
    return str(token_id) if name is None else texts.common.TOKEN_WITH_PLAIN_NAME.format(token=token_id, name=name)


def hours_left(reading: Reading) -> str:
    """Write in few words what is left, in the unit the plan counts in; nothing where it is unknown."""
    known = reading.fast_time
    if known is None:
        return ""
    return texts.common.FAST_TIME_SHORT.format(
        left=f"{known.left / known.unit.length:.1f}", unit=texts.common.UNIT_SIGNS[known.unit]
    )


def fast_length(length: timedelta, unit: Unit) -> str:
    """Write a length of fast time in the unit that a plan counts in."""
    return texts.common.FAST_TIME_NUMBERS[unit].format(number=f"{length / unit.length:,.2f}")


def at(time: datetime, style: TimestampStyle) -> str:
    """Write a time so that Discord shows it in the reader's own zone and language."""
    return format_dt(time, style)


def duration(length: timedelta) -> str:
    """Write how long something took, in the two units that matter, or in one where the other is nothing."""
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
    """Write how many tokens are in which mode, the best first."""
    return ", ".join(
        texts.common.MODE_COUNT.format(sign=texts.common.SIGNS[mode], number=modes[mode], mode=mode.value)
        for mode in sort_modes(modes)
        if mode is not None
    )


def bar(share: float, cells: int = _BAR_CELLS) -> str:
    """Draw a share as a bar: empty only when nothing is left, full only when nothing is gone."""
    filled = round(share * cells)
    if 0 < share < 1:
        filled = min(max(filled, 1), cells - 1)
    filled = min(max(filled, 0), cells)
    return "▰" * filled + "▱" * (cells - filled)


def fast_time(reading: Reading) -> str:
    """Write what is left and what the plan gives, in the unit the plan counts in. Unknown says unknown."""
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
        # As with the bar: nothing is gone, or left, only where that is so.
        percent = min(max(percent, 1), 99)
    return texts.common.FAST_TIME.format(bar=bar(known.share), left=left, total=total, unit=sign, percent=percent)


def status(mode: Mode | None, said: str) -> str:
    """Write a mode in one word; a status nobody documented is shown as it came."""
    if mode is None:
        return texts.common.STATUS_UNKNOWN
    # What was said last may be of a later time than the mode that is believed.
    is_its_word = mode is Mode.OTHER and parse_mode(said, is_active=None) is Mode.OTHER
    return escape_untrusted(said, most=_STATUS_LENGTH) if is_its_word else mode.value


def duration_of(incident: Incident) -> str:
    """Write how long an ended incident took."""
    return duration(incident.duration or timedelta())
