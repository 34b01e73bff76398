"""What people read about an error: one sentence that says what to do, for the user of the command or button only."""

from datetime import datetime, timedelta
from typing import Any

import aiohttp
import discord
import structlog
from discord import app_commands

from bot.app.checks import NotModerator, RoleUnknown, ServerNotAllowed, may_manage
from bot.imaginepro import errors
from bot.queries.tokens import TokenNotFound
from bot.storage.database import DatabaseUnavailable
from bot.ui import texts
from bot.ui.formatting import at, escape_untrusted

log = structlog.get_logger(__name__)

_DETAIL_LENGTH = 150
# Discord's documentation, "Opcodes and Status Codes", JSON error codes.
_ALREADY_ANSWERED = 40060
_UNANSWERABLE = frozenset({10015, 10062, 50027})
"""Unknown webhook, unknown interaction (answered too late), and invalid webhook token (after 15 minutes)."""
_MESSAGES_BY_CODE = {
    # Unknown message: its user has dismissed the answer that was to be edited.
    10008: texts.errors.DISCORD_FAILED,
    200000: texts.errors.BLOCKED_BY_AUTOMOD,
}


class UserError(app_commands.AppCommandError):
    """The request is not possible; the text is the sentence to show."""


_MESSAGES: dict[type[Exception], str] = {
    TokenNotFound: texts.errors.TOKEN_NOT_FOUND,
    ServerNotAllowed: texts.errors.NOT_CONNECTED,
    NotModerator: texts.errors.MODS_ONLY,
    RoleUnknown: texts.errors.DATABASE_UNAVAILABLE,
    DatabaseUnavailable: texts.errors.DATABASE_UNAVAILABLE,
    errors.MessageNotFound: texts.errors.UNKNOWN_MESSAGE,
    errors.NoTokenYet: texts.errors.NO_TOKEN_YET,
    errors.Unauthorized: texts.errors.KEY_REFUSED,
    errors.NotInPlan: texts.errors.NOT_IN_PLAN,
    errors.BadRequest: texts.errors.BAD_REQUEST,
    errors.Unreachable: texts.errors.UNREACHABLE,
    errors.InvalidResponse: texts.errors.INVALID_RESPONSE,
    discord.Forbidden: texts.errors.DISCORD_REFUSED,
    discord.DiscordServerError: texts.errors.DISCORD_FAILED,
}


def user_message(error: Exception, *, to_mod: bool, now: datetime) -> str | None:
    """Return what went wrong and what to do; None for an unexpected error. Mods also read why a key was refused."""
    match error:
        case app_commands.CommandInvokeError():
            return user_message(error.original, to_mod=to_mod, now=now)
        case UserError():
            return str(error)
        case errors.Unauthorized() if to_mod:
            return texts.errors.KEY_REFUSED_FOR_MODS.format(detail=escape_untrusted(error.detail, most=_DETAIL_LENGTH))
        case errors.RateLimited():
            return texts.errors.RATE_LIMITED.format(when=at(error.retry_at, "R"))
        case app_commands.CommandOnCooldown():
            return texts.errors.ON_COOLDOWN.format(when=at(now + timedelta(seconds=error.retry_after), "R"))
    return _fixed_message(error)


def _fixed_message(error: Exception) -> str | None:
    if isinstance(error, discord.HTTPException) and error.code in _MESSAGES_BY_CODE:
        return _MESSAGES_BY_CODE[error.code]
    if isinstance(error, NotModerator) and error.role_id is not None:
        return texts.errors.MODS_AND_ROLE_ONLY.format(role=f"<@&{error.role_id}>")
    return _MESSAGES.get(type(error))


async def respond_with_error(interaction: discord.Interaction[Any], error: Exception, now: datetime) -> None:
    """Answer a failed command or press with one sentence that only its user sees. Log unexpected errors.

    Discord sends an interaction to all processes of the bot. The first one to respond handles it, and the others fail.
    """
    cause = error.original if isinstance(error, app_commands.CommandInvokeError) else error
    if is_answered_elsewhere(cause):
        return
    if is_unanswerable(cause):
        log.warning("An interaction was over before it was answered.", error=str(cause))
        return
    sentence = user_message(error, to_mod=may_manage(interaction), now=now)
    if isinstance(cause, discord.HTTPException | aiohttp.ClientError) and sentence is not None:
        log.warning("Discord did not accept an answer.", error=str(cause))
    if sentence is None:
        log.error("Unexpected error in a command.", exc_info=error)
        sentence = texts.errors.UNEXPECTED
    if isinstance(cause, errors.Unauthorized | errors.InvalidResponse):
        # The sentences of these two say that the log has more.
        log.warning("A command failed because of ImaginePro.", error=f"{type(cause).__name__}: {cause.detail}")
    try:
        await _respond(interaction, sentence)
    except (discord.HTTPException, aiohttp.ClientError, OSError) as failure:
        if not is_answered_elsewhere(failure):
            log.warning("An error message did not reach its user.", sentence=sentence, error=str(failure))


async def _respond(interaction: discord.Interaction[Any], sentence: str) -> None:
    if not interaction.response.is_done():
        await interaction.response.send_message(sentence, ephemeral=True)
        return
    thinking = interaction.response.type is discord.InteractionResponseType.deferred_channel_message
    if thinking:
        # The first message after a deferral is as public as the deferral was. Only when that is resolved can a reply be
        # for its user alone (discord/discord-api-docs issues 2739 and 2742).
        await interaction.edit_original_response(content=texts.common.ELLIPSIS)
    await interaction.followup.send(sentence, ephemeral=True)
    if thinking:
        await interaction.delete_original_response()


def is_answered_elsewhere(error: BaseException) -> bool:
    """Whether a command or press failed because another process of the bot answered it first."""
    return isinstance(error, discord.HTTPException) and error.code == _ALREADY_ANSWERED


def is_unanswerable(error: BaseException) -> bool:
    """Whether nobody can read an answer any more."""
    return isinstance(error, discord.HTTPException) and error.code in _UNANSWERABLE
