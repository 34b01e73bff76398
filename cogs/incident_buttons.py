"""The buttons below an alert: acknowledge, mute, unmute, details and close."""

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import discord
from discord.ext import commands
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.app.audit import record, server_of
from bot.app.client import Fastwatch
from bot.app.errors import UserError
from bot.app.persistent import Audience, PersistentButton, PersistentMenu, cog_of
from bot.app.token_option import resolve_token
from bot.domain.alert_types import severity
from bot.domain.incident_actions import Refusal, UpdateRefused, acknowledge, close, mute, unmute
from bot.domain.incident_updates import IncidentUpdate
from bot.domain.incidents import Incident
from bot.storage.accounts import get_account
from bot.storage.alert_routes import lock_server
from bot.storage.audit import Action
from bot.storage.incident_updates import record_update
from bot.storage.incidents import PostedMessage, get_incident, get_incidents, get_post
from bot.storage.token_names import names_of
from bot.storage.tokens import readings_of
from bot.ui import components, custom_ids, formatting, texts
from bot.ui.incidents import muted_words
from bot.ui.trace import token_embed

_MAX_CHOICES = 25  # Discord's limit for menus
_CLOCK_SKEW = timedelta(minutes=1)  # between this machine and Discord, whose ids hold the time

Change = Callable[[Incident, int, datetime], IncidentUpdate]
"""Changes an incident: takes the incident, the member's id and the time. Raises UpdateRefused."""


class IncidentButtons(commands.Cog):
    """Implements the buttons below alerts. Only the notifier edits the alert itself, after each change."""

    def __init__(self, bot: Fastwatch) -> None:
        self._bot = bot
        self._services = bot.services

    async def update(
        self, interaction: discord.Interaction[Any], incident_id: int, action: Action, change: Change
    ) -> Incident:
        """Change an open incident, record who did it, and have its alert edited. Raises UserError."""
        now = self._services.clock.now()
        async with self._services.database.transaction() as connection:
            await lock_server(connection, server_of(interaction))
            before = await _open_here(connection, interaction, await get_incident(connection, incident_id))
            try:
                update = change(before, interaction.user.id, now)
            except UpdateRefused as error:
                raise UserError(_refusal_words(error.refusal, before)) from error
            after = await record_update(connection, update, nonce=self._services.clock.nonce(), now=now)
            await record(connection, interaction, action, _target(before), now)
        self._bot.notifier.wake()
        return after

    async def ask_for_how_long(self, interaction: discord.Interaction[Any], incident_id: int) -> None:
        """Ask for how long to mute an incident."""
        async with self._services.database.reading() as connection:
            await _open_here(connection, interaction, await _look_up(connection, incident_id))
        view = components.mute_view(incident_id)
        await interaction.edit_original_response(content=texts.incident_buttons.MUTE_QUESTION, view=view)

    async def show_details(self, interaction: discord.Interaction[Any], incident_id: int) -> None:
        """Show the last reading of an incident's token; a menu if there are several tokens."""
        async with self._services.database.reading() as connection:
            incident = await _open_here(connection, interaction, await _look_up(connection, incident_id))
            names = await names_of(connection, server_of(interaction))
        affected = sorted(incident.still_affected or incident.members, key=lambda token: -severity(token.kind))
        if len(affected) == 1:
            await self._show_token(interaction, affected[0].token_id)
            return
        shown = [token.token_id for token in affected[:_MAX_CHOICES]]
        words = (
            texts.incident_buttons.DETAILS_CHOOSE
            if len(shown) == len(affected)
            else texts.incident_buttons.DETAILS_CHOOSE_OF_WORST
        )
        await interaction.edit_original_response(
            content=words.format(number=len(affected), most=len(shown)),
            view=components.view_of(components.details_menu(shown, names)),
        )

    async def _show_token(
        self, interaction: discord.Interaction[Any], token_id: int, *others: discord.ui.Item[Any]
    ) -> None:
        """Show a token, with a button for its history, and other components."""
        async with self._services.database.reading() as connection:
            readings = await readings_of(connection, self._services.account_id, [token_id])
            account = await get_account(connection, self._services.account_id, self._services.clock.now())
            names = await names_of(connection, server_of(interaction))
        if token_id not in readings:
            raise UserError(texts.incident_buttons.DETAILS_UNKNOWN)
        reading, last_success_at = readings[token_id], account.last_success_at
        # Only changes are stored, so every round since `read_at` has read the same.
        seen = texts.incident_buttons.DETAILS_SEEN.format(
            since=formatting.at(reading.read_at, "R"),
            round=formatting.at(last_success_at, "R") if last_success_at is not None else texts.common.NEVER,
        )
        view = components.view_of(*others, components.history_button(token_id))
        await interaction.edit_original_response(content=seen, embed=token_embed(reading, names), view=view)

    async def show_chosen(
        self, interaction: discord.Interaction[Any], chosen: str, options: list[discord.SelectOption]
    ) -> None:
        """Show the token chosen in the menu, and keep the menu."""
        async with self._services.database.reading() as connection:
            token_id = await resolve_token(connection, self._services.account_id, chosen)
        await self._show_token(interaction, token_id, components.menu_of_details(options))


async def _look_up(connection: AsyncConnection, incident_id: int) -> Incident | None:
    """Read an incident without locking it; None if it does not exist."""
    return next(iter(await get_incidents(connection, [incident_id])), None)


async def _open_here(
    connection: AsyncConnection, interaction: discord.Interaction[Any], incident: Incident | None
) -> Incident:
    """Return the incident if it is open, of this server, and shown by the pressed message. Raises UserError."""
    if incident is None or incident.id is None or incident.server_id != interaction.guild_id:
        raise UserError(texts.incident_buttons.INCIDENT_UNKNOWN)
    if not incident.is_open:
        raise UserError(texts.incident_buttons.INCIDENT_OVER)
    if interaction.message is not None and not interaction.message.flags.ephemeral:
        # An ephemeral message is the question that the alert's own Mute button asks.
        _require_own_message(interaction.message, incident, await get_post(connection, incident.id))
    return incident


def _require_own_message(message: discord.Message, incident: Incident, post: PostedMessage | None) -> None:
    """Let in a press on the incident's own message only: after a restored backup, ids of old alerts may come again."""
    if post is not None:
        is_own = message.id == post.discord_message_id
    else:
        # Posted just now and not recorded yet. A message from before the incident is not about it.
        is_own = message.created_at >= incident.started_at - _CLOCK_SKEW
    if not is_own:
        raise UserError(texts.incident_buttons.MESSAGE_OUT_OF_DATE)


def _target(incident: Incident) -> str:
    ids = [str(member.token_id) for member in incident.members]
    if not ids:
        return texts.alerts_overview.IMAGINEPRO
    words = texts.common.ONE_TOKEN if len(ids) == 1 else texts.common.SEVERAL_TOKENS
    return words.format(token=ids[0], tokens=", ".join(ids))


def _refusal_words(refusal: Refusal, incident: Incident) -> str:
    """Return the sentence that says why an incident was not changed."""
    match refusal:
        case Refusal.ALREADY_ACKNOWLEDGED:
            at = incident.acknowledged_at
            when = formatting.at(at, "R") if at is not None else texts.common.UNKNOWN
            return texts.incident_buttons.ACKNOWLEDGED_ALREADY.format(
                member=f"<@{incident.acknowledged_by}>", when=when
            )
        case Refusal.NOT_MUTED:
            return texts.incident_buttons.NOT_MUTED
        case Refusal.CANNOT_BE_CLOSED:
            return texts.incident_buttons.NOT_TO_BE_CLOSED


class AcknowledgeButton(PersistentButton):
    """Acknowledges an incident, which ends its reminders."""

    ids = custom_ids.ACKNOWLEDGE
    pressed_by = Audience.MODS

    async def press(self, interaction: discord.Interaction[Any], *, incident_id: int) -> None:
        """Acknowledge it."""
        await interaction.response.defer()
        await cog_of(interaction, IncidentButtons).update(
            interaction, incident_id, Action.INCIDENT_ACKNOWLEDGED, acknowledge
        )


class MuteButton(PersistentButton):
    """Asks, in a message that only its user sees, for how long to mute an incident."""

    ids = custom_ids.MUTE
    pressed_by = Audience.MODS

    async def press(self, interaction: discord.Interaction[Any], *, incident_id: int) -> None:
        """Show the question."""
        await interaction.response.defer(ephemeral=True, thinking=True)
        await cog_of(interaction, IncidentButtons).ask_for_how_long(interaction, incident_id)


class MuteForButton(PersistentButton):
    """Mutes an incident for the chosen time."""

    ids = custom_ids.MUTE_FOR
    pressed_by = Audience.MODS

    async def press(self, interaction: discord.Interaction[Any], *, hours: int | None, incident_id: int) -> None:
        """Mute it, and replace the question by the result."""
        await interaction.response.defer()
        change = partial(mute, lasts=timedelta(hours=hours) if hours is not None else None)
        muted = await cog_of(interaction, IncidentButtons).update(
            interaction, incident_id, Action.INCIDENT_MUTED, change
        )
        await interaction.edit_original_response(content=muted_words(muted), view=None)


class UnmuteButton(PersistentButton):
    """Ends the mute of an incident."""

    ids = custom_ids.UNMUTE
    pressed_by = Audience.MODS

    async def press(self, interaction: discord.Interaction[Any], *, incident_id: int) -> None:
        """Unmute it."""
        await interaction.response.defer()
        await cog_of(interaction, IncidentButtons).update(interaction, incident_id, Action.INCIDENT_UNMUTED, unmute)


class DetailsButton(PersistentButton):
    """Shows the tokens of an incident, to its user only."""

    ids = custom_ids.DETAILS
    pressed_by = Audience.MODS

    async def press(self, interaction: discord.Interaction[Any], *, incident_id: int) -> None:
        """Show them."""
        await interaction.response.defer(ephemeral=True, thinking=True)
        await cog_of(interaction, IncidentButtons).show_details(interaction, incident_id)


class DetailsMenu(PersistentMenu):
    """Shows one of several tokens of an incident."""

    ids = custom_ids.DETAILS_MENU
    pressed_by = Audience.MODS

    async def press(self, interaction: discord.Interaction[Any]) -> None:
        """Show the chosen token, and keep the menu."""
        await interaction.response.defer()
        await cog_of(interaction, IncidentButtons).show_chosen(interaction, self.chosen, self.item.options)


class CloseButton(PersistentButton):
    """Closes an incident whose tokens may stay as they are."""

    ids = custom_ids.CLOSE
    pressed_by = Audience.MODS

    async def press(self, interaction: discord.Interaction[Any], *, incident_id: int) -> None:
        """Close it."""
        await interaction.response.defer()
        await cog_of(interaction, IncidentButtons).update(interaction, incident_id, Action.INCIDENT_CLOSED, close)


async def setup(bot: Fastwatch) -> None:
    """Add the cog and its persistent components."""
    await bot.add_cog(IncidentButtons(bot))
    bot.add_dynamic_items(
        AcknowledgeButton, MuteButton, MuteForButton, UnmuteButton, DetailsButton, DetailsMenu, CloseButton
    )
