"""The board: one message of a server that keeps itself up to date."""

from typing import Any

import discord
from discord import app_commands
from discord.ext import commands

from bot.app.audit import record, server_of
from bot.app.client import Fastwatch
from bot.app.errors import UserError
from bot.storage.audit import Action
from bot.storage.boards import Board, get_board, remove_board, set_board
from bot.ui import custom_ids, texts
from bot.ui.alert_setup import NEEDED_FOR_ALERTS, board_outcome, lacking_for_board, old_board_stays
from cogs.token_list import TokensMenu

_POST_SECONDS = 10


@app_commands.default_permissions(manage_guild=True)
class BoardCommands(commands.GroupCog, group_name="board", group_description=texts.commands.BOARD):
    """Posts the board and takes it away. What keeps it up to date is a task of its own."""

    def __init__(self, bot: Fastwatch) -> None:
        self._bot = bot
        self._services = bot.services

    async def interaction_check(self, interaction: discord.Interaction[Any]) -> bool:
        """Let only mods use any command of the group."""
        await self._bot.require_mod(interaction)
        return True

    @app_commands.command(description=texts.commands.BOARD_POST)
    @app_commands.describe(channel=texts.commands.BOARD_POST_CHANNEL)
    async def post(
        self, interaction: discord.Interaction[Fastwatch], channel: discord.TextChannel | None = None
    ) -> None:
        """Post the board here or there, in the place of the one there is, and say what became of it."""
        where = channel or interaction.channel
        if not isinstance(where, discord.TextChannel):
            raise UserError(texts.board.CHANNEL_TYPE)
        # Each post is at least three requests to Discord.
        self._bot.cooldowns.count(interaction)
        await interaction.response.defer(ephemeral=True, thinking=True)
        await self._check_that_it_can_move(server_of(interaction), where)
        lines = await self._delete_old(server_of(interaction))
        now = self._services.clock.now()
        board = Board(
            server_id=server_of(interaction),
            account_id=self._services.account_id,
            channel_id=where.id,
            nonce=self._services.clock.nonce(),
            posted_by=interaction.user.id,
            posted_at=now,
        )
        async with self._services.database.transaction() as connection:
            await set_board(connection, board)
            await record(connection, interaction, Action.BOARD_POSTED, where.mention, now)
        await self._bot.boards.post_soon(board.server_id, _POST_SECONDS)
        async with self._services.database.reading() as connection:
            posted = await get_board(connection, board.server_id) or board
        outcome = board_outcome(where, posted.posted_message_id, posted.last_error, lacking_for_board(where))
        await interaction.edit_original_response(content="\n".join([*outcome, *lines]))

    @app_commands.command(description=texts.commands.BOARD_REMOVE)
    async def remove(self, interaction: discord.Interaction[Fastwatch]) -> None:
        """Take the board away."""
        await interaction.response.defer(ephemeral=True, thinking=True)
        server_id = server_of(interaction)
        async with self._services.database.reading() as connection:
            board = await get_board(connection, server_id)
        if board is None:
            raise UserError(texts.board.NONE)
        lines = await self._delete_old(server_id)
        where = f"<#{board.channel_id}>"
        async with self._services.database.transaction() as connection:
            await remove_board(connection, server_id)
            now = self._services.clock.now()
            await record(connection, interaction, Action.BOARD_REMOVED, where, now)
        done = [texts.board.REMOVED.format(channel=where)]
        await interaction.edit_original_response(content="\n".join(lines or done))

    async def _check_that_it_can_move(self, server_id: int, where: discord.TextChannel) -> None:
        """Leave a board rather than move it to where it cannot be posted. Raises UserError."""
        async with self._services.database.reading() as connection:
            board = await get_board(connection, server_id)
        needed = [name for name in lacking_for_board(where) if name in NEEDED_FOR_ALERTS]
        if needed and board is not None and board.channel_id != where.id:
            permissions = ", ".join(texts.common.PERMISSIONS[name] for name in needed)
            raise UserError(texts.board.STAYS.format(channel=where.mention, permissions=permissions))

    async def _delete_old(self, server_id: int) -> list[str]:
        """Delete the board that is there; what is to be said of it where that failed.

        This comes first: a board that is deleted and still known is posted anew, and one that is left is nobody's.
        """
        async with self._services.database.reading() as connection:
            old = await get_board(connection, server_id)
        problem = await self._bot.boards.delete(old) if old is not None else None
        return [old_board_stays(old.channel_id, problem)] if old is not None and problem is not None else []


class BoardTokensMenu(TokensMenu):
    """Opens a token of the board for its user alone."""

    ids = custom_ids.BOARD_TOKENS


async def setup(bot: Fastwatch) -> None:
    """Add the cog, and the menu that outlives a restart."""
    await bot.add_cog(BoardCommands(bot))
    bot.add_dynamic_items(BoardTokensMenu)
