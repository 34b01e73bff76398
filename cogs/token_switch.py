"""`/fleet enable` and `/fleet disable`: switch a token at ImaginePro after a confirmation, and verify the result."""

import contextlib
from datetime import datetime
from typing import Any

import discord
from discord import app_commands
from discord.ext import commands

from bot.app.audit import server_of
from bot.app.client import Fastwatch
from bot.app.errors import UserError
from bot.app.incident_changes import require_open
from bot.app.persistent import Audience, PersistentButton, cog_of
from bot.app.token_option import autocomplete_tokens_for_mods, resolve_token
from bot.domain.readings import Reading
from bot.imaginepro.errors import ImagineProError, InvalidResponse, Unreachable
from bot.storage.audit import Action, Entry, Outcome, record_entry, set_outcome
from bot.storage.incidents import find_incident
from bot.storage.token_names import names_of
from bot.ui import components, custom_ids, formatting, texts
from bot.ui.formatting import Names


class TokenSwitch(commands.Cog):
    """Switches tokens on and off. Part of the command group `/fleet`."""

    def __init__(self, bot: Fastwatch) -> None:
        self._bot = bot
        self._services = bot.services

    @app_commands.command(description=texts.commands.FLEET_ENABLE)
    @app_commands.autocomplete(token=autocomplete_tokens_for_mods)
    @app_commands.describe(token=texts.commands.FLEET_TOKEN)
    async def enable(self, interaction: discord.Interaction[Fastwatch], token: str) -> None:
        """Ask for confirmation to switch a token on."""
        await self.ask_about_token(interaction, token, on=True)

    @app_commands.command(description=texts.commands.FLEET_DISABLE)
    @app_commands.autocomplete(token=autocomplete_tokens_for_mods)
    @app_commands.describe(token=texts.commands.FLEET_TOKEN)
    async def disable(self, interaction: discord.Interaction[Fastwatch], token: str) -> None:
        """Ask for confirmation to switch a token off."""
        await self.ask_about_token(interaction, token, on=False)

    async def ask_about_incident(self, interaction: discord.Interaction[Any], incident_id: int) -> None:
        """Ask for confirmation to switch on the token of an incident."""
        async with self._services.database.reading() as connection:
            incident = await require_open(connection, interaction, await find_incident(connection, incident_id))
            names = await names_of(connection, server_of(interaction))
        if incident.switched_off_token is None:
            raise UserError(texts.incident_buttons.NOT_SWITCHED_OFF)
        await self._ask_about(interaction, incident.switched_off_token, names, on=True)

    async def _ask_about(self, interaction: discord.Interaction[Any], token_id: int, names: Names, *, on: bool) -> None:
        """Ask for confirmation to switch a token, unless it already is so."""
        token = formatting.token(token_id, names)
        self._bot.cooldowns.count(interaction)
        reading = await self._services.imaginepro.token(token_id)
        if reading.is_active is on:
            response = texts.token_switch.SWITCHED_ALREADY.format(token=token, direction=_direction(on=on))
            await interaction.edit_original_response(content=response)
            return
        question = texts.token_switch.ON_QUESTION if on else texts.token_switch.OFF_QUESTION
        status = formatting.status(reading.mode, reading.status)
        view = components.view_of(components.switch_button(token_id, on=on), components.cancel_button())
        await interaction.edit_original_response(
            content=question.format(token=token, status=status, member=interaction.user.mention), view=view
        )

    async def ask_about_token(self, interaction: discord.Interaction[Any], typed: str, *, on: bool) -> None:
        """Ask for confirmation to switch a token, given by its name or number."""
        await interaction.response.defer(ephemeral=True, thinking=True)
        async with self._services.database.reading() as connection:
            names = await names_of(connection, server_of(interaction))
            token_id = await resolve_token(connection, self._services.account_id, typed, names=names)
        await self._ask_about(interaction, token_id, names, on=on)

    async def switch(self, interaction: discord.Interaction[Any], token_id: int, *, on: bool) -> None:
        """Switch a token, verify the result, and show it. The audit log is written before ImaginePro is called."""
        self._bot.cooldowns.count(interaction)
        direction = _direction(on=on)
        async with self._services.database.reading() as connection:
            token = formatting.token(token_id, await names_of(connection, server_of(interaction)))
        await interaction.response.edit_message(
            content=texts.token_switch.SWITCHING.format(token=token, direction=direction), view=None
        )
        entry_id = await self._record_audit(interaction, token_id, on=on)
        try:
            outcome = await self._switch(token_id, on=on)
        except ImagineProError:
            await self._set_outcome(entry_id, Outcome.REFUSED)
            await interaction.edit_original_response(content=texts.token_switch.CANCELLED)
            raise
        await self._set_outcome(entry_id, outcome)
        await interaction.edit_original_response(
            content=_OUTCOME_TEXTS[outcome].format(token=token, direction=direction)
        )

    async def _switch(self, token_id: int, *, on: bool) -> Outcome:
        """Switch a token, and read it again whatever the response was: only what is read back counts."""
        # After these errors it is uncertain whether the request took effect.
        with contextlib.suppress(Unreachable, InvalidResponse):
            await self._services.imaginepro.switch(token_id, is_active=on)
        try:
            reading: Reading | None = await self._services.imaginepro.token(token_id)
        except ImagineProError:
            reading = None
        if reading is None or reading.is_active is None:
            return Outcome.UNCERTAIN
        return Outcome.DONE if reading.is_active is on else Outcome.REFUSED

    async def _record_audit(self, interaction: discord.Interaction[Any], token_id: int, *, on: bool) -> int:
        entry = Entry(
            server_id=interaction.guild_id or 0,
            member_id=interaction.user.id,
            action=Action.TOKEN_ENABLED if on else Action.TOKEN_DISABLED,
            target=str(token_id),
            at=self._now(),
            outcome=Outcome.UNCERTAIN,
        )
        async with self._services.database.transaction() as connection:
            return await record_entry(connection, entry)

    async def _set_outcome(self, entry_id: int, outcome: Outcome) -> None:
        async with self._services.database.transaction() as connection:
            await set_outcome(connection, entry_id, outcome)

    def _now(self) -> datetime:
        return self._services.clock.now()


_OUTCOME_TEXTS = {
    Outcome.DONE: texts.token_switch.SWITCHED,
    Outcome.REFUSED: texts.token_switch.NOT_DONE,
    Outcome.UNCERTAIN: texts.token_switch.UNCERTAIN,
}


class SwitchButton(PersistentButton):
    """Confirms the question above it."""

    ids = custom_ids.SWITCH
    pressed_by = Audience.MODS

    async def press(self, interaction: discord.Interaction[Any], *, on: bool, token_id: int) -> None:
        """Switch the token."""
        await cog_of(interaction, TokenSwitch).switch(interaction, token_id, on=on)


class AskSwitchButton(PersistentButton):
    """Asks, below the card of a token, whether to switch it."""

    ids = custom_ids.ASK_SWITCH
    pressed_by = Audience.MODS

    async def press(self, interaction: discord.Interaction[Any], *, on: bool, token_id: int) -> None:
        """Show the question, only to who pressed it."""
        await cog_of(interaction, TokenSwitch).ask_about_token(interaction, str(token_id), on=on)


class AskSwitchOnButton(PersistentButton):
    """Asks, below the alert of a switched-off token, whether to switch it on."""

    ids = custom_ids.ASK_SWITCH_ON
    pressed_by = Audience.MODS

    async def press(self, interaction: discord.Interaction[Any], *, incident_id: int) -> None:
        """Show the question, only to who pressed it."""
        await interaction.response.defer(ephemeral=True, thinking=True)
        await cog_of(interaction, TokenSwitch).ask_about_incident(interaction, incident_id)


class CancelButton(PersistentButton):
    """Cancels the question above it."""

    ids = custom_ids.CANCEL
    pressed_by = Audience.EVERYONE

    async def press(self, interaction: discord.Interaction[Any]) -> None:
        """Show that nothing was changed."""
        await interaction.response.edit_message(content=texts.token_switch.CANCELLED, view=None)


def _direction(*, on: bool) -> str:
    return texts.common.ON if on else texts.common.OFF
