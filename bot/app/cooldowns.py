"""Cool-downs on what members make the bot ask of ImaginePro: for each member, each server, and all together.

The monitor asks outside of them, so that nobody who hammers a command can delay an alert or get the key blocked.
"""

from collections.abc import Hashable
from typing import Any

import discord
from cachetools import TTLCache
from discord import app_commands

Limit = tuple[int, float]
"""How often, in how many seconds."""

_REFRESH: Limit = (1, 5.0)
_CHART: Limit = (5, 30.0)
_REMEMBERED = 10_000
_REMEMBERED_SECONDS = 600


class Cooldowns:
    """Counts what is asked, at seconds since 1970. One who asks too often is told when to come back."""

    def __init__(self, *, member: Limit = (5, 30.0), server: Limit = (30, 60.0), everyone: Limit = (60, 60.0)) -> None:
        self._member = member
        self._server = server
        self._everyone = app_commands.Cooldown(*everyone)
        self._cooldowns: TTLCache[Hashable, app_commands.Cooldown] = TTLCache(_REMEMBERED, ttl=_REMEMBERED_SECONDS)

    def count(self, interaction: discord.Interaction[Any]) -> None:
        """Count a request that this member causes. Raises CommandOnCooldown where it is one too many."""
        self.count_trace(interaction.user.id, interaction.guild_id, interaction.created_at.timestamp())

    def count_refresh(self, interaction: discord.Interaction[Any]) -> None:
        """Count a press of Refresh, which is easier to hammer than a command. Raises CommandOnCooldown."""
        now = interaction.created_at.timestamp()
        self.count_refresh_press(interaction.user.id, now)
        self.count_trace(interaction.user.id, interaction.guild_id, now)

    def count_chart(self, interaction: discord.Interaction[Any]) -> None:
        """Count a chart that is drawn for this member, which asks nothing of ImaginePro. Raises CommandOnCooldown."""
        self.count_chart_request(interaction.user.id, interaction.created_at.timestamp())

    def count_trace(self, member_id: int, server_id: int | None, now: float) -> None:
        """Count a request. Raises CommandOnCooldown, and counts nothing, where any limit is reached."""
        cooldowns = (
            self._cooldown(("member", member_id), self._member),
            self._cooldown(("server", server_id), self._server),
            self._everyone,
        )
        for cooldown in cooldowns:
            _check(cooldown, now)
        for cooldown in cooldowns:
            cooldown.update_rate_limit(now)

    def count_refresh_press(self, member_id: int, now: float) -> None:
        """Count a press of Refresh by itself. Raises CommandOnCooldown."""
        self._count(self._cooldown(("refresh", member_id), _REFRESH), now)

    def count_chart_request(self, member_id: int, now: float) -> None:
        """Count a chart. Raises CommandOnCooldown."""
        self._count(self._cooldown(("chart", member_id), _CHART), now)

    def _count(self, cooldown: app_commands.Cooldown, now: float) -> None:
        _check(cooldown, now)
        cooldown.update_rate_limit(now)

    def _cooldown(self, of: Hashable, limit: Limit) -> app_commands.Cooldown:
        return self._cooldowns.setdefault(of, app_commands.Cooldown(*limit))


def _check(cooldown: app_commands.Cooldown, now: float) -> None:
    if cooldown.get_tokens(now) < 1:
        raise app_commands.CommandOnCooldown(cooldown, cooldown.get_retry_after(now))
