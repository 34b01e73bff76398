"""Buttons and menus that outlive a restart: a press is recognized by the custom id alone."""

import re
from enum import Enum, auto
from typing import Any, ClassVar, Self, TypeVar, cast

import discord

from bot.ui.custom_ids import CustomId

ItemT = TypeVar("ItemT", bound=discord.ui.Item[Any])
_NEVER = re.compile("(?!)")


class Audience(Enum):
    """Who may press a component."""

    EVERYONE = auto()
    MODS = auto()


class PersistentComponent(discord.ui.DynamicItem[ItemT], template=_NEVER):
    """A component that says by its custom id what it is about, and does it when it is pressed.

    A class names its custom ids, says who may press it, and does its work in `press`, which is handed the values of the
    custom id by name. A component comes from Discord as it stands on its message, so its look is made elsewhere
    (`bot.ui.components`). Every press passes the gate, and what goes wrong is answered: discord.py does neither.
    """

    ids: ClassVar[CustomId]
    pressed_by: ClassVar[Audience]

    def __init_subclass__(cls) -> None:
        # discord.py finds the class of a press by this regular expression. The two kinds below have none.
        template = cls.ids.template if hasattr(cls, "ids") else _NEVER
        super().__init_subclass__(template=template)

    @classmethod
    async def from_custom_id(
        cls, interaction: discord.Interaction[Any], item: discord.ui.Item[Any], match: re.Match[str]
    ) -> Self:
        """Take the component as it stands on its Discord message."""
        return cls(cast("ItemT", item))

    async def callback(self, interaction: discord.Interaction[Any]) -> None:
        """Let those press it who may, and answer what goes wrong."""
        bot = interaction.client
        try:
            bot.require_home_server(interaction)
            if self.pressed_by is Audience.MODS:
                await bot.require_mod(interaction)
            # discord.py calls this only where the custom id matches the template.
            await self.press(interaction, **(self.ids.decode(self.custom_id) or {}))
        except Exception as error:  # noqa: BLE001 - the edge of a press; what nobody expected is logged there
            await bot.respond_with_error(interaction, error)

    async def press(self, interaction: discord.Interaction[Any], *args: Any, **values: Any) -> None:
        """Do what the component is for; the values are those of its custom id."""
        raise NotImplementedError


class PersistentButton(PersistentComponent[discord.ui.Button[Any]]):
    """A button."""


class PersistentMenu(PersistentComponent[discord.ui.Select[Any]]):
    """A menu of which one option is chosen. Its options are on its Discord message, not in its custom id."""

    @property
    def chosen(self) -> str:
        """The value of the option that was chosen."""
        return self.item.values[0]
