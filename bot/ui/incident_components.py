"""Buttons and menus of alerts. Their callbacks are in the cogs."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

import discord

from bot.domain.incidents import Incident
from bot.ui import custom_ids, formatting, texts
from bot.ui.components import view_of
from bot.ui.formatting import NO_NAMES, Names

_MOST_IN_A_ROW = 5  # Discord's limit


def alert_view(incident: Incident, now: datetime) -> discord.ui.View:
    """Return the buttons that apply to an incident now; none when it is over."""
    if not incident.is_open or incident.id is None:
        return view_of()
    shown = [acknowledge_button(incident.id)] if incident.acknowledged_by is None else []
    shown.append(assign_button(incident.id, is_assigned=incident.assigned_to is not None))
    if incident.switched_off_token is not None:
        shown.append(ask_switch_on_button(incident.id))
    shown.append(unmute_button(incident.id) if incident.is_muted(now) else mute_button(incident.id))
    if incident.can_be_closed:
        shown.append(close_button(incident.id))
    more = ["note"] if incident.thread_id is not None else ["note", "thread"]
    if incident.acknowledged_by is not None:
        more.append("unacknowledge")
    if incident.members and len(shown) < _MOST_IN_A_ROW:
        shown.append(details_button(incident.id))
    elif incident.members:
        more.append("details")
    return view_of(*shown, more_menu(incident.id, more))


def acknowledge_button(incident_id: int) -> discord.ui.Button[Any]:
    """Return the button that stops the reminders of an incident."""
    return discord.ui.Button(
        label=texts.buttons.ACKNOWLEDGE,
        style=discord.ButtonStyle.primary,
        emoji="👀",
        custom_id=custom_ids.ACKNOWLEDGE.encode(incident_id=incident_id),
    )


def assign_button(incident_id: int, *, is_assigned: bool) -> discord.ui.Button[Any]:
    """Return the button by which whoever presses it takes an incident."""
    return discord.ui.Button(
        label=texts.buttons.TAKE_OVER if is_assigned else texts.buttons.ASSIGN,
        emoji="🙋",
        custom_id=custom_ids.ASSIGN.encode(incident_id=incident_id),
    )


def ask_switch_on_button(incident_id: int) -> discord.ui.Button[Any]:
    """Return the button that asks whether to switch on the token of an incident."""
    return discord.ui.Button(
        label=texts.buttons.SWITCH_ON, emoji="⚡", custom_id=custom_ids.ASK_SWITCH_ON.encode(incident_id=incident_id)
    )


def mute_button(incident_id: int) -> discord.ui.Button[Any]:
    """Return the button that asks for how long to mute an incident."""
    return discord.ui.Button(
        label=texts.buttons.MUTE, emoji="🔕", custom_id=custom_ids.MUTE.encode(incident_id=incident_id)
    )


def unmute_button(incident_id: int) -> discord.ui.Button[Any]:
    """Return the button that ends the mute of an incident."""
    return discord.ui.Button(
        label=texts.buttons.UNMUTE, emoji="🔔", custom_id=custom_ids.UNMUTE.encode(incident_id=incident_id)
    )


def close_button(incident_id: int) -> discord.ui.Button[Any]:
    """Return the button that closes an incident."""
    return discord.ui.Button(label=texts.buttons.CLOSE, custom_id=custom_ids.CLOSE.encode(incident_id=incident_id))


def details_button(incident_id: int) -> discord.ui.Button[Any]:
    """Return the button that shows the tokens of an incident, only to who presses it."""
    return discord.ui.Button(
        label=texts.buttons.DETAILS, emoji="🔎", custom_id=custom_ids.DETAILS.encode(incident_id=incident_id)
    )


def more_menu(incident_id: int, values: Iterable[str]) -> discord.ui.Select[Any]:
    """Return the menu of what is rarely done with an incident."""
    options = [
        discord.SelectOption(
            label=texts.buttons.MORE[value], value=value, description=texts.buttons.MORE_MEANINGS[value]
        )
        for value in values
    ]
    return discord.ui.Select(
        placeholder=texts.buttons.MORE_MENU,
        options=options,
        custom_id=custom_ids.MORE.encode(incident_id=incident_id),
    )


def mute_view(incident_id: int) -> discord.ui.View:
    """Return the buttons that say for how long to mute an incident."""
    until = discord.ui.Button[Any](
        label=texts.buttons.MUTE_UNTIL, custom_id=custom_ids.MUTE_UNTIL.encode(incident_id=incident_id)
    )
    return view_of(*(mute_for_button(incident_id, hours) for hours in (*texts.buttons.MUTE_FOR, None)), until)


def mute_for_button(incident_id: int, hours: float | None) -> discord.ui.Button[Any]:
    """Return the button that mutes an incident for so many hours, or until it is resolved."""
    label = texts.buttons.MUTE_FOR[hours] if hours is not None else texts.buttons.MUTE_UNTIL_BACK
    custom_id = custom_ids.MUTE_FOR.encode(hours=hours, incident_id=incident_id)
    return discord.ui.Button(label=label, custom_id=custom_id)


def details_menu(token_ids: Iterable[int], names: Names = NO_NAMES) -> discord.ui.Select[Any]:
    """Return the menu of tokens to show. Discord's limit is 25 options."""
    options = [
        discord.SelectOption(label=formatting.plain_token(token_id, names), value=str(token_id))
        for token_id in token_ids
    ]
    return menu_of_details(options)


def menu_of_details(options: list[discord.SelectOption]) -> discord.ui.Select[Any]:
    """Return the menu of tokens to show, with these options."""
    return discord.ui.Select(
        placeholder=texts.buttons.DETAILS_MENU, options=options, custom_id=custom_ids.DETAILS_MENU.encode()
    )
