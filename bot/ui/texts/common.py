"""What several features say: signs, units, permissions, and short words."""

from bot.domain.fast_time import Unit
from bot.domain.modes import Mode

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
UNKNOWN = "unknown"
ON = "on"
OFF = "off"

NONE = "none"
NEVER = "never"
MORE = "and {number} more"
MODE_COUNT = "{sign} {number} {mode}"

TOKEN = "Token {token}"
TOKEN_TITLE = "{sign} {token} · {status}"
TOKEN_WITH_NAME = "{name} ({token})"
SUBJECT = "**Token {token}**"
SUBJECT_WITH_NAME = "**{name} ({token})**"
TOKEN_WITH_PLAIN_NAME = "{token} {name}"
TOKEN_CHOICE = "{sign} {token} · {mode}"
TOKEN_CHOICE_WITH_LEFT = "{sign} {token} · {mode} · {left}"
ALL_ALERTS = "all alerts"
ONE_TOKEN = "token {token}"
SEVERAL_TOKENS = "tokens {tokens}"

PERMISSIONS = {
    "view_channel": "View Channel",
    "send_messages": "Send Messages",
    "embed_links": "Embed Links",
    "read_message_history": "Read Message History",
    "attach_files": "Attach Files",
    "pin_messages": "Pin Messages",
    "send_messages_in_threads": "Send Messages in Threads",
    "manage_threads": "Manage Threads",
    "manage_channels": "Manage Channels",
}

UNDER_A_MINUTE = "less than a minute"
UNDER_AN_HOUR = "less than an hour"
MINUTES = "{number} min"
HOURS = "{number} h"
DAYS = "{number} d"
UNIT_SIGNS = {Unit.HOURS: "h", Unit.MINUTES: "min"}

LEFT = "{left} left"
LEFT_OF = "{left} of {total} left"
FAST_TIME_UNKNOWN = "Fast time left: unknown"
FAST_TIME_AS_IT_CAME = "Fast time left: unknown; ImaginePro says “{text}”"
HOURS_RETURN = "{left}, hours return {when}"
PLAN_ENDS = "{left}, plan ends {when}"
FAST_TIME = "{bar}  **{left}** of {total} of fast time left ({percent} %)"
FAST_TIME_WITHOUT_TOTAL = "**{left}** of fast time left"
FAST_TIME_NUMBERS = {Unit.HOURS: "{number} h", Unit.MINUTES: "{number} min"}
