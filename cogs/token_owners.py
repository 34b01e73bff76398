"""`/fleet owner`: who is pinged when the account of a token must be verified or is banned."""

import discord
from discord import app_commands
from discord.ext import commands

from bot.app.audit import record, server_of
from bot.app.client import Fastwatch
from bot.app.token_option import autocomplete_tokens_for_mods, resolve_token
from bot.storage.alert_routes import lock_server
from bot.storage.audit import Action
from bot.storage.incident_updates import record_refreshes_of_token
from bot.storage.token_names import names_of
from bot.storage.token_owners import owners_of, remove_owner, set_owner
from bot.ui import formatting, texts
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
        server_id, now = server_of(interaction), self._services.clock.now()
        after = member.id if member is not None else None
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
        await interaction.edit_original_response(content=changed(formatting.token(token_id, names), before, after))
