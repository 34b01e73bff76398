"""What would be in force in a text that Discord shows, and texts of every sort to try."""

import re

from hypothesis import strategies as st

from bot.parsing.text import strip_invisible
from bot.ui.formatting import MAX_NAME_LENGTH

# A backslash takes the power of the sign that follows it, and that is all there is to escaping in Discord.
_ESCAPED = re.compile(r"\\[\\*_~`|#\[\]()<>/:@!-]")
_LIVE = re.compile(
    r"[*_~`|#\[\]()<>\\-]"  # markdown, and the brackets of mentions, emoji and timestamps
    r"|@(?:everyone|here)"
    r"|[a-z][a-z0-9+.-]*://"  # an address that becomes a link
    r"|discord(?:app)?\.(?:gg|com/invite)/",  # an invitation, which needs no `https:`
    re.IGNORECASE,
)

_pieces = st.sampled_from(
    [
        *"\\*_~`|#<>[]()-@:/ .!\n",
        "@everyone",
        "@here",
        "<@123>",
        "<@&123>",
        "<#123>",
        "<:a:1>",
        "<t:1:R>",
        "</a:1>",
        "http://",
        "https://evil.invalid",
        "://",
        "discord.gg/",
        "[a](https://b.invalid)",
        "```",
        "||",
        "a",
        "1.",
        "\u2060",
        "\u200b",
    ]
)
texts_of_any_sort = st.one_of(st.text(), st.lists(_pieces, max_size=30).map("".join))
# As `/fleet name` keeps them; empty for a token that has none.
names_of_any_sort = texts_of_any_sort.map(lambda text: strip_invisible(text).strip()[:MAX_NAME_LENGTH].strip())


def live_parts(text: str) -> list[str]:
    """Find what Discord would act on: markdown, mentions, links, emoji, timestamps."""
    return _LIVE.findall(_ESCAPED.sub("\0", text))
