"""The objects of the Discord stand-in. Facts from https://discord.com/developers/docs/resources."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import IntEnum, IntFlag
from http import HTTPStatus
from typing import Any

from .changes import loop_time

Json = dict[str, Any]

_EPOCH_MS = 1_420_070_400_000
_USER_MENTION = re.compile(r"<@!?(\d+)>")
_ROLE_MENTION = re.compile(r"<@&(\d+)>")


class Permission(IntFlag):
    """The permission bits that the stand-in uses (topics/permissions)."""

    ADMINISTRATOR = 1 << 3
    MANAGE_GUILD = 1 << 5
    VIEW_CHANNEL = 1 << 10
    SEND_MESSAGES = 1 << 11
    MANAGE_MESSAGES = 1 << 13
    EMBED_LINKS = 1 << 14
    ATTACH_FILES = 1 << 15
    READ_MESSAGE_HISTORY = 1 << 16
    MENTION_EVERYONE = 1 << 17
    USE_APPLICATION_COMMANDS = 1 << 31
    PIN_MESSAGES = 1 << 51


ALL_PERMISSIONS = (1 << 53) - 1
EVERYONE_PERMISSIONS = int(
    Permission.VIEW_CHANNEL
    | Permission.SEND_MESSAGES
    | Permission.EMBED_LINKS
    | Permission.ATTACH_FILES
    | Permission.READ_MESSAGE_HISTORY
    | Permission.USE_APPLICATION_COMMANDS
)
BOT_PERMISSIONS = EVERYONE_PERMISSIONS | Permission.MENTION_EVERYONE | Permission.PIN_MESSAGES


class MessageFlag(IntFlag):
    """The message flags that the stand-in uses (resources/message)."""

    EPHEMERAL = 1 << 6
    LOADING = 1 << 7
    SUPPRESS_NOTIFICATIONS = 1 << 12
    COMPONENTS_V2 = 1 << 15


# The flags of an enum are slow to combine, and all messages of a channel are looked at often.
_EPHEMERAL = MessageFlag.EPHEMERAL.value


class ChannelType(IntEnum):
    """The channel types that the stand-in has."""

    TEXT = 0
    DM = 1


class ApiError(Exception):
    """An error response, with Discord's own code (topics/opcodes-and-status-codes)."""

    def __init__(self, status: int, code: int, message: str, errors: Json | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.body: Json = {"message": message, "code": code}
        if errors:
            self.body["errors"] = errors


def invalid_body(errors: Json) -> ApiError:
    """The response to an invalid body."""
    return ApiError(HTTPStatus.BAD_REQUEST, 50035, "Invalid Form Body", errors)


class Snowflakes:
    """Generates increasing ids with the time, like Discord's (reference, Snowflakes)."""

    def __init__(self, now: Callable[[], float]) -> None:
        self._last = 0
        self._now = now

    def next(self) -> int:
        """Return an unused id."""
        now = (int(self._now() * 1000) - _EPOCH_MS) << 22
        self._last = max(now, self._last + 1)
        return self._last


def created_at(snowflake: int) -> str:
    """Return when the object with this id was created, in Discord's time format."""
    return datetime.fromtimestamp(((snowflake >> 22) + _EPOCH_MS) / 1000, UTC).isoformat()


@dataclass(slots=True)
class Role:
    """A role; the one with the guild's id is @everyone."""

    id: int
    name: str
    permissions: int
    mentionable: bool
    position: int


@dataclass(slots=True)
class Overwrite:
    """What a channel allows and denies one role (type 0) or member (type 1)."""

    id: int
    type: int
    allow: int
    deny: int


@dataclass(slots=True)
class User:
    """A person, or the bot."""

    id: int
    name: str
    bot: bool = False
    accepts_dms: bool = True


@dataclass(slots=True)
class Channel:
    """A text channel, or a DM channel if it has a recipient."""

    id: int
    name: str
    guild_id: int | None = None
    recipient_id: int | None = None
    overwrites: list[Overwrite] = field(default_factory=list)

    @property
    def type(self) -> ChannelType:
        """Text or DM."""
        return ChannelType.TEXT if self.recipient_id is None else ChannelType.DM


@dataclass(slots=True)
class Guild:
    """A server, its roles, its members (roles by user id) and its channels."""

    id: int
    name: str
    owner_id: int
    roles: dict[int, Role] = field(default_factory=dict)
    members: dict[int, list[int]] = field(default_factory=dict)
    channels: dict[int, Channel] = field(default_factory=dict)
    system_channel_id: int | None = None

    def base_permissions(self, user_id: int) -> int:
        """What the member may do before any channel's overwrites."""
        granted = self.roles[self.id].permissions
        for role_id in self.members.get(user_id, []):
            granted |= self.roles[role_id].permissions
        if user_id == self.owner_id or granted & Permission.ADMINISTRATOR:
            return ALL_PERMISSIONS
        return granted

    def permissions_in(self, channel: Channel, user_id: int) -> int:
        """What the member may do in the channel (topics/permissions, overwrites)."""
        granted = self.base_permissions(user_id)
        if granted == ALL_PERMISSIONS:
            return granted
        role_ids = set(self.members.get(user_id, []))
        for group in (
            [each for each in channel.overwrites if each.id == self.id],
            [each for each in channel.overwrites if each.id in role_ids],
            [each for each in channel.overwrites if each.id == user_id],
        ):
            for overwrite in group:
                granted &= ~overwrite.deny
            for overwrite in group:
                granted |= overwrite.allow
        return granted if granted & Permission.VIEW_CHANNEL else 0


@dataclass(slots=True, frozen=True)
class Attachment:
    """A file that came with a message."""

    id: int
    filename: str
    data: bytes


@dataclass(slots=True, frozen=True)
class Pings:
    """Whom a new message notified: only mentions in the content that `allowed_mentions` lets through."""

    users: frozenset[int] = frozenset()
    roles: frozenset[int] = frozenset()
    everyone: bool = False


def mentioned_users(content: str) -> frozenset[int]:
    """The users named in the content."""
    return frozenset(map(int, _USER_MENTION.findall(content)))


def mentioned_roles(content: str) -> frozenset[int]:
    """The roles named in the content."""
    return frozenset(map(int, _ROLE_MENTION.findall(content)))


def allowed(mentioned: frozenset[int], allowed_mentions: Json | None, kind: str) -> frozenset[int]:
    """The mentions of one kind that are let through; without `allowed_mentions`, all (resources/message)."""
    if allowed_mentions is None or kind in (allowed_mentions.get("parse") or []):
        return mentioned
    return mentioned & frozenset(map(int, allowed_mentions.get(kind) or []))


def walk_components(components: list[Json]) -> Iterator[Json]:
    """Every component, those inside rows, sections and containers too."""
    for component in components:
        yield component
        inner = list(component.get("components") or [])
        inner += [component[key] for key in ("accessory", "component") if component.get(key)]
        yield from walk_components(inner)


@dataclass(slots=True)
class Message:
    """A stored message. `created` is monotonic time, `edits` counts the edits made after it became visible."""

    id: int
    channel_id: int
    author_id: int
    content: str = ""
    embeds: list[Json] = field(default_factory=list)
    components: list[Json] = field(default_factory=list)
    attachments: list[Attachment] = field(default_factory=list)
    nonce: str | int | None = None
    flags: int = 0
    reference_id: int | None = None
    allowed_mentions: Json | None = None
    pings: Pings = field(default_factory=Pings)
    pinned: bool = False
    edits: int = 0
    edited_at: datetime | None = None
    created: float = field(default_factory=loop_time)
    interaction: Json | None = None

    @property
    def ephemeral(self) -> bool:
        """Whether only the one who asked sees it."""
        return bool(self.flags & _EPHEMERAL)

    @property
    def loading(self) -> bool:
        """Whether it still says that the bot is thinking."""
        return bool(self.flags & MessageFlag.LOADING)

    @property
    def silent(self) -> bool:
        """Whether it came without a notification."""
        return bool(self.flags & MessageFlag.SUPPRESS_NOTIFICATIONS)

    def component(self, custom_id: str) -> Json:
        """The component with this custom_id."""
        for component in walk_components(self.components):
            if component.get("custom_id") == custom_id:
                return component
        raise LookupError(f"message {self.id} has no component {custom_id!r}; it has {self.custom_ids()}")

    def custom_ids(self) -> dict[str, str]:
        """The custom_id of each button by its label, of each select menu by its placeholder."""
        return {
            component.get("label") or component.get("placeholder") or "": component["custom_id"]
            for component in walk_components(self.components)
            if component.get("custom_id")
        }
