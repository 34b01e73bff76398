"""The command tree: the gate before every command, and the error handler behind it."""

import logging
from typing import Any

import discord
from discord import app_commands

from bot.app.checks import ServerNotAllowed, require_home_server
from bot.app.errors import is_answered_elsewhere, is_unanswerable, respond_with_error
from bot.app.services import Services


class GuardedCommandTree(app_commands.CommandTree[Any]):
    """The commands, behind a gate that no command can forget. The client has the application's services."""

    def __init__(self, client: discord.Client) -> None:
        super().__init__(
            client,
            allowed_contexts=app_commands.AppCommandContext(guild=True, dm_channel=False, private_channel=False),
            allowed_installs=app_commands.AppInstallationType(guild=True, user=False),
        )
        # discord.py logs a traceback for each completion that fails. Its handler for that cannot be replaced.
        logging.getLogger("discord.app_commands.tree").addFilter(_is_not_too_late)

    @property
    def _services(self) -> Services:
        services: Services = self.client.services
        return services

    async def interaction_check(self, interaction: discord.Interaction[Any]) -> bool:
        """Let in only home servers, before any command or completion runs."""
        try:
            require_home_server(interaction, self._services.home_servers)
        except ServerNotAllowed as error:
            if interaction.type is discord.InteractionType.autocomplete:
                await interaction.response.autocomplete([])
            else:
                await respond_with_error(interaction, error, self._services.clock.now())
            return False
        return True

    async def on_error(self, interaction: discord.Interaction[Any], error: app_commands.AppCommandError) -> None:
        """Answer every command that failed."""
        await respond_with_error(interaction, error, self._services.clock.now())


def _is_not_too_late(record: logging.LogRecord) -> bool:
    """Leave out completions that came too late, or that another process has answered: their user types on anyway."""
    error = record.exc_info[1] if record.exc_info else None
    return error is None or not (is_unanswerable(error) or is_answered_elsewhere(error))
