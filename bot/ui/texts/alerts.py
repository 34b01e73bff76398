"""The content of alert messages: what a phone shows in its notification."""

from bot.domain.alert_types import AlertType, IncidentType

PUSH_WORSE = {
    AlertType.LEFT_FAST: "🔺 {token} is in {status} now.",
    AlertType.UNKNOWN_STATUS: "🔺 {token} is in {status} now.",
    AlertType.VERIFYING: "🔺 {token} must be verified: its owner must act now.",
    AlertType.BANNED: "🔺 {token} is banned: its owner must act.",
    AlertType.SWITCHED_OFF: "🔺 {token} was switched off at ImaginePro.",
    AlertType.NOT_LISTED: "🔺 {token} is no longer listed by ImaginePro.",
    AlertType.LOW: "🔺 {token} is low on fast hours.",
    AlertType.VERY_LOW: "🔺 {token} has almost no fast hours left.",
    AlertType.WILL_NOT_LAST: "🔺 {token} will run out of fast hours before they return.",
    AlertType.RUNS_OUT_SOON: "🔺 {token} will run out of fast hours soon.",
}
PUSH_SWITCHED_OFF = "🔺 {token} was switched off by a moderator."
PUSH_WORSE_GROUP = {
    IncidentType.MODE: "🔺 It got worse: {number} tokens are out of FAST now: {tally}.",
    IncidentType.LOW_FAST_TIME: "🔺 It got worse: {number} tokens are low on fast hours now ({tally}).",
    IncidentType.RUN_OUT: "🔺 It got worse: {number} tokens will run out of fast hours before they return ({tally}).",
}
PUSH_REMINDER = {
    IncidentType.MODE: ("⏰ {token} has been out of FAST for {duration} ({status}). Nobody has acknowledged it."),
    IncidentType.LOW_FAST_TIME: ("⏰ {token} is still low on fast hours after {duration}. Nobody has acknowledged it."),
    IncidentType.RUN_OUT: (
        "⏰ {token} will still run out of fast hours before they return. Nobody has acknowledged it."
    ),
    IncidentType.NO_DATA: ("⏰ {cause}: token status is still unknown after {duration}. Nobody has acknowledged it."),
}
PUSH_REMINDER_GROUP = {
    IncidentType.MODE: (
        "⏰ {number} tokens are still out of FAST after {duration}: {tally}. Nobody has acknowledged it."
    ),
    IncidentType.LOW_FAST_TIME: (
        "⏰ {number} tokens are still low on fast hours after {duration}. Nobody has acknowledged it."
    ),
    IncidentType.RUN_OUT: (
        "⏰ {number} tokens will still run out of fast hours before they return. Nobody has acknowledged it."
    ),
}
PUSH_ESCALATED = "⏫ Nobody has acknowledged this for {duration}: {what}"
PUSH_BACK = "✅ {token} is back in FAST after {duration}."
PUSH_REFILLED = "✅ {token} has enough fast hours again."
PUSH_LASTS = "✅ {token} has enough fast hours until they return."
PUSH_BACK_GROUP = {
    IncidentType.MODE: "✅ All {number} tokens are back in FAST after {duration}.",
    IncidentType.LOW_FAST_TIME: "✅ All {number} tokens have enough fast hours again.",
    IncidentType.RUN_OUT: "✅ All {number} tokens have enough fast hours until they return.",
}
PUSH_UNLISTED = {
    IncidentType.LOW_FAST_TIME: "⚪ {token} is no longer listed, so its low fast hours are over.",
    IncidentType.RUN_OUT: "⚪ {token} is no longer listed, so it will not run out of fast hours.",
}
PUSH_GROUP_UNLISTED = {
    IncidentType.LOW_FAST_TIME: "✅ None of {number} tokens is low on fast hours any more.",
    IncidentType.RUN_OUT: "✅ None of {number} tokens will run out of fast hours any more.",
}
PUSH_STABLE = "✅ {token} stays in FAST now. It left {times} times in {duration}."
PUSH_DATA_AGAIN = "✅ Token status is known again after {duration}. Alerts for what changed meanwhile follow."
PUSH_CLOSED = "⚪ {member} closed this."
# The end of an incident that nobody was alerted to, in a list of such.
MISSED = "Already over:"
MISSED_LINES = {
    IncidentType.MODE: "• {began}: {token} {was} for {duration}, and is back in FAST.",
    IncidentType.LOW_FAST_TIME: "• {began}: {token} was low on fast hours and has enough again.",
    IncidentType.RUN_OUT: "• {began}: {token} was going to run out of fast hours and now has enough.",
    IncidentType.NO_DATA: "• {began}: token status was unknown for {duration}. {cause}.",
}
MISSED_GROUPS = {
    IncidentType.MODE: "• {began}: {number} tokens were out of FAST ({tally}), all back after {duration}.",
    IncidentType.LOW_FAST_TIME: "• {began}: {number} tokens were low on fast hours and have enough again.",
    IncidentType.RUN_OUT: "• {began}: {number} tokens were going to run out of fast hours and now have enough.",
}
MISSED_UNLISTED = {
    IncidentType.LOW_FAST_TIME: "• {began}: {token} was low on fast hours and is no longer listed.",
    IncidentType.RUN_OUT: "• {began}: {token} was going to run out of fast hours and is no longer listed.",
}
MISSED_GROUPS_UNLISTED = {
    IncidentType.LOW_FAST_TIME: "• {began}: {number} tokens were low on fast hours; none of them is any more.",
    IncidentType.RUN_OUT: "• {began}: {number} tokens were going to run out of fast hours; none of them is any more.",
}
MISSED_FLAPPING = "• {began}: {token} left FAST {times} times in {duration}, and is back."
MISSED_MORE = "• and {number} more."
ROUTE_BROKEN = (
    "I can no longer post alerts in <#{channel}> ({problem}). I keep them and try again by myself, at once when "
    "something changes there, otherwise within the hour. {advice}"
)
ROUTE_BROKEN_GIVE = (
    "Give me {permissions} there. Or choose another channel with `/alerts setup`, or `/alerts route` if it is one "
    "token's channel."
)
ROUTE_BROKEN_CHOOSE = "Choose another channel with `/alerts setup`, or `/alerts route` if it is one token's channel."
THREAD_ARCHIVED = (
    "I can no longer post alerts in <#{channel}>: the thread is archived or locked, and I cannot open it. I keep them "
    "and try again by myself, at once when the thread is open again. Open it, or give me the Manage Threads permission "
    "there. Or choose another channel with `/alerts setup`, or `/alerts route` if it is one token's channel."
)
MESSAGE_REJECTED = (
    "Discord rejects an alert for <#{channel}>: {problem}. I send it in plain form, without names and details. If the "
    "server's AutoMod blocks it, allow my role or that channel in its rules."
)
MESSAGE_FAILED = (
    "An error in Fastwatch kept me from sending an alert to <#{channel}>: {problem}. I send it in plain form, without "
    "names and details. Nothing is wrong in this server. The person who runs the bot finds the error in the bot's log."
)
ROUTE_RESTORED = "✅ I can post alerts again."
ROUTE_RESTORED_WAITED = (
    "I could not post in <#{channel}> from {since} until {now}. Alerts that waited, and follow now: {number}."
)
ROUTE_RESTORED_NOTHING = "I could not post in <#{channel}> from {since} until {now}. No alert waited."
ROUTE_RESTORED_DROPPED = "Alerts that were over for more than 30 days, and do not follow: {number}."
CONTINUED_AT = "➡️ This alert continues here: {url}"
CONTINUED = "➡️ This alert continues in <#{channel}>."
PUSH_TEST = "This is a test alert from Fastwatch. Nothing is wrong."
TEST_TITLE = "🧪 Test alert"
TEST_DESCRIPTION = "Alerts in this channel look like this. This one was saved, sent and confirmed like a real one."
