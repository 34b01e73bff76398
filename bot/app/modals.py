"""Modals with one text field that work after a restart: a submission is recognized by the custom id alone."""

from collections.abc import Iterable
from typing import Any, ClassVar

import discord

from bot.app.persistent import Audience, handle_press
from bot.ui.custom_ids import CustomId


class PersistentModal:
    """What happens with the text of a modal. discord.py keeps modals in memory only, so these do not use its store."""

    ids: ClassVar[CustomId]
    pressed_by: ClassVar[Audience]

    @classmethod
    async def submit(cls, interaction: discord.Interaction[Any], *args: Any, **values: Any) -> None:
        """Handle the text that a member typed, with the values of the custom id."""
        raise NotImplementedError


async def handle_modal(interaction: discord.Interaction[Any], modals: Iterable[type[PersistentModal]]) -> None:
    """Handle the submission of a modal, if this interaction is one."""
    if interaction.type is not discord.InteractionType.modal_submit or interaction.data is None:
        return
    for modal in modals:
        values = modal.ids.decode(str(interaction.data.get("custom_id")))
        if values is not None:
            text = _text_in(interaction.data.get("components"))
            await handle_press(interaction, modal.pressed_by, modal.submit, text, **values)


def _text_in(components: Any) -> str:
    """Return the text of the only field, wherever it is nested."""
    for component in components or ():
        if isinstance(component.get("value"), str):
            return str(component["value"])
        inner = component.get("components") or [one for one in [component.get("component")] if one]
        if text := _text_in(inner):
            return text
    return ""
