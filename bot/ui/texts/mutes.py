"""The answers of `/alerts mute` and `/alerts unmute`, and of a token's mute button."""

MUTE_DONE = (
    "🔕 Muted until {until} ({ago}): {what}. What is still wrong then is told then, and what is over by then is summed "
    "up. `/alerts unmute` ends it."
)
MUTE_DURATION = "A mute lasts from 1 minute to 30 days: write a number and a unit, such as 30m, 8h or 2d."
MUTE_REASON = "A reason has at most {most} characters."
UNMUTE_DONE = "🔔 No longer muted: {what}. What is still wrong is told now."
UNMUTE_STILL = "Still muted: {what}."
UNMUTE_UNKNOWN = "Not muted: {what}."
MUTE_TOKEN_QUESTION = "How long are all alerts of token {token} to be quiet in this server?"
