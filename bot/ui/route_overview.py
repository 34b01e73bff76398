"""Where a server's alerts go, and why Discord refuses a channel, with the names of missing permissions."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TypeVar

import discord

from bot.domain.alert_routes import PERMISSION_REASONS, DisabledReason, PingProblem
from bot.ui.alert_setup import lacking_for_alerts


@dataclass(frozen=True, slots=True)
class RouteOverview:
    """Where a server's alerts go, the role they ping, and why Discord refuses the channel, if it does."""

    channel_id: int
    role_id: int | None
    disabled_reason: DisabledReason | None
    disabled_at: datetime | None = field(default=None, kw_only=True)
    ping_problem: PingProblem | None = field(default=None, kw_only=True)
    lacking: Sequence[str] = field(default=(), kw_only=True)
    """The permissions that the bot lacks in the channel, in words; empty where that is not the reason, or not known."""


@dataclass(frozen=True, slots=True)
class TokenRouteOverview(RouteOverview):
    """The same for the alerts of one token."""

    token_id: int


AnyRoute = TypeVar("AnyRoute", bound=RouteOverview)


def with_lacking(route: AnyRoute, guild: discord.Guild | None) -> AnyRoute:
    """Return the route, with the names of the permissions whose lack disables it."""
    if guild is None or route.disabled_reason not in PERMISSION_REASONS:
        return route
    return replace(route, lacking=lacking_for_alerts(guild, route.channel_id))
