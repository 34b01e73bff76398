"""The error messages that people read: what went wrong, and what to do."""

from datetime import datetime, timedelta

import discord
from discord import app_commands

from bot.imaginepro import errors
from bot.queries.tokens import TokenNotFound
from bot.ui import texts
from bot.ui.formatting import at, escape_untrusted

_DETAIL_LENGTH = 150


class ServerNotAllowed(app_commands.CheckFailure):
    """A command was used outside the home servers."""


class NotModerator(app_commands.CheckFailure):
    """A command for moderators was used by another member."""


class UserError(app_commands.AppCommandError):
    """A command cannot be done; the text is the message to show."""


_MESSAGES: dict[type[Exception], str] = {
    TokenNotFound: texts.errors.TOKEN_NOT_FOUND,
    ServerNotAllowed: texts.errors.NOT_CONNECTED,
    NotModerator: texts.errors.MODS_ONLY,
    errors.MessageNotFound: texts.errors.UNKNOWN_MESSAGE,
    errors.NoTokenYet: texts.errors.NO_TOKEN_YET,
    errors.Unauthorized: texts.errors.KEY_REFUSED,
    errors.NotInPlan: texts.errors.NOT_IN_PLAN,
    errors.BadRequest: texts.errors.BAD_REQUEST,
    errors.Unreachable: texts.errors.UNREACHABLE,
    errors.InvalidResponse: texts.errors.INVALID_RESPONSE,
    discord.Forbidden: texts.errors.DISCORD_REFUSED,
}


def user_message(error: Exception, *, to_mod: bool, now: datetime) -> str | None:
    """Return the message for an error; None for an unexpected one. Only moderators see why a key was rejected."""
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
    return _MESSAGES.get(type(error))
