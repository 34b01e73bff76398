"""The answers of `/alerts rules`, `/alerts digest` and `/alerts moderators`, and what is wrong with a value."""

from datetime import datetime
from typing import Any

import discord

from bot.domain.rule_types import (
    Count,
    DailyHours,
    Delay,
    Duration,
    Minimum,
    Percent,
    Reminders,
    Role,
    RuleType,
    Switch,
)
from bot.domain.rules import RULES, Rule, Rules
from bot.parsing.durations import format_duration
from bot.ui import formatting, texts

_MEANINGS = {name: meaning for group in texts.rules.MEANINGS.values() for name, meaning in group.items()}


def rules_embed(rules: Rules, moderators_role_id: int | None) -> discord.Embed:
    """Return every rule of a server, the default of each changed one, and who counts as a moderator."""
    embed = discord.Embed(title=texts.rules.TITLE, description=texts.rules.HINT, colour=discord.Colour.blurple())
    for title, group in texts.rules.MEANINGS.items():
        embed.add_field(name=title, value="\n".join(_line(RULES[name], rules) for name in group), inline=False)
    return embed.add_field(name=texts.rules.FIELD_MODERATORS, value=moderators_text(moderators_role_id), inline=False)


def changes(before: Rules, after: Rules, rule: Rule | None) -> str:
    """Return a line for each rule that has changed: what it does now, and its previous value.

    Where none has, the sentence names the rule, or all of them where `rule` is None.
    """
    if before == after:
        if rule is None:
            return texts.rules.ALL_DEFAULT
        return texts.rules.UNCHANGED.format(rule=rule.name, value=value_text(rule.type, rule.value(after)))
    lines = [
        texts.rules.LINE_BEFORE.format(
            rule=one.name, meaning=meaning(one, after), before=value_text(one.type, one.value(before))
        )
        for one in changed_rules(before, after)
    ]
    return "\n".join([texts.rules.CHANGED, *lines])


def changed_rules(before: Rules, after: Rules) -> list[Rule]:
    """Return the rules whose values differ."""
    return [rule for rule in RULES.values() if rule.value(before) != rule.value(after)]


def meaning(rule: Rule, rules: Rules, *, value: str = texts.rules.VALUE) -> str:
    """Return what a rule does; `value` is the template of its value in the sentence."""
    current = rule.value(rules)
    words = _MEANINGS[rule.name] if current else texts.rules.MEANINGS_OFF[rule.name]
    return words.format(value=value.format(value=value_text(rule.type, current)))


def value_text(kind: RuleType, value: Any) -> str:
    """Return a value of that type as it is printed; the type's `parse` reads it."""
    match kind:
        case Count():
            one, several = texts.rules.COUNTS[kind.unit]
            text = (one if value == 1 else several).format(number=value)
        case Minimum():
            one, several = texts.rules.COUNTS[kind.unit]
            text = (one if value == 1 else several).format(number=value) if value else texts.common.OFF
        case Percent():
            text = texts.rules.PERCENT.format(number=value) if value else texts.rules.NEVER
        case Duration() | Delay():
            text = format_duration(value) if value else texts.rules.NEVER
        case DailyHours():
            text = "-".join(f"{at:%H:%M}" for at in value) or texts.common.NONE
        case Role():
            text = f"<@&{value}>" if value else texts.common.NONE
        case Reminders():
            text = ", ".join(map(format_duration, value)) or texts.common.NONE
        case Switch():
            text = texts.common.ON if value else texts.common.OFF
    return text


def range_text(kind: RuleType) -> str:
    """Return what the values of that type can be."""
    match kind:
        case Count():
            text = texts.rules.RANGE_COUNT.format(least=kind.least, most=value_text(kind, kind.most))
        case Minimum():
            text = texts.rules.RANGE_MINIMUM.format(most=value_text(kind, kind.most))
        case Percent():
            text = texts.rules.RANGE_PERCENT.format(most=kind.most)
        case Duration() | Delay():
            words = texts.rules.RANGE_DURATION if isinstance(kind, Duration) else texts.rules.RANGE_DELAY
            text = words.format(shortest=format_duration(kind.shortest), longest=format_duration(kind.longest))
        case DailyHours():
            text = texts.rules.RANGE_DAILY_HOURS
        case Role():
            text = texts.rules.RANGE_ROLE
        case Reminders():
            text = texts.rules.RANGE_REMINDERS.format(
                most=kind.most, shortest=format_duration(kind.shortest), longest=format_duration(kind.longest)
            )
        case Switch():
            text = texts.rules.RANGE_SWITCH
    return text


def wrong_value(rule: Rule, rules: Rules) -> str:
    """Return the sentence for an invalid value: what is allowed, and the unchanged value."""
    return texts.rules.WRONG.format(
        rule=rule.name, range=range_text(rule.type), value=value_text(rule.type, rule.value(rules))
    )


def wrong_order(rules: Rules) -> str:
    """Return the sentence for warnings of low fast hours in the wrong order."""
    low, very_low = (value_text(RULES[name].type, RULES[name].value(rules)) for name in ("low", "very_low"))
    return texts.rules.OUT_OF_ORDER.format(low=low, very_low=very_low)


def digest_text(rules: Rules, next_digest: datetime | None, *, has_alerts: bool) -> str:
    """Return when the digest is posted. `next_digest` is None where it is off."""
    hour = texts.digest.HOUR.format(hour=rules.digest_hour)
    if next_digest is None:
        return texts.digest.OFF.format(hour=hour, zone=rules.time_zone)
    schedule = texts.digest.SCHEDULE.format(day=texts.digest.DAYS[rules.digest], hour=hour, zone=rules.time_zone)
    following = texts.digest.NEXT.format(when=formatting.at(next_digest, "F"))
    return f"{schedule}\n{following if has_alerts else texts.digest.WITHOUT_ALERTS}"


def digest_entry(rules: Rules) -> str:
    """Return a digest's schedule as the audit log has it."""
    hour = texts.digest.HOUR.format(hour=rules.digest_hour)
    return texts.digest.ACTION.format(day=texts.digest.DAYS[rules.digest], hour=hour, zone=rules.time_zone)


def moderators_text(role_id: int | None) -> str:
    """Return who counts as a moderator."""
    if role_id is None:
        return texts.rules.NO_MODERATORS_ROLE
    return f"{texts.rules.MODERATORS.format(role=f'<@&{role_id}>')}\n{texts.rules.MODERATORS_HINT}"


def _line(rule: Rule, rules: Rules) -> str:
    if rule.value(rules) == rule.value(Rules()):
        return texts.rules.LINE.format(rule=rule.name, meaning=meaning(rule, rules))
    default = value_text(rule.type, rule.value(Rules()))
    return texts.rules.LINE_CHANGED.format(rule=rule.name, meaning=meaning(rule, rules), default=default)
