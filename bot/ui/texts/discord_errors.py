"""Why Discord did not accept something."""

from bot.domain.alert_routes import DisabledReason

# What Discord's codes mean to those who can fix it ("Opcodes and Status Codes", JSON error codes).
REFUSALS = {
    10003: "the channel no longer exists",
    30003: "the channel has no room for another pinned message, so unpin one first",
    30047: "the forum has a pinned post already, so unpin it first",
    50001: "I cannot see the channel",
    50013: "a permission is missing",
    200000: "the server's AutoMod blocks the message",
    240000: "the message has a link that Discord blocks",
}
LACKS_ONE = "{permissions} is missing there"
LACKS = "{permissions} are missing there"
ANSWERED = "Discord answered {status}"
ANSWERED_WITH_CODE = "Discord answered {status}, code {code}"
NOBODY_REACHED = "no moderator could be reached"
SERVER_UNKNOWN = "Discord's gateway has not reported this server yet"
RATE_LIMITED = "Discord's rate limit was reached"
TIMED_OUT = "Discord did not respond in time"
UNREACHABLE = "Discord could not be reached ({error})"
UNEXPECTED = "an unexpected error occurred ({error})"
DISABLED_REASONS = {
    DisabledReason.SERVER_NOT_ALLOWED: "this server is not one of the bot's home servers",
    DisabledReason.SWITCHED_OFF: "alerts are switched off",
    DisabledReason.UNKNOWN_CHANNEL: REFUSALS[10003],
    DisabledReason.UNKNOWN_SERVER: "I am no longer a member of this server",
    DisabledReason.MISSING_ACCESS: REFUSALS[50001],
    DisabledReason.MISSING_PERMISSIONS: REFUSALS[50013],
    DisabledReason.NOT_A_TEXT_CHANNEL: "the channel takes no messages",
    DisabledReason.THREAD_ARCHIVED: "the thread is archived or locked",
    DisabledReason.REFUSED: "Discord does not let me post there",
}
