"""Finds what an earlier attempt has posted unnoticed. Discord forgets a nonce in minutes; an outage may last longer."""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta

import discord

from bot.notifier.rate_limits import clock_ahead
from bot.ui import custom_ids, texts
from bot.ui.alerts import OutgoingMessage
from bot.ui.board import is_board
from bot.ui.formatting import without_names

NONCE_LIFETIME = timedelta(minutes=2)
"""Discord drops a repeat by its nonce for "the past few minutes" (Create Message, `enforce_nonce`)."""
_CLOCK_SKEW = timedelta(minutes=1)  # between this machine and Discord, whose ids hold the time
_SEARCHED_IF_UNKNOWN = timedelta(hours=1)
_MAX_SEARCHED = 200  # two requests: Discord returns 100 messages at most (Get Channel Messages, `limit`)
_ALERT_BUTTONS = (custom_ids.MUTE, custom_ids.UNMUTE)
_UNITS = [unit.format(number=r"\d+") for unit in (texts.common.DAYS, texts.common.HOURS, texts.common.MINUTES)]
_NUMBER = re.compile(rf"(?:(?:{'|'.join([*_UNITS, texts.common.UNDER_A_MINUTE])})\s*)+|\d+")
"""A duration, which has other units when it is longer, or another number."""


@dataclass(frozen=True, slots=True)
class AlertSignature:
    """Matches a message with the same text, or an open alert of the same incident.

    Texts are compared without token names, because somebody may have renamed a token since.
    """

    text: str | None
    """None if the text does not identify the message."""
    incident_id: int | None = None

    def matches(self, message: discord.Message) -> bool:
        """Whether an earlier attempt posted this Discord message."""
        if message.reference is not None:
            return False
        is_same_text = self.text is not None and without_names(message.content) == without_names(self.text)
        return is_same_text or (self.incident_id is not None and _incident_id(message) == self.incident_id)


@dataclass(frozen=True, slots=True)
class ReplySignature:
    """Matches the same reply to the same Discord message."""

    text: str
    message_id: int
    ignores_numbers: bool = False
    """A reminder has the incident's duration in its text, which differs from attempt to attempt."""

    def matches(self, message: discord.Message) -> bool:
        """Whether an earlier attempt posted this Discord message."""
        if message.reference is None or message.reference.message_id != self.message_id:
            return False
        return self._comparable(message.content) == self._comparable(self.text)

    def _comparable(self, text: str) -> str:
        return _NUMBER.sub("", without_names(text)) if self.ignores_numbers else without_names(text)


@dataclass(frozen=True, slots=True)
class BoardSignature:
    """Matches any board that is not the answer to a command."""

    def matches(self, message: discord.Message) -> bool:
        """Whether an earlier attempt posted this Discord message."""
        return message.interaction_metadata is None and is_board(message)


@dataclass(frozen=True, slots=True)
class OutageSignature:
    """Matches an alert that nothing can be recorded, which does not say yet that this is over."""

    other_than: frozenset[int] = frozenset()

    def matches(self, message: discord.Message) -> bool:
        """Whether this or another process posted this Discord message."""
        return message.id not in self.other_than and any(
            embed.title == texts.database.TITLE for embed in message.embeds
        )


Signature = AlertSignature | ReplySignature | BoardSignature | OutageSignature


async def find_previous_attempt(
    channel: discord.PartialMessageable,
    signature: Signature,
    since: datetime | None,
    me: discord.ClientUser | None,
    now: datetime,
) -> discord.Message | None:
    """Return the message that an attempt since then has posted in a channel; None if there is none.

    Nothing is searched while Discord still knows the nonce and drops a repeat by itself.
    """
    if since is None or timedelta() <= now - since < NONCE_LIFETIME:
        return None
    return await search(channel, signature, since, me, now)


async def search(
    channel: discord.PartialMessageable,
    signature: Signature,
    since: datetime,
    me: discord.ClientUser | None,
    now: datetime,
) -> discord.Message | None:
    """Return the message with this signature that was posted in a channel since then; None if there is none."""
    after = discord_time(since, now)
    found = await _first_after(channel, signature, after, me)
    # Only a response says how far the clock is ahead.
    if found is None and (earlier := discord_time(since, now)) < after:
        found = await _first_after(channel, signature, earlier, me)
    return found


def discord_time(since: datetime, now: datetime) -> datetime:
    """Return from when to search, by Discord's clock, for what was posted since a time by this machine's."""
    if since > now:
        # The clock was ahead then, so the time of the earlier attempt is unknown.
        since = now - _SEARCHED_IF_UNKNOWN
    # If it is ahead now, it may have been so at the earlier attempt.
    return since - clock_ahead() - _CLOCK_SKEW


async def _first_after(
    channel: discord.PartialMessageable, signature: Signature, after: datetime, me: discord.ClientUser | None
) -> discord.Message | None:
    async for message in channel.history(limit=_MAX_SEARCHED, after=after, oldest_first=False):
        if message.author == me and signature.matches(message):
            return message
    return None


def shows(message: discord.Message, wanted: OutgoingMessage) -> bool:
    """Whether a Discord message shows what is wanted. The embed counts too: two states may have the same text."""
    embeds = [_lines(wanted.embed)] if wanted.embed is not None else []
    return (
        without_names(message.content) == without_names(wanted.content) and list(map(_lines, message.embeds)) == embeds
    )


def _lines(embed: discord.Embed) -> list[str | None]:
    return [embed.title, embed.description, *(line for field in embed.fields for line in (field.name, field.value))]


def _incident_id(message: discord.Message) -> int | None:
    """Return the incident of an open alert, from the custom ids of its buttons; None for other messages."""
    for row in message.components:
        for component in row.children if isinstance(row, discord.ActionRow) else ():
            for button in _ALERT_BUTTONS:
                if values := button.decode(component.custom_id or ""):
                    return int(values["incident_id"])
    return None
