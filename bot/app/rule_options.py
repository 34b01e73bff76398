"""The options `rule` and `value` of `/alerts rules`: what is offered, and what was meant."""

from functools import reduce
from typing import Any

import discord
from discord import app_commands

from bot.app.audit import server_of
from bot.app.client import Fastwatch
from bot.app.errors import UserError
from bot.domain.rules import RULES, Rule, Rules
from bot.storage.server_settings import rules_of
from bot.ui import texts
from bot.ui.rules import meaning, range_text, value_text, wrong_order, wrong_value

_MOST_CHOICES, _LONGEST_CHOICE = 25, 100  # Discord's limits


def rule_named(typed: str) -> Rule:
    """Return the rule that was meant. Raises UserError."""
    rule = _find(typed)
    if rule is None:
        raise UserError(texts.rules.UNKNOWN)
    return rule


def with_value(rules: Rules, rule: Rule, typed: str) -> Rules:
    """Return the rules with this one set to what was typed. Raises UserError, with what its value can be."""
    try:
        value = rule.type.parse(typed)
    except ValueError:
        raise UserError(wrong_value(rule, rules)) from None
    return _in_order(rule.with_value(rules, value))


def with_defaults(rules: Rules, rule: Rule | None) -> Rules:
    """Return the rules with this one at its default, or all of them. Raises UserError.

    The digest and the time zone are settings of their own, and stay.
    """
    if rule is not None:
        return _in_order(rule.with_default(rules))
    return reduce(lambda so_far, one: one.with_default(so_far), RULES.values(), rules)


async def autocomplete_rules(interaction: discord.Interaction[Fastwatch], typed: str) -> list[app_commands.Choice[str]]:
    """Offer the rules to mods, each with what it does now. Completion skips the checks of groups: it is made here."""
    return rule_choices(await _rules(interaction), typed) if await interaction.client.is_mod(interaction) else []


async def autocomplete_values(
    interaction: discord.Interaction[Fastwatch], typed: str
) -> list[app_commands.Choice[str]]:
    """Offer values of the rule that was chosen to mods; nothing before one was."""
    rule = _find(str(interaction.namespace.rule))
    if rule is None or not await interaction.client.is_mod(interaction):
        return []
    return value_choices(await _rules(interaction), rule, typed)


def rule_choices(rules: Rules, typed: str) -> list[app_commands.Choice[str]]:
    """Offer the rules whose name or meaning holds what was typed."""
    wanted = typed.strip().casefold()
    names = {
        rule.name: texts.rules.CHOICE.format(rule=rule.name, meaning=meaning(rule, rules, value="{value}"))
        for rule in RULES.values()
    }
    found = [_choice(words, name) for name, words in names.items() if wanted in words.casefold()]
    return found[:_MOST_CHOICES]


def value_choices(rules: Rules, rule: Rule, typed: str) -> list[app_commands.Choice[str]]:
    """Offer what was typed where that can be, then the current value, the default and suggestions that hold it.

    Where nothing fits, the current value remains, with what can be typed.
    """
    current, default = rule.value(rules), rule.value(Rules())
    wanted = typed.strip().casefold()
    fitting = [value for value in (current, default, *rule.type.suggestions) if wanted in value_text(rule.type, value)]
    offered = dict.fromkeys([*_parsed(rule, typed), *fitting] or [current])
    choices = [_choice(_described(rule, value, current, default), value_text(rule.type, value)) for value in offered]
    return [choice for choice in choices if len(choice.value) <= _LONGEST_CHOICE][:_MOST_CHOICES]


def _find(typed: str) -> Rule | None:
    return RULES.get(typed.strip().lower())


def _parsed(rule: Rule, typed: str) -> list[Any]:
    try:
        return [rule.type.parse(typed)]
    except ValueError:
        return []


def _described(rule: Rule, value: Any, current: Any, default: Any) -> str:
    parts = [value_text(rule.type, value)]
    if value == current:
        parts.append(texts.rules.CURRENT)
    if value == default:
        parts.append(texts.rules.DEFAULT)
    if value == current:
        parts.append(texts.rules.ALLOWED.format(range=range_text(rule.type)))
    return texts.rules.NOTE.join(parts)


def _choice(name: str, value: str) -> app_commands.Choice[str]:
    cut = name if len(name) <= _LONGEST_CHOICE else name[: _LONGEST_CHOICE - 1] + texts.common.ELLIPSIS
    return app_commands.Choice(name=cut, value=value)


def _in_order(rules: Rules) -> Rules:
    if not rules.warns_in_order:
        raise UserError(wrong_order(rules))
    return rules


async def _rules(interaction: discord.Interaction[Fastwatch]) -> Rules:
    async with interaction.client.services.database.reading() as connection:
        return await rules_of(connection, server_of(interaction))
