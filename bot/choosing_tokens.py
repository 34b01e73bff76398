"""Choosing a token as a command's option: what is offered, and what was meant."""

from collections.abc import Collection, Mapping

from discord import app_commands
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.apologies import CannotBeDone
from bot.health.modes import Mode
from bot.storage.tokens import known_tokens
from bot.ui import texts

_MOST_CHOICES = 25  # Discord's limit


async def token_choices(
    connection: AsyncConnection, account_id: int, typed: str, among: Collection[int] | None = None
) -> list[app_commands.Choice[str]]:
    """Offer the account's tokens, or only those among which there is a choice."""
    known = await known_tokens(connection, account_id)
    modes: Mapping[int, Mode] = {token_id: token.mode for token_id, token in known.items()}
    choices = [
        app_commands.Choice(name=_choice(token_id, modes.get(token_id)), value=str(token_id))
        for token_id in sorted(modes if among is None else among)
        if typed.strip() in str(token_id)
    ]
    return choices[:_MOST_CHOICES]


async def chosen_token(connection: AsyncConnection, account_id: int, typed: str, also: Collection[int] = ()) -> int:
    """Tell which of the account's tokens, or of some that may have been, was meant. Raises CannotBeDone."""
    known = await known_tokens(connection, account_id)
    chosen = [token_id for token_id in (*known, *also) if str(token_id) == typed.strip()]
    if not chosen:
        raise CannotBeDone(texts.NO_SUCH_TOKEN)
    return chosen[0]


def _choice(token_id: int, mode: Mode | None) -> str:
    return texts.TOKEN_CHOICE.format(
        sign=texts.SIGNS[mode], token=token_id, mode=mode.value if mode is not None else texts.STATUS_UNKNOWN
    )
