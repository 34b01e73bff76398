"""The answer of `/token list`; the board shows the same lines."""

TITLE = "Tokens"
TITLE_OF_MODE = "Tokens in {mode}"
COUNT = "{sign} {number} {mode}"
COUNT_UNKNOWN = "unknown"
# Fast time that tokens in FAST have, that nobody can use before a person acts, and that of tokens in RELAX.
USABLE = "**{left}** usable"
LOCKED = "{left} locked"
IN_RELAX = "{left} in RELAX"
LEFT_OF_SOME = "{left}, without {number} where it is unknown"
LEFT_UNKNOWN = "fast time left: unknown"
LINE = "{sign} **{token}** · {parts}"
PART = " · "
UNKNOWN = "fast time unknown"
UNREADABLE = "fast time “{text}”"
RENEWS = "renews {when}"
ENDS = "ends {when}"
GONE = "not listed since {when}"
OLD = "⏳ read {when}"
NOT_KNOWN = "unknown since {when}, was {mode}"
ALL_OLD = "⏳ No token could be read since {when}: {cause}. The list shows the status at that time."
ALL_UNKNOWN = (
    "🙈 **Token status is unknown since {when}: {cause}.** The list shows the status at that time. Mods see what to do "
    "with `/status`."
)
NEVER_READ = "❔ Without a status at ImaginePro, so not watched: {tokens}"
NOTHING_WATCHED = (
    "⚪ **Nothing is watched.** The list shows the last known status. Mods can watch a message with `/alerts watch`."
)
FOOTER = "read"
FOOTER_PAGES = "page {page} of {pages} · read"
NO_CHECK_YET = (
    "ImaginePro has not responded yet. Try again in a minute; after that, mods see what is wrong with `/status`."
)
NOTHING_READ = "No token could be read yet: {cause}. {advice}"
NO_FLEET = "Nothing is watched: this key cannot list tokens. Mods can watch a message with `/alerts watch`."
EMPTY = "No tokens are linked to this account. Link one at ImaginePro; it appears here within a few minutes."
NONE_OF_MODE = "No token is in {mode} now. Choose another mode below, or all."
