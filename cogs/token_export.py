"""`/token export`: the history of one token or of all as a CSV file."""

from datetime import timedelta
from io import BytesIO

import discord
from discord import app_commands
from discord.ext import commands

from bot.app.audit import server_of
from bot.app.client import Fastwatch
from bot.app.errors import UserError
from bot.app.token_option import autocomplete_tokens, resolve_token
from bot.queries.export import ExportTooLarge, export_samples
from bot.queries.tokens import HISTORY_DAYS
from bot.storage.token_names import names_of
from bot.ui import texts

_DEFAULT_DAYS = 30
# A file is made in memory. Servers with many boosts accept more.
_MAX_BYTES = 25 * 2**20


class TokenExport(commands.Cog):
    """Exports the history. Part of the command group `/token`."""

    def __init__(self, bot: Fastwatch) -> None:
        self._bot = bot
        self._services = bot.services

    @app_commands.command(description=texts.commands.TOKEN_EXPORT)
    @app_commands.autocomplete(token=autocomplete_tokens)
    @app_commands.describe(
        days=texts.commands.TOKEN_HISTORY_DAYS,
        token=texts.commands.TOKEN_HISTORY_OPTION,
        private=texts.commands.TOKEN_PRIVATE,
    )
    async def export(
        self,
        interaction: discord.Interaction[Fastwatch],
        days: app_commands.Range[int, 1, HISTORY_DAYS] = _DEFAULT_DAYS,
        token: str | None = None,
        private: bool = False,  # noqa: FBT001, FBT002 - an option of a slash command
    ) -> None:
        """Answer with the file, or with one sentence where there is none."""
        # As costly as a chart, so they share a limit.
        self._bot.cooldowns.count_chart(interaction)
        await interaction.response.defer(ephemeral=private, thinking=True)
        services, now = self._services, self._services.clock.now()
        max_bytes = min(interaction.filesize_limit, _MAX_BYTES)
        async with services.database.reading() as connection:
            names = await names_of(connection, server_of(interaction))
            chosen = await resolve_token(connection, services.account_id, token, names=names) if token else None
            try:
                content = await export_samples(
                    connection, services.account_id, chosen, now - timedelta(days=days), now, max_bytes=max_bytes
                )
            except ExportTooLarge:
                raise UserError(texts.export.TOO_LARGE.format(megabytes=max_bytes // 2**20)) from None
        if not content:
            raise UserError(texts.export.EMPTY)
        name = texts.export.FILE.format(tokens=chosen or texts.export.ALL, first=now - timedelta(days=days), last=now)
        file = discord.File(BytesIO(content), name)
        await interaction.edit_original_response(content=texts.export.DONE, attachments=[file])
