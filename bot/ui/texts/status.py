"""The answers of `/status` and `/about`."""

TITLE = "Fastwatch {version}"
HEALTHY = "🟢 The monitor is well."
NO_CHECK_YET = "🟠 ImaginePro has not answered since I started."
LATE = "🟠 ImaginePro has given no usable answer for {age}; the tokens below are as they were then."
BEHIND = "🔴 The last good round is {age} ago; nothing is known of the tokens since."
FIELD_CHECKS = "Rounds"
CHECKS = "last good one {when}, one every {every}"
FIELD_PROBLEM = "Last problem"
FIELD_TOKENS = "Tokens"
FIELD_DISCORD = "Discord"
GATEWAY = "gateway answers after {milliseconds} ms"
GATEWAY_UNKNOWN = "gateway not measured yet"
FIELD_RUNNING = "Running since"
FIELD_DELIVERIES = "Waiting to be delivered here"
FIELD_ACCOUNT = "ImaginePro account"
FIELD_AUDIT = "Latest changes here"
AUDIT_ENTRY = "{when} {member}: {action} {target}{outcome}"
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
