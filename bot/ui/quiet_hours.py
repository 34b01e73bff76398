"""The summary after quiet hours."""

from collections.abc import Sequence
from datetime import datetime

from bot.domain.incidents import Incident
from bot.ui import texts
from bot.ui.alerts import MOST_LINES, summary_line
from bot.ui.alerts_overview import IncidentOverview, incident_line
from bot.ui.formatting import NO_NAMES, Names


def quiet_summary_words(incidents: Sequence[Incident], now: datetime, names: Names = NO_NAMES) -> str:
    """Return what was alerted in quiet hours: what is still open first, a line each."""
    ordered = sorted(incidents, key=lambda incident: not incident.is_open)
    lines = [
        incident_line(IncidentOverview(one), now, names) if one.is_open else summary_line(one, names)
        for one in ordered[:MOST_LINES]
    ]
    if len(ordered) > MOST_LINES:
        lines.append(texts.alerts.MISSED_MORE.format(number=len(ordered) - MOST_LINES))
    still_open = sum(incident.is_open for incident in incidents)
    words = texts.quiet_hours.SOME_OPEN if still_open else texts.quiet_hours.ALL_OVER
    return "\n".join([words.format(number=len(incidents), open=still_open), *lines])
