"""The mute of an alert: its buttons, the question for how long, and the form for a time."""

from datetime import timedelta
from functools import partial
from typing import Any

import discord

from bot.app.audit import server_of
from bot.app.client import Fastwatch
from bot.app.errors import UserError
from bot.app.incident_changes import change_incident, require_open
from bot.app.modals import PersistentModal
from bot.app.persistent import Audience, PersistentButton
from bot.domain.incident_actions import mute, unmute
from bot.domain.mutes import LONGEST_MUTE, SHORTEST_MUTE
from bot.parsing.moments import parse_moment
from bot.parsing.time_zones import zone_of
from bot.storage.audit import Action
from bot.storage.incidents import find_incident
from bot.storage.server_settings import rules_of
from bot.ui import components, custom_ids, incident_components, texts
from bot.ui.incidents import muted_words

_MOST_TYPED = 40


class MuteButton(PersistentButton):
    """Asks, in a message that only its user sees, for how long to mute an incident."""

    ids = custom_ids.MUTE
    pressed_by = Audience.MODS

    async def press(self, interaction: discord.Interaction[Any], *, incident_id: int) -> None:
        """Show the question."""
        await interaction.response.defer(ephemeral=True, thinking=True)
        async with interaction.client.services.database.reading() as connection:
            await require_open(connection, interaction, await find_incident(connection, incident_id))
        view = incident_components.mute_view(incident_id)
        await interaction.edit_original_response(content=texts.incident_buttons.MUTE_QUESTION, view=view)


class MuteForButton(PersistentButton):
    """Mutes an incident for the chosen time."""

    ids = custom_ids.MUTE_FOR
    pressed_by = Audience.MODS

    async def press(self, interaction: discord.Interaction[Any], *, hours: float | None, incident_id: int) -> None:
        """Mute it, and replace the question by the result."""
        await interaction.response.defer()
        await _mute(interaction, incident_id, timedelta(hours=hours) if hours is not None else None)


class MuteUntilButton(PersistentButton):
    """Opens the form for the time until which to mute an incident."""

    ids = custom_ids.MUTE_UNTIL
    pressed_by = Audience.MODS

    async def press(self, interaction: discord.Interaction[Any], *, incident_id: int) -> None:
        """Open it. A form must be the first response, so whether the incident is still open is checked afterwards."""
        modal = components.text_modal(
            custom_ids.MUTE_UNTIL_TEXT.encode(incident_id=incident_id),
            texts.incident_buttons.MUTE_UNTIL_TITLE,
            texts.incident_buttons.MUTE_UNTIL_LABEL.format(zone=await _zone_name(interaction)),
            most=_MOST_TYPED,
            placeholder=texts.incident_buttons.MUTE_UNTIL_EXAMPLES,
        )
        await interaction.response.send_modal(modal)


class MuteUntilModal(PersistentModal):
    """Mutes an incident until the time that was typed."""

    ids = custom_ids.MUTE_UNTIL_TEXT
    pressed_by = Audience.MODS

    @classmethod
    async def submit(cls, interaction: discord.Interaction[Any], text: str, *, incident_id: int) -> None:
        """Mute it, and replace the question by the result."""
        await interaction.response.defer()
        zone, now = await _zone_name(interaction), interaction.client.services.clock.now()
        try:
            lasts = parse_moment(text, now, zone_of(zone)) - now
        except (ValueError, OverflowError):
            lasts = timedelta()
        if not SHORTEST_MUTE <= lasts <= LONGEST_MUTE:
            raise UserError(texts.incident_buttons.MUTE_UNTIL_WRONG.format(zone=zone))
        await _mute(interaction, incident_id, lasts)


class UnmuteButton(PersistentButton):
    """Ends the mute of an incident."""

    ids = custom_ids.UNMUTE
    pressed_by = Audience.MODS

    async def press(self, interaction: discord.Interaction[Any], *, incident_id: int) -> None:
        """Unmute it."""
        await interaction.response.defer()
        await change_incident(interaction, incident_id, Action.INCIDENT_UNMUTED, unmute)


async def _mute(interaction: discord.Interaction[Any], incident_id: int, lasts: timedelta | None) -> None:
    muted = await change_incident(interaction, incident_id, Action.INCIDENT_MUTED, partial(mute, lasts=lasts))
    now = interaction.client.services.clock.now()
    await interaction.edit_original_response(content=muted_words(muted, now), view=None)


async def _zone_name(interaction: discord.Interaction[Any]) -> str:
    async with interaction.client.services.database.reading() as connection:
        return (await rules_of(connection, server_of(interaction))).time_zone


async def setup(bot: Fastwatch) -> None:
    """Add the components."""
    bot.add_dynamic_items(MuteButton, MuteForButton, MuteUntilButton, UnmuteButton)
    bot.modals.append(MuteUntilModal)
