"""The answers of `/alerts mute` and `/alerts unmute`, and of a token's mute button; and what mutes let through."""

from bot.domain.alert_types import AlertType

STILL_NOTIFIED = "You are still notified of {urgent}."
INCLUDES_URGENT = "Urgent alerts are muted too."
# The alert types that mutes let through.
URGENT = {
    AlertType.BANNED: "a ban",
    AlertType.VERIFYING: "a verification",
    AlertType.RUNS_OUT_SOON: "hours running out",
    AlertType.NONE_IN_FAST: "too few tokens in FAST",
    AlertType.FEW_IN_FAST: "too few tokens in FAST",
    AlertType.FEW_HOURS: "too few usable hours",
}
URGENT_LIST = "{most} or {last}"

MUTE_DONE = (
    "🔕 Muted until {until} ({ago}): {what}. {still} After that you get alerts for what is still wrong, and a summary "
    "of what is over. Use `/alerts unmute` to end it."
)
MUTE_DURATION = "A mute lasts from 1 minute to 30 days. Enter a number and a unit, such as 30m, 8h or 2d."
MUTE_REASON = "A reason has at most {most} characters. Enter a shorter one."
UNMUTE_DONE = "🔔 No longer muted: {what}. Alerts for what is still wrong follow."
UNMUTE_STILL = "Still muted: {what}."
UNMUTE_UNKNOWN = "Not muted: {what}."
MUTE_TOKEN_QUESTION = "How long should all alerts of token {token} be muted in this server?"
