"""What a person reads when something went wrong: one sentence that says what to do."""

from datetime import datetime, timedelta

import discord
from discord import app_commands

from bot.imaginepro import errors
from bot.queries.tokens import TokenNotFound
from bot.ui import texts
from bot.ui.formatting import at, harmless

_DETAIL_LENGTH = 150


class NotConnected(app_commands.CheckFailure):
    """Asked for outside the home servers."""


class NotAMod(app_commands.CheckFailure):
    """Asked for by a member who may not."""


class CannotBeDone(app_commands.AppCommandError):
    """Asked for something that cannot be; the text is the sentence to show."""


_SENTENCES: dict[type[Exception], str] = {
    TokenNotFound: texts.TOKEN_NOT_KEPT,
    NotConnected: texts.NOT_CONNECTED,
    NotAMod: texts.MODS_ONLY,
    errors.UnknownMessage: texts.UNKNOWN_MESSAGE,
    errors.NoTokenYet: texts.TOKENLESS,
    errors.KeyRefused: texts.KEY_REFUSED,
    errors.PlanLacksThis: texts.PLAN_LACKS_THIS,
    errors.RequestRefused: texts.REQUEST_REFUSED,
    errors.Unreachable: texts.UNREACHABLE,
    errors.UnreadableAnswer: texts.UNREADABLE,
    discord.Forbidden: texts.DISCORD_REFUSED,
}


def apology(error: Exception, *, to_mod: bool, now: datetime) -> str | None:
    """Say what went wrong and what to do; None for what nobody expected. Mods are told why a key was refused."""
    match error:
        case app_commands.CommandInvokeError():
            return apology(error.original, to_mod=to_mod, now=now)
        case CannotBeDone():
            return str(error)
        case errors.KeyRefused() if to_mod:
            return texts.KEY_REFUSED_FOR_MODS.format(detail=harmless(error.detail, most=_DETAIL_LENGTH))
        case errors.SlowDown():
            return texts.SLOW_DOWN.format(when=at(error.until, "R"))
        case app_commands.CommandOnCooldown():
            return texts.TOO_FAST.format(when=at(now + timedelta(seconds=error.retry_after), "R"))
    return _SENTENCES.get(type(error))
