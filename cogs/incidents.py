"""The buttons under an alert: who looks after it, who wants quiet, what its tokens are like, and who closes it."""

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, ClassVar, Self

import discord
from discord.ext import commands
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.apologies import CannotBeDone
from bot.app import Fastwatch, cog_of, gated, menu_of
from bot.choosing_tokens import chosen_token
from bot.doings import server_of, write_down
from bot.health.alert_kinds import Urgency, gravity
from bot.health.incidents import Event, Happening, Incident
from bot.storage.accounts import get_account
from bot.storage.audit import Action
from bot.storage.deliveries import DeliveryKind, record_delivery
from bot.storage.incidents import get_incident, get_incidents, keep_incident
from bot.storage.names import names_of
from bot.storage.servers import lock_server
from bot.storage.states import keep_states, states_of
from bot.storage.tokens import readings_of
from bot.ui import buttons, texts, wording
from bot.ui.embeds import token_embed
from bot.ui.incidents import muted_words

_MOST_CHOICES = 25  # Discord's limit for menus

Handle = Callable[[Incident, int, datetime], tuple[Incident, Event]]
"""Changes an incident as a member, by id, wishes at a time; the line that its timeline gets. Raises CannotBeDone."""


class Incidents(commands.Cog):
    """Does what the buttons under alerts say. The notifier then shows it: it alone writes on the alert."""

    def __init__(self, bot: Fastwatch) -> None:
        self._bot = bot
        self._services = bot.services

    async def handle(
        self, interaction: discord.Interaction[Any], incident_id: int, action: Action, handle: Handle
    ) -> Incident:
        """Change an open incident, have that shown, and write down who did it."""
        now = self._services.clock.now()
        async with self._services.database.transaction() as connection:
            await lock_server(connection, server_of(interaction))
            before = _open_here(interaction, await get_incident(connection, incident_id))
            after, event = handle(before, interaction.user.id, now)
            await keep_incident(connection, after, [event])
            if not after.is_open:
                await _forget_that_they_are_out(connection, before)
            await record_delivery(
                connection,
                DeliveryKind.REFRESH if after.is_open else DeliveryKind.ENDED,
                server_id=before.server_id,
                incident_id=incident_id,
                urgency=Urgency.ROUTINE,
                nonce=self._services.clock.nonce(),
                now=now,
            )
            await write_down(connection, interaction, action, _target(before), now)
        self._bot.notifier.wake()
        return after

    async def ask_for_how_long(self, interaction: discord.Interaction[Any], incident_id: int) -> None:
        """Ask for how long to mute an incident."""
        async with self._services.database.reading() as connection:
            _open_here(interaction, await _look_up(connection, incident_id))
        view = discord.ui.View(timeout=None)
        for hours in (*buttons.MUTE_HOURS, None):
            view.add_item(MuteForButton(incident_id, hours))
        await interaction.edit_original_response(content=texts.MUTE_QUESTION, view=view)

    async def show_details(self, interaction: discord.Interaction[Any], incident_id: int) -> None:
        """Show the token of an incident as it was read last; a menu where there are several."""
        async with self._services.database.reading() as connection:
            incident = _open_here(interaction, await _look_up(connection, incident_id))
            names = await names_of(connection, server_of(interaction))
        members = sorted(incident.out or incident.members, key=lambda member: -gravity(member.kind))
        if len(members) == 1:
            await self._show_token(interaction, members[0].token_id, discord.ui.View(timeout=None))
            return
        shown = [member.token_id for member in members[:_MOST_CHOICES]]
        words = texts.DETAILS_CHOOSE if len(shown) == len(members) else texts.DETAILS_CHOOSE_OF_WORST
        await interaction.edit_original_response(
            content=words.format(number=len(members), most=len(shown)),
            view=discord.ui.View(timeout=None).add_item(DetailsMenu(buttons.details_menu(shown, names))),
        )

    async def _show_token(self, interaction: discord.Interaction[Any], token_id: int, view: discord.ui.View) -> None:
        """Show a token, with its history on a button besides what the view has."""
        async with self._services.database.reading() as connection:
            readings = await readings_of(connection, self._services.account_id, [token_id])
            account = await get_account(connection, self._services.account_id)
            names = await names_of(connection, server_of(interaction))
        if token_id not in readings:
            raise CannotBeDone(texts.DETAILS_UNKNOWN)
        reading, good_round = readings[token_id], account.last_good_round_at
        # Only changes are kept: since then every round has read the same.
        seen = texts.DETAILS_SEEN.format(
            since=wording.at(reading.read_at, "R"),
            round=wording.at(good_round, "R") if good_round is not None else texts.SHOW_NEVER,
        )
        # As under an alert: a press is known by its custom id.
        view.add_item(buttons.history_button(token_id)).stop()
        await interaction.edit_original_response(content=seen, embed=token_embed(reading, names), view=view)

    async def show_chosen(
        self, interaction: discord.Interaction[Any], chosen: str, options: list[discord.SelectOption]
    ) -> None:
        """Show a token that was chosen from the menu, and leave the menu for the next."""
        async with self._services.database.reading() as connection:
            token_id = await chosen_token(connection, self._services.account_id, chosen)
        menu = discord.ui.Select[Any](placeholder=texts.DETAILS_MENU, options=options, custom_id=buttons.DETAILS_MENU)
        await self._show_token(interaction, token_id, discord.ui.View(timeout=None).add_item(DetailsMenu(menu)))


async def _look_up(connection: AsyncConnection, incident_id: int) -> Incident | None:
    """Read an incident that others may change meanwhile."""
    return next(iter(await get_incidents(connection, [incident_id])), None)


def _open_here(interaction: discord.Interaction[Any], incident: Incident | None) -> Incident:
    """Take an incident of this server that goes on. Raises CannotBeDone."""
    if incident is None or incident.server_id != interaction.guild_id:
        raise CannotBeDone(texts.INCIDENT_UNKNOWN)
    if not incident.is_open:
        raise CannotBeDone(texts.INCIDENT_OVER)
    return incident


async def _forget_that_they_are_out(connection: AsyncConnection, incident: Incident) -> None:
    """Take the tokens of a closed incident as they are, so that nothing is told when they are back in FAST."""
    states = await states_of(connection, incident.server_id)
    out = [states[member.token_id] for member in incident.out if member.token_id in states]
    await keep_states(connection, incident.server_id, [replace(state, out_since=None) for state in out])


def _target(incident: Incident) -> str:
    ids = [str(member.token_id) for member in incident.members]
    if not ids:
        return texts.SHOW_BLIND
    words = texts.MUTED_TOKEN if len(ids) == 1 else texts.TARGET_TOKENS
    return words.format(token=ids[0], tokens=", ".join(ids))


def _acknowledge(incident: Incident, by: int, now: datetime) -> tuple[Incident, Event]:
    if incident.acknowledged_by is not None and incident.acknowledged_at is not None:
        when = wording.at(incident.acknowledged_at, "R")
        raise CannotBeDone(texts.ACKNOWLEDGED_ALREADY.format(member=f"<@{incident.acknowledged_by}>", when=when))
    return replace(incident, acknowledged_by=by, acknowledged_at=now), Event(now, Happening.ACKNOWLEDGED, by=by)


def _mute(hours: int | None) -> Handle:
    def mute(incident: Incident, by: int, now: datetime) -> tuple[Incident, Event]:
        until = now + timedelta(hours=hours) if hours is not None else None
        return replace(incident, muted_by=by, muted_until=until), Event(now, Happening.MUTED, by=by, until=until)

    return mute


def _unmute(incident: Incident, by: int, now: datetime) -> tuple[Incident, Event]:
    if incident.muted_by is None:
        raise CannotBeDone(texts.NOT_MUTED)
    return replace(incident, muted_by=None, muted_until=None), Event(now, Happening.UNMUTED, by=by)


def _close(incident: Incident, by: int, now: datetime) -> tuple[Incident, Event]:
    if not buttons.may_be_closed(incident):
        raise CannotBeDone(texts.NOT_TO_BE_CLOSED)
    members = tuple(
        # A clock may have been set back: nothing ends before it began.
        replace(member, ended_at=max(now, member.began_at)) if member.ended_at is None else member
        for member in incident.members
    )
    closed = replace(incident, members=members, ended_at=max(now, incident.began_at), closed_by=by)
    return closed, Event(now, Happening.CLOSED, by=by)


class IncidentButton(discord.ui.DynamicItem[discord.ui.Button[Any]], template="(?!)"):
    """What the buttons under an alert have in common: they know its incident, and are for mods."""

    look: ClassVar[Callable[[int], discord.ui.Button[Any]]]

    def __init__(self, incident_id: int) -> None:
        super().__init__(type(self).look(incident_id))
        self._incident_id = incident_id

    @classmethod
    async def from_custom_id(
        cls, interaction: discord.Interaction[Any], item: discord.ui.Item[Any], match: re.Match[str]
    ) -> Self:
        """Make the button again from its custom id."""
        return cls(int(match["incident_id"]))

    @gated
    async def callback(self, interaction: discord.Interaction[Any]) -> None:
        """Let mods press it."""
        await interaction.client.require_mod(interaction)
        await self.press(interaction, cog_of(interaction, Incidents))

    async def press(self, interaction: discord.Interaction[Any], cog: Incidents) -> None:
        """Do what it says."""
        raise NotImplementedError


class AcknowledgeButton(IncidentButton, template=buttons.ACKNOWLEDGE):
    """Says that somebody looks after it: no more reminders."""

    look = buttons.acknowledge_button

    async def press(self, interaction: discord.Interaction[Any], cog: Incidents) -> None:
        """Acknowledge it."""
        await interaction.response.defer()
        await cog.handle(interaction, self._incident_id, Action.INCIDENT_ACKNOWLEDGED, _acknowledge)


class MuteButton(IncidentButton, template=buttons.MUTE):
    """Asks its user alone for how long to mute it."""

    look = buttons.mute_button

    async def press(self, interaction: discord.Interaction[Any], cog: Incidents) -> None:
        """Ask."""
        await interaction.response.defer(ephemeral=True, thinking=True)
        await cog.ask_for_how_long(interaction, self._incident_id)


class UnmuteButton(IncidentButton, template=buttons.UNMUTE):
    """Ends its mute."""

    look = buttons.unmute_button

    async def press(self, interaction: discord.Interaction[Any], cog: Incidents) -> None:
        """Unmute it."""
        await interaction.response.defer()
        await cog.handle(interaction, self._incident_id, Action.INCIDENT_UNMUTED, _unmute)


class DetailsButton(IncidentButton, template=buttons.DETAILS):
    """Shows its tokens to its user alone."""

    look = buttons.details_button

    async def press(self, interaction: discord.Interaction[Any], cog: Incidents) -> None:
        """Show them."""
        await interaction.response.defer(ephemeral=True, thinking=True)
        await cog.show_details(interaction, self._incident_id)


class CloseButton(IncidentButton, template=buttons.CLOSE):
    """Declares over what may stay as it is."""

    look = buttons.close_button

    async def press(self, interaction: discord.Interaction[Any], cog: Incidents) -> None:
        """Close it."""
        await interaction.response.defer()
        await cog.handle(interaction, self._incident_id, Action.INCIDENT_CLOSED, _close)


class MuteForButton(discord.ui.DynamicItem[discord.ui.Button[Any]], template=buttons.MUTE_FOR):
    """Answers for how long."""

    def __init__(self, incident_id: int, hours: int | None) -> None:
        super().__init__(buttons.mute_for_button(incident_id, hours))
        self._incident_id = incident_id
        self._hours = hours

    @classmethod
    async def from_custom_id(
        cls, interaction: discord.Interaction[Any], item: discord.ui.Item[Any], match: re.Match[str]
    ) -> Self:
        """Make the button again from its custom id."""
        return cls(int(match["incident_id"]), int(match["hours"]) if match["hours"].isdigit() else None)

    @gated
    async def callback(self, interaction: discord.Interaction[Any]) -> None:
        """Mute it, and say so in the place of the question."""
        await interaction.client.require_mod(interaction)
        await interaction.response.defer()
        cog = cog_of(interaction, Incidents)
        muted = await cog.handle(interaction, self._incident_id, Action.INCIDENT_MUTED, _mute(self._hours))
        await interaction.edit_original_response(content=muted_words(muted), view=None)


class DetailsMenu(discord.ui.DynamicItem[discord.ui.Select[Any]], template=buttons.DETAILS_MENU):
    """Lets its user choose one of several tokens to see."""

    @classmethod
    async def from_custom_id(
        cls, interaction: discord.Interaction[Any], item: discord.ui.Item[Any], match: re.Match[str]
    ) -> Self:
        """Make the menu again from the Discord message it stands on."""
        return cls(menu_of(item))

    @gated
    async def callback(self, interaction: discord.Interaction[Any]) -> None:
        """Show the chosen token, and leave the menu there for the next."""
        await interaction.client.require_mod(interaction)
        await interaction.response.defer()
        await cog_of(interaction, Incidents).show_chosen(interaction, self.item.values[0], self.item.options)


async def setup(bot: Fastwatch) -> None:
    """Add the cog, and the buttons that outlive a restart."""
    await bot.add_cog(Incidents(bot))
    bot.add_dynamic_items(
        AcknowledgeButton, MuteButton, MuteForButton, UnmuteButton, DetailsButton, DetailsMenu, CloseButton
    )
