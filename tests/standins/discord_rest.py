"""The REST routes of the Discord stand-in that need the bot's token."""

from __future__ import annotations

from http import HTTPStatus

from .discord_commands import Commands
from .discord_messages import Messages
from .discord_objects import ApiError, Channel, Json, Message, Permission, created_at
from .discord_requests import Request, Route
from .discord_state import State

_PAGE = 50


class Rest:
    """Answers the routes for the application, guilds, channels and messages."""

    def __init__(self, state: State, messages: Messages, commands: Commands, gateway_url: str) -> None:
        self._state = state
        self._messages = messages
        self._commands = commands
        self._gateway_url = gateway_url

    def routes(self) -> list[Route]:
        """Every route, its path as the specification writes it."""
        channel, message = "/channels/{channel_id}", "/channels/{channel_id}/messages/{message_id}"
        application = "/applications/{application_id}"
        return [
            Route("GET", "/gateway", self._gateway, needs_bot=False),
            Route("GET", "/gateway/bot", self._gateway_bot),
            Route("GET", "/users/@me", self._own_user),
            Route("POST", "/users/@me/channels", self._open_dm),
            Route("GET", "/users/{user_id}", self._user),
            Route("GET", "/oauth2/applications/@me", self._application),
            Route("GET", f"{application}/commands", self._list_commands),
            Route("PUT", f"{application}/commands", self._replace_commands),
            Route("GET", f"{application}/guilds/{{guild_id}}/commands", self._list_commands),
            Route("PUT", f"{application}/guilds/{{guild_id}}/commands", self._replace_commands),
            Route("GET", "/guilds/{guild_id}", self._guild),
            Route("GET", "/guilds/{guild_id}/channels", self._guild_channels),
            Route("GET", "/guilds/{guild_id}/roles", self._guild_roles),
            Route("GET", "/guilds/{guild_id}/members/{user_id}", self._guild_member),
            Route("GET", channel, self._channel),
            Route("POST", f"{channel}/typing", self._typing),
            Route("GET", f"{channel}/messages", self._list_messages),
            Route("POST", f"{channel}/messages", self._create_message),
            Route("GET", f"{channel}/messages/pins", self._list_pins),
            Route("PUT", f"{channel}/messages/pins/{{message_id}}", self._pin),
            Route("DELETE", f"{channel}/messages/pins/{{message_id}}", self._unpin),
            Route("GET", message, self._message),
            Route("PATCH", message, self._edit_message),
            Route("DELETE", message, self._delete_message),
        ]

    # The application

    def _gateway(self, _request: Request) -> Json:
        return {"url": self._gateway_url}

    def _gateway_bot(self, _request: Request) -> Json:
        limits = {"total": 1000, "remaining": 999, "reset_after": 0, "max_concurrency": 1}
        return {"url": self._gateway_url, "shards": 1, "session_start_limit": limits}

    def _own_user(self, _request: Request) -> Json:
        return self._state.user_json(self._state.bot.id) | {"verified": True, "mfa_enabled": False, "flags": 0}

    def _user(self, request: Request) -> Json:
        user_id = request.id("user_id")
        if user_id not in self._state.users:
            raise ApiError(HTTPStatus.NOT_FOUND, 10013, "Unknown User")
        return self._state.user_json(user_id)

    def _application(self, _request: Request) -> Json:
        owner = next(iter(self._state.guilds.values())).owner_id if self._state.guilds else self._state.bot.id
        return {
            "id": str(self._state.application_id),
            "name": self._state.bot.name,
            "icon": None,
            "description": "",
            "summary": "",
            "bot_public": True,
            "bot_require_code_grant": False,
            "verify_key": "0" * 64,
            "owner": self._state.user_json(owner),
            "team": None,
            "flags": 0,
            "interactions_endpoint_url": None,
        }

    def _list_commands(self, request: Request) -> list[Json]:
        return self._commands.synced(self._scope(request))

    def _replace_commands(self, request: Request) -> list[Json]:
        return self._commands.replace(self._scope(request), request.body)

    def _scope(self, request: Request) -> int | None:
        if request.id("application_id") != self._state.application_id:
            raise ApiError(HTTPStatus.FORBIDDEN, 20012, "You are not authorized to act for this application")
        if "guild_id" not in request.parameters:
            return None
        if request.id("guild_id") not in self._state.guilds:
            raise ApiError(HTTPStatus.FORBIDDEN, 50001, "Missing Access")
        return request.id("guild_id")

    # Guilds

    def _guild(self, request: Request) -> Json:
        return self._state.guild_json(self._state.guild(request.id("guild_id")))

    def _guild_channels(self, request: Request) -> list[Json]:
        guild = self._state.guild(request.id("guild_id"))
        return [self._state.channel_json(channel) for channel in guild.channels.values()]

    def _guild_roles(self, request: Request) -> list[Json]:
        guild = self._state.guild(request.id("guild_id"))
        return [self._state.role_json(role) for role in guild.roles.values()]

    def _guild_member(self, request: Request) -> Json:
        guild = self._state.guild(request.id("guild_id"))
        if request.id("user_id") not in guild.members:
            raise ApiError(HTTPStatus.NOT_FOUND, 10007, "Unknown Member")
        return self._state.member_json(guild, request.id("user_id"))

    # Channels

    def _channel(self, request: Request) -> Json:
        return self._state.channel_json(self._visible(request))

    def _open_dm(self, request: Request) -> Json:
        recipient = int(request.body["recipient_id"])
        if recipient not in self._state.users:
            raise ApiError(HTTPStatus.BAD_REQUEST, 50033, "Invalid Recipient(s)")
        return self._state.channel_json(self._state.dm_channel(recipient))

    def _typing(self, request: Request) -> None:
        self._visible(request, Permission.SEND_MESSAGES)

    def _visible(self, request: Request, *needed: Permission) -> Channel:
        return self._state.visible_channel(request.id("channel_id"), *needed)

    # Messages

    def _list_messages(self, request: Request) -> list[Json]:
        channel = self._visible(request, Permission.READ_MESSAGE_HISTORY)
        limit = int(request.query.get("limit", _PAGE))
        before = int(request.query.get("before", 1 << 63))
        after = int(request.query.get("after", 0))
        found = [each for each in self._public(channel) if after < each.id < before]
        chosen = found[:limit] if after else found[-limit:]
        return [self._state.message_json(message) for message in reversed(chosen)]

    def _public(self, channel: Channel) -> list[Message]:
        return [each for each in self._state.messages.get(channel.id, {}).values() if not each.ephemeral]

    def _create_message(self, request: Request) -> Json:
        body: Json = request.body or {}
        channel = self._visible(request, *_needed(body, request))
        recipient = self._state.users.get(channel.recipient_id or 0)
        if recipient is not None and not recipient.accepts_dms:
            raise ApiError(HTTPStatus.FORBIDDEN, 50007, "Cannot send messages to this user")
        message = self._messages.with_nonce(channel.id, body) or self._messages.create(channel.id, body, request)
        return self._state.message_json(message)

    def _found(self, request: Request, *needed: Permission) -> Message:
        """The message of the path; one that only its reader sees is unknown here."""
        channel = self._visible(request, *needed)
        message = self._state.message(channel.id, request.id("message_id"))
        if message.ephemeral:
            raise ApiError(HTTPStatus.NOT_FOUND, 10008, "Unknown Message")
        return message

    def _message(self, request: Request) -> Json:
        return self._state.message_json(self._found(request, Permission.READ_MESSAGE_HISTORY))

    def _edit_message(self, request: Request) -> Json:
        message = self._found(request)
        if message.author_id != self._state.bot.id:
            raise ApiError(HTTPStatus.FORBIDDEN, 50005, "Cannot edit a message authored by another user")
        self._messages.edit(message, request.body or {}, request)
        return self._state.message_json(message)

    def _delete_message(self, request: Request) -> None:
        message = self._found(request)
        if message.author_id != self._state.bot.id:
            self._visible(request, Permission.MANAGE_MESSAGES)
        self._state.delete(message)

    def _list_pins(self, request: Request) -> Json:
        channel = self._visible(request)
        pinned = [each for each in reversed(self._public(channel)) if each.pinned]
        items = [{"pinned_at": created_at(each.id), "message": self._state.message_json(each)} for each in pinned]
        return {"items": items[:_PAGE], "has_more": False}

    def _pin(self, request: Request) -> None:
        self._set_pinned(request, pinned=True)

    def _unpin(self, request: Request) -> None:
        self._set_pinned(request, pinned=False)

    def _set_pinned(self, request: Request, *, pinned: bool) -> None:
        message = self._found(request, Permission.PIN_MESSAGES)
        message.pinned = pinned
        self._state.edited(message)


def _needed(body: Json, request: Request) -> list[Permission]:
    """Return the permissions needed to send this; without Embed Links it is refused, not stripped of its embeds."""
    needed = [Permission.SEND_MESSAGES]
    if body.get("embeds"):
        needed.append(Permission.EMBED_LINKS)
    if request.files:
        needed.append(Permission.ATTACH_FILES)
    if body.get("message_reference"):
        needed.append(Permission.READ_MESSAGE_HISTORY)
    return needed
