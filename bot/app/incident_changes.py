"""How a component of an alert changes its incident: only from the incident's own message, and with an audit entry."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import discord
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.app.audit import record, server_of
from bot.app.errors import UserError
from bot.domain.incident_actions import Refusal, UpdateRefused
from bot.domain.incident_updates import IncidentUpdate
from bot.domain.incidents import Incident
from bot.storage.alert_routes import lock_server
from bot.storage.audit import Action
from bot.storage.incident_updates import record_refresh, record_update
from bot.storage.incidents import PostedMessage, get_incident, get_post
from bot.ui import formatting, texts

_CLOCK_SKEW = timedelta(minutes=1)  # between this machine and Discord, whose ids hold the time

Change = Callable[[Incident, int, datetime], IncidentUpdate]
"""Changes an incident: takes the incident, the member's id and the time. Raises UpdateRefused."""


async def change_incident(
    interaction: discord.Interaction[Any], incident_id: int, action: Action, change: Change
) -> Incident:
    """Change an open incident, record who did it, and have its alert edited. Raises UserError.

    Only the notifier edits the alert itself, after each change.
    """
    services = interaction.client.services
    now = services.clock.now()
    async with services.database.transaction() as connection:
        await lock_server(connection, server_of(interaction))
        before = await require_open(connection, interaction, await get_incident(connection, incident_id))
        try:
            update = change(before, interaction.user.id, now)
        except UpdateRefused as error:
            raise UserError(_refusal_words(error.refusal, before)) from error
        after = await record_update(connection, update, nonce=services.clock.nonce(), now=now)
        await record(connection, interaction, action, _target(before), now)
    interaction.client.notifier.wake()
    return after


async def reset_menu(interaction: discord.Interaction[Any], incident_id: int) -> None:
    """Have the alert edited: until then Discord shows a menu's choice, and the same choice does nothing again."""
    services = interaction.client.services
    async with services.database.transaction() as connection:
        await lock_server(connection, server_of(interaction))
        incident = await require_open(connection, interaction, await get_incident(connection, incident_id))
        await record_refresh(connection, incident, nonce=services.clock.nonce(), now=services.clock.now())
    interaction.client.notifier.wake()


async def require_open(
    connection: AsyncConnection, interaction: discord.Interaction[Any], incident: Incident | None
) -> Incident:
    """Return the incident if it is open, of this server, and shown by the pressed message. Raises UserError."""
    if incident is None or incident.id is None or incident.server_id != interaction.guild_id:
        raise UserError(texts.incident_buttons.INCIDENT_UNKNOWN)
    if not incident.is_open:
        raise UserError(texts.incident_buttons.INCIDENT_OVER)
    if interaction.message is not None and not interaction.message.flags.ephemeral:
        # An ephemeral message is a question that a component of the alert itself has asked.
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
    if incident.condition is not None:
        return texts.conditions.SUBJECTS[incident.type]
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
        case Refusal.NOT_ACKNOWLEDGED:
            return texts.incident_buttons.NOT_ACKNOWLEDGED
        case Refusal.ALREADY_ASSIGNED:
            return texts.incident_buttons.ASSIGNED_ALREADY
        case Refusal.NOT_MUTED:
            return texts.incident_buttons.NOT_MUTED
        case Refusal.CANNOT_BE_CLOSED:
            return texts.incident_buttons.NOT_TO_BE_CLOSED
