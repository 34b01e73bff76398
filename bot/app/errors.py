"""The errors of commands and buttons, and the one sentence that people read about each."""

from datetime import datetime, timedelta

import discord
from discord import app_commands

from bot.imaginepro import errors
from bot.queries.tokens import TokenNotFound
from bot.ui import texts
from bot.ui.formatting import at, escape_untrusted

_DETAIL_LENGTH = 150


class ServerNotAllowed(app_commands.CheckFailure):
    """Used outside the home servers."""


class NotModerator(app_commands.CheckFailure):
    """Used by a member who is no moderator."""


class UserError(app_commands.AppCommandError):
    """The request is not possible; the text is the sentence to show."""


_MESSAGES: dict[type[Exception], str] = {
    TokenNotFound: texts.TOKEN_NOT_KEPT,
    ServerNotAllowed: texts.NOT_CONNECTED,
    NotModerator: texts.MODS_ONLY,
    errors.MessageNotFound: texts.UNKNOWN_MESSAGE,
    errors.NoTokenYet: texts.TOKENLESS,
    errors.Unauthorized: texts.KEY_REFUSED,
    errors.NotInPlan: texts.PLAN_LACKS_THIS,
    errors.BadRequest: texts.REQUEST_REFUSED,
    errors.Unreachable: texts.UNREACHABLE,
    errors.InvalidResponse: texts.UNREADABLE,
    discord.Forbidden: texts.DISCORD_REFUSED,
}


def user_message(error: Exception, *, to_mod: bool, now: datetime) -> str | None:
    """Return what went wrong and what to do; None for an unexpected error. Mods also read why a key was refused."""
    match error:
        case app_commands.CommandInvokeError():
            return user_message(error.original, to_mod=to_mod, now=now)
        case UserError():
            return str(error)
        case errors.Unauthorized() if to_mod:
            return texts.KEY_REFUSED_FOR_MODS.format(detail=escape_untrusted(error.detail, most=_DETAIL_LENGTH))
        case errors.RateLimited():
            return texts.SLOW_DOWN.format(when=at(error.retry_at, "R"))
        case app_commands.CommandOnCooldown():
            return texts.TOO_FAST.format(when=at(now + timedelta(seconds=error.retry_after), "R"))
    return _MESSAGES.get(type(error))
