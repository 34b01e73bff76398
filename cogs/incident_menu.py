"""The menu below an alert, for what is done rarely: a note, a thread, taking back an acknowledgement, details."""

from functools import partial
from typing import Any

import discord

from bot.app.client import Fastwatch
from bot.app.errors import UserError
from bot.app.incident_changes import change_incident, reset_menu
from bot.app.incident_threads import open_incident_thread
from bot.app.modals import PersistentModal
from bot.app.persistent import Audience, PersistentMenu, cog_of
from bot.domain.incident_actions import add_note, unacknowledge
from bot.parsing.text import strip_invisible
from bot.storage.audit import Action
from bot.ui import components, custom_ids, texts
from bot.ui.incident_timeline import MOST_NOTE
from cogs.incident_buttons import IncidentButtons


class MoreMenu(PersistentMenu):
    """Does what was chosen with an incident."""

    ids = custom_ids.MORE
    pressed_by = Audience.MODS

    async def press(self, interaction: discord.Interaction[Any], *, incident_id: int) -> None:
        """Do it. Only the notifier edits the alert, after each change."""
        match self.chosen:
            case "note":
                await interaction.response.send_modal(_note_modal(incident_id))
                await reset_menu(interaction, incident_id)
            case "thread":
                await interaction.response.defer()
                await open_incident_thread(interaction, incident_id)
            case "unacknowledge":
                await interaction.response.defer()
                await change_incident(interaction, incident_id, Action.INCIDENT_UNACKNOWLEDGED, unacknowledge)
            case "details":
                await interaction.response.defer(ephemeral=True, thinking=True)
                await cog_of(interaction, IncidentButtons).show_details(interaction, incident_id)
                await reset_menu(interaction, incident_id)
            case _:
                raise UserError(texts.incident_buttons.MESSAGE_OUT_OF_DATE)


class NoteModal(PersistentModal):
    """Adds a note to the timeline of an incident."""

    ids = custom_ids.NOTE_TEXT
    pressed_by = Audience.MODS

    @classmethod
    async def submit(cls, interaction: discord.Interaction[Any], text: str, *, incident_id: int) -> None:
        """Add it, as one line."""
        await interaction.response.defer()
        note = " ".join(strip_invisible(text).split())[:MOST_NOTE]
        if not note:
            raise UserError(texts.incident_buttons.NOTE_EMPTY)
        await change_incident(interaction, incident_id, Action.INCIDENT_NOTED, partial(add_note, text=note))


def _note_modal(incident_id: int) -> discord.ui.Modal:
    return components.text_modal(
        custom_ids.NOTE_TEXT.encode(incident_id=incident_id),
        texts.incident_buttons.NOTE_TITLE,
        texts.incident_buttons.NOTE_LABEL,
        most=MOST_NOTE,
        is_long=True,
    )


async def setup(bot: Fastwatch) -> None:
    """Add the components."""
    bot.add_dynamic_items(MoreMenu)
    bot.modals.append(NoteModal)
