"""Threads and forums: how a message becomes a post of a forum, and how a post is kept, found and closed."""

import contextlib
from collections.abc import Iterable
from datetime import datetime
from typing import Any

import discord
import structlog

from bot.notifier.actions import Dropped, ForumPost, Post
from bot.notifier.discord_errors import describe_error
from bot.notifier.messages import with_file_if_allowed
from bot.notifier.previous_attempts import Signature, discord_time
from bot.storage.incidents import PostedMessage
from bot.ui.alerts import OutgoingMessage

log = structlog.get_logger(__name__)

_MAX_SEARCHED = 20


async def create_post(client: discord.Client, action: Post, forum_post: ForumPost) -> discord.Message:
    """Create a post in a forum. Discord takes no nonce for it, so an earlier attempt has to be looked for before."""
    forum = await _forum(client, action.channel_id)

    async def create(message: OutgoingMessage) -> discord.Message:
        created = await forum.create_thread(
            name=forum_post.title or action.reason,
            content=message.content or None,
            silent=action.is_silent,
            allowed_mentions=action.mentions.allowed,
            applied_tags=_tags(forum, forum_post.tags),
            **message.extras,
        )
        return created.message

    return await with_file_if_allowed(action.message, create)


async def find_post(
    client: discord.Client, server_id: int, forum_id: int, signature: Signature, since: datetime, now: datetime
) -> discord.Message | None:
    """Return the first message of the open post that an attempt since then has made; None if there is none."""
    data = await client.http.get_active_threads(server_id)
    earliest = discord.utils.time_snowflake(discord_time(since, now))
    ids = [int(one["id"]) for one in data["threads"] if int(one.get("parent_id") or 0) == forum_id]
    recent = sorted((one for one in ids if one >= earliest), reverse=True)[:_MAX_SEARCHED]
    return await _first_that_matches(client, recent, signature)


async def find_archived_post(
    client: discord.Client, forum_id: int, signature: Signature, since: datetime, now: datetime
) -> discord.Message | None:
    """Return the same of a post that Discord has archived, since nothing was written there for a while."""
    forum = await _forum(client, forum_id)
    archived = [thread async for thread in forum.archived_threads(limit=_MAX_SEARCHED)]
    earliest = discord.utils.time_snowflake(discord_time(since, now))
    ids = [thread.id for thread in archived if thread.id >= earliest and not thread.locked]
    return await _first_that_matches(client, ids, signature)


async def _first_that_matches(
    client: discord.Client, thread_ids: Iterable[int], signature: Signature
) -> discord.Message | None:
    for thread_id in thread_ids:
        async for message in client.get_partial_messageable(thread_id).history(limit=1, oldest_first=True):
            if message.author == client.user and signature.matches(message):
                return message
    return None


async def update_post(client: discord.Client, posted: PostedMessage, forum_post: ForumPost) -> None:
    """Give a post its tags, and close and lock it if it is over. What Discord refuses of that, alerts do without."""
    try:
        thread = client.get_channel(posted.channel_id) or await client.fetch_channel(posted.channel_id)
        # Alerts may have gone to another channel before, which is none of ours to close.
        if not isinstance(thread, discord.Thread) or thread.parent_id != forum_post.forum_id:
            return
        changes: dict[str, Any] = {}
        if isinstance(thread.parent, discord.ForumChannel):
            tags = _tags(thread.parent, forum_post.tags)
            changes = {} if {*tags} == {*thread.applied_tags} else {"applied_tags": tags}
        if forum_post.is_over:
            await _close(thread, changes)
        elif changes:
            await thread.edit(**changes)
    except discord.HTTPException as error:
        log.warning("A post of a forum could not be given its tags, or be closed.", error=describe_error(error))


async def pin_post(client: discord.Client, posted: PostedMessage) -> str | None:
    """Pin a post at the top of its forum; return the error if that failed. A forum has room for one."""
    try:
        thread = client.get_channel(posted.channel_id) or await client.fetch_channel(posted.channel_id)
        if isinstance(thread, discord.Thread) and not thread.flags.pinned:
            await thread.edit(pinned=True)
    except discord.HTTPException as error:
        log.warning("A board could not be pinned. It works unpinned.", error=describe_error(error))
        return describe_error(error)
    return None


async def delete_post(client: discord.Client, posted: PostedMessage) -> Dropped:
    """Delete a post, if it still exists; without Manage Threads its first message, and close it."""
    with contextlib.suppress(discord.NotFound):
        thread = client.get_channel(posted.channel_id) or await client.fetch_channel(posted.channel_id)
        if isinstance(thread, discord.Thread):
            try:
                await thread.delete()
            except discord.Forbidden:
                await thread.get_partial_message(posted.discord_message_id).delete()
                await thread.edit(archived=True)
    return Dropped()


async def unarchive(client: discord.Client, channel_id: int) -> bool:
    """Unarchive a thread; False if that is refused: a locked one needs Manage Threads."""
    try:
        thread = await client.fetch_channel(channel_id)
        if isinstance(thread, discord.Thread):
            await thread.edit(archived=False)
    except (discord.Forbidden, discord.NotFound):
        return False
    return isinstance(thread, discord.Thread)


async def _close(thread: discord.Thread, changes: dict[str, Any]) -> None:
    try:
        await thread.edit(archived=True, locked=True, **changes)
    except discord.Forbidden:
        # Locking needs Manage Threads; its author may close a post without it.
        await thread.edit(archived=True)


async def _forum(client: discord.Client, channel_id: int) -> discord.ForumChannel:
    channel = client.get_channel(channel_id) or await client.fetch_channel(channel_id)
    if not isinstance(channel, discord.ForumChannel):
        raise discord.ClientException("the channel of the route is not a forum")
    return channel


def _tags(forum: discord.ForumChannel, names: Iterable[str]) -> list[discord.ForumTag]:
    """Return the tags of a forum with these names; any one if the forum demands a tag and has none of them."""
    wanted = {name.casefold() for name in names}
    usable = [tag for tag in forum.available_tags if not tag.moderated]
    found = [tag for tag in usable if tag.name.casefold() in wanted]
    return found or (usable[:1] if forum.flags.require_tag else [])
