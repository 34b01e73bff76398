"""The answer of `/token list`; the board shows the same lines."""

from bot.domain.fast_time import Unit
from bot.domain.modes import Mode

# So that a line breaks between its parts only.
NO_BREAK = "\u00a0"

TITLE = "Tokens"
OF_MODES = {
    **{mode: f"in {mode.value}" for mode in Mode},
    Mode.OFF: "switched off",
    Mode.GONE: "no longer listed at ImaginePro",
    Mode.OTHER: "with a status that Fastwatch does not know",
}
TITLES = {mode: f"Tokens {words}" for mode, words in OF_MODES.items()}
# What people choose a mode by: the option of the command, and the descriptions in the menu.
MODE_CHOICES = {
    Mode.BANNED: "BANNED",
    Mode.VERIFYING: "VERIFYING",
    Mode.OFF: "OFF: switched off",
    Mode.GONE: "GONE: no longer listed at ImaginePro",
    Mode.RELAX: "RELAX",
    Mode.OTHER: "OTHER: a status that Fastwatch does not know",
    Mode.FAST: "FAST",
}
COUNT = "{sign}\u00a0{number}\u00a0{mode}"
COUNT_UNKNOWN = "unknown"
# Fast time that tokens in FAST have, that nobody can use before a person acts, and that of tokens in RELAX.
USABLE = "**{left}**\u00a0usable"
LOCKED = "{left}\u00a0locked"
IN_RELAX = "{left}\u00a0in\u00a0RELAX"
LEFT_OF_SOME = "{left}, without {number} where it is unknown"
LEFT_UNKNOWN = "fast time left: unknown"
AMOUNTS = {Unit.HOURS: "{number}\u00a0h", Unit.MINUTES: "{number}\u00a0min"}
LESS = "≤{number}"
LINE = "{sign}\u00a0**{token}** {parts}"
NOTE = "↳\u00a0{note}"
PART = " · "
RUNS_OUT = "⚠️\u00a0**will run out** {when}"
RETURN = "hours return {when}"
ENDS = "plan ends {when}"
UNKNOWN = "fast time unknown"
UNREADABLE = "fast time “{text}”"
GONE = "left the list {when}"
OLD = "⏳\u00a0read {when}"
NOT_KNOWN = "last read {when}, was {mode}"
ALL_OLD = "⏳ Last read {when}: {cause}. The list shows the status at that time."
ALL_UNKNOWN = (
    "🙈 **Token status is unknown: {cause}.** Last read {when}; the list shows the status at that time. Mods see what "
    "to do with `/status`."
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
NONE_OF_MODE = "No token is {of_mode} now. Choose another mode below, or all."
