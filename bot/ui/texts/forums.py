"""Posts in a forum: their titles and tags, and what the bot lacks for them."""

from bot.domain.alert_types import IncidentType, Urgency

OPEN, ACKNOWLEDGED, RESOLVED = "Open", "Acknowledged", "Resolved"
SEVERITIES = {Urgency.URGENT: "Urgent", Urgency.WARNING: "Warning", Urgency.NOTICE: "Notice"}
TAGS = (OPEN, ACKNOWLEDGED, RESOLVED, *SEVERITIES.values())
# The title stays as it is, so it does not say in what state the tokens are.
TITLES = {
    IncidentType.MODE: "{tokens} · status",
    IncidentType.LOW_FAST_TIME: "{tokens} · fast hours",
    IncidentType.RUN_OUT: "{tokens} · forecast",
}
NO_TAGS = "⚠️ I cannot add tags to {channel} ({tags}): Manage Channels is missing there. Posts get the tags that exist."
TAGS_ADDED = "I added the tags that were missing there: {tags}."
NO_LOCK = "⚠️ I can close the posts of resolved alerts, but not lock them: Manage Threads is missing in {channel}."
