"""Forums for alerts: the tags that posts get, and what the bot lacks for them."""

import discord

from bot.ui import texts
from bot.ui.forums import MOST_TAGS


async def prepare_forum(forum: discord.ForumChannel) -> list[str]:
    """Add the tags of alerts to a forum, and return what was added and which permissions are missing."""
    allowed = forum.permissions_for(forum.guild.me)
    existing = {tag.name.casefold() for tag in forum.available_tags}
    missing = [name for name in texts.forums.TAGS if name.casefold() not in existing]
    lines = []
    if missing and len(forum.available_tags) + len(missing) <= MOST_TAGS:
        if await _add_tags(forum, missing, allowed):
            lines.append(texts.forums.TAGS_ADDED.format(tags=", ".join(missing)))
        else:
            lines.append(texts.forums.NO_TAGS.format(channel=forum.mention, tags=", ".join(missing)))
    if not allowed.manage_threads:
        lines.append(texts.forums.NO_LOCK.format(channel=forum.mention))
    return lines


async def _add_tags(forum: discord.ForumChannel, names: list[str], allowed: discord.Permissions) -> bool:
    if not allowed.manage_channels:
        return False
    try:
        await forum.edit(available_tags=[*forum.available_tags, *(discord.ForumTag(name=name) for name in names)])
    except discord.Forbidden:
        return False
    return True
