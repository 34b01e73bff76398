"""Buttons and menus. Their callbacks are in the cogs."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

import discord

from bot.domain.incidents import Incident
from bot.domain.modes import Mode
from bot.domain.readings import Reading
from bot.ui import custom_ids, formatting, texts
from bot.ui.custom_ids import CustomId
from bot.ui.formatting import NO_NAMES, Names

_MOST_IN_A_ROW = 5  # Discord's limit
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


def acknowledge_button(incident_id: int) -> discord.ui.Button[Any]:
    """Return the button that stops the reminders of an incident."""
    return discord.ui.Button(
        label=texts.buttons.ACKNOWLEDGE,
        style=discord.ButtonStyle.primary,
        emoji="👀",
        custom_id=custom_ids.ACKNOWLEDGE.encode(incident_id=incident_id),
    )


def mute_button(incident_id: int) -> discord.ui.Button[Any]:
    """Return the button that asks for how long to mute an incident."""
    return discord.ui.Button(
        label=texts.buttons.MUTE, emoji="🔕", custom_id=custom_ids.MUTE.encode(incident_id=incident_id)
    )


def mute_for_button(incident_id: int, hours: float | None) -> discord.ui.Button[Any]:
    """Return the button that mutes an incident for so many hours, or until it is resolved."""
    label = texts.buttons.MUTE_FOR[hours] if hours is not None else texts.buttons.MUTE_UNTIL_BACK
    custom_id = custom_ids.MUTE_FOR.encode(hours=hours, incident_id=incident_id)
    return discord.ui.Button(label=label, custom_id=custom_id)


def unmute_button(incident_id: int) -> discord.ui.Button[Any]:
    """Return the button that ends the mute of an incident."""
    return discord.ui.Button(
        label=texts.buttons.UNMUTE, emoji="🔔", custom_id=custom_ids.UNMUTE.encode(incident_id=incident_id)
    )


def details_button(incident_id: int) -> discord.ui.Button[Any]:
    """Return the button that shows the tokens of an incident, only to who presses it."""
    return discord.ui.Button(
        label=texts.buttons.DETAILS, emoji="🔎", custom_id=custom_ids.DETAILS.encode(incident_id=incident_id)
    )


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


def close_button(incident_id: int) -> discord.ui.Button[Any]:
    """Return the button that closes an incident."""
    return discord.ui.Button(label=texts.buttons.CLOSE, custom_id=custom_ids.CLOSE.encode(incident_id=incident_id))


def mute_token_button(token_id: int) -> discord.ui.Button[Any]:
    """Return the button that asks for how long to mute a token."""
    return discord.ui.Button(
        label=texts.buttons.MUTE, emoji="🔕", custom_id=custom_ids.MUTE_TOKEN.encode(token_id=token_id)
    )


def mute_token_for_button(token_id: int, hours: float) -> discord.ui.Button[Any]:
    """Return the button that mutes a token for so many hours."""
    label = texts.buttons.MUTE_FOR[hours]
    return discord.ui.Button(label=label, custom_id=custom_ids.MUTE_TOKEN_FOR.encode(hours=hours, token_id=token_id))


def mute_view(incident_id: int) -> discord.ui.View:
    """Return the buttons that say for how long to mute an incident."""
    until = discord.ui.Button[Any](
        label=texts.buttons.MUTE_UNTIL, custom_id=custom_ids.MUTE_UNTIL.encode(incident_id=incident_id)
    )
    return view_of(*(mute_for_button(incident_id, hours) for hours in (*texts.buttons.MUTE_FOR, None)), until)


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
