"""What has an effect in a text that Discord shows, and hostile texts to try."""

import re

from hypothesis import strategies as st

from bot.parsing.text import strip_invisible
from bot.ui.formatting import MAX_NAME_LENGTH

# Discord's only escaping: a backslash disables the character after it.
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
# As `/fleet name` saves them; empty for a token without one.
names_of_any_sort = texts_of_any_sort.map(lambda text: strip_invisible(text).strip()[:MAX_NAME_LENGTH].strip())


def live_parts(text: str) -> list[str]:
    """Return what Discord would render: markdown, mentions, links, emoji, timestamps."""
    return _LIVE.findall(_ESCAPED.sub("\0", text))
