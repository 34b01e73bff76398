"""The content of alert messages: what a phone shows in its notification."""

from bot.domain.alert_types import AlertType, IncidentType

# What a phone shows of an alert.
PUSH = {
    AlertType.LEFT_FAST: "Token {token} left FAST and is now {status}.",
    AlertType.UNKNOWN_STATUS: "Token {token} left FAST and is now {status}.",
    AlertType.VERIFYING: "Token {token} must be verified: its owner must act now.",
    AlertType.BANNED: "Token {token} is banned: its owner must act.",
    AlertType.SWITCHED_OFF: "Token {token} was switched off at ImaginePro.",
    AlertType.NOT_LISTED: "Token {token} is no longer listed by ImaginePro.",
    AlertType.LOW: "Token {token} is low on fast time.",
    AlertType.VERY_LOW: "Token {token} has almost no fast time left.",
    AlertType.WILL_NOT_LAST: "The fast time of token {token} will not last until it renews.",
    AlertType.RUNS_OUT_SOON: "The fast time of token {token} runs out within hours.",
    AlertType.NO_DATA: "I cannot see the tokens: ImaginePro gives no usable answer.",
}
PUSH_FLAPPING = "Token {token} keeps leaving FAST and coming back."
PUSH_GOT_WORSE = "Token {token} went from {before} to {status}."
PUSH_SWITCHED_OFF = "Token {token} was switched off by a moderator."
PUSH_GROUP = {
    IncidentType.MODE: "{number} tokens left FAST: {tally}.",
    IncidentType.LOW_FAST_TIME: "{number} tokens are low on fast time.",
    IncidentType.RUN_OUT: "The fast time of {number} tokens will not last until it renews.",
}
PUSH_WORSE = {
    AlertType.LEFT_FAST: "🔺 Token {token} got worse: it is now {status}.",
    AlertType.UNKNOWN_STATUS: "🔺 Token {token} got worse: it is now {status}.",
    AlertType.VERIFYING: "🔺 Token {token} got worse: it must be verified, and its owner must act now.",
    AlertType.BANNED: "🔺 Token {token} got worse: it is banned, and its owner must act.",
    AlertType.SWITCHED_OFF: "🔺 Token {token} got worse: it was switched off at ImaginePro.",
    AlertType.NOT_LISTED: "🔺 Token {token} got worse: ImaginePro no longer lists it.",
    AlertType.LOW: "🔺 Token {token} is low on fast time.",
    AlertType.VERY_LOW: "🔺 Token {token} has almost no fast time left.",
    AlertType.WILL_NOT_LAST: "🔺 The fast time of token {token} will not last until it renews.",
    AlertType.RUNS_OUT_SOON: "🔺 The fast time of token {token} runs out within hours.",
}
PUSH_WORSE_GROUP = {
    IncidentType.MODE: "🔺 It got worse: {number} tokens are out of FAST now ({tally}).",
    IncidentType.LOW_FAST_TIME: "🔺 It got worse: {number} tokens are low on fast time now ({tally}).",
    IncidentType.RUN_OUT: "🔺 It got worse: {number} tokens have fast time that will not last ({tally}).",
}
PUSH_REMINDER = {
    IncidentType.MODE: (
        "⏰ Token {token} is still out of FAST after {duration} ({status}), and nobody has acknowledged it."
    ),
    IncidentType.LOW_FAST_TIME: (
        "⏰ Token {token} is still low on fast time after {duration}, and nobody has acknowledged it."
    ),
    IncidentType.RUN_OUT: "⏰ The fast time of token {token} still will not last, and nobody has acknowledged it.",
    IncidentType.NO_DATA: "⏰ I still cannot see the tokens after {duration}, and nobody has acknowledged it.",
}
PUSH_REMINDER_GROUP = {
    IncidentType.MODE: (
        "⏰ {number} tokens are still out of FAST after {duration} ({tally}), and nobody has acknowledged it."
    ),
    IncidentType.LOW_FAST_TIME: (
        "⏰ {number} tokens are still low on fast time after {duration}, and nobody has acknowledged it."
    ),
    IncidentType.RUN_OUT: "⏰ The fast time of {number} tokens still will not last, and nobody has acknowledged it.",
}
PUSH_BACK = "✅ Token {token} is back in FAST after {duration}."
PUSH_REFILLED = "✅ Token {token} has fast time again."
PUSH_LASTS = "✅ The fast time of token {token} lasts again."
PUSH_BACK_GROUP = {
    IncidentType.MODE: "✅ All {number} tokens are back in FAST after {duration}.",
    IncidentType.LOW_FAST_TIME: "✅ All {number} tokens have fast time again.",
    IncidentType.RUN_OUT: "✅ The fast time of all {number} tokens lasts again.",
}
PUSH_STABLE = "✅ Token {token} stays in FAST now. It had left it {times} times, for {duration} in all."
PUSH_RESPONDS = "✅ ImaginePro answers again after {duration}. What changed meanwhile is told now."
PUSH_CLOSED = "⚪ {member} closed this."
PUSH_OVER = {
    IncidentType.MODE: "Token {token} had left FAST.",
    IncidentType.LOW_FAST_TIME: "Token {token} was low on fast time.",
    IncidentType.RUN_OUT: "The fast time of token {token} was not going to last.",
    IncidentType.NO_DATA: "I could not see the tokens.",
}
PUSH_OVER_WORSE = "Token {token} had got worse."
PUSH_OVER_GROUP = {
    IncidentType.MODE: "{number} tokens had left FAST.",
    IncidentType.LOW_FAST_TIME: "{number} tokens were low on fast time.",
    IncidentType.RUN_OUT: "The fast time of {number} tokens was not going to last.",
}

MISSED = "Over by now:"
MISSED_LINES = {
    IncidentType.MODE: "• {began}: token {token} left FAST ({status}), back after {duration}.",
    IncidentType.LOW_FAST_TIME: "• {began}: token {token} was low on fast time, and has some again.",
    IncidentType.RUN_OUT: "• {began}: the fast time of token {token} was not going to last, and now it does.",
    IncidentType.NO_DATA: "• {began}: ImaginePro gave no usable answer for {duration}.",
}
MISSED_GROUPS = {
    IncidentType.MODE: "• {began}: {number} tokens left FAST ({tally}), all back after {duration}.",
    IncidentType.LOW_FAST_TIME: "• {began}: {number} tokens were low on fast time, and have some again.",
    IncidentType.RUN_OUT: "• {began}: the fast time of {number} tokens was not going to last, and now it does.",
}
MISSED_FLAPPING = "• {began}: token {token} left FAST {times} times, for {duration} in all, and is back."
MISSED_MORE = "• and {number} more."

ROUTE_BROKEN = (
    "I cannot post alerts in <#{channel}> any more{problem}. They are kept until I can. Give me back what I need there "
    "(View Channel, Send Messages, Embed Links, Read Message History) and use `/alerts test`, or choose another "
    "channel with `/alerts setup`. If it is the channel of one token, use `/alerts route` again."
)
ROUTE_BROKEN_BECAUSE = " ({problem})"
PUSH_TEST = "This is a test of Fastwatch's alerts. Nothing has happened."
TEST_TITLE = "🧪 Test alert"
TEST_DESCRIPTION = (
    "An alert in this channel looks like this. It was recorded, sent and marked as delivered the way a real one is."
)
