"""Whether an earlier attempt reached Discord unnoticed: a nonce works for minutes only, and trouble may last longer."""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta

import discord

from bot.ui import custom_ids
from bot.ui.alerts import OutgoingMessage
from bot.ui.board import is_board
from bot.ui.formatting import without_names

_NONCE_LASTS = timedelta(minutes=2)
"""Discord drops a repeat by its nonce for "the past few minutes" (Create Message, `enforce_nonce`)."""
_CLOCK_SKEW = timedelta(minutes=1)
_MOST_SEARCHED = 200
_ALERT_BUTTONS = (custom_ids.MUTE, custom_ids.UNMUTE)
_NUMBER = re.compile(r"\d+")


@dataclass(frozen=True, slots=True)
class AlertSignature:
    """The same words, or an open alert of the same incident.

    Somebody may have named a token since: words are compared without the names in them.
    """

    text: str | None
    """None where the words do not identify it."""
    incident_id: int | None = None

    def matches(self, message: discord.Message) -> bool:
        """Whether it is this Discord message's."""
        if message.reference is not None:
            return False
        is_same_text = self.text is not None and without_names(message.content) == without_names(self.text)
        return is_same_text or (self.incident_id is not None and _incident_id(message) == self.incident_id)


@dataclass(frozen=True, slots=True)
class ReplySignature:
    """The same reply to the same Discord message."""

    text: str
    message_id: int
    ignores_numbers: bool = False
    """A reminder says how long the incident has lasted, and each attempt says something else."""

    def matches(self, message: discord.Message) -> bool:
        """Whether it is this Discord message's."""
        if message.reference is None or message.reference.message_id != self.message_id:
            return False
        return self._comparable(message.content) == self._comparable(self.text)

    def _comparable(self, text: str) -> str:
        return _NUMBER.sub("", without_names(text)) if self.ignores_numbers else without_names(text)


@dataclass(frozen=True, slots=True)
class BoardSignature:
    """Any board that no command has answered with."""

    def matches(self, message: discord.Message) -> bool:
        """Whether it is this Discord message's."""
        return message.interaction_metadata is None and is_board(message)


Signature = AlertSignature | ReplySignature | BoardSignature


async def find_previous_attempt(
    channel: discord.PartialMessageable,
    signature: Signature,
    since: datetime | None,
    me: discord.ClientUser | None,
    now: datetime,
) -> discord.Message | None:
    """Find what an attempt since then has left in a channel, where Discord may have forgotten its nonce."""
    if since is None or now - since < _NONCE_LASTS:
        return None
    async for message in channel.history(limit=_MOST_SEARCHED, after=since - _CLOCK_SKEW, oldest_first=False):
        if message.author == me and signature.matches(message):
            return message
    return None


def shows(message: discord.Message, wanted: OutgoingMessage) -> bool:
    """Whether a Discord message says all that is wanted; its embed counts, as words of two states may be the same."""
    embeds = [_lines(wanted.embed)] if wanted.embed is not None else []
    return (
        without_names(message.content) == without_names(wanted.content) and list(map(_lines, message.embeds)) == embeds
    )


def _lines(embed: discord.Embed) -> list[str | None]:
    return [embed.title, embed.description, *(line for field in embed.fields for line in (field.name, field.value))]


def _incident_id(message: discord.Message) -> int | None:
    """Read which incident an open alert is about from the custom ids of its buttons."""
    for row in message.components:
        for component in row.children if isinstance(row, discord.ActionRow) else ():
            for button in _ALERT_BUTTONS:
                if values := button.decode(component.custom_id or ""):
                    return int(values["incident_id"])
    return None
