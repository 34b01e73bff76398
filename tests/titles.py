"""The title of an alert: the first line of its Discord message, without the ping and without how bad it is."""

import re
from typing import Any, Protocol

_PING = re.compile(r"^(<@&?\d+> )+")
_FLEET = re.compile(r" · (\d+ of \d+ in FAST|\*\*no token is in FAST\*\*)$")


class AnyMessage(Protocol):
    """A Discord message, in SimCord or in the stand-in."""

    @property
    def content(self) -> str: ...
    @property
    def embeds(self) -> Any: ...


def title_of(message: AnyMessage) -> str:
    """Return the title of the embed where it has one, and else that of the alert."""
    embed = message.embeds[0] if message.embeds else None
    title = embed.get("title") if isinstance(embed, dict) else getattr(embed, "title", None)
    return str(title) if title else _FLEET.sub("", _PING.sub("", message.content))


def is_back(message: AnyMessage, token_id: int = 111) -> bool:
    """Whether an alert says that it is over and was about this token."""
    return title_of(message).startswith(f"🟢 **Token {token_id}** ")
