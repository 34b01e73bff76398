"""The answer of `/alerts rules`: the numbers of a server, and what is wrong with those that somebody typed."""

from collections.abc import Iterable
from datetime import datetime, timedelta

import discord

from bot.health.rule_limits import COUNTS, MOST_REMINDERS, TIMES
from bot.health.rules import DigestDay, Rules
from bot.ui import texts, wording

NUMBER_OF_OPTION = {option: "confirm_leaving" if option == "confirm" else option for option in texts.RULES_LINES}
"""Which number of Rules each option sets."""
_PERCENTS = ("low", "very_low")
_GROUPS = {
    texts.RULES_CONFIRM: ("confirm", "confirm_urgent", "confirm_back"),
    texts.RULES_LOW: (*_PERCENTS, "will_not_last"),
    texts.RULES_REMINDERS: ("reminders",),
    texts.RULES_BLIND: ("blind_after",),
    texts.RULES_CALM: ("flapping_after", "flapping_within", "group_from"),
    texts.RULES_DIGEST: ("digest", "digest_hour", "time_zone"),
}


def rules_embed(
    rules: Rules, moderators_role_id: int | None, *, next_digest: datetime | None = None, has_alerts: bool = True
) -> discord.Embed:
    """Show the numbers of a server, which of them differ from the defaults, and who counts as a mod.

    `next_digest` is when one comes next, if any does; it goes where alerts go.
    """
    embed = discord.Embed(title=texts.RULES_TITLE, description=texts.RULES_HINT, colour=discord.Colour.blurple())
    for name, options in _GROUPS.items():
        lines = [_line(rules, option) for option in options]
        if name == texts.RULES_DIGEST and next_digest is not None:
            words = texts.RULES_DIGEST_NEXT if has_alerts else texts.RULES_DIGEST_WITHOUT_ALERTS
            lines.append(words.format(when=wording.at(next_digest, "F")))
        embed.add_field(name=name, value="\n".join(lines), inline=False)
    return embed.add_field(name=texts.RULES_MODS, value=_moderators(moderators_role_id), inline=False)


def rule(rules: Rules, option: str) -> str:
    """Write the number that an option sets."""
    value = getattr(rules, NUMBER_OF_OPTION[option])
    if isinstance(value, tuple):
        return ", ".join(map(wording.short_duration, value)) or texts.SHOW_NONE
    if isinstance(value, timedelta):
        return wording.short_duration(value)
    if isinstance(value, bool):
        return texts.ON if value else texts.OFF
    if isinstance(value, DigestDay):
        return texts.DIGEST_DAYS[value]
    if option not in _PERCENTS:
        return str(value)
    return texts.RULES_PERCENT.format(number=value) if value else texts.RULES_NEVER


def what_is_wrong(options: Iterable[str]) -> str:
    """Say in a sentence each between which limits the numbers of these options may be."""
    return "\n".join(_wrong(option) for option in texts.RULES_LINES if option in options)


def _line(rules: Rules, option: str) -> str:
    value, default = rule(rules, option), rule(Rules(), option)
    words = texts.RULES_LINE if value == default else texts.RULES_LINE_CHANGED
    return words.format(option=option, value=value, default=default, line=texts.RULES_LINES[option])


def _wrong(option: str) -> str:
    name, words = NUMBER_OF_OPTION[option], texts.RULES_WRONG[option]
    if name in COUNTS:
        least, most = COUNTS[name]
        return words.format(least=least, most=most)
    if name not in TIMES:
        return words
    shortest, longest = map(wording.short_duration, TIMES[name])
    return words.format(least=shortest, most=longest, number=MOST_REMINDERS)


def _moderators(role_id: int | None) -> str:
    if role_id is None:
        return texts.RULES_NO_MODERATORS
    return f"{texts.RULES_MODERATORS.format(role=f'<@&{role_id}>')}\n{texts.RULES_MODERATORS_HINT}"
