"""`/board`: one message per server that shows the current state of the fleet."""

from typing import Any

import discord
from discord import app_commands
from discord.ext import commands

from bot.app.audit import record, server_of
from bot.app.channel_option import ChannelOption, resolve_channel
from bot.app.checks import require_mod
from bot.app.client import Fastwatch
from bot.app.errors import UserError
from bot.storage.audit import Action
from bot.storage.boards import Board, get_board, remove_board, set_board
from bot.ui import custom_ids, texts
from bot.ui.alert_setup import (
    AlertChannel,
    board_outcome,
    lacking_for_board,
    missing_permissions,
    old_board_stays,
    permission_names,
)
from cogs.token_list import TokensMenu

_POST_SECONDS = 10


@app_commands.default_permissions(manage_guild=True)
class BoardCommands(commands.GroupCog, group_name="board", group_description=texts.commands.BOARD):
    """Posts and removes the board. `bot.notifier.boards` keeps it up to date."""

    def __init__(self, bot: Fastwatch) -> None:
        self._bot = bot
        self._services = bot.services

    async def interaction_check(self, interaction: discord.Interaction[Any]) -> bool:
        """Allow only moderators to use the commands of the group."""
        await require_mod(interaction, self._services.database)
        return True

    @app_commands.command(description=texts.commands.BOARD_POST)
    @app_commands.describe(channel=texts.commands.BOARD_POST_CHANNEL)
    async def post(self, interaction: discord.Interaction[Fastwatch], channel: ChannelOption | None = None) -> None:
        """Post the board in a channel, instead of an earlier one, and report the result."""
        # Each board takes at least three requests to Discord.
        self._bot.cooldowns.count(interaction)
        await interaction.response.defer(ephemeral=True, thinking=True)
        target = await resolve_channel(channel) if channel is not None else interaction.channel
        if not isinstance(target, AlertChannel):
            raise UserError(texts.board.CHANNEL_TYPE)
        await self._require_permissions(server_of(interaction), target)
        lines = await self._delete_old(server_of(interaction))
        now = self._services.clock.now()
        board = Board(
            server_id=server_of(interaction),
            account_id=self._services.account_id,
            channel_id=target.id,
            nonce=self._services.clock.nonce(),
            posted_by=interaction.user.id,
            posted_at=now,
            forum_id=target.id if isinstance(target, discord.ForumChannel) else None,
        )
        async with self._services.database.transaction() as connection:
            await set_board(connection, board)
            await record(connection, interaction, Action.BOARD_POSTED, target.mention, now)
        pin_error = await self._bot.boards.post_soon(board.server_id, _POST_SECONDS)
        async with self._services.database.reading() as connection:
            posted = await get_board(connection, board.server_id) or board
        lacking = lacking_for_board(target)
        outcome = board_outcome(target, posted.post, posted.last_error, lacking, pin_error)
        await interaction.edit_original_response(content="\n".join([*outcome, *lines]))

    @app_commands.command(description=texts.commands.BOARD_REMOVE)
    async def remove(self, interaction: discord.Interaction[Fastwatch]) -> None:
        """Remove the board."""
        await interaction.response.defer(ephemeral=True, thinking=True)
        server_id = server_of(interaction)
        async with self._services.database.reading() as connection:
            board = await get_board(connection, server_id)
        if board is None:
            raise UserError(texts.board.NONE)
        lines = await self._delete_old(server_id)
        channel = f"<#{board.place_id}>"
        async with self._services.database.transaction() as connection:
            await remove_board(connection, server_id)
            now = self._services.clock.now()
            await record(connection, interaction, Action.BOARD_REMOVED, channel, now)
        done = [texts.board.REMOVED.format(channel=channel)]
        await interaction.edit_original_response(content="\n".join(lines or done))

    async def _require_permissions(self, server_id: int, target: AlertChannel) -> None:
        """Raise UserError if a board would be moved to a channel in which the bot cannot post it."""
        async with self._services.database.reading() as connection:
            board = await get_board(connection, server_id)
        missing = missing_permissions(target, target.permissions_for(target.guild.me))
        if missing and board is not None and board.place_id != target.id:
            permissions = permission_names(missing)
            raise UserError(texts.board.STAYS.format(channel=target.mention, permissions=permissions))

    async def _delete_old(self, server_id: int) -> list[str]:
        """Delete the Discord message of the current board. Return the lines to show if that failed.

        Done before the database changes: if the process stops in between, a deleted board is posted again, but a
        forgotten one would remain in the channel, out of date.
        """
        async with self._services.database.reading() as connection:
            old = await get_board(connection, server_id)
        error = await self._bot.boards.delete(old) if old is not None else None
        return [old_board_stays(old.place_id, error)] if old is not None and error is not None else []


class BoardTokensMenu(TokensMenu):
    """Shows the chosen token of the board, to its user only."""

    ids = custom_ids.BOARD_TOKENS


async def setup(bot: Fastwatch) -> None:
    """Add the cog and its persistent menu."""
    await bot.add_cog(BoardCommands(bot))
    bot.add_dynamic_items(BoardTokensMenu)
