"""Values as text: durations, fast time, times in the reader's time zone, and escaped untrusted text."""

import re
from collections import Counter
from collections.abc import Mapping
from datetime import datetime, timedelta
from types import MappingProxyType

from discord.utils import TimestampStyle, format_dt

from bot.domain.fast_time import FastTime, Unit
from bot.domain.fleet import sort_modes
from bot.domain.incidents import AffectedToken, Incident
from bot.domain.modes import Mode, parse_mode
from bot.domain.readings import Reading
from bot.domain.subscription import Plan
from bot.ui import texts

_BAR_CELLS = 10
_STATUS_LENGTH = 20
AMBIGUOUS_AFTER = timedelta(hours=20)
"""From this distance on, a time of day alone is ambiguous, so the date is shown too."""
_MINUTE, _HOUR = timedelta(minutes=1), timedelta(hours=1)
_MINUTES_A_DAY = 24 * 60
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


def message_url(server_id: int, channel_id: int, discord_message_id: int) -> str:
    """Return the address of a Discord message."""
    return f"https://discord.com/channels/{server_id}/{channel_id}/{discord_message_id}"


Names = Mapping[int, str]
"""The names that a server has given its tokens, by token id; not escaped."""
NO_NAMES: Names = MappingProxyType({})
# What `subject` adds; asterisks within a name are escaped.
_NAMED = re.compile(r"\*\*(?:\\.|[^\\*])+ \((\d+)\)\*\*")


def token(token_id: int, names: Names) -> str:
    """Return a token as its number, with its name if it has one."""
    name = names.get(token_id)
    if name is None:
        return str(token_id)
    return texts.common.TOKEN_WITH_NAME.format(token=token_id, name=escape_untrusted(name, most=MAX_NAME_LENGTH))


def token_or(words: str, token_id: int, names: Names) -> str:
    """Return a token as its name and number, or in these words if it has no name."""
    return token(token_id, names) if token_id in names else words.format(token=token_id)


def subject(token_id: int, names: Names) -> str:
    """Return a token at the start of a sentence: `**Shop front (311)**`, or `**Token 311**` if it has no name."""
    name = names.get(token_id)
    if name is None:
        return texts.common.SUBJECT.format(token=token_id)
    return texts.common.SUBJECT_WITH_NAME.format(token=token_id, name=escape_untrusted(name, most=MAX_NAME_LENGTH))


def without_names(words: str) -> str:
    """Return the text without the names that `subject` has added, to compare texts from before and after a renaming."""
    return _NAMED.sub(lambda found: texts.common.SUBJECT.format(token=found[1]), words)


def plain_token(token_id: int, names: Names) -> str:
    """Return a token with its name for autocompletion and menus, where Discord renders no markdown."""
    name = names.get(token_id)
    return str(token_id) if name is None else texts.common.TOKEN_WITH_PLAIN_NAME.format(token=token_id, name=name)


def hours_left(reading: Reading) -> str:
    """Return what is left in the unit of the plan; empty where it is unknown."""
    return amount(reading.fast_time.left, reading.fast_time.unit) if reading.fast_time is not None else ""


def amount(length: timedelta, unit: Unit) -> str:
    """Return an amount of fast time in the unit of its plan, with one decimal at most; less than an hour in minutes."""
    if unit is Unit.HOURS and timedelta() < length < _HOUR:
        minutes = min(max(round(length / _MINUTE), 1), 59)
        return texts.common.FAST_TIME_NUMBERS[Unit.MINUTES].format(number=minutes)
    return texts.common.FAST_TIME_NUMBERS[unit].format(number=_number(length, unit))


def remaining(reading: Reading) -> str:
    """Return what is left of what the plan gives, such as `17 min of 30 h left`; unknown is not zero."""
    known = reading.fast_time
    if known is None:
        return _unknown_fast_time(reading)
    if known.total is None:
        return texts.common.LEFT.format(left=amount(known.left, known.unit))
    return texts.common.LEFT_OF.format(left=_left_before_total(known), total=amount(known.total, known.unit))


def with_return(left: str, refill_at: datetime | None, plan: Plan) -> str:
    """Return what is left with when hours return, or when the plan ends and they do not."""
    if refill_at is not None:
        return texts.common.HOURS_RETURN.format(left=left, when=at(refill_at, "R"))
    return texts.common.PLAN_ENDS.format(left=left, when=at(plan.ends_at, "R")) if plan.ends_at is not None else left


def _left_before_total(known: FastTime) -> str:
    """Return what is left without a unit that stands behind the total anyway: `12.4 of 30 h`."""
    return amount(known.left, known.unit).removesuffix(f" {texts.common.UNIT_SIGNS[known.unit]}")


def _unknown_fast_time(reading: Reading) -> str:
    if not reading.fast_time_text:
        return texts.common.FAST_TIME_UNKNOWN
    return texts.common.FAST_TIME_AS_IT_CAME.format(text=escape_untrusted(reading.fast_time_text, most=60))


def _number(length: timedelta, unit: Unit) -> str:
    return f"{length / unit.length:,.1f}".removesuffix(".0")


def at(time: datetime, style: TimestampStyle) -> str:
    """Return a Discord timestamp, shown in the reader's own time zone and language."""
    return format_dt(time, style)


def until(time: datetime, now: datetime) -> str:
    """Return a time in the future: the time of day, with the date where that alone is ambiguous."""
    return at(time, "t" if time - now < AMBIGUOUS_AFTER else "f")


def duration(length: timedelta) -> str:
    """Return a duration in its two largest units, rounded, or in one where the other is zero."""
    if length < _MINUTE:
        return texts.common.UNDER_A_MINUTE
    minutes = round(length / _MINUTE)
    if minutes >= _MINUTES_A_DAY:
        minutes = round(length / _HOUR) * 60
    hours, days = minutes // 60, minutes // _MINUTES_A_DAY
    parts = (
        (texts.common.DAYS, days),
        (texts.common.HOURS, hours % 24),
        (texts.common.MINUTES, minutes % 60 if not days else 0),
    )
    return " ".join(words.format(number=number) for words, number in parts if number)


def duration_between(began: datetime, ended: datetime) -> str:
    """Return a duration that agrees with the clock times of its start and end, which show whole minutes."""
    clocks = ended.replace(second=0, microsecond=0) - began.replace(second=0, microsecond=0)
    return duration(clocks if clocks else ended - began)


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
        return _unknown_fast_time(reading)
    if known.total is None or known.share is None:
        return texts.common.FAST_TIME_WITHOUT_TOTAL.format(left=amount(known.left, known.unit))
    percent = round(known.share * 100)
    if 0 < known.share < 1:
        # As with the bar, 0 % and 100 % are shown only where they are exact.
        percent = min(max(percent, 1), 99)
    left, total = _left_before_total(known), amount(known.total, known.unit)
    return texts.common.FAST_TIME.format(bar=bar(known.share), left=left, total=total, percent=percent)


def status(mode: Mode | None, said: str) -> str:
    """Return a mode in one word; an undocumented status is shown as received."""
    if mode is None:
        return texts.common.STATUS_UNKNOWN
    # The last status may be newer than the confirmed mode.
    is_its_word = mode is Mode.OTHER and parse_mode(said, is_active=None) is Mode.OTHER
    return escape_untrusted(said, most=_STATUS_LENGTH) if is_its_word else mode.value


def duration_of(incident: Incident) -> str:
    """Return the duration of an incident that is over."""
    return duration_between(incident.started_at, incident.resolved_at or incident.started_at)


def total_duration(member: AffectedToken) -> str:
    """Return how long something was wrong with a token, all times together."""
    if member.times > 1 or member.resolved_at is None:
        return duration(member.total_duration)
    return duration_between(member.started_at, member.resolved_at)


def duration_of_starts(incident: Incident, member: AffectedToken) -> str:
    """Return the time within which a flapping token left FAST so often."""
    return duration_between(member.first_start_at or incident.started_at, member.started_at)


def capitalized(words: str) -> str:
    """Return words as the start of a sentence."""
    return words[:1].upper() + words[1:]
