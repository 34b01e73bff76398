"""The settings of a server: `/alerts rules`, `/alerts digest` and `/alerts moderators`."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import discord
from discord import app_commands
from discord.ext import commands
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.app.audit import record, server_of
from bot.app.checks import is_mod, may_manage
from bot.app.client import Fastwatch
from bot.app.errors import UserError
from bot.app.rule_options import autocomplete_rules, autocomplete_values, rule_named, with_defaults, with_value
from bot.domain.digests import next_due
from bot.domain.incident_updates import skip_past_reminders
from bot.domain.rules import DigestDay, Rules
from bot.parsing.time_zones import known_zones, matching_zones, read_zone, zone_of
from bot.storage import alert_routes, digests, incidents, server_settings
from bot.storage.audit import Action
from bot.ui import texts
from bot.ui.rules import changed_rules, changes, digest_entry, digest_text, moderators_text, rules_embed, value_text

_MAX_CHOICES = 25  # Discord's limit
_HOURS = [app_commands.Choice(name=texts.digest.HOUR.format(hour=hour), value=hour) for hour in range(24)]
_DAYS = [app_commands.Choice(name=name, value=day.value) for day, name in texts.digest.DAYS.items()]


class AlertRules(commands.Cog):
    """Sets the rules, the digest and the moderators' role of a server. Part of the command group `/alerts`."""

    rules_group = app_commands.Group(name="rules", description=texts.commands.ALERTS_RULES)

    def __init__(self, bot: Fastwatch) -> None:
        self._bot = bot
        self._services = bot.services
        self._notifier = bot.notifier

    @rules_group.command(name="show", description=texts.commands.ALERTS_RULES_SHOW)
    async def show_rules(self, interaction: discord.Interaction[Fastwatch]) -> None:
        """Show every rule, and the moderators' role."""
        await interaction.response.defer(ephemeral=True, thinking=True)
        async with self._services.database.reading() as connection:
            rules = await server_settings.rules_of(connection, server_of(interaction))
            role_id = await server_settings.moderators_role(connection, server_of(interaction))
        await interaction.edit_original_response(embed=rules_embed(rules, role_id))

    @rules_group.command(name="set", description=texts.commands.ALERTS_RULES_SET)
    @app_commands.autocomplete(rule=autocomplete_rules, value=autocomplete_values)
    @app_commands.describe(rule=texts.commands.ALERTS_RULES_SET_RULE, value=texts.commands.ALERTS_RULES_SET_VALUE)
    async def set_rule(self, interaction: discord.Interaction[Fastwatch], rule: str, value: str) -> None:
        """Set one rule, and show what it means now."""
        await interaction.response.defer(ephemeral=True, thinking=True)
        chosen = rule_named(rule)
        before, after = await self._change(
            interaction, lambda rules: with_value(rules, chosen, value, interaction.guild)
        )
        await interaction.edit_original_response(content=changes(before, after, chosen))

    @rules_group.command(name="reset", description=texts.commands.ALERTS_RULES_RESET)
    @app_commands.autocomplete(rule=autocomplete_rules)
    @app_commands.describe(rule=texts.commands.ALERTS_RULES_RESET_RULE)
    async def reset_rules(self, interaction: discord.Interaction[Fastwatch], rule: str | None = None) -> None:
        """Reset one rule or all of them to the default, and show the changes."""
        await interaction.response.defer(ephemeral=True, thinking=True)
        chosen = rule_named(rule) if rule is not None else None
        before, after = await self._change(interaction, lambda rules: with_defaults(rules, chosen))
        await interaction.edit_original_response(content=changes(before, after, chosen))

    async def _change(
        self, interaction: discord.Interaction[Any], change: Callable[[Rules], Rules]
    ) -> tuple[Rules, Rules]:
        """Change the rules of a server, and return them as before and after."""
        async with self._services.database.transaction() as connection:
            await alert_routes.lock_server(connection, server_of(interaction))
            before = await server_settings.rules_of(connection, server_of(interaction))
            after = change(before)
            if after != before:
                await server_settings.set_rules(connection, server_of(interaction), after)
                if after.reminders != before.reminders:
                    await self._restart_reminders(connection, server_of(interaction), after)
                changed = [
                    f"{rule.name} {value_text(rule.type, rule.value(after))}" for rule in changed_rules(before, after)
                ]
                await self._record_audit(connection, interaction, Action.RULES_SET, ", ".join(changed))
        return before, after

    async def _restart_reminders(self, connection: AsyncConnection, server_id: int, rules: Rules) -> None:
        """Let the new rule apply to open alerts from now on: what is past by it does not come at once."""
        now = self._services.clock.now()
        ongoing = await incidents.open_incidents(connection, server_id)
        await incidents.save_incidents(connection, [(skip_past_reminders(one, now, rules), ()) for one in ongoing])

    @app_commands.command(description=texts.commands.ALERTS_DIGEST)
    @app_commands.choices(day=_DAYS)
    @app_commands.choices(hour=_HOURS)
    @app_commands.describe(
        day=texts.commands.ALERTS_DIGEST_DAY,
        hour=texts.commands.ALERTS_DIGEST_HOUR,
        time_zone=texts.commands.ALERTS_DIGEST_TIME_ZONE,
    )
    async def digest(
        self,
        interaction: discord.Interaction[Fastwatch],
        day: str | None = None,
        hour: int | None = None,
        time_zone: str | None = None,
    ) -> None:
        """Apply the given options, and show when the digest is posted."""
        await interaction.response.defer(ephemeral=True, thinking=True)
        typed: dict[str, Any] = {
            "digest": DigestDay(day) if day is not None else None,
            "digest_hour": hour,
            # In a thread: it reads the files of the time zone database.
            "time_zone": await asyncio.to_thread(_zone, time_zone) if time_zone is not None else None,
        }
        given = {name: value for name, value in typed.items() if value is not None}
        async with self._services.database.transaction() as connection:
            has_alerts = await alert_routes.lock_server(connection, server_of(interaction))
            before = await server_settings.rules_of(connection, server_of(interaction))
            after = replace(before, **given)
            if after != before:
                await server_settings.set_rules(connection, server_of(interaction), after)
                if has_alerts:
                    await self._restart_digests(connection, server_of(interaction), after)
                await self._record_audit(connection, interaction, Action.DIGEST_SET, digest_entry(after))
        next_digest = next_due(after.digest, after.digest_hour, zone_of(after.time_zone), self._services.clock.now())
        await interaction.edit_original_response(content=digest_text(after, next_digest, has_alerts=has_alerts))

    async def _restart_digests(self, connection: AsyncConnection, server_id: int, rules: Rules) -> None:
        """Start the new schedule now: no digest covers the time before this change."""
        if rules.digest is DigestDay.OFF:
            await digests.drop_digests(connection, server_id)
        else:
            await digests.set_sent_until(connection, server_id, self._services.clock.now())

    @digest.autocomplete("time_zone")
    async def complete_time_zone(
        self, interaction: discord.Interaction[Fastwatch], typed: str
    ) -> list[app_commands.Choice[str]]:
        """Offer time zones, each with its current time."""
        if not await is_mod(interaction, self._services.database):
            return []
        await asyncio.to_thread(known_zones)
        now = self._services.clock.now()
        return [
            app_commands.Choice(
                name=texts.digest.TIME_ZONE_CHOICE.format(zone=name, now=f"{now.astimezone(zone_of(name)):%H:%M}"),
                value=name,
            )
            for name in matching_zones(typed, most=_MAX_CHOICES)
        ]

    @app_commands.command(description=texts.commands.ALERTS_MODERATORS)
    @app_commands.describe(role=texts.commands.ALERTS_MODERATORS_ROLE)
    async def moderators(self, interaction: discord.Interaction[Fastwatch], role: discord.Role | None = None) -> None:
        """Set the moderators' role, or none. Not allowed to moderators by role, who could appoint others."""
        await interaction.response.defer(ephemeral=True, thinking=True)
        if not may_manage(interaction):
            raise UserError(texts.rules.MANAGERS_ONLY)
        if role is not None and role.is_default():
            raise UserError(texts.rules.NOT_EVERYONE)
        role_id = role.id if role is not None else None
        async with self._services.database.transaction() as connection:
            await server_settings.set_moderators_role(connection, server_of(interaction), role_id)
            target = role.mention if role is not None else texts.common.NONE
            await self._record_audit(connection, interaction, Action.MODERATORS_SET, target)
        await interaction.edit_original_response(content=moderators_text(role_id))

    async def _record_audit(
        self, connection: AsyncConnection, interaction: discord.Interaction[Any], action: Action, target: str
    ) -> None:
        await record(connection, interaction, action, target, self._services.clock.now())


def _zone(typed: str) -> str:
    """Return the name of the typed time zone. Raises UserError."""
    try:
        return read_zone(typed)
    except ValueError:
        raise UserError(texts.errors.TIME_ZONE_UNKNOWN) from None
