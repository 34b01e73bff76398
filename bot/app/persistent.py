"""Buttons and menus that work after a restart: a press is recognized by the custom id alone."""

import re
from collections.abc import Callable, Coroutine
from enum import Enum, auto
from typing import Any, ClassVar, Self, TypeVar, cast

import discord
from discord.ext import commands

from bot.app.checks import require_home_server, require_mod
from bot.app.errors import respond_with_error
from bot.app.services import Services
from bot.ui.custom_ids import CustomId

ItemT = TypeVar("ItemT", bound=discord.ui.Item[Any])
CogT = TypeVar("CogT", bound=commands.Cog)
_NEVER = re.compile("(?!)")

Press = Callable[..., Coroutine[Any, Any, None]]
"""Handles a press: takes the interaction, and the values of the custom id."""


class Audience(Enum):
    """Who may press a component."""

    EVERYONE = auto()
    MODS = auto()


class PersistentComponent(discord.ui.DynamicItem[ItemT], template=_NEVER):
    """A component whose custom id holds all that a press needs.

    A subclass sets its custom ids and who may press it, and implements `press`, which gets the values of the custom id
    as keyword arguments. A pressed component comes from Discord as it is on its message; `bot.ui.components` creates
    new ones. Presses get the same check for home servers and the same error messages as commands, because discord.py
    applies those of the command tree to commands only.
    """

    ids: ClassVar[CustomId]
    pressed_by: ClassVar[Audience]

    def __init_subclass__(cls) -> None:
        # discord.py finds the class of a press by this regular expression. The two base classes below have none.
        template = cls.ids.template if hasattr(cls, "ids") else _NEVER
        super().__init_subclass__(template=template)

    @classmethod
    async def from_custom_id(
        cls, interaction: discord.Interaction[Any], item: discord.ui.Item[Any], match: re.Match[str]
    ) -> Self:
        """Return the component as it is on its Discord message."""
        return cls(cast("ItemT", item))

    async def callback(self, interaction: discord.Interaction[Any]) -> None:
        """Check who pressed it, handle the press, and respond to errors."""
        # discord.py calls this only where the custom id matches the template.
        await handle_press(interaction, self.pressed_by, self.press, **(self.ids.decode(self.custom_id) or {}))

    async def press(self, interaction: discord.Interaction[Any], *args: Any, **values: Any) -> None:
        """Handle a press, with the values of the custom id."""
        raise NotImplementedError


async def handle_press(
    interaction: discord.Interaction[Any], pressed_by: Audience, press: Press, *args: Any, **values: Any
) -> None:
    """Check who pressed a component or submitted a modal, handle that, and respond to errors."""
    services: Services = interaction.client.services
    try:
        require_home_server(interaction, services.home_servers)
        if pressed_by is Audience.MODS:
            await require_mod(interaction, services.database)
        await press(interaction, *args, **values)
    except Exception as error:  # noqa: BLE001 - the top level of a press; unexpected errors are logged there
        await respond_with_error(interaction, error, services.clock.now())


class PersistentButton(PersistentComponent[discord.ui.Button[Any]]):
    """A button that works after a restart."""


class PersistentMenu(PersistentComponent[discord.ui.Select[Any]]):
    """A menu with one choice. Its options are on its Discord message, not in its custom id."""

    @property
    def chosen(self) -> str:
        """The value of the chosen option."""
        return self.item.values[0]


class PersistentMemberMenu(PersistentComponent[discord.ui.UserSelect[Any]]):
    """A menu of the members of the server, with one choice or none."""


def cog_of(interaction: discord.Interaction[Any], kind: type[CogT]) -> CogT:
    """Return the cog that a button or a menu belongs to: after a restart, a component has no other way to reach it."""
    for cog in interaction.client.cogs.values():
        if isinstance(cog, kind):
            return cog
    raise TypeError("the cog that made this is not loaded")
