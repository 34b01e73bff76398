"""Whether an earlier try got through unnoticed: Discord drops repeats for minutes only, and trouble may last longer."""

import re
from collections.abc import Callable
from datetime import datetime, timedelta

import discord

from bot.monitoring.queue import Lot
from bot.storage.deliveries import DeliveryKind
from bot.ui import custom_ids
from bot.ui.alerts import Notice
from bot.ui.wording import nameless

_REMEMBERED = timedelta(minutes=2)
"""For so long Discord drops a repeat by its nonce; it says "the past few minutes"."""
_CLOCKS_DIFFER = timedelta(minutes=1)
_MOST_LOOKED_THROUGH = 200
_OF_AN_ALERT = (custom_ids.MUTE, custom_ids.UNMUTE)
_NUMBER = re.compile(r"\d+")


async def find_earlier(
    channel: discord.PartialMessageable, lot: Lot, notice: Notice, me: discord.ClientUser | None, now: datetime
) -> discord.Message | None:
    """Find what an earlier try to send this has left: the same words, or an open alert of the same incident.

    Meanwhile somebody may have named the token: words are compared without the names in them.
    """

    incident_id = (lot.incident.id if lot.incident is not None else None) or 0

    def is_it(message: discord.Message) -> bool:
        is_the_same = notice.view is None and nameless(message.content) == nameless(notice.content)
        return message.reference is None and (is_the_same or _incident_of(message) == incident_id)

    return await _find(channel, lot, is_it, me, now)


async def find_earlier_reply(
    channel: discord.PartialMessageable,
    lot: Lot,
    kind: DeliveryKind,
    words: str,
    to: discord.MessageReference,
    me: discord.ClientUser | None,
    now: datetime,
) -> discord.Message | None:
    """Find what an earlier try to reply this has left. A reminder says how long it has been, so its numbers differ."""

    def is_it(message: discord.Message) -> bool:
        is_a_reply = message.reference is not None and message.reference.message_id == to.message_id
        said, wanted = nameless(message.content), nameless(words)
        if kind is DeliveryKind.REMINDER:
            return is_a_reply and _NUMBER.sub("", said) == _NUMBER.sub("", wanted)
        return is_a_reply and said == wanted

    return await _find(channel, lot, is_it, me, now)


async def _find(
    channel: discord.PartialMessageable,
    lot: Lot,
    is_it: Callable[[discord.Message], bool],
    me: discord.ClientUser | None,
    now: datetime,
) -> discord.Message | None:
    if lot.tried_since is None or now - lot.tried_since < _REMEMBERED:
        return None
    after = lot.tried_since - _CLOCKS_DIFFER
    async for message in channel.history(limit=_MOST_LOOKED_THROUGH, after=after, oldest_first=False):
        if message.author == me and is_it(message):
            return message
    return None


def _incident_of(message: discord.Message) -> int | None:
    """Read from the buttons of an open alert which incident it tells of."""
    for row in message.components:
        for component in row.children if isinstance(row, discord.ActionRow) else ():
            for button in _OF_AN_ALERT:
                if values := button.decode(component.custom_id or ""):
                    return int(values["incident_id"])
    return None
