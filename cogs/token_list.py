"""The fleet at a glance: a line a token, worst first."""

from discord.ext import commands

from bot.app import Fastwatch


class TokenList(commands.Cog):
    """Lists the tokens. It is a part of the group of commands that has the tokens."""

    def __init__(self, bot: Fastwatch) -> None:
        self._bot = bot
        self._services = bot.services
