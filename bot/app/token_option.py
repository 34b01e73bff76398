"""Choosing a token as a command's option: what is offered, and what was meant."""

from collections.abc import Collection, Iterable

import discord
from discord import app_commands
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.app.audit import server_of
from bot.app.client import Fastwatch
from bot.app.errors import UserError
from bot.domain.modes import Mode
from bot.domain.readings import Reading
from bot.storage.token_names import names_of
from bot.storage.tokens import readings_of, token_ids_of
from bot.ui import formatting, texts
from bot.ui.formatting import NO_NAMES, Names

_MOST_CHOICES = 25  # Discord's limit


async def autocomplete_tokens(
    interaction: discord.Interaction[Fastwatch], typed: str
) -> list[app_commands.Choice[str]]:
    """Complete an option by all tokens of the account."""
    services = interaction.client.services
    async with services.database.reading() as connection:
        names = await names_of(connection, server_of(interaction))
        return await token_choices(connection, services.account_id, typed, names=names)


async def autocomplete_tokens_for_mods(
    interaction: discord.Interaction[Fastwatch], typed: str
) -> list[app_commands.Choice[str]]:
    """Do that for mods alone. Completion skips the checks of commands and groups, so it is made here."""
    return await autocomplete_tokens(interaction, typed) if await interaction.client.is_mod(interaction) else []


async def token_choices(
    connection: AsyncConnection,
    account_id: int,
    typed: str,
    among: Collection[int] | None = None,
    *,
    names: Names = NO_NAMES,
) -> list[app_commands.Choice[str]]:
    """Offer the account's tokens, or only those among which there is a choice, those that fit best first."""
    there_are = await token_ids_of(connection, account_id) if among is None else among
    offered = _best_first(there_are, typed.strip().casefold(), names)[:_MOST_CHOICES]
    # Discord asks at each key stroke: only what is offered is worth reading.
    readings = await readings_of(connection, account_id, offered)
    return [
        app_commands.Choice(name=_choice(token_id, readings.get(token_id), names), value=str(token_id))
        for token_id in offered
    ]


async def resolve_token(
    connection: AsyncConnection,
    account_id: int,
    typed: str,
    also: Collection[int] = (),
    *,
    names: Names = NO_NAMES,
) -> int:
    """Tell which of the account's tokens, or of some that may have been, was meant by its number or its name.

    Raises UserError.
    """
    there_are = {*await token_ids_of(connection, account_id), *also}
    wanted = typed.strip().casefold()
    chosen = [token_id for token_id in there_are if str(token_id) == wanted]
    chosen = chosen or [token_id for token_id in there_are if wanted and names.get(token_id, "").casefold() == wanted]
    if len(chosen) != 1:
        raise UserError(texts.errors.NO_SUCH_TOKEN)
    return chosen[0]


def _best_first(token_ids: Iterable[int], wanted: str, names: Names) -> list[int]:
    fits = ((_fit(str(token_id), names.get(token_id, "").casefold(), wanted), token_id) for token_id in token_ids)
    return [token_id for fit, token_id in sorted(one for one in fits if one[0] is not None)]


def _fit(number: str, name: str, wanted: str) -> int | None:
    """Tell how well a token fits what was typed, 0 best; None where it does not."""
    fits = (
        number == wanted,
        number.startswith(wanted),
        name.startswith(wanted),
        wanted in name,
        wanted in number,
    )
    return fits.index(True) if True in fits else None


def _choice(token_id: int, reading: Reading | None, names: Names) -> str:
    """Write a token as a choice, which Discord shows as it is: nothing is escaped."""
    mode = (reading.mode or Mode.OTHER) if reading is not None else None
    left = formatting.hours_left(reading) if reading is not None else ""
    words = texts.common.TOKEN_CHOICE_WITH_LEFT if left else texts.common.TOKEN_CHOICE
    return words.format(
        sign=texts.common.SIGNS[mode],
        token=formatting.plain_token(token_id, names),
        mode=mode.value if mode is not None else texts.common.STATUS_UNKNOWN,
        left=left,
    )
