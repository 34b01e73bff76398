"""Rules as mods type them, with a sentence for each number that cannot be."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import timedelta

from bot.apologies import CannotBeDone
from bot.durations import parse_duration, parse_durations
from bot.health.rule_limits import beyond_limits
from bot.health.rules import DigestDay, Rules
from bot.time_zones import read_zone
from bot.ui.rules import NUMBER_OF_OPTION, what_is_wrong

_READ: dict[str, Callable[[str], timedelta | tuple[timedelta, ...] | str]] = {
    "reminders": parse_durations,
    "blind_after": parse_duration,
    "flapping_within": parse_duration,
    "digest": DigestDay,
    "time_zone": read_zone,
}


def typed_rules(before: Rules, typed: Mapping[str, int | str]) -> Rules:
    """Change the numbers that were typed, by their options. Raises CannotBeDone where any of them cannot be."""
    values: dict[str, object] = {}
    wrong: set[str] = set()
    for option, value in typed.items():
        try:
            values[NUMBER_OF_OPTION[option]] = _READ[option](value) if isinstance(value, str) else value
        except ValueError:
            wrong.add(option)
    after = replace(before, **values)  # type: ignore[arg-type]
    beyond = beyond_limits(after)
    wrong |= {option for option, number in NUMBER_OF_OPTION.items() if number in beyond}
    if wrong:
        raise CannotBeDone(what_is_wrong(wrong))
    return after
