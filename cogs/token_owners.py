"""`/fleet owner`: who is pinged when the account of a token must be verified or is banned."""

from typing import Any

import discord
from discord import app_commands
from discord.ext import commands

from bot.app.audit import record, server_of
from bot.app.client import Fastwatch
from bot.app.persistent import Audience, PersistentButton, PersistentMemberMenu, cog_of
from bot.app.token_option import autocomplete_tokens_for_mods, resolve_token
from bot.storage.alert_routes import lock_server
from bot.storage.audit import Action
from bot.storage.incident_updates import record_refreshes_of_token
from bot.storage.token_names import names_of
from bot.storage.token_owners import owners_of, remove_owner, set_owner
from bot.ui import components, custom_ids, formatting, texts
from bot.ui.owners import changed


class TokenOwners(commands.Cog):
    """Sets the owners of tokens. Part of the command group `/fleet`."""

    def __init__(self, bot: Fastwatch) -> None:
        self._bot = bot
        self._services = bot.services

    @app_commands.command(description=texts.commands.FLEET_OWNER)
    @app_commands.autocomplete(token=autocomplete_tokens_for_mods)
    @app_commands.describe(token=texts.commands.FLEET_TOKEN, member=texts.commands.FLEET_OWNER_OPTION)
    async def owner(
        self, interaction: discord.Interaction[Fastwatch], token: str, member: discord.Member | None = None
    ) -> None:
        """Set or remove a token's owner, and have its open alerts edited. Nobody is pinged by that."""
        await interaction.response.defer(ephemeral=True, thinking=True)
        answer = await self.change_owner(interaction, token, member.id if member is not None else None)
        await interaction.edit_original_response(content=answer)

    async def ask_for_owner(self, interaction: discord.Interaction[Any], token_id: int) -> None:
        """Show a menu of members to choose the owner of a token from."""
        async with self._services.database.reading() as connection:
            names = await names_of(connection, server_of(interaction))
            owners = await owners_of(connection, server_of(interaction))
        question = texts.owners.QUESTION.format(token=formatting.token(token_id, names))
        view = components.view_of(components.owner_menu(token_id, owners.get(token_id)))
        await interaction.edit_original_response(content=question, view=view)

    async def change_owner(self, interaction: discord.Interaction[Any], token: str, after: int | None) -> str:
        """Set the owner of a token, or remove it. Return the answer."""
        server_id, now = server_of(interaction), self._services.clock.now()
        async with self._services.database.transaction() as connection:
            await lock_server(connection, server_id)
            names, owners = await names_of(connection, server_id), await owners_of(connection, server_id)
            token_id = await resolve_token(connection, self._services.account_id, token, also=owners, names=names)
            before = owners.get(token_id)
            if after is not None and after != before:
                await set_owner(connection, server_id, token_id, after, named_by=interaction.user.id, now=now)
                await record(connection, interaction, Action.TOKEN_OWNER_SET, str(token_id), now)
            elif after is None and before is not None:
                await remove_owner(connection, server_id, token_id)
                await record(connection, interaction, Action.TOKEN_OWNER_REMOVED, str(token_id), now)
            if after != before:
                await record_refreshes_of_token(connection, server_id, token_id, self._services.clock)
        self._bot.notifier.wake()
        return changed(formatting.token(token_id, names), before, after)


class AskOwnerButton(PersistentButton):
    """Asks, below the card of a token, who owns it."""

    ids = custom_ids.ASK_OWNER
    pressed_by = Audience.MODS

    async def press(self, interaction: discord.Interaction[Any], *, token_id: int) -> None:
        """Show the menu, only to who pressed it."""
        await interaction.response.defer(ephemeral=True, thinking=True)
        await cog_of(interaction, TokenOwners).ask_for_owner(interaction, token_id)


class OwnerMenu(PersistentMemberMenu):
    """Sets the owner of a token."""

    ids = custom_ids.OWNER_MENU
    pressed_by = Audience.MODS

    async def press(self, interaction: discord.Interaction[Any], *, token_id: int) -> None:
        """Set it, and replace the question by the result."""
        await interaction.response.defer()
        chosen = next((one.id for one in self.item.values), None)
        answer = await cog_of(interaction, TokenOwners).change_owner(interaction, str(token_id), chosen)
        await interaction.edit_original_response(content=answer, view=None)
