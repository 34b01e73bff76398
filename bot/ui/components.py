"""Buttons and menus, but for those of alerts. Their callbacks are in the cogs."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

import discord

from bot.domain.modes import Mode
from bot.domain.readings import Reading
from bot.ui import custom_ids, texts
from bot.ui.custom_ids import CustomId

_MOST_MODAL_LABEL = 45  # Discord's limit


def refresh_button(message_id: UUID) -> discord.ui.Button[Any]:
    """Return the button that traces a message again."""
    return discord.ui.Button(
        label=texts.buttons.REFRESH, emoji="🔄", custom_id=custom_ids.REFRESH.encode(message_id=message_id)
    )


def view_of(*items: discord.ui.Item[Any]) -> discord.ui.View:
    """Return a view with these components.

    Presses are routed by custom id; discord.py keeps every view in memory until it is stopped.
    """
    view = discord.ui.View(timeout=None)
    for item in items:
        view.add_item(item)
    view.stop()
    return view


def trace_view(message_id: UUID, token_id: int) -> discord.ui.View:
    """Return the buttons of a trace."""
    return view_of(refresh_button(message_id), history_button(token_id), mute_token_button(token_id))


def token_view(reading: Reading, *, for_mod: bool) -> discord.ui.View:
    """Return the buttons of a token that the member may press."""
    token_id = reading.token_id
    shown = [show_button(token_id), history_button(token_id)]
    if for_mod and reading.listed:
        shown.append(ask_switch_button(token_id, on=reading.mode is Mode.OFF))
    return view_of(*shown, *([ask_owner_button(token_id), mute_token_button(token_id)] if for_mod else []))


def ask_owner_button(token_id: int) -> discord.ui.Button[Any]:
    """Return the button that asks who owns a token."""
    return discord.ui.Button(
        label=texts.buttons.OWNER, emoji="👤", custom_id=custom_ids.ASK_OWNER.encode(token_id=token_id)
    )


def owner_menu(token_id: int, owner_id: int | None) -> discord.ui.UserSelect[Any]:
    """Return the menu of members, of which one is the owner; choosing none removes the owner."""
    chosen = [discord.SelectDefaultValue.from_user(discord.Object(owner_id))] if owner_id is not None else []
    return discord.ui.UserSelect(
        placeholder=texts.buttons.OWNER_MENU,
        min_values=0,
        default_values=chosen,
        custom_id=custom_ids.OWNER_MENU.encode(token_id=token_id),
    )


def show_button(token_id: int) -> discord.ui.Button[Any]:
    """Return the button that shows the latest reading of a token instead of the one above it."""
    return discord.ui.Button(
        label=texts.buttons.REFRESH, emoji="🔄", custom_id=custom_ids.SHOW.encode(token_id=token_id)
    )


def ask_switch_button(token_id: int, *, on: bool) -> discord.ui.Button[Any]:
    """Return the button that asks whether to switch a token."""
    return discord.ui.Button(
        label=texts.buttons.SWITCH_ON if on else texts.buttons.SWITCH_OFF,
        emoji="⚡" if on else None,
        custom_id=custom_ids.ASK_SWITCH.encode(on=on, token_id=token_id),
    )


def message_menu(message_ids: Iterable[UUID]) -> discord.ui.Select[Any]:
    """Return the menu of messages to trace. Discord's limit is 25 options."""
    options = [discord.SelectOption(label=str(message_id)) for message_id in message_ids]
    return discord.ui.Select(
        placeholder=texts.commands.TRACE_MENU, options=options, custom_id=custom_ids.MESSAGE_MENU.encode()
    )


def alert_test_button() -> discord.ui.Button[Any]:
    """Return the button that sends a test alert."""
    return discord.ui.Button(label=texts.buttons.TEST, emoji="🧪", custom_id=custom_ids.TEST.encode())


def report_now_button() -> discord.ui.Button[Any]:
    """Return the button that alerts what was wrong before alerts were set up."""
    return discord.ui.Button(
        label=texts.buttons.REPORT_NOW,
        style=discord.ButtonStyle.primary,
        emoji="📣",
        custom_id=custom_ids.REPORT_NOW.encode(),
    )


def switch_button(token_id: int, *, on: bool) -> discord.ui.Button[Any]:
    """Return the button that switches a token."""
    return discord.ui.Button(
        label=texts.buttons.SWITCH_ON if on else texts.buttons.SWITCH_OFF,
        style=discord.ButtonStyle.success if on else discord.ButtonStyle.danger,
        custom_id=custom_ids.SWITCH.encode(on=on, token_id=token_id),
    )


def cancel_button() -> discord.ui.Button[Any]:
    """Return the button that cancels."""
    return discord.ui.Button(label=texts.buttons.CANCEL, custom_id=custom_ids.CANCEL.encode())


def mute_token_button(token_id: int) -> discord.ui.Button[Any]:
    """Return the button that asks for how long to mute a token."""
    return discord.ui.Button(
        label=texts.buttons.MUTE, emoji="🔕", custom_id=custom_ids.MUTE_TOKEN.encode(token_id=token_id)
    )


def mute_token_for_button(token_id: int, hours: float) -> discord.ui.Button[Any]:
    """Return the button that mutes a token for so many hours."""
    label = texts.buttons.MUTE_FOR[hours]
    return discord.ui.Button(label=label, custom_id=custom_ids.MUTE_TOKEN_FOR.encode(hours=hours, token_id=token_id))


def text_modal(
    custom_id: str, title: str, label: str, *, most: int, placeholder: str | None = None, is_long: bool = False
) -> discord.ui.Modal:
    """Return a modal with one text field. discord.py need not keep it, since `bot.app.modals` handles it."""
    modal = discord.ui.Modal(title=title, custom_id=custom_id, timeout=None)
    style = discord.TextStyle.paragraph if is_long else discord.TextStyle.short
    field = discord.ui.TextInput[Any](style=style, placeholder=placeholder, max_length=most)
    modal.add_item(discord.ui.Label(text=label[:_MOST_MODAL_LABEL], component=field))
    modal.stop()
    return modal


def mute_token_view(token_id: int) -> discord.ui.View:
    """Return the buttons that say for how long to mute a token."""
    return view_of(*(mute_token_for_button(token_id, hours) for hours in texts.buttons.MUTE_FOR))


def history_button(token_id: int) -> discord.ui.Button[Any]:
    """Return the button that shows the history of a token, only to who presses it."""
    return discord.ui.Button(
        label=texts.buttons.HISTORY, emoji="📈", custom_id=custom_ids.HISTORY.encode(token_id=token_id)
    )


def history_view(token_id: int | None, days: int) -> discord.ui.View:
    """Return the buttons of other periods of a chart, of a token or of the fleet."""
    return view_of(*(_days_button(token_id, number, is_shown=number == days) for number in texts.buttons.DAYS))


def _days_button(token_id: int | None, days: int, *, is_shown: bool) -> discord.ui.Button[Any]:
    custom_id = (
        custom_ids.HISTORY_DAYS.encode(days=days, token_id=token_id)
        if token_id is not None
        else custom_ids.FLEET_HISTORY_DAYS.encode(days=days)
    )
    return discord.ui.Button(label=texts.buttons.DAYS[days], custom_id=custom_id, disabled=is_shown)


def fleet_history_button() -> discord.ui.Button[Any]:
    """Return the button that shows the history of the fleet, only to who presses it."""
    return discord.ui.Button(label=texts.buttons.HISTORY, emoji="📈", custom_id=custom_ids.FLEET_HISTORY.encode())


def list_button(where: str, page: int, mode: Mode | None, *, leads_on: bool) -> discord.ui.Button[Any]:
    """Return the button of a list page. `where` keeps the ids of two buttons to the same page distinct."""
    custom_id = custom_ids.LIST.encode(page=max(page, 0), mode=mode, where=where)
    return discord.ui.Button(label=texts.buttons.PAGES[where], custom_id=custom_id, disabled=not leads_on)


def list_modes_menu(modes: Iterable[tuple[Mode, int]], number: int, chosen: Mode | None) -> discord.ui.Select[Any]:
    """Return the menu of modes to filter the list by, with the number of tokens in each."""
    options = [
        discord.SelectOption(
            label=texts.buttons.ALL_MODES.format(number=number), value=custom_ids.ALL_MODES, default=chosen is None
        ),
        *(
            discord.SelectOption(
                label=texts.buttons.MODE_OPTION.format(mode=mode.value, number=count),
                value=mode.value,
                description=texts.fleet.MODE_CHOICES[mode].partition(": ")[2] or None,
                emoji=texts.common.SIGNS[mode],
                default=mode is chosen,
            )
            for mode, count in modes
        ),
    ]
    return discord.ui.Select(
        placeholder=texts.buttons.MODES_MENU, options=options, custom_id=custom_ids.LIST_MODES.encode()
    )


def tokens_menu(custom_id: CustomId, options: list[discord.SelectOption]) -> discord.ui.Select[Any]:
    """Return the menu that opens a token, only for who uses it. Discord's limit is 25 options."""
    return discord.ui.Select(placeholder=texts.buttons.TOKENS_MENU, options=options, custom_id=custom_id.encode())
