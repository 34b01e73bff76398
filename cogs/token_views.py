"""One token: how it is, how it got there, and where it is heading."""

from discord.ext import commands

from bot.app import Fastwatch


class TokenViews(commands.Cog):
    """Shows a token, and its history. It is a part of the group of commands that has the tokens."""

    def __init__(self, bot: Fastwatch) -> None:
        self._bot = bot
        self._services = bot.services
