"""A token as a command's option: its completion, and how it is parsed."""

from collections.abc import Collection, Iterable

import discord
from discord import app_commands
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.app.audit import server_of
from bot.app.checks import is_mod
from bot.app.client import Fastwatch
from bot.app.errors import UserError
from bot.domain.modes import Mode
from bot.domain.readings import Reading
from bot.storage.token_names import names_of
from bot.storage.tokens import readings_of, token_ids_of
from bot.ui import formatting, texts
from bot.ui.formatting import NO_NAMES, Names

_MAX_CHOICES = 25  # Discord's limit


async def autocomplete_tokens(
    interaction: discord.Interaction[Fastwatch], typed: str
) -> list[app_commands.Choice[str]]:
    """Offer all tokens of the account."""
    services = interaction.client.services
    async with services.database.reading() as connection:
        names = await names_of(connection, server_of(interaction))
        return await token_choices(connection, services.account_id, typed, names=names)


async def autocomplete_tokens_for_mods(
    interaction: discord.Interaction[Fastwatch], typed: str
) -> list[app_commands.Choice[str]]:
    """Offer all tokens of the account to mods only. discord.py skips the checks of commands for completions."""
    if not await is_mod(interaction, interaction.client.services.database):
        return []
    return await autocomplete_tokens(interaction, typed)


async def token_choices(
    connection: AsyncConnection,
    account_id: int,
    typed: str,
    among: Collection[int] | None = None,
    *,
    names: Names = NO_NAMES,
) -> list[app_commands.Choice[str]]:
    """Return the account's tokens, or those in `among`, that match the typed text, best matches first."""
    candidates = await token_ids_of(connection, account_id) if among is None else among
    offered = _best_matches(candidates, typed.strip().casefold(), names)[:_MAX_CHOICES]
    # Discord asks at each key stroke, so only the offered tokens are read.
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
    """Return the id of the token with the typed number or name. Raises UserError.

    `also` has ids that may no longer belong to the account.
    """
    candidates = {*await token_ids_of(connection, account_id), *also}
    wanted = typed.strip().casefold()
    found = [token_id for token_id in candidates if str(token_id) == wanted]
    found = found or [token_id for token_id in candidates if wanted and names.get(token_id, "").casefold() == wanted]
    if len(found) != 1:
        raise UserError(texts.errors.NO_SUCH_TOKEN)
    return found[0]


def _best_matches(token_ids: Iterable[int], wanted: str, names: Names) -> list[int]:
    ranked = ((_rank(str(token_id), names.get(token_id, "").casefold(), wanted), token_id) for token_id in token_ids)
    return [token_id for _, token_id in sorted(one for one in ranked if one[0] is not None)]


def _rank(number: str, name: str, wanted: str) -> int | None:
    """Return how well a token matches the typed text, 0 is best; None if it does not match."""
    matches = (
        number == wanted,
        number.startswith(wanted),
        name.startswith(wanted),
        wanted in name,
        wanted in number,
    )
    return matches.index(True) if True in matches else None


def _choice(token_id: int, reading: Reading | None, names: Names) -> str:
    """Return a token as the text of a choice. Discord shows it as plain text, so nothing is escaped."""
    mode = (reading.mode or Mode.OTHER) if reading is not None else None
    left = formatting.hours_left(reading) if reading is not None else ""
    words = texts.common.TOKEN_CHOICE_WITH_LEFT if left else texts.common.TOKEN_CHOICE
    return words.format(
        sign=texts.common.SIGNS[mode],
        token=formatting.plain_token(token_id, names),
        mode=mode.value if mode is not None else texts.common.STATUS_UNKNOWN,
        left=left,
    )
