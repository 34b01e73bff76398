"""Opens a Discord thread under an alert. What happens next is posted there by the notifier."""

from functools import partial
from typing import Any, Final

import discord

from bot.app.audit import server_of
from bot.app.errors import UserError
from bot.app.incident_changes import change_incident, require_open
from bot.domain.incident_actions import open_thread
from bot.storage.audit import Action
from bot.storage.incidents import find_incident
from bot.storage.token_names import names_of
from bot.ui import texts
from bot.ui.incidents import thread_name

# Discord's documentation, "Opcodes and Status Codes", JSON error codes.
_NOT_IN_THIS_CHANNEL = frozenset({50024, 50068})
_ALREADY_OPEN = 160004
_ARCHIVED_AFTER: Final = 1440  # minutes without a message; a new one opens it again


async def open_incident_thread(interaction: discord.Interaction[Any], incident_id: int) -> None:
    """Open a thread under the alert that was pressed, named after its token. Raises UserError.

    Discord nests no threads. An alert in a forum has a post of its own, which is used instead.
    """
    message, place = interaction.message, interaction.channel
    if message is None:
        raise TypeError("a component is pressed on a message")
    async with interaction.client.services.database.reading() as connection:
        incident = await require_open(connection, interaction, await find_incident(connection, incident_id))
        name = thread_name(incident, await names_of(connection, server_of(interaction)))
    if isinstance(place, discord.Thread):
        if not isinstance(place.parent, discord.ForumChannel):
            raise UserError(texts.incident_buttons.THREAD_IN_THREAD)
        change = partial(open_thread, thread_id=place.id)
        await change_incident(interaction, incident_id, Action.INCIDENT_THREAD, change)
        await interaction.followup.send(texts.incident_buttons.THREAD_IS_POST, ephemeral=True)
        return
    try:
        await message.create_thread(name=name, auto_archive_duration=_ARCHIVED_AFTER)
    except discord.Forbidden as error:
        raise UserError(texts.incident_buttons.THREAD_FORBIDDEN) from error
    except discord.HTTPException as error:
        if error.code in _NOT_IN_THIS_CHANNEL:
            raise UserError(texts.incident_buttons.THREAD_IMPOSSIBLE) from error
        if error.code != _ALREADY_OPEN:
            raise
    # A thread under a message has the id of that message (Discord's documentation, "Start Thread from Message").
    change = partial(open_thread, thread_id=message.id)
    await change_incident(interaction, incident_id, Action.INCIDENT_THREAD, change)
