"""`/fleet name`: the names that a server gives its tokens."""

from typing import Any

import discord
from discord import app_commands
from discord.ext import commands
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.app.audit import record, server_of
from bot.app.client import Fastwatch
from bot.app.errors import UserError
from bot.app.token_option import autocomplete_tokens_for_mods, resolve_token
from bot.domain.value_changes import value_change
from bot.parsing.text import strip_invisible
from bot.storage.alert_routes import lock_server
from bot.storage.audit import Action
from bot.storage.incident_updates import record_refreshes_of_token
from bot.storage.token_names import names_of, remove_name, set_name
from bot.ui import formatting, texts
from bot.ui.formatting import MAX_NAME_LENGTH, Names


class TokenNames(commands.Cog):
    """Names tokens. Part of the command group `/fleet`."""

    def __init__(self, bot: Fastwatch) -> None:
        self._bot = bot
        self._services = bot.services

    @app_commands.command(description=texts.commands.FLEET_NAME)
    @app_commands.autocomplete(token=autocomplete_tokens_for_mods)
    @app_commands.describe(token=texts.commands.FLEET_TOKEN, name=texts.commands.FLEET_NAME_OPTION)
    async def name(self, interaction: discord.Interaction[Fastwatch], token: str, name: str | None = None) -> None:
        """Name a token or remove its name, and have its open alerts edited."""
        await interaction.response.defer(ephemeral=True, thinking=True)
        wanted = _usable(name) if name is not None else None
        server_id = server_of(interaction)
        async with self._services.database.transaction() as connection:
            await lock_server(connection, server_id)
            names = await names_of(connection, server_id)
            token_id = await resolve_token(connection, self._services.account_id, token, also=names, names=names)
            if wanted != names.get(token_id):
                await self._change(connection, interaction, token_id, wanted, names)
                await record_refreshes_of_token(connection, server_id, token_id, self._services.clock)
        self._bot.names.invalidate(server_id)
        self._bot.notifier.wake()
        await interaction.edit_original_response(content=_answer(token_id, names.get(token_id), wanted))

    async def _change(
        self,
        connection: AsyncConnection,
        interaction: discord.Interaction[Any],
        token_id: int,
        name: str | None,
        names: Names,
    ) -> None:
        """Set or remove a name. Raises UserError if another token has it."""
        server_id, now = server_of(interaction), self._services.clock.now()
        if name is None:
            await remove_name(connection, server_id, token_id)
            await record(connection, interaction, Action.TOKEN_UNNAMED, str(token_id), now)
            return
        for other_id, other in names.items():
            if other_id != token_id and other.casefold() == name.casefold():
                raise UserError(texts.token_names.TAKEN.format(token=other_id))
        await set_name(connection, server_id, token_id, name, named_by=interaction.user.id, now=now)
        await record(connection, interaction, Action.TOKEN_NAMED, str(token_id), now)


def _usable(typed: str) -> str:
    """Return the typed name, cleaned. Raises UserError if it is not allowed."""
    name = strip_invisible(typed).strip()
    if not name:
        raise UserError(texts.token_names.BLANK)
    if len(name) > MAX_NAME_LENGTH:
        raise UserError(texts.token_names.TOO_LONG.format(most=MAX_NAME_LENGTH))
    if name.isnumeric():
        raise UserError(texts.token_names.ONLY_A_NUMBER)
    return name


def _answer(token_id: int, before: str | None, after: str | None) -> str:
    shown = {
        place: formatting.escape_untrusted(name, most=MAX_NAME_LENGTH) if name is not None else ""
        for place, name in (("name", after), ("before", before))
    }
    words = texts.token_names.CHANGED[value_change(before, after)]
    return words.format(token=token_id, **shown)
