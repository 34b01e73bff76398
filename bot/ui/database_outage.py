"""What people see while the database cannot be used: the alert in each channel, and the answer of `/status`."""

from dataclasses import dataclass
from datetime import datetime

import discord

from bot.storage.unavailable import Cause
from bot.ui import formatting, texts
from bot.ui.alerts import OutgoingMessage

# The database may be gone, or parts of it.
_MAY_BE_LOST = frozenset({Cause.DAMAGED, Cause.FILE_REPLACED, Cause.ACCESS_DENIED, Cause.FAILED})


@dataclass(frozen=True, slots=True)
class OutageView:
    """Why nothing can be recorded, and since when."""

    cause: Cause
    since: datetime


def outage_message(outage: OutageView, role_id: int | None) -> OutgoingMessage:
    """Return the alert, with a mention of the role."""
    words = texts.database.PUSH
    embed = discord.Embed(
        title=texts.database.TITLE,
        description=texts.database.DESCRIPTION.format(
            cause=texts.database.CAUSES[outage.cause],
            since=formatting.at(outage.since, "f"),
            not_lost="" if outage.cause in _MAY_BE_LOST else texts.database.NOT_LOST,
        ),
        colour=discord.Colour.red(),
        timestamp=outage.since,
    )
    embed.add_field(name=texts.database.FIELD_WHAT_TO_DO, value=texts.database.WHAT_TO_DO[outage.cause], inline=False)
    return OutgoingMessage(f"<@&{role_id}> {words}" if role_id is not None else words, embed)


def shown_outage(message: discord.Message) -> OutageView:
    """Return the outage that an alert shows."""
    embed = message.embeds[0]
    causes = [cause for cause, words in texts.database.CAUSES.items() if (embed.description or "").startswith(words)]
    return OutageView(causes[0] if causes else Cause.FAILED, embed.timestamp or message.created_at)


def over_message(outage: OutageView, until: datetime) -> OutgoingMessage:
    """Return what replaces the alert when the database works again."""
    description = texts.database.DESCRIPTION_OVER.format(
        cause=texts.database.CAUSES[outage.cause],
        since=formatting.at(outage.since, "f"),
        until=formatting.at(until, "f"),
        duration=formatting.duration(until - outage.since),
    )
    embed = discord.Embed(
        title=texts.database.TITLE_OVER, description=description, colour=discord.Colour.green(), timestamp=until
    )
    return OutgoingMessage(texts.database.OVER, embed)


def over_words(outage: OutageView, until: datetime) -> str:
    """Return the silent reply to the alert when the database works again."""
    return texts.database.REPLY_OVER.format(duration=formatting.duration(until - outage.since))
