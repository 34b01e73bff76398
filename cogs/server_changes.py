"""Listens for changes in servers, which may fix what Discord has refused or break the ping of alerts."""

import discord
from discord.ext import commands

from bot.app.client import Fastwatch


class ServerChanges(commands.Cog):
    """Reports each such change. Discord sends updates of the bot's own member without a privileged intent."""

    def __init__(self, bot: Fastwatch) -> None:
        self._bot = bot
        self._on_change = bot.route_health.on_change

    @commands.Cog.listener()
    async def on_ready(self) -> None:
        """Assume changes in all servers, since events may have been missed."""
        for guild in self._bot.guilds:
            await self._on_change(guild)

    @commands.Cog.listener()
    async def on_guild_join(self, guild: discord.Guild) -> None:
        """The bot was invited, perhaps again."""
        await self._on_change(guild)

    @commands.Cog.listener()
    async def on_guild_available(self, guild: discord.Guild) -> None:
        """Discord's outage of a server is over."""
        await self._on_change(guild)

    @commands.Cog.listener()
    async def on_guild_update(self, _before: discord.Guild, after: discord.Guild) -> None:
        """The system channel or the verification level may have changed."""
        await self._on_change(after)

    @commands.Cog.listener()
    async def on_guild_role_update(self, _before: discord.Role, after: discord.Role) -> None:
        """Permissions may have changed, or whether everyone may mention the role."""
        await self._on_change(after.guild)

    @commands.Cog.listener()
    async def on_guild_role_delete(self, role: discord.Role) -> None:
        """A role that denied something may be gone, or the one that alerts ping."""
        await self._on_change(role.guild)

    @commands.Cog.listener()
    async def on_guild_channel_create(self, channel: discord.abc.GuildChannel) -> None:
        """There may be a channel for moderators now."""
        await self._on_change(channel.guild)

    @commands.Cog.listener()
    async def on_guild_channel_update(self, _before: discord.abc.GuildChannel, after: discord.abc.GuildChannel) -> None:
        """Permissions in a channel may have changed."""
        await self._on_change(after.guild)

    @commands.Cog.listener()
    async def on_raw_thread_update(self, payload: discord.RawThreadUpdateEvent) -> None:
        """A thread may no longer be archived or locked."""
        guild = self._bot.get_guild(payload.guild_id)
        if guild is not None:
            await self._on_change(guild)

    @commands.Cog.listener()
    async def on_member_update(self, _before: discord.Member, after: discord.Member) -> None:
        """The bot may have another role, or its time-out was lifted."""
        if after == after.guild.me:
            await self._on_change(after.guild)


async def setup(bot: Fastwatch) -> None:
    """Add the cog."""
    await bot.add_cog(ServerChanges(bot))
