"""Buttons and menus: how they look, and the custom ids by which a press is known again after a restart."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

import discord

from bot.ui import texts

REFRESH = r"fastwatch:refresh:(?P<message_id>[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})"
MESSAGE_MENU = "fastwatch:message-menu"
TEST = "fastwatch:test"
SWITCH = r"fastwatch:switch:(?P<direction>on|off):(?P<token_id>\d{1,19})"
CANCEL = "fastwatch:cancel"


def refresh_button(message_id: UUID) -> discord.ui.Button[Any]:
    """Make the button that traces a message anew."""
    return discord.ui.Button(label=texts.BUTTON_REFRESH, emoji="🔄", custom_id=f"fastwatch:refresh:{message_id}")


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
