"""The answers of `/alerts mute` and `/alerts unmute`, and of a token's mute button."""

MUTE_DONE = (
    "🔕 Muted until {until} ({ago}): {what}. After that you get alerts for what is still wrong, and a summary of what "
    "is over. Use `/alerts unmute` to end it."
)
MUTE_DURATION = "A mute lasts from 1 minute to 30 days. Enter a number and a unit, such as 30m, 8h or 2d."
MUTE_REASON = "A reason has at most {most} characters. Enter a shorter one."
UNMUTE_DONE = "🔔 No longer muted: {what}. Alerts for what is still wrong follow."
UNMUTE_STILL = "Still muted: {what}."
UNMUTE_UNKNOWN = "Not muted: {what}."
MUTE_TOKEN_QUESTION = "How long should all alerts of token {token} be muted in this server?"
