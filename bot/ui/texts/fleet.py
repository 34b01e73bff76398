"""The answer of `/token list`; the board shows the same lines."""

TITLE = "Tokens"
TITLE_OF_MODE = "Tokens in {mode}"
COUNT = "{sign} {number} {mode}"
COUNT_UNKNOWN = "not known"
LEFT = "**{left}** of fast time left"
LEFT_OF_SOME = "**{left}** of fast time left, not counting {number} where it is unknown"
LEFT_UNKNOWN = "fast time left: unknown"
LINE = "{sign} **{token}** · {parts}"
PART = " · "
UNKNOWN = "fast time unknown"
UNREADABLE = "fast time “{text}”"
RENEWS = "renews {when}"
GONE = "not listed since {when}"
OLD = "⏳ read {when}"
NOT_KNOWN = "not known since {when}, was {mode}"
ALL_OLD = "⏳ ImaginePro has given no usable answer since {when}. This is how the tokens were then."
ALL_UNKNOWN = (
    "🙈 **Nothing is known of the tokens since {when}**: ImaginePro gives no usable answer. This is how they were "
    "then. `/status` shows mods the last problem."
)
FOOTER = "read"
FOOTER_PAGES = "page {page} of {pages} · read"
NO_CHECK_YET = (
    "ImaginePro has not answered yet. Try again in a minute; `/status` shows mods what is wrong if it stays so."
)
NO_FLEET = (
    "This key may not list its fleet, and nothing else is watched. Mods can have a token watched with `/alerts watch`."
)
EMPTY = "No tokens are linked to this account. Link one at ImaginePro, and it is here within a few minutes."
NONE_OF_MODE = "No token is in {mode} now. Choose another mode below, or all."
