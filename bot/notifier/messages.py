"""What the sender does with one message: sends, pins, checks and deletes it."""

import contextlib
from collections.abc import Awaitable, Callable

import discord
import structlog

from bot.notifier.actions import Check, Dropped, Post, Sent
from bot.notifier.discord_errors import describe_error, is_message_gone
from bot.notifier.previous_attempts import shows
from bot.ui.alerts import OutgoingMessage

log = structlog.get_logger(__name__)


async def send(channel: discord.PartialMessageable, action: Post) -> discord.Message:
    """Send a message to a channel."""

    async def send_to_channel(message: OutgoingMessage) -> discord.Message:
        return await channel.send(
            message.content or None,
            nonce=action.nonce,
            silent=action.is_silent,
            allowed_mentions=action.mentions.allowed,
            **message.extras,
        )

    return await with_file_if_allowed(action.message, send_to_channel)


async def with_file_if_allowed(
    message: OutgoingMessage, send_it: Callable[[OutgoingMessage], Awaitable[discord.Message]]
) -> discord.Message:
    """Send a message, without its file if Discord refuses it with one.

    Files need a permission of their own (Attach Files), which alerts do without.
    """
    try:
        return await send_it(message)
    except discord.Forbidden:
        if message.file is None:
            raise
        return await send_it(message.without_file())


async def pin(message: discord.Message) -> str | None:
    """Pin a message; return the error if that failed. A board works unpinned."""
    if message.pinned:
        return None
    try:
        await message.pin()
    except discord.DiscordException as error:
        log.warning("A board could not be pinned. It works unpinned.", error=describe_error(error))
        return describe_error(error)
    return None


async def check(message: discord.PartialMessage, action: Check) -> Sent | Dropped:
    """Return whether a message still exists, and shows what it should."""
    try:
        found = await message.fetch()
    except discord.Forbidden:
        # Without Read Message History the bot can edit its message, but not fetch it.
        return Sent(action.target)
    except discord.NotFound as error:
        if is_message_gone(error):
            return Dropped()
        raise
    return Sent(action.target, is_current=shows(found, action.message))


async def delete(message: discord.PartialMessage) -> Dropped:
    """Delete a message, if it still exists."""
    with contextlib.suppress(discord.NotFound):
        await message.delete()
    return Dropped()
