"""The answers of `/status` and `/about`."""

TITLE = "Fastwatch {version}"
HEALTHY = "🟢 Monitoring is healthy."
NO_CHECK_YET = "🟠 No check has ended since I started. Look again in a minute."
NOTHING_WATCHED = "⚪ Nothing is watched. {advice}"
NO_TOKENS = "⚪ No tokens are linked to this account, so nothing is watched. Link one at ImaginePro."
FAILING = "{sign} **{cause}** since {since}: the tokens below are as they were last read. {advice}"
NO_CHECKS = (
    "{sign} **No check for {age}**: the tokens below are as they were then. This is not ImaginePro's fault: the bot or "
    "its database has a problem. The person who runs this bot finds it in the bot's log."
)
FIELD_CHECKS = "Checks"
CHECKS = "last successful check {when}, one every {every}"
FIELD_PROBLEM = "Last problem"
FIELD_TOKENS = "Tokens"
FIELD_TOKENS_LAST_READ = "Tokens, as last read"
FIELD_DISCORD = "Discord"
GATEWAY = "gateway latency {milliseconds} ms"
GATEWAY_UNKNOWN = "gateway latency not measured yet"
FIELD_RUNNING = "Started"
FIELD_ROUTES = "Alert channels here"
FIELD_DELIVERIES = "Waiting to be delivered here"
FIELD_ACCOUNT = "ImaginePro account"
FIELD_AUDIT = "Latest changes here"
AUDIT_ENTRY = "{when} {member}: {action} {target}{outcome}"
ACTIONS = {
    "alerts_set_up": "set up alerts for",
    "alerts_off": "turned alerts off",
    "alerts_test": "sent a test alert",
    "moderators_set": "set the moderator role to",
    "rules_set": "changed the rules:",
    "digest_set": "changed the digest:",
    "token_routed": "set a channel for token",
    "token_unrouted": "removed the channel of token",
    "muted": "muted",
    "unmuted": "unmuted",
    "incident_acknowledged": "acknowledged the alert of",
    "incident_muted": "muted the alert of",
    "incident_unmuted": "unmuted the alert of",
    "incident_closed": "closed the alert of",
    "watched": "started watching",
    "unwatched": "stopped watching",
    "token_enabled": "switched on token",
    "token_disabled": "switched off token",
    "token_named": "named token",
    "token_unnamed": "removed the name of token",
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
    "The tokens' numbers, the names given here, and their status and fast time for 13 months; incidents; the account's "
    "credits; where alerts and the board go; ids of traced messages for 30 days; ids of members who changed something, "
    "for 13 months. "
    "No message contents, no Discord secrets, no e-mail addresses."
)
ABOUT_HELP_TITLE = "Help"
ABOUT_HELP = (
    "Ask a moderator of this server or the person who runs this bot. Mods can use `/status` to see whether monitoring "
    "is healthy."
)
