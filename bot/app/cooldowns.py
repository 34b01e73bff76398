"""Cooldowns for requests to ImaginePro that members cause: per member, per server, and for all together.

The monitor is not limited by them, so nobody who repeats a command can delay an alert or get the key blocked.
"""

from collections.abc import Hashable
from typing import Any

import discord
from cachetools import TTLCache
from discord import app_commands

Limit = tuple[int, float]
"""How many times, in how many seconds."""

_REFRESH: Limit = (1, 5.0)
_CHART: Limit = (5, 30.0)
# Bounds the memory. No limit here counts over more than 60 s.
_MAX_ENTRIES = 10_000
_ENTRY_SECONDS = 600


class Cooldowns:
    """Counts requests, by time in seconds since 1970. Raises CommandOnCooldown, which has the seconds to wait."""

    def __init__(self, *, member: Limit = (5, 30.0), server: Limit = (30, 60.0), everyone: Limit = (60, 60.0)) -> None:
        self._member = member
        self._server = server
        self._everyone = app_commands.Cooldown(*everyone)
        self._cooldowns: TTLCache[Hashable, app_commands.Cooldown] = TTLCache(_MAX_ENTRIES, ttl=_ENTRY_SECONDS)

    def count(self, interaction: discord.Interaction[Any]) -> None:
        """Count a request to ImaginePro that a member causes. Raises CommandOnCooldown if it is one too many."""
        self.count_trace(interaction.user.id, interaction.guild_id, interaction.created_at.timestamp())

    def count_refresh(self, interaction: discord.Interaction[Any]) -> None:
        """Count a press of Refresh, which is easier to repeat than a command. Raises CommandOnCooldown."""
        now = interaction.created_at.timestamp()
        self.count_refresh_press(interaction.user.id, now)
        self.count_trace(interaction.user.id, interaction.guild_id, now)

    def count_chart(self, interaction: discord.Interaction[Any]) -> None:
        """Count a chart for a member, which needs no request to ImaginePro. Raises CommandOnCooldown."""
        self.count_chart_request(interaction.user.id, interaction.created_at.timestamp())

    def count_trace(self, member_id: int, server_id: int | None, now: float) -> None:
        """Count a request to ImaginePro. If any limit is reached, raises CommandOnCooldown and counts nothing."""
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
        """Count a press of Refresh, without the request it causes. Raises CommandOnCooldown."""
        self._count(self._cooldown(("refresh", member_id), _REFRESH), now)

    def count_chart_request(self, member_id: int, now: float) -> None:
        """Count a chart. Raises CommandOnCooldown."""
        self._count(self._cooldown(("chart", member_id), _CHART), now)

    def _count(self, cooldown: app_commands.Cooldown, now: float) -> None:
        _check(cooldown, now)
        cooldown.update_rate_limit(now)

    def _cooldown(self, key: Hashable, limit: Limit) -> app_commands.Cooldown:
        return self._cooldowns.setdefault(key, app_commands.Cooldown(*limit))


def _check(cooldown: app_commands.Cooldown, now: float) -> None:
    if cooldown.get_tokens(now) < 1:
        raise app_commands.CommandOnCooldown(cooldown, cooldown.get_retry_after(now))
