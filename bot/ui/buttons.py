"""Buttons and menus: how they look, and the custom ids by which a press is known again after a restart."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

import discord

from bot.health.incidents import Incident
from bot.health.modes import Mode
from bot.ui import texts, wording
from bot.ui.wording import NO_NAMES, Names

REFRESH = r"fastwatch:refresh:(?P<message_id>[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})"
MESSAGE_MENU = "fastwatch:message-menu"
TEST = "fastwatch:test"
SWITCH = r"fastwatch:switch:(?P<direction>on|off):(?P<token_id>\d{1,19})"
CANCEL = "fastwatch:cancel"
ACKNOWLEDGE = r"fastwatch:acknowledge:(?P<incident_id>\d{1,18})"
MUTE = r"fastwatch:mute:(?P<incident_id>\d{1,18})"
MUTE_FOR = r"fastwatch:mute-for:(?P<hours>\d{1,3}|back):(?P<incident_id>\d{1,18})"
UNMUTE = r"fastwatch:unmute:(?P<incident_id>\d{1,18})"
DETAILS = r"fastwatch:details:(?P<incident_id>\d{1,18})"
DETAILS_MENU = "fastwatch:details-menu"
CLOSE = r"fastwatch:close:(?P<incident_id>\d{1,18})"
HISTORY = r"fastwatch:history:(?P<token_id>\d{1,19})"
FLEET_HISTORY = "fastwatch:fleet-history"
LIST = rf"fastwatch:list:(?P<page>[0-9]{{1,9}}):(?P<mode>all|{'|'.join(Mode)}):(?P<where>first|back|next|last)"
LIST_MODES = "fastwatch:list-modes"
LIST_TOKENS = "fastwatch:list-tokens"
BOARD_TOKENS = "fastwatch:board-tokens"
ALL_MODES = "all"
"""Stands for every mode, in the list's buttons and its menu."""
MUTE_ONE = r"fastwatch:mute-token:(?P<token_id>\d{1,19})"
MUTE_ONE_FOR = r"fastwatch:mute-token-for:(?P<hours>1|8|24):(?P<token_id>\d{1,19})"
MUTE_HOURS = (1, 8)
MUTE_ONE_HOURS = (1, 8, 24)


def refresh_button(message_id: UUID) -> discord.ui.Button[Any]:
    """Make the button that traces a message anew."""
    return discord.ui.Button(label=texts.BUTTON_REFRESH, emoji="🔄", custom_id=f"fastwatch:refresh:{message_id}")


def trace_view(message_id: UUID, token_id: int) -> discord.ui.View:
    """Make the buttons under the card of a trace."""
    view = discord.ui.View(timeout=None)
    for button in (refresh_button(message_id), history_button(token_id), mute_token_button(token_id)):
        view.add_item(button)
    # As under an alert: a press is known by its custom id.
    view.stop()
    return view


def token_view(token_id: int, *, for_mod: bool) -> discord.ui.View:
    """Make the buttons under the card of a token, as the one who asked for it may press them."""
    view = discord.ui.View(timeout=None).add_item(history_button(token_id))
    if for_mod:
        view.add_item(mute_token_button(token_id))
    # As under an alert: a press is known by its custom id.
    view.stop()
    return view


def message_menu(message_ids: Iterable[UUID]) -> discord.ui.Select[Any]:
    """Make the menu of messages to trace, 25 at the most."""
    options = [discord.SelectOption(label=str(message_id)) for message_id in message_ids]
    return discord.ui.Select(placeholder=texts.TRACE_MENU, options=options, custom_id=MESSAGE_MENU)


def alert_test_button() -> discord.ui.Button[Any]:
    """Make the button that sends a test alert."""
    return discord.ui.Button(label=texts.BUTTON_TEST, emoji="🧪", custom_id=TEST)


def switch_button(token_id: int, *, on: bool) -> discord.ui.Button[Any]:
    """Make the button that switches a token."""
    return discord.ui.Button(
        label=texts.BUTTON_SWITCH_ON if on else texts.BUTTON_SWITCH_OFF,
        style=discord.ButtonStyle.success if on else discord.ButtonStyle.danger,
        custom_id=f"fastwatch:switch:{'on' if on else 'off'}:{token_id}",
    )


def cancel_button() -> discord.ui.Button[Any]:
    """Make the button that changes nothing."""
    return discord.ui.Button(label=texts.BUTTON_CANCEL, custom_id=CANCEL)


def alert_view(incident: Incident, now: datetime) -> discord.ui.View:
    """Make the buttons under an alert: those that make sense as it stands, and none when it is over."""
    view = discord.ui.View(timeout=None)
    if incident.is_open and incident.id is not None:
        if incident.acknowledged_by is None:
            view.add_item(acknowledge_button(incident.id))
        view.add_item(unmute_button(incident.id) if incident.is_muted(now) else mute_button(incident.id))
        if incident.members:
            view.add_item(details_button(incident.id))
        if incident.can_be_closed:
            view.add_item(close_button(incident.id))
    # A press is known by its custom id; discord.py would keep every view that is not stopped in memory.
    view.stop()
    return view


def acknowledge_button(incident_id: int) -> discord.ui.Button[Any]:
    """Make the button that stops the reminders of an incident."""
    return discord.ui.Button(
        label=texts.BUTTON_ACKNOWLEDGE,
        style=discord.ButtonStyle.primary,
        emoji="👀",
        custom_id=f"fastwatch:acknowledge:{incident_id}",
    )


def mute_button(incident_id: int) -> discord.ui.Button[Any]:
    """Make the button that asks for how long to mute an incident."""
    return discord.ui.Button(label=texts.BUTTON_MUTE, emoji="🔕", custom_id=f"fastwatch:mute:{incident_id}")


def mute_for_button(incident_id: int, hours: int | None) -> discord.ui.Button[Any]:
    """Make the button that mutes an incident for so many hours, or until it is over."""
    label = texts.BUTTON_MUTE_FOR.format(hours=hours) if hours is not None else texts.BUTTON_MUTE_UNTIL_BACK
    custom_id = f"fastwatch:mute-for:{hours if hours is not None else 'back'}:{incident_id}"
    return discord.ui.Button(label=label, custom_id=custom_id)


def unmute_button(incident_id: int) -> discord.ui.Button[Any]:
    """Make the button that ends the mute of an incident."""
    return discord.ui.Button(label=texts.BUTTON_UNMUTE, emoji="🔔", custom_id=f"fastwatch:unmute:{incident_id}")


def details_button(incident_id: int) -> discord.ui.Button[Any]:
    """Make the button that shows the tokens of an incident to its user alone."""
    return discord.ui.Button(label=texts.BUTTON_DETAILS, emoji="🔎", custom_id=f"fastwatch:details:{incident_id}")


def details_menu(token_ids: Iterable[int], names: Names = NO_NAMES) -> discord.ui.Select[Any]:
    """Make the menu of tokens to show, 25 at the most."""
    options = [
        discord.SelectOption(label=wording.plain_token(token_id, names), value=str(token_id)) for token_id in token_ids
    ]
    return discord.ui.Select(placeholder=texts.DETAILS_MENU, options=options, custom_id=DETAILS_MENU)


def close_button(incident_id: int) -> discord.ui.Button[Any]:
    """Make the button that declares an incident over."""
    return discord.ui.Button(label=texts.BUTTON_CLOSE, custom_id=f"fastwatch:close:{incident_id}")


def mute_token_button(token_id: int) -> discord.ui.Button[Any]:
    """Make the button that asks for how long to mute a token."""
    return discord.ui.Button(label=texts.BUTTON_MUTE, emoji="🔕", custom_id=f"fastwatch:mute-token:{token_id}")


def mute_token_for_button(token_id: int, hours: int) -> discord.ui.Button[Any]:
    """Make the button that mutes a token for so many hours."""
    label = texts.BUTTON_MUTE_FOR.format(hours=hours)
    return discord.ui.Button(label=label, custom_id=f"fastwatch:mute-token-for:{hours}:{token_id}")


def mute_token_view(token_id: int) -> discord.ui.View:
    """Make the buttons that say for how long to mute a token."""
    view = discord.ui.View(timeout=None)
    for hours in MUTE_ONE_HOURS:
        view.add_item(mute_token_for_button(token_id, hours))
    view.stop()
    return view


def history_button(token_id: int) -> discord.ui.Button[Any]:
    """Make the button that shows the history of a token to its user alone."""
    return discord.ui.Button(label=texts.BUTTON_HISTORY, emoji="📈", custom_id=f"fastwatch:history:{token_id}")


def fleet_history_button() -> discord.ui.Button[Any]:
    """Make the button that shows the history of the whole fleet to its user alone."""
    return discord.ui.Button(label=texts.BUTTON_HISTORY, emoji="📈", custom_id=FLEET_HISTORY)


def list_button(where: str, page: int, mode: Mode | None, *, leads_on: bool) -> discord.ui.Button[Any]:
    """Make the button that leads to a page of the list. `where` tells apart two that lead to the same one."""
    custom_id = f"fastwatch:list:{max(page, 0)}:{mode or ALL_MODES}:{where}"
    return discord.ui.Button(label=texts.LIST_BUTTONS[where], custom_id=custom_id, disabled=not leads_on)


def list_modes_menu(modes: Iterable[tuple[Mode, int]], number: int, chosen: Mode | None) -> discord.ui.Select[Any]:
    """Make the menu of modes that the list may show alone, with how many tokens are in each, and of all."""
    options = [
        discord.SelectOption(label=texts.LIST_ALL_MODES.format(number=number), value=ALL_MODES, default=chosen is None),
        *(
            discord.SelectOption(
                label=texts.LIST_MODE_OPTION.format(mode=mode.value, number=count),
                value=mode.value,
                emoji=texts.SIGNS[mode],
                default=mode is chosen,
            )
            for mode, count in modes
        ),
    ]
    return discord.ui.Select(placeholder=texts.LIST_MODES, options=options, custom_id=LIST_MODES)


def tokens_menu(custom_id: str, options: list[discord.SelectOption]) -> discord.ui.Select[Any]:
    """Make the menu that opens a token for its user alone, of 25 tokens at the most."""
    return discord.ui.Select(placeholder=texts.LIST_OPEN, options=options, custom_id=custom_id)
