"""Every text that people read, in one place, so that languages can be added without touching code."""

from bot.health.modes import Mode

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
ALERT_LEFT_FAST = "{sign} Token {token} left FAST · {status}"
ALERT_GOT_WORSE = "{sign} Token {token} got worse · {status}"
ALERT_BACK = "🟢 Token {token} is back in FAST"
ALERT_OVER = "It was out of FAST for **{duration}**, {began} to {ended}, lastly in {status}."
ALERT_OVER_WORSE = "It was worse than before for **{duration}**, {began} to {ended}, lastly in {status}."
PUSH_LEFT_FAST = "Token {token} left FAST and is now {status}."
PUSH_GOT_WORSE = "Token {token} went from {before} to {status}."
PUSH_BACK = "✅ Token {token} is back in FAST after {duration}."
PUSH_OVER = "Token {token} had left FAST."
PUSH_OVER_WORSE = "Token {token} had got worse."
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
BUTTON_TEST = "Send a test alert"

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
ALERTS_SHOW = "See the set-up, what is open and what waits"
ALERTS_OFF = "Stop alerts in this server"
ALERTS_TEST = "Send a test alert the whole way"
ALERTS_WATCH = "Watch the token of a message by tracing it, for keys that may not list their fleet"
ALERTS_UNWATCH = "Stop watching the token of a message"

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
TEST_BROKEN = "I cannot post in {channel}: {problem}. Mend that, then use `/alerts setup` again."
WATCH_DONE = "Token {token} is now watched by tracing message `{message}` every round."
WATCH_NEEDLESS = "Token {token} is already watched: this key lists its whole fleet."
WATCH_FULL = "No more than {most} messages can be watched. `/alerts unwatch` makes room."
UNWATCH_DONE = "Message `{message}` is no longer watched."
UNWATCH_UNKNOWN = "Message `{message}` was not watched. `/alerts show` lists those that are."

SHOW_TITLE = "Alerts in this server"
SHOW_CHANNEL = "Where to"
SHOW_CHANNEL_VALUE = "{channel}, {ping}"
SHOW_OFF = "Alerts are off. `/alerts setup` starts them."
SHOW_BROKEN = "⚠️ Discord refuses this channel: {problem}. Mend that, then use `/alerts setup` again."
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
SHOW_INCIDENT = "{sign} token {token} · {mode}, began {since}"
SHOW_MORE = "and {number} more"
SHOW_NONE = "none"
SHOW_WAITING = "Waiting to be delivered"
SHOW_WAITING_PROBLEM = "{number}, because: {problem}"

PERMISSIONS = {
    "view_channel": "View Channel",
    "send_messages": "Send Messages",
    "embed_links": "Embed Links",
    "read_message_history": "Read Message History",
}

UNDER_A_MINUTE = "less than a minute"
MINUTES = "{minutes} min"
HOURS = "{hours} h {minutes} min"
DAYS = "{days} d {hours} h"
UNIT_HOURS = "h"
UNIT_MINUTES = "min"

TOKEN_GROUP = "The tokens of this account"
TOKEN_ENABLE = "Switch a token on at ImaginePro"
TOKEN_DISABLE = "Switch a token off at ImaginePro"
TOKEN_OPTION = "The token, by its number"
TOKEN_CHOICE = "{sign} {token} · {mode}"
NO_SUCH_TOKEN = "No token of this account has that number. Choose one that the command offers."
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
ALERT_SWITCHED_OFF = "{sign} Token {token} was switched off"
SWITCHED_OFF_BY = "{member} switched it off from Discord. It gets no requests until it is switched on again."
PUSH_SWITCHED_OFF = "Token {token} was switched off by a moderator."

ALERTS_RULES = "See and set who counts as a moderator"
ALERTS_RULES_MODERATORS = "A role whose members may do what mods may"
ALERTS_RULES_NO_MODERATORS = "Name no role: only Manage Server counts"
RULES_MODERATORS = "Mods are the members with Manage Server, and those with {role}."
RULES_MODERATORS_HINT = (
    "Discord still hides the commands from them: allow the role under Server Settings, Integrations, this bot."
)
RULES_NO_MODERATORS = "Mods are the members with Manage Server."
RULES_MANAGERS_ONLY = "Only members with the Manage Server permission can name that role."
RULES_NOT_EVERYONE = "That would make everyone a mod. Choose a role of those who keep the tokens healthy."

STATUS_COMMAND = "Is the monitor itself well?"
STATUS_TITLE = "Fastwatch {version}"
STATUS_WELL = "🟢 The monitor is well."
STATUS_NO_ROUND = "🟠 ImaginePro has not answered since I started."
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
STATUS_AUDIT = "Latest changes here"
STATUS_ENTRY = "{when} {member}: {action} {target}{outcome}"
ACTIONS = {
    "alerts_set_up": "set up alerts for",
    "alerts_off": "switched alerts off",
    "alerts_test": "sent a test alert",
    "moderators_set": "set the moderators' role to",
    "watched": "began to watch",
    "unwatched": "stopped to watch",
    "token_enabled": "switched on token",
    "token_disabled": "switched off token",
}
OUTCOMES = {"done": "", "refused": " (refused)", "uncertain": " (uncertain)"}

ABOUT_COMMAND = "What this is, what it keeps, and how to get help"
ABOUT_TITLE = "Fastwatch {version}"
ABOUT_WHAT = (
    "I watch the Midjourney tokens of this team's ImaginePro account. `/trace` says which token ran an image and how "
    "it is; where alerts are set up, I say when a token leaves FAST and when it is back."
)
ABOUT_KEPT_TITLE = "What I keep"
ABOUT_KEPT = (
    "Tokens by number with their status and fast time over time, incidents, where alerts go, ids of traced messages "
    "for 30 days, and the ids of members who changed something, for 13 months. "
    "No contents of messages, no Discord secrets, no e-mail addresses."
)
ABOUT_HELP_TITLE = "Help"
ABOUT_HELP = "Ask a moderator of this server, or the one who runs this bot. Mods see with `/status` whether I am well."
