"""The options `rule` and `value` of `/alerts rules`: their completions, and how they are parsed."""

from functools import reduce
from typing import Any

import discord
from discord import app_commands

from bot.app.audit import server_of
from bot.app.checks import is_mod
from bot.app.client import Fastwatch
from bot.app.errors import UserError
from bot.domain.rule_types import Role
from bot.domain.rules import RULES, Rule, Rules
from bot.storage.server_settings import rules_of
from bot.ui import texts
from bot.ui.rules import meaning, range_text, value_text, wrong_order, wrong_value

_MAX_CHOICES, _MAX_CHOICE_LENGTH = 25, 100  # Discord's limits (application command option choice)


def rule_named(typed: str) -> Rule:
    """Return the rule with the typed name. Raises UserError."""
    rule = _find(typed)
    if rule is None:
        raise UserError(texts.rules.UNKNOWN)
    return rule


def with_value(rules: Rules, rule: Rule, typed: str, guild: discord.Guild | None = None) -> Rules:
    """Return the rules with one set to the typed value. Raises UserError, which says what values are possible.

    With `guild`, a role must be one of its roles, and not @everyone.
    """
    try:
        value = rule.type.parse(typed)
    except ValueError:
        raise UserError(wrong_value(rule, rules)) from None
    if isinstance(rule.type, Role) and isinstance(value, int) and value and guild is not None:
        role = guild.get_role(value)
        if role is None:
            raise UserError(wrong_value(rule, rules))
        if role.is_default():
            raise UserError(texts.alert_setup.SETUP_NOT_EVERYONE)
    return _in_order(rule.with_value(rules, value))


def with_defaults(rules: Rules, rule: Rule | None) -> Rules:
    """Return the rules with one or all of them at the default. Raises UserError.

    The digest and the time zone are settings of their own, and do not change.
    """
    if rule is not None:
        return _in_order(rule.with_default(rules))
    return reduce(lambda result, one: one.with_default(result), RULES.values(), rules)


async def autocomplete_rules(interaction: discord.Interaction[Fastwatch], typed: str) -> list[app_commands.Choice[str]]:
    """Offer the rules to mods, each with its current meaning. discord.py skips group checks for completions."""
    if not await is_mod(interaction, interaction.client.services.database):
        return []
    return rule_choices(await _rules(interaction), typed)


async def autocomplete_values(
    interaction: discord.Interaction[Fastwatch], typed: str
) -> list[app_commands.Choice[str]]:
    """Offer values of the chosen rule to mods; nothing if none is chosen yet."""
    rule = _find(str(interaction.namespace.rule))
    if rule is None or not await is_mod(interaction, interaction.client.services.database):
        return []
    if isinstance(rule.type, Role):
        return _role_choices(interaction.guild, typed)
    return value_choices(await _rules(interaction), rule, typed)


def _role_choices(guild: discord.Guild | None, typed: str) -> list[app_commands.Choice[str]]:
    """Return none, and the roles whose name contains the typed text, the highest first."""
    wanted = typed.strip().removeprefix("@").casefold()
    roles = [role for role in reversed(guild.roles) if not role.is_default()] if guild is not None else []
    found = [_choice(role.name, role.mention) for role in roles if wanted in role.name.casefold()]
    return [*found[: _MAX_CHOICES - 1], _choice(texts.common.NONE, texts.common.NONE)]


def rule_choices(rules: Rules, typed: str) -> list[app_commands.Choice[str]]:
    """Return the rules whose name or meaning contains the typed text."""
    wanted = typed.strip().casefold()
    names = {
        rule.name: texts.rules.CHOICE.format(rule=rule.name, meaning=meaning(rule, rules, value="{value}"))
        for rule in RULES.values()
    }
    found = [_choice(words, name) for name, words in names.items() if wanted in words.casefold()]
    return found[:_MAX_CHOICES]


def value_choices(rules: Rules, rule: Rule, typed: str) -> list[app_commands.Choice[str]]:
    """Return the typed value if it is valid, then the current one, the default and suggestions that contain the text.

    If nothing matches, the current value is offered, with the range of possible values.
    """
    current, default = rule.value(rules), rule.value(Rules())
    wanted = typed.strip().casefold()
    matching = [value for value in (current, default, *rule.type.suggestions) if wanted in value_text(rule.type, value)]
    offered = dict.fromkeys([*_parsed(rule, typed), *matching] or [current])
    choices = [_choice(_described(rule, value, current, default), value_text(rule.type, value)) for value in offered]
    return [choice for choice in choices if len(choice.value) <= _MAX_CHOICE_LENGTH][:_MAX_CHOICES]


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
    shortened = name if len(name) <= _MAX_CHOICE_LENGTH else name[: _MAX_CHOICE_LENGTH - 1] + texts.common.ELLIPSIS
    return app_commands.Choice(name=shortened, value=value)


def _in_order(rules: Rules) -> Rules:
    if not rules.warns_in_order:
        raise UserError(wrong_order(rules))
    return rules


async def _rules(interaction: discord.Interaction[Fastwatch]) -> Rules:
    async with interaction.client.services.database.reading() as connection:
        return await rules_of(connection, server_of(interaction))
