"""Every text that people read, in one place, so that languages can be added without touching code."""

from bot.domain.alert_routes import DisabledReason
from bot.domain.alert_types import AlertType, IncidentType
from bot.domain.fast_time import Unit
from bot.domain.incidents import TimelineEventType
from bot.domain.modes import Mode
from bot.domain.rules import DigestDay

SIGNS = {
    Mode.FAST: "🟢",
    Mode.RELAX: "🟡",
    Mode.VERIFYING: "🟠",
    Mode.BANNED: "🔴",
    Mode.OFF: "⚫",
    Mode.GONE: "⚪",
    Mode.OTHER: "🔵",
    None: "❔",
}
ELLIPSIS = "…"
STATUS_UNKNOWN = "status unknown"

# What a mode means for the team, as far as ImaginePro documents it.
MEANINGS = {
    Mode.RELAX: "Its images now go through the slow relax queue.",
    Mode.VERIFYING: "It is inactive until its Midjourney account has been verified. **Its owner must act.**",
    Mode.BANNED: "ImaginePro reports its Midjourney account as banned. **Its owner must act.**",
    Mode.OFF: "It is switched off at ImaginePro and gets no requests.",
    Mode.GONE: "ImaginePro no longer lists it: it was removed, or its account was unlinked.",
    Mode.OTHER: "ImaginePro gives a status that Fastwatch does not know.",
}

TITLE = "{sign} Token {token} · {status}"
# What an alert is headed with, by its kind. {status} is ImaginePro's own word.
ALERT_TITLES = {
    AlertType.LEFT_FAST: "{sign} Token {token} left FAST · {status}",
    AlertType.UNKNOWN_STATUS: "{sign} Token {token} left FAST · {status}",
    AlertType.VERIFYING: "{sign} Token {token} must be verified",
    AlertType.BANNED: "{sign} Token {token} is banned",
    AlertType.SWITCHED_OFF: "{sign} Token {token} was switched off",
    AlertType.NOT_LISTED: "{sign} Token {token} is no longer listed",
    AlertType.LOW: "🪫 Token {token} is low on fast time",
    AlertType.VERY_LOW: "🪫 Token {token} has almost no fast time left",
    AlertType.WILL_NOT_LAST: "📉 The fast time of token {token} will not last until it renews",
    AlertType.RUNS_OUT_SOON: "📉 The fast time of token {token} runs out within hours",
    AlertType.NO_DATA: "🙈 I cannot see the tokens",
}
ALERT_FLAPPING = "🔁 Token {token} keeps leaving FAST · {status}"
ALERT_GOT_WORSE = "{sign} Token {token} got worse · {status}"
ALERT_GROUP = {
    IncidentType.MODE: "{sign} {number} tokens left FAST",
    IncidentType.LOW_FAST_TIME: "🪫 {number} tokens are low on fast time",
    IncidentType.RUN_OUT: "📉 The fast time of {number} tokens will not last until it renews",
}
ALERT_GROUP_SOME_BACK = {
    IncidentType.MODE: "{sign} Still out of FAST: {out} of {number} tokens",
    IncidentType.LOW_FAST_TIME: "🪫 Still low on fast time: {out} of {number} tokens",
    IncidentType.RUN_OUT: "📉 Fast time that still will not last: {out} of {number} tokens",
}
ALERT_GROUP_FLAPPING = "🔁 {number} tokens keep leaving FAST · all in FAST now"
ALERT_BACK = "🟢 Token {token} is back in FAST"
ALERT_GROUP_BACK = {
    IncidentType.MODE: "🟢 All {number} tokens are back in FAST",
    IncidentType.LOW_FAST_TIME: "🟢 All {number} tokens have fast time again",
    IncidentType.RUN_OUT: "🟢 The fast time of all {number} tokens lasts again",
}
ALERT_REFILLED = "🟢 Token {token} has fast time again"
ALERT_LASTS = "🟢 The fast time of token {token} lasts again"
ALERT_SEES = "🟢 I see the tokens again"
ALERT_CALM = "🟢 Token {token} stays in FAST"
ALERT_CLOSED = "⚪ Closed: token {token} · {status}"
ALERT_GROUP_CLOSED = "⚪ Closed: {number} tokens"
ALERT_OVER = "It was out of FAST for **{duration}**, {began} to {ended}, lastly in {status}."
ALERT_OVER_WORSE = "It was worse than before for **{duration}**, {began} to {ended}, lastly in {status}."
ALERT_OVER_LOW = "It was low for **{duration}**, {began} to {ended}."
ALERT_OVER_FORECAST = "For **{duration}**, {began} to {ended}, it was not going to last until it renews."
ALERT_OVER_SEVERAL = "From {began} to {ended}: **{duration}**."
ALERT_OVER_FLAPPING = (
    "It left FAST **{times} times** between {began} and {ended}, and was out of it for **{duration}** in all, "
    "lastly in {status}."
)
ALERT_OVER_BLIND = "ImaginePro gave no usable answer for **{duration}**, {began} to {ended}. What changed is told now."
ALERT_OVER_CLOSED = "{member} closed it after **{duration}**. I do not tell when it is back."
ALERT_IS_FLAPPING = (
    "It leaves FAST too often to tell you each time. This card stays up to date; I write again when the token stays in "
    "FAST, or if it gets worse."
)
ALERT_IS_BLIND = (
    "ImaginePro has given no usable answer since {began} ({ago}). What the tokens do meanwhile is not known; I tell it "
    "as soon as ImaginePro answers. `/status` shows the last problem."
)
ALERT_MUTED = "Muted"
ALERT_MUTED_UNTIL = "until {until}, by {member}"
ALERT_MUTED_UNTIL_BACK = "until it is back, by {member}"
ALERT_MUTED_UNLESS_URGENT = {
    IncidentType.MODE: "A ban or a verification is told all the same.",
    IncidentType.RUN_OUT: "That it runs out within hours is told all the same.",
}
ALERT_ACKNOWLEDGED = "Acknowledged"
ALERT_ACKNOWLEDGED_BY = "by {member}, {when}"
ALERT_MEMBER = "{sign} {token} · {status}, out since {since}"
ALERT_MEMBER_LOW = "🪫 {token} · {fast_time}"
ALERT_MEMBER_FORECAST = "📉 {token} · {fast_time}"
ALERT_MEMBER_GONE_BY = "📉 {token} · {fast_time}, may be gone by {gone}"
ALERT_MEMBER_BACK = "🟢 {token} · back after {duration}"
ALERT_MEMBER_CLOSED = "⚪ {token} · {status}"
ALERT_GONE_BY = "At the pace of the last days it may be gone by {at}, {ago}."
ALERT_COMES_BACK = "Fast time comes back {at}, {ago}."
ALERT_TIMELINE = "Timeline"

# How many tokens of a group are how, where that takes more than ImaginePro's word.
TALLY = "{number} {what}"
TALLY_KINDS = {
    AlertType.LOW: "low",
    AlertType.VERY_LOW: "almost empty",
    AlertType.WILL_NOT_LAST: "will not last",
    AlertType.RUNS_OUT_SOON: "gone within hours",
}

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
PUSH_CALM = "✅ Token {token} stays in FAST now. It had left it {times} times, for {duration} in all."
PUSH_SEES = "✅ ImaginePro answers again after {duration}. What changed meanwhile is told now."
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
# What Discord's codes mean to those who can mend it ("Opcodes and Status Codes", JSON error codes).
DISCORD_REFUSALS = {
    10003: "that channel is gone",
    50001: "I may not see that channel",
    50013: "I lack a permission there",
}
DISCORD_REFUSAL = "{refusal}: code {code}"
DISCORD_ANSWERED = "Discord answered {status}, code {code}"
DISCORD_RATE_LIMITED = "Discord asked to slow down"
DISCORD_TIMED_OUT = "Discord did not answer in time"
DISCORD_UNREACHABLE = "Discord could not be reached ({error})"
DISCORD_UNEXPECTED = "something nobody expected went wrong ({error})"
DISABLED_REASONS = {
    DisabledReason.SERVER_NOT_ALLOWED: "this server is not one of the bot's home servers",
    DisabledReason.UNKNOWN_CHANNEL: f"{DISCORD_REFUSALS[10003]}: code 10003",
    DisabledReason.UNKNOWN_SERVER: "Discord answered 404, code 10004",
    DisabledReason.MISSING_ACCESS: f"{DISCORD_REFUSALS[50001]}: code 50001",
    DisabledReason.MISSING_PERMISSIONS: f"{DISCORD_REFUSALS[50013]}: code 50013",
    DisabledReason.NOT_A_TEXT_CHANNEL: "Discord answered 400, code 50008",
    DisabledReason.THREAD_ARCHIVED: "Discord answered 400, code 50083",
    DisabledReason.REFUSED: "Discord answered 403",
}
ROUTE_BROKEN = (
    "I cannot post alerts in <#{channel}> any more{problem}. They are kept until I can. Give me back what I need there "
    "(View Channel, Send Messages, Embed Links, Read Message History) and use `/alerts test`, or choose another "
    "channel with `/alerts setup`. If it is the channel of one token, use `/alerts route` again."
)
ROUTE_BROKEN_BECAUSE = " ({problem})"
TIMELINE = {
    TimelineEventType.STARTED: "{when} {token}{what}",
    TimelineEventType.CHANGED: "{when} {token}{what}",
    TimelineEventType.RECOVERED: "{when} {token}{what}",
    TimelineEventType.ACKNOWLEDGED: "{when} acknowledged by {member}",
    TimelineEventType.MUTED: "{when} muted by {member} {until}",
    TimelineEventType.UNMUTED: "{when} unmuted by {member}",
    TimelineEventType.CLOSED: "{when} closed by {member}",
}
TIMELINE_LEFT = "left FAST · {status}"
TIMELINE_WENT_ON = "now {status}"
TIMELINE_KINDS = {
    AlertType.LOW: "low on fast time",
    AlertType.VERY_LOW: "almost no fast time left",
    AlertType.WILL_NOT_LAST: "fast time will not last until it renews",
    AlertType.RUNS_OUT_SOON: "fast time runs out within hours",
    AlertType.NO_DATA: "no usable answer",
    AlertType.VERIFYING: "must be verified",
    AlertType.BANNED: "banned",
    AlertType.SWITCHED_OFF: "switched off",
    AlertType.NOT_LISTED: "no longer listed",
}
TIMELINE_TOKENS = "{tokens}: "
TIMELINE_GROUP = {
    IncidentType.MODE: "{when} {number} tokens left FAST",
    IncidentType.LOW_FAST_TIME: "{when} {number} tokens low on fast time",
    IncidentType.RUN_OUT: "{when} {number} tokens whose fast time will not last",
}
TIMELINE_BACK = {
    IncidentType.MODE: "back in FAST",
    IncidentType.LOW_FAST_TIME: "fast time again",
    IncidentType.RUN_OUT: "lasts again",
    IncidentType.NO_DATA: "answers again",
}
UNTIL = "until {until}"
UNTIL_BACK = "until it is back"
PUSH_TEST = "This is a test of Fastwatch's alerts. Nothing has happened."
TEST_TITLE = "🧪 Test alert"
TEST_DESCRIPTION = (
    "An alert in this channel looks like this. It was recorded, sent and marked as delivered the way a real one is."
)

FAST_TIME = "{bar}  **{left}** of {total} {unit} of fast time left ({percent} %)"
FAST_TIME_WITHOUT_TOTAL = "**{left}** {unit} of fast time left"
FAST_TIME_UNKNOWN = "Fast time left: unknown"
FAST_TIME_AS_IT_CAME = "Fast time left: unknown; ImaginePro says “{text}”"

FIELD_PLAN = "Plan"
FIELD_RENEWS = "Renews"
FIELD_JOBS = "Jobs"
FIELD_USAGE = "Images made"
FIELD_VISIBILITY = "Visibility"
FIELD_REMARK = "ImaginePro says"
FIELD_LEFT = "Left FAST"
FIELD_BEGAN = "Got worse"
FIELD_FAST_TIME = "Fast time"
UNKNOWN = "unknown"
JOBS_RUNNING = "{number} running"
JOBS_SOME_RUNNING = "some running"
JOBS_QUEUED = "{fast} fast, {relax} relax queued"
USAGE_LIFETIME = "{images} in all"
USAGE_RELAXED = "{images} in relax"
FOOTER_TRACE = "message {message}"

BUTTON_REFRESH = "Refresh"
BUTTON_HISTORY = "History"
BUTTON_TEST = "Send a test alert"
BUTTON_ACKNOWLEDGE = "Acknowledge"
BUTTON_MUTE = "Mute"
BUTTON_UNMUTE = "Unmute"
BUTTON_DETAILS = "Details"
BUTTON_CLOSE = "Close"
BUTTON_MUTE_FOR = "For {hours} h"
BUTTON_MUTE_UNTIL_BACK = "Until it is back"
MUTE_TOKEN_QUESTION = "How long are all alerts of token {token} to be quiet in this server?"
DETAILS_MENU = "Choose a token"

TRACE_COMMAND = "See which token ran an image, its status and its fast hours"
TRACE_MESSAGE_ID = "The id of the image request"
TRACE_PRIVATE = "Show the answer to you alone"
TRACE_MENU = "Trace this"
TRACE_CHOOSE = "This Discord message names several image requests. Which one?"
TRACE_CHOICE = "{message} · token {token}"
ALERTS_GROUP = "Alerts when a token leaves FAST"
ALERTS_SETUP = "Choose the channel for alerts, and whom they ping"
ALERTS_SETUP_CHANNEL = "Where alerts are posted"
ALERTS_SETUP_ROLE = "The role that alerts ping"
ALERTS_SHOW = "See the set-up, what is open, muted, broken or waiting"
ALERTS_OFF = "Stop alerts in this server"
ALERTS_TEST = "Send a test alert the whole way"
ALERTS_WATCH = "Watch the token of a message by tracing it, for keys that may not list their fleet"
ALERTS_UNWATCH = "Stop watching the token of a message"
ALERTS_ROUTE = "Give the alerts of one token a channel of their own"
ALERTS_ROUTE_TOKEN = "The token, by its name or its number"
ALERTS_ROUTE_CHANNEL = "Where its alerts are posted"
ALERTS_ROUTE_ROLE = "The role that its alerts ping"
ALERTS_UNROUTE = "Have the alerts of a token go where all others go"
ALERTS_MUTE = "Silence the alerts of one token, or all of them, for a while"
ALERTS_MUTE_DURATION = "For how long: 30m, 8h, 2d"
ALERTS_MUTE_TOKEN = "The token, by its name or its number; without it, all alerts are muted"
ALERTS_MUTE_REASON = "Why, for the other mods to see"
ALERTS_UNMUTE = "End a mute, and tell what is still wrong"
ALERTS_UNMUTE_TOKEN = "The token, by its name or its number; without it, the mute of all alerts ends"

NOT_CONNECTED = "This server is not connected to Fastwatch. Ask the one who runs the bot to add it to its home servers."
MODS_ONLY = "Only members with the Manage Server permission can do this."
NO_MESSAGE_ID = "That is no message id. It looks like `d15c1541-229a-442b-9873-d3494dede12a`; copy it from ImaginePro."
NO_MESSAGE_ID_HERE = "I found no message id in that Discord message. Use `/trace` with the id."
UNKNOWN_MESSAGE = "ImaginePro knows no message with that id. Check that the whole id was copied."
TOKENLESS = "ImaginePro has not given this message a token yet. Try again in a minute."
KEY_REFUSED = "ImaginePro refused the bot's key. Tell the one who runs the bot; its log says more."
KEY_REFUSED_FOR_MODS = "ImaginePro refused the bot's key: it is wrong, or the account has no credits left. ({detail})"
PLAN_LACKS_THIS = "The ImaginePro plan of this account does not include that."
REQUEST_REFUSED = "ImaginePro did not accept that request. Check the id."
SLOW_DOWN = "ImaginePro asked to slow down. Try again {when}."
UNREACHABLE = "ImaginePro gave no answer in time. Try again in a minute."
UNREADABLE = "ImaginePro gave an answer that I cannot read. The log says more; try again later."
TOO_FAST = "That was a bit fast. Try again {when}."
DISCORD_REFUSED = "Discord does not let me do that here. Check my permissions in this channel."
UNEXPECTED = "Something went wrong that I did not expect. It is in the log; please try again."

SETUP_DONE = "Alerts now go to {channel}, and {ping}."
PINGS_ROLE = "they ping {role}"
PINGS_NOBODY = "they ping nobody"
SETUP_MAY_POST = "I may post there."
SETUP_LACKS = "⚠️ I cannot post there yet. In {channel}, give me: {permissions}."
SETUP_ROLE_UNPINGABLE = (
    "⚠️ {role} cannot be pinged by me. Allow anyone to mention it, or give me Mention Everyone in {channel}."
)
SETUP_NOT_EVERYONE = "Alerts cannot ping @everyone. Choose a role that those who keep the tokens healthy have."
SETUP_DELIVERS = "Alerts that waited and are now on their way: {number}."
OFF_DONE = "Alerts are off in this server. `/alerts setup` starts them again."
OFF_ALREADY = "Alerts were not on in this server. `/alerts setup` starts them."
NOT_SET_UP = "Alerts are not on in this server yet. `/alerts setup` starts them."
TEST_SENT = "The test alert is in {channel}."
TEST_WAITS = "The test alert is recorded but Discord has not taken it yet: {problem}. It is tried again by itself."
TEST_WAITS_WITHOUT_PROBLEM = "The test alert is recorded and on its way to {channel}."
TEST_BROKEN = "I cannot post in {channel}: {problem}. Mend that, then use `/alerts test` again."
ROUTE_DONE = "Alerts of token {token} now go to {channel}, and {ping}."
ROUTE_STAYS = "Its alert that is open goes on where it is."
UNROUTE_DONE = "Alerts of token {token} go where all others go again."
UNROUTE_UNKNOWN = "Token {token} has no channel of its own. `/alerts show` lists those that have."
MUTED_ALL = "all alerts"
MUTED_TOKEN = "token {token}"
TARGET_TOKENS = "tokens {tokens}"
MUTE_DONE = (
    "🔕 Muted until {until} ({ago}): {what}. What is still wrong then is told then, and what is over by then is summed "
    "up. `/alerts unmute` ends it."
)
MUTE_DURATION = "A mute lasts from 1 minute to 30 days: write a number and a unit, such as 30m, 8h or 2d."
MUTE_REASON = "A reason has at most {most} characters."
UNMUTE_DONE = "🔔 No longer muted: {what}. What is still wrong is told now."
UNMUTE_STILL = "Still muted: {what}."
UNMUTE_UNKNOWN = "Not muted: {what}."
INCIDENT_UNKNOWN = "I do not keep this alert any more. `/alerts show` lists what is open."
INCIDENT_OVER = "This is over already, so there is nothing left to do."
ACKNOWLEDGED_ALREADY = "{member} has acknowledged this already, {when}."
NOT_MUTED = "This is not muted any more."
MUTE_QUESTION = "How long is this alert to be quiet? The card stays up to date."
MUTED_FOR = "🔕 Muted until {until}."
MUTED_UNTIL_BACK = "🔕 Muted until it is back."
NOT_TO_BE_CLOSED = "This ends by itself. Only what is switched off or no longer listed, and may stay so, can be closed."
DETAILS_CHOOSE = "Which of its {number} tokens?"
DETAILS_CHOOSE_OF_WORST = "Which of its {number} tokens? These are the {most} worst."
DETAILS_SEEN = "Like this since {since}. Last good round: {round}."
DETAILS_UNKNOWN = "Nothing is kept of this token any more."
WATCH_DONE = "Token {token} is now watched by tracing message `{message}` every round."
WATCH_NEEDLESS = "Token {token} is already watched: this key lists its whole fleet."
WATCH_FULL = "No more than {most} messages can be watched. `/alerts unwatch` makes room."
UNWATCH_DONE = "Message `{message}` is no longer watched."
UNWATCH_UNKNOWN = "Message `{message}` was not watched. `/alerts show` lists those that are."

SHOW_TITLE = "Alerts in this server"
SHOW_CHANNEL = "Where to"
SHOW_CHANNEL_VALUE = "{channel}, {ping}"
SHOW_OFF = "Alerts are off. `/alerts setup` starts them."
SHOW_BROKEN = "⚠️ Discord refuses this channel: {problem}. Mend that, then use `/alerts test`."
SHOW_TOKEN_ROUTES = "Channels of single tokens"
SHOW_TOKEN_ROUTE = "token {token}: {channel}, {ping}"
SHOW_TOKEN_ROUTE_BROKEN = (
    "token {token}: {channel} ⚠️ Discord refuses it: {problem}. Mend that, then use `/alerts route` again."
)
SHOW_WATCHING = "What is watched"
SHOW_FLEET = "The whole fleet: {modes}"
SHOW_FLEET_EMPTY = "The whole fleet; it has no tokens."
SHOW_NO_FLEET = "This key may not list its fleet, so only watched messages are traced. `/alerts watch` adds one."
SHOW_NOT_YET = "ImaginePro has not answered yet."
SHOW_WATCH = "token {token} by message `{message}`"
SHOW_WATCH_PROBLEM = "token {token} by message `{message}`: ⚠️ {problem}"
SHOW_MODE_COUNT = "{sign} {number} {mode}"
SHOW_LAST_ROUND = "Last good round"
SHOW_NEVER = "never"
SHOW_LAST_PROBLEM = "{when}; since then: {problem}"
SHOW_OPEN = "Open incidents"
SHOW_INCIDENT = "{sign} {tokens} · {what}, began {since}{marks}"
SHOW_TOKEN = "token {token}"
SHOW_TOKENS = "{number} tokens ({tokens})"
SHOW_BLIND = "ImaginePro"
SHOW_SIGNS = {IncidentType.LOW_FAST_TIME: "🪫", IncidentType.RUN_OUT: "📉", IncidentType.NO_DATA: "🙈"}
SHOW_MARK = " · {mark}"
SHOW_FLAPPING = "🔁 comes and goes"
SHOW_ACKNOWLEDGED = "👀 {member}"
SHOW_MUTED_UNTIL = "🔕 until {until}"
SHOW_MUTED_UNTIL_BACK = "🔕 until it is back"
SHOW_POST = "[alert]({url})"
SHOW_MUTES = "Muted"
SHOW_MUTE = "🔕 {what} until {until}, by {member}"
SHOW_MUTE_REASON = "🔕 {what} until {until}, by {member}: {reason}"
SHOW_MORE = "and {number} more"
SHOW_NONE = "none"
SHOW_WAITING = "Waiting to be delivered"
SHOW_WAITING_PROBLEM = "{number}, because: {problem}"

PERMISSIONS = {
    "view_channel": "View Channel",
    "send_messages": "Send Messages",
    "embed_links": "Embed Links",
    "read_message_history": "Read Message History",
    "attach_files": "Attach Files",
    "pin_messages": "Pin Messages",
}

UNDER_A_MINUTE = "less than a minute"
UNDER_AN_HOUR = "less than an hour"
MINUTES = "{number} min"
HOURS = "{number} h"
DAYS = "{number} d"
UNIT_SIGNS = {Unit.HOURS: "h", Unit.MINUTES: "min"}
FAST_TIME_NUMBERS = {Unit.HOURS: "{number} h", Unit.MINUTES: "{number} min"}

TOKEN_GROUP = "The tokens of this account"
FLEET_GROUP = "Name tokens, and switch them on or off at ImaginePro"
TOKEN_ENABLE = "Switch a token on at ImaginePro"
TOKEN_DISABLE = "Switch a token off at ImaginePro"
TOKEN_OPTION = "The token, by its name or its number"
TOKEN_WITH_NAME = "{token} ({name})"
TOKEN_WITH_PLAIN_NAME = "{token} {name}"
TOKEN_CHOICE = "{sign} {token} · {mode}"
TOKEN_CHOICE_WITH_LEFT = "{sign} {token} · {mode} · {left}"
FAST_TIME_SHORT = "{left} {unit}"
NO_SUCH_TOKEN = "No token of this account has that number or name. Choose one that the command offers."
TOKEN_NAME = "Give a token a name that people know it by"
TOKEN_NAME_OPTION = "What it is called here, in at most 30 characters; without it, the name is taken away"
TOKEN_NAME_LENGTH = "A name has at most {most} characters. Choose a shorter one."
TOKEN_NAME_BLANK = "A name needs something that can be seen. To take a name away, leave it out."
TOKEN_NAME_NUMBER = "A name that is only a number would pass for a token. Put a word with it."
TOKEN_NAME_TAKEN = "Token {token} is called that already. Choose another name, or take it from that token first."
TOKEN_NAMED = "Token {token} is now called {name}. It had no name before."
TOKEN_RENAMED = "Token {token} is now called {name}. Before, it was called {before}."
TOKEN_NAMED_ALREADY = "Token {token} is called {name} already. Nothing was changed."
TOKEN_UNNAMED = "Token {token} has no name any more. Before, it was called {before}."
TOKEN_NAMELESS = "Token {token} has no name, so nothing was changed."
SWITCH_OFF_QUESTION = (
    "Switch token {token} **off** at ImaginePro? It then gets no requests until somebody switches it on again. "
    "It is {status} now.\nIt will be written down that you, {member}, did it."
)
SWITCH_ON_QUESTION = (
    "Switch token {token} **on** at ImaginePro? It then gets requests again. "
    "It is {status} now.\nIt will be written down that you, {member}, did it."
)
SWITCHING = "Asking ImaginePro to switch token {token} {direction} …"
SWITCHED = "Token {token} is now switched {direction}. I asked ImaginePro again to be sure."
SWITCHED_ALREADY = "Token {token} is switched {direction} already. Nothing was changed."
SWITCH_NOT_DONE = "ImaginePro did not switch token {token} {direction}: I asked again, and it is as it was. Try again."
SWITCH_UNCERTAIN = (
    "It is uncertain whether token {token} was switched {direction}: ImaginePro gave no usable answer, twice. "
    "Look again in a minute with the same command, which changes nothing if it was."
)
SWITCH_CANCELLED = "Nothing was changed."
ON = "on"
OFF = "off"
BUTTON_SWITCH_ON = "Switch on"
BUTTON_SWITCH_OFF = "Switch off"
BUTTON_CANCEL = "Cancel"
SWITCHED_OFF_BY = "{member} switched it off from Discord. It gets no requests until it is switched on again."
PUSH_SWITCHED_OFF = "Token {token} was switched off by a moderator."

ALERTS_RULES = "The rules that decide when this server is notified"
ALERTS_RULES_SHOW = "See every rule: what it does, its value, and its default"
ALERTS_RULES_SET = "Change one rule"
ALERTS_RULES_SET_RULE = "The rule to change"
ALERTS_RULES_SET_VALUE = "Its new value, such as 3, 20 %, 1h 30m, on or never"
ALERTS_RULES_RESET = "Set one rule, or all of them, back to the default"
ALERTS_RULES_RESET_RULE = "The rule to reset; without it, all of them"
RULES_TITLE = "Alert rules of this server"
RULES_HINT = (
    "Change one with `/alerts rules set`; `/alerts rules reset` restores the defaults. A rule without a note has its "
    "default value."
)
# What each rule does, by its name; {value} is its value.
RULES = {
    "Leaving FAST, and coming back": {
        "confirm_leaving": "Alert after {value} in a row out of FAST",
        "confirm_urgent": "Alert after {value} in a row in VERIFYING or BANNED",
        "confirm_back": "Report a token as back after {value} in a row in FAST",
    },
    "Low fast hours": {
        "low": "Warn below {value} of the plan's fast hours",
        "very_low": "Warn again below {value} of the plan's fast hours",
        "run_out": "Warn when a token will run out of fast hours before they return",
    },
    "Reminders": {
        "reminders": "Remind after {value} while nobody has acknowledged an alert",
    },
    "When ImaginePro does not respond": {
        "no_data_after": "Alert after {value} without a usable response",
    },
    "Combining alerts": {
        "flapping_after": "After {value} of one token, combine further ones into one alert",
        "flapping_within": "Count incidents for flapping_after over {value}",
        "group_from": "Combine alerts when {value} or more change in the same check",
    },
}
# The same where the value switches the rule off.
RULES_OFF = {
    "low": "No first warning about low fast hours",
    "very_low": "No second warning about low fast hours",
    "run_out": "No warning when a token will run out of fast hours before they return",
    "reminders": "No reminders",
}
RULE_LINE = "`{rule}` {meaning}"
RULE_LINE_CHANGED = "`{rule}` {meaning} (default: {default})"
RULE_LINE_BEFORE = "`{rule}` {meaning} (before: {before})"
RULE_VALUE = "**{value}**"
RULE_PERCENT = "{number} %"
RULE_NEVER = "never"
RULE_COUNTS = {
    "reading": ("{number} reading", "{number} readings"),
    "incident": ("{number} incident", "{number} incidents"),
    "token": ("{number} token", "{number} tokens"),
}
# What the value of a rule can be, by its type.
RULE_RANGE_COUNT = "{least} to {most}"
RULE_RANGE_PERCENT = "1 % to {most} %, or never"
RULE_RANGE_DURATION = "{shortest} to {longest}"
RULE_RANGE_REMINDERS = "up to {most} ascending durations, {shortest} to {longest}, or none"
RULE_RANGE_SWITCH = "on or off"
RULE_CHOICE = "{rule} · {meaning}"
RULE_CURRENT = "current"
RULE_DEFAULT = "default"
RULE_ALLOWED = "allowed: {range}"
RULE_NOTE = " · "
RULE_UNKNOWN = "There is no such rule. Choose one that the command offers."
RULE_WRONG = "`{rule}` can be {range}. It stays at {value}."
RULES_OUT_OF_ORDER = (
    "`very_low` must be below `low`; with this change they would be {very_low} and {low}. Change the other one first."
)
RULES_CHANGED = "Changed:"
RULES_UNCHANGED = "Nothing to change: `{rule}` is already {value}."
RULES_ALL_DEFAULT = "Nothing to change: every rule has its default value."
RULES_MODS = "Moderators"

ALERTS_DIGEST = "See or set when a summary of the fleet is posted, or switch it off"
ALERTS_DIGEST_DAY = "Every day, one day a week, or off"
ALERTS_DIGEST_HOUR = "The hour of that day, in this server's time zone"
ALERTS_DIGEST_TIME_ZONE = "This server's time zone, such as Europe/Berlin"
DIGEST_HOUR = "{hour:02}:00"
DIGEST_SCHEDULE = "The digest is posted {day} at {hour}, {zone} time."
DIGEST_IS_OFF = "The digest is off. Choose a day with `/alerts digest` to have it posted at {hour}, {zone} time."
DIGEST_NEXT = "The next one comes on {when}."
DIGEST_WITHOUT_ALERTS = "It starts once alerts are on: use `/alerts setup`."
DIGEST_ACTION = "{day}, {hour}, {zone}"
TIME_ZONE_UNKNOWN = "`time_zone` is the name of a time zone, such as Europe/Berlin. Choose one that the command offers."

ALERTS_MODERATORS = "Give a role the rights of moderators here, or take them back"
ALERTS_MODERATORS_ROLE = "Its members may do what members with Manage Server may; without it, no role may"
RULES_MODERATORS = "Moderators are the members with Manage Server, and those with {role}."
RULES_MODERATORS_HINT = (
    "Discord still hides the commands from that role: allow it under Server Settings, Integrations, this bot."
)
RULES_NO_MODERATORS = "Moderators are the members with Manage Server."
RULES_MANAGERS_ONLY = "Only members with the Manage Server permission can choose that role."
RULES_NOT_EVERYONE = "That would make everyone a moderator. Choose a role of the people who keep the tokens healthy."

STATUS_COMMAND = "Is the monitor itself well?"
STATUS_TITLE = "Fastwatch {version}"
STATUS_WELL = "🟢 The monitor is well."
STATUS_NO_ROUND = "🟠 ImaginePro has not answered since I started."
STATUS_LATE = "🟠 ImaginePro has given no usable answer for {age}; the tokens below are as they were then."
STATUS_BEHIND = "🔴 The last good round is {age} ago; nothing is known of the tokens since."
STATUS_ROUNDS = "Rounds"
STATUS_ROUNDS_VALUE = "last good one {when}, one every {every}"
STATUS_PROBLEM = "Last problem"
STATUS_TOKENS = "Tokens"
STATUS_DISCORD = "Discord"
STATUS_DISCORD_VALUE = "gateway answers after {milliseconds} ms"
STATUS_DISCORD_UNKNOWN = "gateway not measured yet"
STATUS_RUNNING = "Running since"
STATUS_DELIVERIES = "Waiting to be delivered here"
STATUS_ACCOUNT = "ImaginePro account"
STATUS_AUDIT = "Latest changes here"
STATUS_ENTRY = "{when} {member}: {action} {target}{outcome}"
ACTIONS = {
    "alerts_set_up": "set up alerts for",
    "alerts_off": "switched alerts off",
    "alerts_test": "sent a test alert",
    "moderators_set": "set the moderators' role to",
    "rules_set": "set the rules:",
    "digest_set": "set the digest:",
    "token_routed": "gave a channel to token",
    "token_unrouted": "took its channel from token",
    "muted": "muted",
    "unmuted": "unmuted",
    "incident_acknowledged": "acknowledged the alert of",
    "incident_muted": "muted the alert of",
    "incident_unmuted": "unmuted the alert of",
    "incident_closed": "closed the alert of",
    "watched": "began to watch",
    "unwatched": "stopped to watch",
    "token_enabled": "switched on token",
    "token_disabled": "switched off token",
    "token_named": "named token",
    "token_unnamed": "took its name from token",
    "board_posted": "posted the board in",
    "board_removed": "took away the board in",
}
OUTCOMES = {"done": "", "refused": " (refused)", "uncertain": " (uncertain)"}

ACCOUNT_CREDITS_OF = "{credits:,} of {quota:,} credits"
ACCOUNT_CREDITS = "{credits:,} credits"
ACCOUNT_QUOTA = "{quota:,} credits a period"
ACCOUNT_EXTRA = "{extra:,} extra"
ACCOUNT_EXTRA_ALONE = "{extra:,} extra credits"
ACCOUNT_ENDS = "ends {when}, {ago}"
ACCOUNT_ENDED = "ended {when}, {ago}"
ACCOUNT_WARNING = "⚠️ {words}"
ACCOUNT_AS_OF = "as of {ago}"

DIGEST_DAYS = {
    DigestDay.OFF: "off",
    DigestDay.DAILY: "every day",
    DigestDay.MONDAY: "every Monday",
    DigestDay.TUESDAY: "every Tuesday",
    DigestDay.WEDNESDAY: "every Wednesday",
    DigestDay.THURSDAY: "every Thursday",
    DigestDay.FRIDAY: "every Friday",
    DigestDay.SATURDAY: "every Saturday",
    DigestDay.SUNDAY: "every Sunday",
}
TIME_ZONE_CHOICE = "{zone} · {now}"
DIGEST_WORDS = "📊 How the tokens have been, from {since} to {until}."
DIGEST_TITLE = "📊 Digest"
DIGEST_TOKEN = "{sign} **{token}**: {what}"
DIGEST_USED = "{amount} used"
DIGEST_USED_UNKNOWN = "use unknown"
DIGEST_OUT = "{duration} out of FAST"
DIGEST_INCIDENT = "1 incident"
DIGEST_INCIDENTS = "{number} incidents"
DIGEST_GONE_BY = "gone by {when}"
DIGEST_LASTS = "lasts"
DIGEST_MORE = "and {number} more"
DIGEST_UNCOUNTED = "Tokens that are not counted here, as that would have taken too long: {number}."
DIGEST_NO_TOKENS = "No token was seen."
DIGEST_TOTALS = "All together"
DIGEST_TOTALS_USED = "{amount} of fast time used"
DIGEST_TOTALS_OUT = "{duration} out of FAST"
DIGEST_NEVER_OUT = "never out of FAST"
DIGEST_NO_INCIDENTS = "no incidents"
DIGEST_BLIND = "times that I could not see the tokens: {number}"
DIGEST_NOW = "Now"
DIGEST_PICTURE = "fleet.png"

ABOUT_COMMAND = "What this is, what it keeps, and how to get help"
ABOUT_TITLE = "Fastwatch {version}"
ABOUT_WHAT = (
    "I watch the Midjourney tokens of this team's ImaginePro account. `/trace` says which token ran an image and how "
    "it is; where alerts are set up, I say when a token leaves FAST and when it is back."
)
ABOUT_KEPT_TITLE = "What I keep"
ABOUT_KEPT = (
    "Tokens by number, and by the names given here, with their status and fast time over 13 months, incidents, the "
    "account's credits, where alerts and the board go, ids of traced messages for 30 days, and the ids of members who "
    "changed something, for 13 months. "
    "No contents of messages, no Discord secrets, no e-mail addresses."
)
ABOUT_HELP_TITLE = "Help"
ABOUT_HELP = "Ask a moderator of this server, or the one who runs this bot. Mods see with `/status` whether I am well."

# On charts, where letters are large and room is small.
CHART_TITLE = {
    Unit.HOURS: "Token {token} · fast hours left",
    Unit.MINUTES: "Token {token} · fast minutes left",
}
CHART_LEFT = "left"
CHART_TOTAL = "plan gives"
CHART_FORECAST = "forecast"
CHART_UNKNOWN = "unknown"
CHART_NOW = "now"
CHART_RENEWED = "renewed"
CHART_RENEWS = "renews"
CHART_INCIDENT = "incident"
CHART_ZONE = "UTC"
CHART_EMPTY = "No history yet"
CHART_FAST_TIME_UNKNOWN = "Fast time not known"
CHART_FLEET_TITLE = "All tokens · fast hours left"
CHART_FLEET_MODES = "Tokens by mode"

# How long fast time lasts.
FORECAST_GONE = "At this week's pace gone by {when}{before}."
FORECAST_GONE_OR_SOONER = "At this week's pace gone by {when}{before}; sooner ({sooner}) at the last two days'."
FORECAST_GONE_LATELY = "{lasts}, but at the last two days' gone by {when}{before}."
FORECAST_BEFORE = ", {duration} before it renews"
FORECAST_LASTS = "At this week's pace it lasts until it renews"
FORECAST_LASTS_LONG = "At this week's pace it lasts for more than a year"
FORECAST_SENTENCE = "{words}."
FORECAST_UNUSED = "Not used this week."
FORECAST_EARLY = "{words} This is early: too little of a week is known."

TOKEN_SHOW = "See one token: how it is, how it got there, and where it is heading"
TOKEN_SHOW_OPTION = "The token, by its name or its number"
TOKEN_PRIVATE = "Show the answer to you alone"
TOKEN_NOT_KEPT = (
    "I know nothing of this token: it is not watched, or no longer. Mods can have it watched with `/alerts watch`."
)
TOKEN_WAS = "last seen {status}"
TOKEN_OLD = "⏳ Last read {when}; that may have changed since."
TOKEN_UNKNOWN = "❔ Nothing is known since {when}; this is how it was then."
TOKEN_GONE = "⚪ ImaginePro has not listed it since {when}; this is how it was before."
FIELD_REFILL = "Fast time renews"
FIELD_LAST_DAYS = "Used in the last {days} days, every 12 h"
LAST_DAYS = "{line} {used}"
FIELD_OPEN = "Open alerts"
FIELD_MUTED = "Muted"
FIELD_CHANGES = "Last changes"
MODE_CHANGE = "{when} {before_sign} {before} → {after_sign} {after}"
# From nothing to full, and what is not known.
SPARKS = "▁▂▃▄▅▆▇█"
SPARK_UNKNOWN = "·"

TOKEN_HISTORY = "See a chart of one token, or of all of them"
TOKEN_HISTORY_OPTION = "The token, by its name or its number; without it, all of them"
TOKEN_HISTORY_DAYS = "How many days back, 1 to 396; 30 without it"
HISTORY_TITLE = "📈 Token {token} · {days}"
HISTORY_FLEET_TITLE = "📈 All tokens · {days}"
HISTORY_DAYS = "last {number} days"
HISTORY_DAY = "last 24 hours"
HISTORY_FROM_TO = "From **{first}** to **{last}** of fast time left"
HISTORY_LEFT_UNKNOWN = "Fast time left: unknown"
HISTORY_USED = "Used: **{used}**"
HISTORY_USED_A_DAY = "Used: **{used}**, {a_day} a day"
HISTORY_REFILLED = "Renewed, or hours bought: {times}"
HISTORY_NOT_REFILLED = "Neither renewed nor were hours bought"
HISTORY_OUT_ONCE = "Out of FAST **once**, for {duration}"
HISTORY_OUT = "Out of FAST **{times} times**, for {duration} in all"
HISTORY_IN_FAST = "In FAST all the time"
HISTORY_NEVER_IN_FAST = "Never in FAST"
HISTORY_KNOWN_SINCE = "Nothing is known from before {when}."
HISTORY_FLEET_FROM_TO = "From **{first}** to **{last}** of fast time left, all tokens together"
HISTORY_FLEET_USED = "Used: at least **{used}**"
HISTORY_FLEET_NOW = "Now: {modes}"
HISTORY_FLEET_WORST = "Most out of FAST at once: **{out}** of {number}, {when}"
HISTORY_FLEET_EMPTY = "Nothing is known of this time."
HISTORY_NO_PICTURE = "The chart could not be drawn, so here it is in words. It is in the log; try again later."
HISTORY_BUSY = "Too many charts are being drawn right now, so here it is in words. Try again in a minute."
CHART_ALTERNATIVE = "Chart of the fast time left of token {token}, {days}. {words}"
CHART_FLEET_ALTERNATIVE = "Chart of the fast time left of all tokens together, and of their modes, {days}. {words}"

TOKEN_LIST = "See all tokens at a glance, those first that need somebody"
TOKEN_LIST_MODE = "Only tokens in this mode"
LIST_TITLE = "Tokens"
LIST_TITLE_OF_MODE = "Tokens in {mode}"
LIST_COUNT = "{sign} {number} {mode}"
LIST_COUNT_UNKNOWN = "not known"
LIST_LEFT = "**{left}** of fast time left"
LIST_LEFT_OF_SOME = "**{left}** of fast time left, not counting {number} where it is unknown"
LIST_LEFT_UNKNOWN = "fast time left: unknown"
LIST_LINE = "{sign} **{token}** · {parts}"
LIST_PART = " · "
LIST_UNKNOWN = "fast time unknown"
LIST_UNREADABLE = "fast time “{text}”"
LIST_RENEWS = "renews {when}"
LIST_GONE = "not listed since {when}"
LIST_OLD = "⏳ read {when}"
LIST_NOT_KNOWN = "not known since {when}, was {mode}"
LIST_ALL_OLD = "⏳ ImaginePro has given no usable answer since {when}. This is how the tokens were then."
LIST_ALL_UNKNOWN = (
    "🙈 **Nothing is known of the tokens since {when}**: ImaginePro gives no usable answer. This is how they were "
    "then. `/status` shows mods the last problem."
)
LIST_FOOTER = "read"
LIST_FOOTER_PAGES = "page {page} of {pages} · read"
LIST_NO_ROUND = (
    "ImaginePro has not answered yet. Try again in a minute; `/status` shows mods what is wrong if it stays so."
)
LIST_NO_FLEET = (
    "This key may not list its fleet, and nothing else is watched. Mods can have a token watched with `/alerts watch`."
)
LIST_EMPTY = "No tokens are linked to this account. Link one at ImaginePro, and it is here within a few minutes."
LIST_NONE_OF_MODE = "No token is in {mode} now. Choose another mode below, or all."
LIST_MODES = "Show only one mode"
LIST_ALL_MODES = "All modes ({number})"
LIST_MODE_OPTION = "{mode} ({number})"
LIST_OPEN = "Open a token"
LIST_BUTTONS = {"first": "⏮", "back": "◀", "next": "▶", "last": "⏭"}

BOARD_GROUP = "A message that keeps itself up to date and shows all tokens"
BOARD_POST = "Post the board of all tokens, or move it; I keep it up to date"
BOARD_POST_CHANNEL = "Where; here if you leave it out"
BOARD_REMOVE = "Take the board away"
BOARD_TITLE = "📋 Token board"
BOARD_FOOTER = "keeps itself up to date · last change"
BOARD_MORE = "and {number} more: {modes}"
BOARD_POSTED = "The board is in {channel}: {url}"
BOARD_PENDING = "The board comes to {channel} in a moment."
BOARD_TROUBLE = "⚠️ The board is not in {channel} yet: {problem}. It is tried again by itself, within the hour."
BOARD_LACKS = (
    "⚠️ For the board I need in {channel}: {permissions}. Once I have that, it comes by itself, or at once with "
    "`/board post`."
)
BOARD_STAYS = "⚠️ The board stays where it is: to move it to {channel}, I need there: {permissions}."
BOARD_NOT_PINNED = (
    "I could not pin it. It works all the same; pin it yourself, or give me Pin Messages in {channel} and use "
    "`/board post` again."
)
BOARD_OLD_STAYS = (
    "I could not delete the board in {channel} ({problem}); please delete it yourself, it is no longer kept up."
)
BOARD_REMOVED = "The board in {channel} is no more. `/board post` makes a new one."
BOARD_NONE = "This server has no board. `/board post` makes one."
BOARD_CHANNEL_TYPE = "A board needs a text channel. Name one with the option `channel`."
