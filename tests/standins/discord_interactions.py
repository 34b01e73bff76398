"""Interactions: their records, the bot's answers to them and the follow-ups (interactions/receiving-and-responding)."""

from __future__ import annotations

import asyncio
import secrets
from dataclasses import dataclass, field
from enum import IntEnum
from http import HTTPStatus

from .changes import Changes, loop_time
from .discord_messages import Messages
from .discord_objects import ApiError, Json, Message, MessageFlag, invalid_body
from .discord_requests import Request, Route
from .discord_state import State

TOKEN_LIFETIME = 15 * 60.0


class InteractionType(IntEnum):
    """The kinds of interactions."""

    COMMAND = 2
    COMPONENT = 3
    AUTOCOMPLETE = 4
    MODAL_SUBMIT = 5


class CallbackType(IntEnum):
    """The kinds of responses."""

    MESSAGE = 4
    DEFERRED_MESSAGE = 5
    DEFERRED_UPDATE = 6
    UPDATE = 7
    CHOICES = 8
    MODAL = 9


_ALLOWED = {
    InteractionType.COMMAND: {CallbackType.MESSAGE, CallbackType.DEFERRED_MESSAGE, CallbackType.MODAL},
    InteractionType.AUTOCOMPLETE: {CallbackType.CHOICES},
    InteractionType.COMPONENT: set(CallbackType) - {CallbackType.CHOICES},
    InteractionType.MODAL_SUBMIT: set(CallbackType) - {CallbackType.CHOICES, CallbackType.MODAL},
}


@dataclass(slots=True, eq=False)
class Interaction:
    """One interaction, and its result so far. A test awaits `acknowledged`, `answered` or `followed_up`."""

    id: int
    type: InteractionType
    user: Json
    channel_id: int
    changes: Changes = field(repr=False)
    source: Message | None = None
    token: str = field(default_factory=lambda: secrets.token_urlsafe(32))
    sent: float = field(default_factory=loop_time)
    callback: CallbackType | None = None
    acknowledged_after: float | None = None
    late: bool = False
    original: Message | None = None
    updated: bool = False
    followups: list[Message] = field(default_factory=list)
    choices: list[Json] | None = None
    modal: Json | None = None

    @property
    def deferred(self) -> bool:
        """Whether the bot deferred its response."""
        return self.callback in (CallbackType.DEFERRED_MESSAGE, CallbackType.DEFERRED_UPDATE)

    @property
    def ephemeral(self) -> bool:
        """Whether only the user sees the response."""
        return self.original is not None and self.original.ephemeral

    @property
    def message(self) -> Message | None:
        """The answer as people see it; None while the bot is thinking, or has not touched the pressed message."""
        if self.callback in (CallbackType.DEFERRED_UPDATE, CallbackType.UPDATE):
            return self.original if self.updated else None
        return None if self.original is None or self.original.loading else self.original

    async def acknowledged(self, timeout: float = 10.0) -> Interaction:  # noqa: ASYNC109 - as asyncio.wait_for names it
        """Wait until the bot has answered or deferred."""
        await self.changes.wait_for(lambda: self.callback is not None, timeout)
        return self

    async def answered(self, timeout: float = 10.0) -> Message:  # noqa: ASYNC109 - as asyncio.wait_for names it
        """Wait for the answer people see."""
        return await self.changes.wait_for(lambda: self.message, timeout)

    async def followed_up(self, count: int = 1, timeout: float = 10.0) -> list[Message]:  # noqa: ASYNC109 - as above
        """Wait for this many follow-ups beside the answer."""
        await self.changes.wait_for(lambda: len(self.followups) >= count, timeout)
        return self.followups

    async def completed(self, timeout: float = 10.0) -> list[Json]:  # noqa: ASYNC109 - as asyncio.wait_for names it
        """Wait for the choices of an autocomplete."""
        await self.changes.wait_for(lambda: self.choices is not None, timeout)
        return self.choices or []


class Interactions:
    """The interactions so far, and the routes with which the bot answers them."""

    def __init__(self, state: State, messages: Messages, changes: Changes, deadline: float) -> None:
        self.all: list[Interaction] = []
        self._state = state
        self._messages = messages
        self._changes = changes
        self._deadline = deadline

    def open(self, kind: InteractionType, user_id: int, channel_id: int, source: Message | None = None) -> Interaction:
        """Start an interaction; without a response in time it is late, and its token is invalid."""
        user = self._state.user_json(user_id)
        interaction = Interaction(self._state.snowflakes.next(), kind, user, channel_id, self._changes, source)
        self.all.append(interaction)
        asyncio.get_running_loop().call_later(self._deadline, self._expire, interaction)
        return interaction

    def _expire(self, interaction: Interaction) -> None:
        interaction.late = interaction.callback is None
        self._changes.notify()

    def routes(self) -> list[Route]:
        """The routes that need no bot token, since the interaction's own token is in the path."""
        webhook = "/webhooks/{webhook_id}/{webhook_token}"
        callback = "/interactions/{interaction_id}/{interaction_token}/callback"
        return [
            Route("POST", callback, self._callback, needs_bot=False),
            Route("POST", webhook, self._follow_up, needs_bot=False),
            Route("GET", f"{webhook}/messages/{{message_id}}", self._get, needs_bot=False),
            Route("PATCH", f"{webhook}/messages/{{message_id}}", self._edit, needs_bot=False),
            Route("DELETE", f"{webhook}/messages/{{message_id}}", self._delete, needs_bot=False),
        ]

    # The first answer

    def _callback(self, request: Request) -> Json | None:
        interaction = self._pending(request)
        data: Json = request.body.get("data") or {}
        if request.body["type"] not in _ALLOWED[interaction.type]:
            problem = {"code": "INTERACTION_CALLBACK_TYPE", "message": "Not for this interaction"}
            raise invalid_body({"type": {"_errors": [problem]}})
        kind = CallbackType(request.body["type"])
        self._act(interaction, kind, data, request)
        interaction.callback = kind
        interaction.acknowledged_after = loop_time() - interaction.sent
        return self._callback_json(interaction) if request.query.get("with_response") in ("1", "true") else None

    def _pending(self, request: Request) -> Interaction:
        wanted = (request.id("interaction_id"), request.parameters["interaction_token"])
        found = next((each for each in self.all if (each.id, each.token) == wanted), None)
        if found is None or found.late:
            raise ApiError(HTTPStatus.NOT_FOUND, 10062, "Unknown interaction")
        if found.callback is not None:
            raise ApiError(HTTPStatus.BAD_REQUEST, 40060, "Interaction has already been acknowledged.")
        return found

    def _act(self, interaction: Interaction, kind: CallbackType, data: Json, request: Request) -> None:
        metadata = self._metadata(interaction)
        if kind is CallbackType.MESSAGE:
            interaction.original = self._messages.create(interaction.channel_id, data, request, interaction=metadata)
        elif kind is CallbackType.DEFERRED_MESSAGE:
            flags = (data.get("flags") or 0) & MessageFlag.EPHEMERAL | MessageFlag.LOADING
            interaction.original = self._messages.blank(interaction.channel_id, flags=flags, interaction=metadata)
            self._state.store(interaction.original)
        elif kind is CallbackType.CHOICES:
            interaction.choices = data["choices"]
        elif kind is CallbackType.MODAL:
            interaction.modal = data
        else:
            interaction.original = interaction.source
            if kind is CallbackType.UPDATE and interaction.source is not None:
                self._messages.edit(interaction.source, data, request)
                interaction.updated = True

    def _metadata(self, interaction: Interaction) -> Json:
        return {
            "id": str(interaction.id),
            "type": int(interaction.type),
            "user": interaction.user,
            "authorizing_integration_owners": {},
        }

    def _callback_json(self, interaction: Interaction) -> Json:
        body: Json = {"interaction": {"id": str(interaction.id), "type": int(interaction.type)}}
        if interaction.original is not None and interaction.callback is not None:
            body["interaction"] |= {
                "response_message_id": str(interaction.original.id),
                "response_message_loading": interaction.original.loading,
                "response_message_ephemeral": interaction.original.ephemeral,
            }
            message = self._state.message_json(interaction.original)
            body["resource"] = {"type": int(interaction.callback), "message": message}
        return body

    # Follow-ups

    def _of_token(self, request: Request) -> Interaction:
        found = next((each for each in self.all if each.token == request.parameters["webhook_token"]), None)
        known = found is not None and request.id("webhook_id") == self._state.application_id
        if found is None or not known or found.callback is None:
            raise ApiError(HTTPStatus.NOT_FOUND, 10015, "Unknown Webhook")
        if loop_time() - found.sent > TOKEN_LIFETIME:
            raise ApiError(HTTPStatus.UNAUTHORIZED, 50027, "Invalid Webhook Token")
        return found

    def _follow_up(self, request: Request) -> Json:
        """The first one after a deferral replaces the thinking message, and stays as ephemeral as that."""
        interaction = self._of_token(request)
        body: Json = request.body or {}
        original = interaction.original
        if original is not None and original.loading:
            self._show(original, body, request)
            return self._state.message_json(original)
        metadata = self._metadata(interaction)
        message = self._messages.create(interaction.channel_id, body, request, interaction=metadata)
        interaction.followups.append(message)
        return self._state.message_json(message)

    def _show(self, message: Message, body: Json, request: Request) -> None:
        ephemeral = message.flags & MessageFlag.EPHEMERAL
        self._messages.fill(message, body, request)
        message.flags = message.flags & ~(MessageFlag.LOADING | MessageFlag.EPHEMERAL) | ephemeral
        self._state.edited(message)

    def _message_of(self, interaction: Interaction, request: Request) -> Message:
        wanted = request.parameters["message_id"]
        mine = [*interaction.followups, *([interaction.original] if interaction.original else [])]
        for message in mine:
            is_wanted = message is interaction.original if wanted == "@original" else str(message.id) == wanted
            if is_wanted:
                return self._state.message(message.channel_id, message.id)
        raise ApiError(HTTPStatus.NOT_FOUND, 10008, "Unknown Message")

    def _get(self, request: Request) -> Json:
        return self._state.message_json(self._message_of(self._of_token(request), request))

    def _edit(self, request: Request) -> Json:
        interaction = self._of_token(request)
        message = self._message_of(interaction, request)
        if message.loading:
            self._show(message, request.body or {}, request)
        else:
            self._messages.edit(message, request.body or {}, request)
        interaction.updated = interaction.updated or message is interaction.original
        return self._state.message_json(message)

    def _delete(self, request: Request) -> None:
        self._state.delete(self._message_of(self._of_token(request), request))
