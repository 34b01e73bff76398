"""The title and the tags of an incident's post in a forum."""

import re

import discord

from bot.domain.alert_types import Urgency
from bot.domain.incidents import Incident
from bot.ui import texts
from bot.ui.formatting import Names
from bot.ui.incidents import thread_name

_TITLE_LENGTH = 100  # Discord's limit for the name of a thread
_MENTION = re.compile(r"<(?:@&?|#)\d+>\s*|<t:\d+(?::\w)?>")
MOST_TAGS = 20
"""The most tags that a forum can have."""


def title_of(incident: Incident | None, content: str, names: Names) -> str:
    """Return the title of a post: what an incident is about, or else the first line of the message."""
    words = texts.forums.TITLES.get(incident.type) if incident is not None else None
    if incident is not None and words is not None:
        return words.format(tokens=thread_name(incident, names))[:_TITLE_LENGTH]
    plain = discord.utils.remove_markdown(_MENTION.sub("", content.partition("\n")[0])).strip()
    return plain[:_TITLE_LENGTH]


def tags_of(incident: Incident) -> tuple[str, ...]:
    """Return the names of the tags for the state of an incident and its severity."""
    state = texts.forums.OPEN if incident.acknowledged_by is None else texts.forums.ACKNOWLEDGED
    urgency = max(min(incident.urgency, Urgency.URGENT), Urgency.NOTICE)
    return (state if incident.is_open else texts.forums.RESOLVED), texts.forums.SEVERITIES[Urgency(urgency)]
