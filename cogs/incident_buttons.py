"""The buttons below an alert: acknowledge, I'm on it, details and close."""

from typing import Any

import discord
from discord.ext import commands

from bot.app.audit import server_of
from bot.app.client import Fastwatch
from bot.app.errors import UserError
from bot.app.incident_changes import change_incident, require_open
from bot.app.persistent import Audience, PersistentButton, PersistentMenu, cog_of
from bot.app.token_option import resolve_token
from bot.domain.alert_types import severity
from bot.domain.incident_actions import acknowledge, assign, close
from bot.storage.accounts import get_account
from bot.storage.audit import Action
from bot.storage.incidents import find_incident
from bot.storage.token_names import names_of
from bot.storage.token_owners import owners_of
from bot.storage.tokens import readings_of
from bot.ui import components, custom_ids, formatting, incident_components, texts
from bot.ui.owners import owner_field
from bot.ui.trace import token_embed

_MAX_CHOICES = 25  # Discord's limit for menus


class IncidentButtons(commands.Cog):
    """Shows the tokens of an incident."""

    def __init__(self, bot: Fastwatch) -> None:
        self._services = bot.services

    async def show_details(self, interaction: discord.Interaction[Any], incident_id: int) -> None:
        """Show the last reading of an incident's token; a menu if there are several tokens."""
        async with self._services.database.reading() as connection:
            incident = await require_open(connection, interaction, await find_incident(connection, incident_id))
            names = await names_of(connection, server_of(interaction))
        affected = sorted(incident.still_affected or incident.members, key=lambda token: -severity(token.kind))
        if len(affected) == 1:
            await self._show_token(interaction, affected[0].token_id)
            return
        shown = [token.token_id for token in affected[:_MAX_CHOICES]]
        words = (
            texts.incident_buttons.DETAILS_CHOOSE
            if len(shown) == len(affected)
            else texts.incident_buttons.DETAILS_CHOOSE_OF_WORST
        )
        await interaction.edit_original_response(
            content=words.format(number=len(affected), most=len(shown)),
            view=components.view_of(incident_components.details_menu(shown, names)),
        )

    async def _show_token(
        self, interaction: discord.Interaction[Any], token_id: int, *others: discord.ui.Item[Any]
    ) -> None:
        """Show a token, with a button for its history, and other components."""
        now = self._services.clock.now()
        async with self._services.database.reading() as connection:
            readings = await readings_of(connection, self._services.account_id, [token_id])
            account = await get_account(connection, self._services.account_id, now)
            names = await names_of(connection, server_of(interaction))
            owners = await owners_of(connection, server_of(interaction))
        if token_id not in readings:
            raise UserError(texts.incident_buttons.DETAILS_UNKNOWN)
        reading, last_success_at = readings[token_id], account.last_success_at
        # Only changes are stored, so every round since `read_at` has read the same.
        seen = texts.incident_buttons.DETAILS_SEEN.format(
            since=formatting.at(reading.read_at, "R"),
            round=formatting.at(last_success_at, "R") if last_success_at is not None else texts.common.NEVER,
        )
        view = components.view_of(*others, components.history_button(token_id))
        embed = token_embed(reading, names, now=now)
        if owner := owner_field(reading.mode, owners.get(token_id), self._services.dashboard_url):
            embed.add_field(name=texts.owners.FIELD, value=owner, inline=False)
        await interaction.edit_original_response(content=seen, embed=embed, view=view)

    async def show_chosen(
        self, interaction: discord.Interaction[Any], chosen: str, options: list[discord.SelectOption]
    ) -> None:
        """Show the token chosen in the menu, and keep the menu."""
        async with self._services.database.reading() as connection:
            token_id = await resolve_token(connection, self._services.account_id, chosen)
        await self._show_token(interaction, token_id, incident_components.menu_of_details(options))


class AcknowledgeButton(PersistentButton):
    """Acknowledges an incident, which ends its reminders."""

    ids = custom_ids.ACKNOWLEDGE
    pressed_by = Audience.MODS

    async def press(self, interaction: discord.Interaction[Any], *, incident_id: int) -> None:
        """Acknowledge it."""
        await interaction.response.defer()
        await change_incident(interaction, incident_id, Action.INCIDENT_ACKNOWLEDGED, acknowledge)


class AssignButton(PersistentButton):
    """Assigns an incident to whoever presses it."""

    ids = custom_ids.ASSIGN
    pressed_by = Audience.MODS

    async def press(self, interaction: discord.Interaction[Any], *, incident_id: int) -> None:
        """Assign it."""
        await interaction.response.defer()
        await change_incident(interaction, incident_id, Action.INCIDENT_ASSIGNED, assign)


class DetailsButton(PersistentButton):
    """Shows the tokens of an incident, to its user only."""

    ids = custom_ids.DETAILS
    pressed_by = Audience.MODS

    async def press(self, interaction: discord.Interaction[Any], *, incident_id: int) -> None:
        """Show them."""
        await interaction.response.defer(ephemeral=True, thinking=True)
        await cog_of(interaction, IncidentButtons).show_details(interaction, incident_id)


class DetailsMenu(PersistentMenu):
    """Shows one of several tokens of an incident."""

    ids = custom_ids.DETAILS_MENU
    pressed_by = Audience.MODS

    async def press(self, interaction: discord.Interaction[Any]) -> None:
        """Show the chosen token, and keep the menu."""
        await interaction.response.defer()
        await cog_of(interaction, IncidentButtons).show_chosen(interaction, self.chosen, self.item.options)


class CloseButton(PersistentButton):
    """Closes an incident whose tokens may stay as they are."""

    ids = custom_ids.CLOSE
    pressed_by = Audience.MODS

    async def press(self, interaction: discord.Interaction[Any], *, incident_id: int) -> None:
        """Close it."""
        await interaction.response.defer()
        await change_incident(interaction, incident_id, Action.INCIDENT_CLOSED, close)


async def setup(bot: Fastwatch) -> None:
    """Add the cog and its persistent components."""
    await bot.add_cog(IncidentButtons(bot))
    bot.add_dynamic_items(AcknowledgeButton, AssignButton, DetailsButton, DetailsMenu, CloseButton)
