"""Alert routes: why one is disabled, when it is tried again, and why its alerts ping nobody."""

from datetime import datetime, timedelta
from enum import StrEnum

_FIRST_RETRY = timedelta(minutes=1)
# With up to 10 % of jitter, within the hour.
_LONGEST_PAUSE = timedelta(minutes=54)


def pause_before_retry(disabled_at: datetime, now: datetime) -> timedelta:
    """Return how long a disabled route waits: as long as it has been disabled, from a minute to an hour."""
    return min(max(now - disabled_at, _FIRST_RETRY), _LONGEST_PAUSE)


class DisabledReason(StrEnum):
    """Why a route posts nothing until it is fixed. The names follow Discord's JSON error codes."""

    SERVER_NOT_ALLOWED = "server_not_allowed"
    """The server is no longer one of HOME_SERVERS."""
    SWITCHED_OFF = "switched_off"
    """A member has switched alerts off."""
    UNKNOWN_CHANNEL = "unknown_channel"
    UNKNOWN_SERVER = "unknown_server"
    MISSING_ACCESS = "missing_access"
    MISSING_PERMISSIONS = "missing_permissions"
    NOT_A_TEXT_CHANNEL = "not_a_text_channel"
    THREAD_ARCHIVED = "thread_archived"
    REFUSED = "refused"
    """Discord answered 403 with another code."""


INACTIVE_REASONS = frozenset({DisabledReason.SERVER_NOT_ALLOWED, DisabledReason.SWITCHED_OFF})
"""The reasons for which a server has no alerts at all: nothing is recorded for it, and nothing is tried again."""


PERMISSION_REASONS = frozenset(
    {DisabledReason.MISSING_ACCESS, DisabledReason.MISSING_PERMISSIONS, DisabledReason.REFUSED}
)
"""The reasons that a permission in the channel may fix."""


class PingProblem(StrEnum):
    """Why the alerts of a route do not ping its role."""

    ROLE_DELETED = "role_deleted"
    ROLE_NOT_MENTIONABLE = "role_not_mentionable"
