"""Alert routes: why one is disabled."""

from enum import StrEnum


class DisabledReason(StrEnum):
    """Why a route posts nothing until somebody fixes it. The names follow Discord's JSON error codes."""

    SERVER_NOT_ALLOWED = "server_not_allowed"
    """The server is no longer one of HOME_SERVERS."""
    UNKNOWN_CHANNEL = "unknown_channel"
    UNKNOWN_SERVER = "unknown_server"
    MISSING_ACCESS = "missing_access"
    MISSING_PERMISSIONS = "missing_permissions"
    NOT_A_TEXT_CHANNEL = "not_a_text_channel"
    THREAD_ARCHIVED = "thread_archived"
    REFUSED = "refused"
    """Discord answered 403 with another code."""
