"""Custom ids: what Discord hands back when a button is pressed or a menu is used, also after a restart.

One is the name of the component and its values, joined by colons: `fastwatch:mute-for:8:42`. Components that are posted
already keep their custom ids for ever, so a name, or the text of a value, is never changed.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from dataclasses import field as dataclass_field
from functools import cached_property
from typing import Any, Generic, TypeVar
from uuid import UUID

from bot.domain.modes import Mode

Value = TypeVar("Value")


@dataclass(frozen=True, slots=True)
class Field(Generic[Value]):
    """A value in a custom id: the regular expression of its text, and how it is read and written."""

    pattern: str
    read: Callable[[str], Value]
    write: Callable[[Value], str] = str


@dataclass(frozen=True)  # without slots, for the cached template
class CustomId:
    """The custom ids of one sort of component: its name, and its fields in their order."""

    name: str
    fields: Mapping[str, Field[Any]] = dataclass_field(default_factory=dict)

    @cached_property
    def template(self) -> re.Pattern[str]:
        """The regular expression that these custom ids match as a whole, with a group for each field."""
        groups = (f"(?P<{name}>{field.pattern})" for name, field in self.fields.items())
        return re.compile(":".join(["fastwatch", self.name, *groups]))

    def encode(self, **values: Any) -> str:
        """Return the custom id that has these values, one for each field."""
        texts = (field.write(values[name]) for name, field in self.fields.items())
        return ":".join(["fastwatch", self.name, *texts])

    def decode(self, custom_id: str) -> dict[str, Any] | None:
        """Return the values in a custom id; None where it is not of this sort."""
        match = self.template.fullmatch(custom_id)
        if match is None:
            return None
        return {name: field.read(match[name]) for name, field in self.fields.items()}


ALL_MODES = "all"
"""Stands for every mode, in the list's buttons and its menu."""
_BACK = "back"

_TOKEN_ID = Field(r"[0-9]{1,19}", int)
_INCIDENT_ID = Field(r"[0-9]{1,18}", int)
_MESSAGE_ID = Field(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", UUID)
_PAGE = Field(r"[0-9]{1,9}", int)
_WHERE = Field("first|back|next|last", str)
_ON = Field("on|off", lambda text: text == "on", lambda on: "on" if on else "off")
_NUMBER_OF_HOURS = r"[0-9]{1,3}|0\.5"
# Those that the menu of a token offers.
_HOURS: Field[float] = Field(r"0\.5|1|4|8|24", float, "{:g}".format)
# How long to mute an incident: so many hours, or None until it is resolved.
_HOURS_OR_BACK: Field[float | None] = Field(
    rf"{_NUMBER_OF_HOURS}|{_BACK}",
    lambda text: None if text == _BACK else float(text),
    lambda hours: _BACK if hours is None else f"{hours:g}",
)
# Which mode a list shows; None for all of them.
_DAYS = Field("7|30|90|365", int)
_MODE: Field[Mode | None] = Field(
    "|".join([ALL_MODES, *Mode]),
    lambda text: None if text == ALL_MODES else Mode(text),
    lambda mode: mode or ALL_MODES,
)

REFRESH = CustomId("refresh", {"message_id": _MESSAGE_ID})
MESSAGE_MENU = CustomId("message-menu")
TEST = CustomId("test")
REPORT_NOW = CustomId("report-now")
SWITCH = CustomId("switch", {"on": _ON, "token_id": _TOKEN_ID})
CANCEL = CustomId("cancel")
ACKNOWLEDGE = CustomId("acknowledge", {"incident_id": _INCIDENT_ID})
ASSIGN = CustomId("assign", {"incident_id": _INCIDENT_ID})
MORE = CustomId("more", {"incident_id": _INCIDENT_ID})
NOTE_TEXT = CustomId("note-text", {"incident_id": _INCIDENT_ID})
ASK_SWITCH_ON = CustomId("ask-switch-on", {"incident_id": _INCIDENT_ID})
MUTE = CustomId("mute", {"incident_id": _INCIDENT_ID})
MUTE_FOR = CustomId("mute-for", {"hours": _HOURS_OR_BACK, "incident_id": _INCIDENT_ID})
MUTE_UNTIL = CustomId("mute-until", {"incident_id": _INCIDENT_ID})
MUTE_UNTIL_TEXT = CustomId("mute-until-text", {"incident_id": _INCIDENT_ID})
UNMUTE = CustomId("unmute", {"incident_id": _INCIDENT_ID})
DETAILS = CustomId("details", {"incident_id": _INCIDENT_ID})
DETAILS_MENU = CustomId("details-menu")
CLOSE = CustomId("close", {"incident_id": _INCIDENT_ID})
HISTORY = CustomId("history", {"token_id": _TOKEN_ID})
FLEET_HISTORY = CustomId("fleet-history")
HISTORY_DAYS = CustomId("history-days", {"days": _DAYS, "token_id": _TOKEN_ID})
FLEET_HISTORY_DAYS = CustomId("fleet-history-days", {"days": _DAYS})
ASK_OWNER = CustomId("ask-owner", {"token_id": _TOKEN_ID})
OWNER_MENU = CustomId("owner-menu", {"token_id": _TOKEN_ID})
SHOW = CustomId("show", {"token_id": _TOKEN_ID})
ASK_SWITCH = CustomId("ask-switch", {"on": _ON, "token_id": _TOKEN_ID})
LIST = CustomId("list", {"page": _PAGE, "mode": _MODE, "where": _WHERE})
LIST_MODES = CustomId("list-modes")
LIST_TOKENS = CustomId("list-tokens")
BOARD_TOKENS = CustomId("board-tokens")
MUTE_TOKEN = CustomId("mute-token", {"token_id": _TOKEN_ID})
MUTE_TOKEN_FOR = CustomId("mute-token-for", {"hours": _HOURS, "token_id": _TOKEN_ID})
