"""The state of the Discord stand-in: builders, look-ups, and how each thing looks in Discord's JSON."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from http import HTTPStatus

from .discord_objects import (
    ALL_PERMISSIONS,
    BOT_PERMISSIONS,
    EVERYONE_PERMISSIONS,
    ApiError,
    Attachment,
    Channel,
    ChannelType,
    Guild,
    Json,
    Message,
    Overwrite,
    Permission,
    Role,
    Snowflakes,
    User,
    created_at,
    mentioned_roles,
    mentioned_users,
)

GUILDS = 1 << 0
"""The gateway intent for guilds, roles and channels (topics/gateway, Gateway Intents)."""
GUILD_MESSAGES = 1 << 9
DIRECT_MESSAGES = 1 << 12

Dispatch = Callable[[str, Json, int], None]


def _no_dispatch(_event: str, _data: Json, _intent: int) -> None:
    """The dispatch function before there is a gateway."""


class State:
    """The stand-in's state; changes are dispatched to the bot (event, data, intent needed)."""

    def __init__(self, now: Callable[[], float]) -> None:
        self.dispatch: Dispatch = _no_dispatch
        self.snowflakes = Snowflakes(now)
        self.bot = User(self.snowflakes.next(), "fastwatch", bot=True)
        self.application_id = self.bot.id
        self.guilds: dict[int, Guild] = {}
        self.channels: dict[int, Channel] = {}
        self.users: dict[int, User] = {self.bot.id: self.bot}
        self.messages: dict[int, dict[int, Message]] = {}

    # Builders

    def add_guild(
        self,
        id: int | None = None,  # noqa: A002 - Discord's word
        name: str = "Home",
        *,
        bot_permissions: int = BOT_PERMISSIONS,
    ) -> int:
        """Add a server with the bot in it, and return its id. Its first channel becomes its system channel."""
        guild_id = id or self.snowflakes.next()
        owner = User(self.snowflakes.next(), f"owner of {name}")
        self.users[owner.id] = owner
        guild = self.guilds[guild_id] = Guild(guild_id, name, owner.id)
        guild.roles[guild_id] = Role(guild_id, "@everyone", EVERYONE_PERMISSIONS, mentionable=False, position=0)
        guild.members[owner.id] = []
        bot_role = self.snowflakes.next()
        guild.roles[bot_role] = Role(bot_role, self.bot.name, bot_permissions, mentionable=False, position=1)
        guild.members[self.bot.id] = [bot_role]
        self._joined(guild)
        return guild_id

    def _joined(self, guild: Guild) -> None:
        joined = self.guild_create_json(guild)
        # discord.py takes `unavailable: false` for a guild it was in before, not for a new one.
        del joined["unavailable"]
        self.dispatch("GUILD_CREATE", joined, GUILDS)

    def remove_guild(self, guild_id: int) -> Guild:
        """Remove the bot from the server, and return the server as it was, for `invite_again`."""
        guild = self.guilds.pop(guild_id)
        for channel_id in guild.channels:
            del self.channels[channel_id]
        self.dispatch("GUILD_DELETE", {"id": str(guild_id)}, GUILDS)
        return guild

    def invite_again(self, guild: Guild) -> None:
        """Add the bot to a server that it was removed from. All is there as before."""
        self.guilds[guild.id] = guild
        self.channels |= guild.channels
        self._joined(guild)

    def add_channel(
        self,
        guild_id: int,
        name: str,
        *,
        id: int | None = None,  # noqa: A002 - Discord's word
        bot_may_send: bool = True,
        bot_may_view: bool = True,
        deny: int = 0,
    ) -> int:
        """Add a text channel and return its id. `deny` takes more permissions from the bot there."""
        guild = self.guilds[guild_id]
        channel = Channel(id or self.snowflakes.next(), name, guild_id)
        channel.overwrites = self._bot_overwrites(bot_may_send, bot_may_view, deny)
        guild.channels[channel.id] = self.channels[channel.id] = channel
        guild.system_channel_id = guild.system_channel_id or channel.id
        self.dispatch("CHANNEL_CREATE", self.channel_json(channel), GUILDS)
        return channel.id

    def change_channel(
        self, channel_id: int, *, bot_may_send: bool = True, bot_may_view: bool = True, deny: int = 0
    ) -> None:
        """Change the bot's permissions in a channel."""
        channel = self.channels[channel_id]
        channel.overwrites = self._bot_overwrites(bot_may_send, bot_may_view, deny)
        self.dispatch("CHANNEL_UPDATE", self.channel_json(channel), GUILDS)

    def remove_channel(self, channel_id: int) -> None:
        """Delete a channel."""
        channel = self.channels.pop(channel_id)
        if channel.guild_id is not None:
            guild = self.guilds[channel.guild_id]
            del guild.channels[channel_id]
            if guild.system_channel_id == channel_id:
                guild.system_channel_id = None
        self.dispatch("CHANNEL_DELETE", self.channel_json(channel), GUILDS)

    def add_role(self, guild_id: int, name: str, *, permissions: int = 0, mentionable: bool = False) -> int:
        """Add a role and return its id."""
        guild = self.guilds[guild_id]
        role = Role(self.snowflakes.next(), name, permissions, mentionable, len(guild.roles))
        guild.roles[role.id] = role
        self.dispatch("GUILD_ROLE_CREATE", {"guild_id": str(guild_id), "role": self.role_json(role)}, GUILDS)
        return role.id

    def add_member(self, guild_id: int, name: str, *, roles: Iterable[int] = (), accepts_dms: bool = True) -> int:
        """Add a person to a server and return the person's id."""
        user = User(self.snowflakes.next(), name, accepts_dms=accepts_dms)
        self.users[user.id] = user
        self.guilds[guild_id].members[user.id] = list(roles)
        return user.id

    def _bot_overwrites(self, bot_may_send: bool, bot_may_view: bool, deny: int) -> list[Overwrite]:
        if not bot_may_send:
            deny |= Permission.SEND_MESSAGES
        if not bot_may_view:
            deny |= Permission.VIEW_CHANNEL
        return [Overwrite(self.bot.id, 1, 0, int(deny))] if deny else []

    # Look-ups, with Discord's errors

    def guild(self, guild_id: int) -> Guild:
        """The guild the bot is in."""
        if guild_id not in self.guilds:
            raise ApiError(HTTPStatus.NOT_FOUND, 10004, "Unknown Guild")
        return self.guilds[guild_id]

    def channel(self, channel_id: int) -> Channel:
        """The channel, whether the bot may see it or not."""
        if channel_id not in self.channels:
            raise ApiError(HTTPStatus.NOT_FOUND, 10003, "Unknown Channel")
        return self.channels[channel_id]

    def visible_channel(self, channel_id: int, *needed: Permission) -> Channel:
        """The channel, if the bot may see it and has the permissions."""
        channel = self.channel(channel_id)
        granted = self.permissions(channel, self.bot.id)
        if not granted & Permission.VIEW_CHANNEL:
            raise ApiError(HTTPStatus.FORBIDDEN, 50001, "Missing Access")
        if any(not granted & permission for permission in needed):
            raise ApiError(HTTPStatus.FORBIDDEN, 50013, "Missing Permissions")
        return channel

    def message(self, channel_id: int, message_id: int) -> Message:
        """The message, if it is in the channel."""
        self.channel(channel_id)
        found = self.messages.get(channel_id, {}).get(message_id)
        if found is None:
            raise ApiError(HTTPStatus.NOT_FOUND, 10008, "Unknown Message")
        return found

    def permissions(self, channel: Channel, user_id: int) -> int:
        """What the user may do in the channel; in a DM, everything."""
        if channel.guild_id is None:
            return ALL_PERMISSIONS
        return self.guilds[channel.guild_id].permissions_in(channel, user_id)

    def dm_channel(self, user_id: int) -> Channel:
        """The DM channel of the bot and the user, opened if there is none (resources/user, Create DM)."""
        for channel in self.channels.values():
            if channel.recipient_id == user_id:
                return channel
        channel = Channel(self.snowflakes.next(), "", recipient_id=user_id)
        self.channels[channel.id] = channel
        return channel

    # Messages

    def store(self, message: Message) -> None:
        """Store a new message and notify the bot."""
        self.messages.setdefault(message.channel_id, {})[message.id] = message
        self._notify("MESSAGE_CREATE", message)

    def edited(self, message: Message) -> None:
        """Notify the bot that a message has changed."""
        self._notify("MESSAGE_UPDATE", message)

    def delete(self, message: Message) -> None:
        """Remove a message and notify the bot, if it is in that server."""
        del self.messages[message.channel_id][message.id]
        if not message.ephemeral and message.channel_id in self.channels:
            body = {"id": str(message.id), "channel_id": str(message.channel_id)} | self._guild_of(message)
            self.dispatch("MESSAGE_DELETE", body, self._intent_of(message))

    def _notify(self, event: str, message: Message) -> None:
        if not message.ephemeral:
            self.dispatch(event, self.message_json(message) | self._guild_of(message), self._intent_of(message))

    def _guild_of(self, message: Message) -> Json:
        guild_id = self.channels[message.channel_id].guild_id
        return {} if guild_id is None else {"guild_id": str(guild_id)}

    def _intent_of(self, message: Message) -> int:
        return DIRECT_MESSAGES if self.channels[message.channel_id].guild_id is None else GUILD_MESSAGES

    # As Discord writes them

    def user_json(self, user_id: int) -> Json:
        """A user object."""
        user = self.users[user_id]
        return {
            "id": str(user.id),
            "username": user.name,
            "discriminator": "0",
            "global_name": None if user.bot else user.name,
            "avatar": None,
            "bot": user.bot,
            "public_flags": 0,
        }

    def member_json(self, guild: Guild, user_id: int) -> Json:
        """A guild member object."""
        return {
            "user": self.user_json(user_id),
            "nick": None,
            "avatar": None,
            "roles": [str(role_id) for role_id in guild.members.get(user_id, [])],
            "joined_at": created_at(guild.id),
            "premium_since": None,
            "deaf": False,
            "mute": False,
            "flags": 0,
        }

    def role_json(self, role: Role) -> Json:
        """A role object."""
        return {
            "id": str(role.id),
            "name": role.name,
            "color": 0,
            "hoist": False,
            "position": role.position,
            "permissions": str(role.permissions),
            "managed": False,
            "mentionable": role.mentionable,
            "flags": 0,
        }

    def channel_json(self, channel: Channel) -> Json:
        """A channel object."""
        common: Json = {"id": str(channel.id), "type": int(channel.type), "last_message_id": None, "flags": 0}
        if channel.type is ChannelType.DM:
            return common | {"recipients": [self.user_json(channel.recipient_id or 0)]}
        overwrites = [
            {"id": str(each.id), "type": each.type, "allow": str(each.allow), "deny": str(each.deny)}
            for each in channel.overwrites
        ]
        return common | {
            "guild_id": str(channel.guild_id),
            "name": channel.name,
            "position": 0,
            "parent_id": None,
            "topic": None,
            "nsfw": False,
            "rate_limit_per_user": 0,
            "permission_overwrites": overwrites,
        }

    def guild_json(self, guild: Guild) -> Json:
        """A guild object."""
        return {
            "id": str(guild.id),
            "name": guild.name,
            "icon": None,
            "owner_id": str(guild.owner_id),
            "system_channel_id": None if guild.system_channel_id is None else str(guild.system_channel_id),
            "system_channel_flags": 0,
            "preferred_locale": "en-US",
            "features": [],
            "emojis": [],
            "stickers": [],
            "roles": [self.role_json(role) for role in guild.roles.values()],
            "verification_level": 0,
            "default_message_notifications": 0,
            "explicit_content_filter": 0,
            "mfa_level": 0,
            "nsfw_level": 0,
            "premium_tier": 0,
            "afk_timeout": 300,
        }

    def guild_create_json(self, guild: Guild) -> Json:
        """What GUILD_CREATE brings (topics/gateway-events): without privileged intents, of the members only the bot."""
        return self.guild_json(guild) | {
            "joined_at": created_at(guild.id),
            "large": False,
            "unavailable": False,
            "member_count": len(guild.members),
            "members": [self.member_json(guild, self.bot.id)],
            "channels": [self.channel_json(channel) for channel in guild.channels.values()],
            "threads": [],
            "presences": [],
            "voice_states": [],
            "stage_instances": [],
            "guild_scheduled_events": [],
            "soundboard_sounds": [],
        }

    def message_json(self, message: Message, *, with_reference: bool = True) -> Json:
        """A message object."""
        body: Json = {
            "id": str(message.id),
            "type": 0 if message.reference_id is None else 19,
            "channel_id": str(message.channel_id),
            "author": self.user_json(message.author_id),
            "content": message.content,
            "timestamp": created_at(message.id),
            "edited_timestamp": None if message.edited_at is None else message.edited_at.isoformat(),
            "tts": False,
            "mention_everyone": message.pings.everyone,
            "mentions": [self.user_json(each) for each in mentioned_users(message.content) if each in self.users],
            "mention_roles": [str(each) for each in mentioned_roles(message.content)],
            "attachments": [self._attachment_json(message, each) for each in message.attachments],
            "embeds": [{"type": "rich"} | embed for embed in message.embeds],
            "components": message.components,
            "pinned": message.pinned,
            "flags": message.flags,
        }
        if message.nonce is not None:
            body["nonce"] = message.nonce
        if message.interaction is not None:
            body |= {
                "type": 20,
                "application_id": str(self.application_id),
                "webhook_id": str(self.application_id),
                "interaction_metadata": message.interaction,
            }
        if message.reference_id is not None and with_reference:
            body |= self._reference_json(message)
        return body

    def _reference_json(self, message: Message) -> Json:
        original = self.messages[message.channel_id].get(message.reference_id or 0)
        reference = {"type": 0, "message_id": str(message.reference_id), "channel_id": str(message.channel_id)}
        return {
            "message_reference": reference | self._guild_of(message),
            "referenced_message": original and self.message_json(original, with_reference=False),
        }

    def _attachment_json(self, message: Message, attachment: Attachment) -> Json:
        url = f"https://cdn.discordapp.com/attachments/{message.channel_id}/{attachment.id}/{attachment.filename}"
        return {
            "id": str(attachment.id),
            "filename": attachment.filename,
            "size": len(attachment.data),
            "url": url,
            "proxy_url": url.replace("cdn.discordapp.com", "media.discordapp.net"),
        }
