"""An alert as a phone shows it, and what of it a half-asleep moderator has to read."""

import re
from dataclasses import dataclass
from textwrap import wrap

from bot.ui.alerts import OutgoingMessage
from bot.ui.texts.incidents import FIELD_TIMELINE

WIDTH = 38
"""The characters in a line of an embed on a phone that is 390 pixels wide."""
# What Discord shows in place of its markup. A relative time is as long as most are.
_SHOWN = (
    (r"<@&\d+>", "@token-keepers"),
    (r"<@\d+>", "@Mona"),
    (r"<t:\d+:R>", "in 23 hours"),
    (r"<t:\d+:t>", "12:00 PM"),
    (r"<t:\d+:f>", "March 2, 2026 12:00 PM"),
    (r"<t:\d+:D>", "March 2, 2026"),
    (r"\[([^\]]*)\]\([^)]*\)", r"\1"),
    (r"[*`]", ""),
)


@dataclass(frozen=True, slots=True)
class Head:
    """The part of an alert above its timeline, and without its buttons."""

    paragraphs: tuple[str, ...]

    @property
    def words(self) -> int:
        """How many words it has. Figures and emoji are none; a mention is one."""
        return len([word for line in self.paragraphs for word in line.split() if re.search(r"[^\W\d_]", word)])

    @property
    def words_and_figures(self) -> int:
        """How many words and figures it has."""
        return len([word for line in self.paragraphs for word in line.split() if re.search(r"\w", word)])

    @property
    def lines(self) -> int:
        """How many lines it takes on a phone."""
        return sum(len(wrap(line, WIDTH)) for line in self.paragraphs)


def head_of(sent: OutgoingMessage) -> Head:
    """Return what stands above the timeline of an alert."""
    embed = sent.embed
    if embed is None:
        raise TypeError("an alert has an embed")
    fields = [part for field in embed.fields if field.name != FIELD_TIMELINE for part in (field.name, field.value)]
    parts = [sent.content, embed.title, embed.description, *fields]
    return Head(tuple(line for part in parts if part for line in _shown(part).splitlines()))


def _shown(text: str) -> str:
    for markup, words in _SHOWN:
        text = re.sub(markup, words, text)
    return text
