"""The answers of `/status` and `/about`."""

from bot.domain.alert_routes import DisabledReason

TITLE = "Fastwatch {version}"
HEALTHY = "🟢 Monitoring is healthy."
PROBLEM = "{sign} {words}"
NO_CHECK_YET = "**No check has ended since I started.**"
NO_CHECK_YET_ADVICE = "Look again in a minute."
NOTHING_WATCHED = "**Nothing is watched**, so nothing can be alerted."
NO_TOKENS = "**No tokens are linked to this account**, so nothing is watched."
NO_TOKENS_ADVICE = "Link one at ImaginePro."
FAILING = "**{cause}** (started {since}). Changes of tokens are not alerted meanwhile."
FAILING_FROM_THE_START = "**{cause}** (started {since}). No token has been read yet."
NO_CHECKS = (
    "**No check for {age}.** Changes of tokens are not alerted meanwhile. This is not ImaginePro's fault: the bot or "
    "its database has a problem."
)
NO_CHECKS_ADVICE = "Ask the person who runs the bot to look into its log."
CANNOT_POST = "**I cannot post alerts in {channel}**: {problem}. I keep them, and try again by myself."
CANNOT_POST_SINCE = (
    "**I cannot post alerts in {channel}**: {problem} (started {since}). I keep them, and try again by myself."
)
_GIVE_PERMISSIONS = (
    "Give me View Channel, Send Messages, Embed Links and Read Message History there, or choose another channel with "
    "`/alerts setup`."
)
GIVE = "Give me {permissions} in {channel}, or choose another channel with `/alerts setup`."
_CHOOSE_CHANNEL = "Choose another channel with `/alerts setup`, or with `/alerts route` if it is one token's channel."
CANNOT_POST_ADVICE = {
    DisabledReason.SERVER_NOT_ALLOWED: "Ask the person who runs the bot to add this server to `HOME_SERVERS`.",
    DisabledReason.SWITCHED_OFF: "Turn alerts on with `/alerts setup`.",
    DisabledReason.UNKNOWN_CHANNEL: _CHOOSE_CHANNEL,
    DisabledReason.UNKNOWN_SERVER: _CHOOSE_CHANNEL,
    DisabledReason.MISSING_ACCESS: _GIVE_PERMISSIONS,
    DisabledReason.MISSING_PERMISSIONS: _GIVE_PERMISSIONS,
    DisabledReason.NOT_A_TEXT_CHANNEL: _CHOOSE_CHANNEL,
    DisabledReason.THREAD_ARCHIVED: _CHOOSE_CHANNEL,
    DisabledReason.REFUSED: _GIVE_PERMISSIONS,
}
NOT_ACCEPTED = "**Discord has not accepted an alert yet**: {problem}."
NOT_ACCEPTED_ADVICE = "Nothing: I try again by myself. If a person must act, moderators get a message."
OUT_OF_DATE = "**Alerts in {channel} are out of date** ({number}, started {since}): {problem}."
OUT_OF_DATE_ADVICE = "Let me see {channel} again, and I correct them by myself. Or delete them."
REFUSED = "Discord does not let me edit them"
NEW_DATABASE = (
    "**My database is new** (created {since}), and I have run before. What was set up here then is not in it, so "
    "nothing is alerted."
)
NEW_DATABASE_ADVICE = (
    "Ask the person who runs the bot whether the database was moved. If it is meant to be new, set up alerts with "
    "`/alerts setup`."
)
FIELD_DATABASE = "Database"
DATABASE_CREATED = "created {when}"
FIELD_WHAT_TO_DO = "What to do"
FIELD_CHECKS = "Checks"
CHECKS = "last successful check {when}, one every {every}"
CHECKS_NONE_YET = "no successful check yet, one every {every}"
FIELD_PROBLEM = "Last problem"
FIELD_TOKENS = "Tokens"
FIELD_TOKENS_LAST_READ = "Tokens, as last read"
FIELD_DISCORD = "Discord"
GATEWAY = "gateway latency {milliseconds} ms"
GATEWAY_UNKNOWN = "gateway latency not measured yet"
FIELD_RUNNING = "Started"
FIELD_DELIVERIES = "Waiting to be delivered here"
FIELD_ACCOUNT = "ImaginePro account"
FIELD_AUDIT = "Latest changes here"
AUDIT_ENTRY = "{when} {member}: {action} {target}{outcome}"
ACTIONS = {
    "alerts_set_up": "set up alerts for",
    "alerts_off": "turned alerts off",
    "alerts_test": "sent a test alert",
    "alerts_reported": "had alerts sent for what was wrong already",
    "moderators_set": "set the moderator role to",
    "rules_set": "changed the rules:",
    "digest_set": "changed the digest:",
    "token_routed": "set a channel for token",
    "token_unrouted": "removed the channel of token",
    "muted": "muted",
    "unmuted": "unmuted",
    "incident_acknowledged": "acknowledged the alert of",
    "incident_unacknowledged": "unacknowledged the alert of",
    "incident_assigned": "took the alert of",
    "incident_noted": "added a note to the alert of",
    "incident_thread": "opened a thread for the alert of",
    "incident_muted": "muted the alert of",
    "incident_unmuted": "unmuted the alert of",
    "incident_closed": "closed the alert of",
    "watched": "started watching",
    "unwatched": "stopped watching",
    "token_enabled": "switched on token",
    "token_disabled": "switched off token",
    "token_named": "named token",
    "token_unnamed": "removed the name of token",
    "token_owner_set": "set the owner of token",
    "token_owner_removed": "removed the owner of token",
    "board_posted": "posted the board in",
    "board_removed": "removed the board from",
}
OUTCOMES = {"done": "", "refused": " (refused)", "uncertain": " (result unknown)"}
ABOUT_TITLE = "Fastwatch {version}"
ABOUT_WHAT = (
    "I watch the Midjourney tokens of this team's ImaginePro account. `/trace` shows which token ran an image, and its "
    "status. Where alerts are set up, I post when a token leaves FAST and when it is back."
)
ABOUT_KEPT_TITLE = "What I store"
ABOUT_KEPT = (
    "The tokens' numbers, the names and owners given here, and their status and fast time for 13 months; incidents and "
    "notes on them; the account's credits; where alerts and the board go; ids of traced messages for 30 days; ids of "
    "members who changed something, for 13 months. No message contents, no Discord secrets, no e-mail addresses."
)
ABOUT_HELP_TITLE = "Help"
ABOUT_HELP = (
    "Ask a moderator of this server or the person who runs this bot. Mods can use `/status` to see whether monitoring "
    "is healthy."
)
