"""Alert routes: why one is disabled."""

from enum import StrEnum


class DisabledReason(StrEnum):
    """Why nothing is posted by a route until somebody changes something. Named as Discord's JSON error codes are."""

    SERVER_NOT_ALLOWED = "server_not_allowed"
    """The server is not one of HOME_SERVERS any more."""
    UNKNOWN_CHANNEL = "unknown_channel"
    UNKNOWN_SERVER = "unknown_server"
    MISSING_ACCESS = "missing_access"
    MISSING_PERMISSIONS = "missing_permissions"
    NOT_A_TEXT_CHANNEL = "not_a_text_channel"
    THREAD_ARCHIVED = "thread_archived"
    REFUSED = "refused"
    """Discord answered 403 with another code."""
