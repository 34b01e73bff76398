"""Making and changing messages as Discord does. Facts from https://discord.com/developers/docs/resources/message."""

from __future__ import annotations

from datetime import UTC, datetime
from http import HTTPStatus

from .changes import loop_time
from .discord_objects import (
    ApiError,
    Attachment,
    Json,
    Message,
    MessageFlag,
    Permission,
    Pings,
    allowed,
    invalid_body,
    mentioned_roles,
    mentioned_users,
)
from .discord_requests import Request
from .discord_state import State

NONCE_LIFETIME = 180.0
"""Seconds for which a nonce is remembered by default; Discord says "the past few minutes"."""
_SETTABLE_FLAGS = (1 << 2) | MessageFlag.EPHEMERAL | MessageFlag.SUPPRESS_NOTIFICATIONS | MessageFlag.COMPONENTS_V2


class Messages:
    """Creates, edits and removes messages in the state."""

    def __init__(self, state: State, nonce_lifetime: float) -> None:
        self.repeats = 0
        self._state = state
        self._nonce_lifetime = nonce_lifetime

    def create(self, channel_id: int, body: Json, request: Request, *, interaction: Json | None = None) -> Message:
        """Create the message of a request body and store it."""
        message = self.blank(channel_id, interaction=interaction)
        self.fill(message, body, request)
        self._state.store(message)
        return message

    def blank(self, channel_id: int, *, flags: int = 0, interaction: Json | None = None) -> Message:
        """Return an empty message of the bot; its channel must still exist."""
        state = self._state
        state.channel(channel_id)
        return Message(state.snowflakes.next(), channel_id, state.bot.id, flags=flags, interaction=interaction)

    def fill(self, message: Message, body: Json, request: Request) -> None:
        """Give a new message what the body says. Only now does it notify anyone."""
        message.nonce = body.get("nonce")
        message.reference_id = self._reference(message.channel_id, body)
        message.flags |= (body.get("flags") or 0) & _SETTABLE_FLAGS
        self._change(message, body, request)
        message.allowed_mentions = body.get("allowed_mentions")
        message.pings = self._pings(message)
        self._refuse_if_empty(message)

    def edit(self, message: Message, body: Json, request: Request) -> None:
        """Change what the body names. An edit notifies nobody."""
        self._change(message, body, request)
        self._refuse_if_empty(message)
        message.edits += 1
        message.edited_at = datetime.now(UTC)
        self._state.edited(message)

    def with_nonce(self, channel_id: int, body: Json) -> Message | None:
        """The message that already carries this nonce, if the body asks to check that; counts such repeats."""
        nonce = body.get("nonce")
        if nonce is None or not body.get("enforce_nonce"):
            return None
        since = loop_time() - self._nonce_lifetime
        for message in self._state.messages.get(channel_id, {}).values():
            if str(message.nonce) == str(nonce) and message.created > since:
                self.repeats += 1
                return message
        return None

    def _change(self, message: Message, body: Json, request: Request) -> None:
        if "content" in body:
            message.content = body["content"] or ""
        if "embeds" in body:
            message.embeds = body["embeds"] or []
        if "components" in body:
            message.components = body["components"] or []
        if "attachments" in body or request.files:
            kept = {str(each["id"]) for each in body.get("attachments") or []}
            new = [Attachment(self._state.snowflakes.next(), name, data) for name, data in request.files]
            message.attachments = [each for each in message.attachments if str(each.id) in kept] + new

    def _reference(self, channel_id: int, body: Json) -> int | None:
        """The message replied to; a missing one is an error unless the body says otherwise."""
        reference = body.get("message_reference")
        if not reference:
            return None
        message_id = int(reference["message_id"])
        if message_id in self._state.messages.get(channel_id, {}):
            return message_id
        if reference.get("fail_if_not_exists", True):
            problem = {"code": "REPLIES_UNKNOWN_MESSAGE", "message": "Unknown message"}
            raise invalid_body({"message_reference": {"_errors": [problem]}})
        return None

    def _pings(self, message: Message) -> Pings:
        """A role is notified if it is mentionable or the bot may mention everyone (topics/permissions)."""
        channel = self._state.channels[message.channel_id]
        content, rules = message.content, message.allowed_mentions
        if channel.guild_id is None:
            return Pings(allowed(mentioned_users(content), rules, "users"))
        everywhere = bool(self._state.permissions(channel, message.author_id) & Permission.MENTION_EVERYONE)
        roles = self._state.guilds[channel.guild_id].roles
        mentionable = {role_id for role_id, role in roles.items() if everywhere or role.mentionable}
        everyone = everywhere and ("@everyone" in content or "@here" in content)
        return Pings(
            allowed(mentioned_users(content), rules, "users"),
            allowed(mentioned_roles(content), rules, "roles") & mentionable,
            everyone and (rules is None or "everyone" in (rules.get("parse") or [])),
        )

    def _refuse_if_empty(self, message: Message) -> None:
        if not (message.content or message.embeds or message.components or message.attachments):
            raise ApiError(HTTPStatus.BAD_REQUEST, 50006, "Cannot send an empty message")
