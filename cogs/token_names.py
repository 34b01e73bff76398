"""The names that people know tokens by."""

from discord.ext import commands

from bot.app import Fastwatch


class TokenNames(commands.Cog):
    """Names tokens. It is a part of the group of commands that has the tokens."""

    def __init__(self, bot: Fastwatch) -> None:
        self._bot = bot
        self._services = bot.services
