"""What the texts and embeds of an incident are made from."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from bot.domain.alert_types import severity
from bot.domain.incidents import AffectedToken, Incident, TimelineEvent
from bot.domain.modes import Mode
from bot.domain.outages import NoDataCause
from bot.domain.owners import Owners
from bot.domain.readings import Reading
from bot.ui import formatting, texts
from bot.ui.formatting import Names

# Beyond this a time of day alone is ambiguous, so the date is shown too.
_A_DAY_OR_SO = timedelta(hours=20)


@dataclass(frozen=True, slots=True)
class IncidentContext:
    """An incident with what is needed to show it: the last readings of its tokens, and its timeline."""

    incident: Incident
    readings: Mapping[int, Reading]
    timeline: Sequence[TimelineEvent]
    now: datetime
    names: Names = field(default_factory=dict)
    unread_since: Mapping[int, datetime] = field(default_factory=dict)
    """When tokens were last read whose present status is unknown."""
    owners: Owners = field(default_factory=dict)
    dashboard_url: str = ""

    def token(self, token_id: int) -> str:
        """Return a token with the name that the server has given it."""
        return formatting.token(token_id, self.names)

    def status(self, member: AffectedToken) -> str:
        """Return the mode of a token, or the last one before it was back, in one word."""
        return self.word(member.mode, member.token_id)

    def word(self, mode: Mode | None, token_id: int | None) -> str:
        """Return a mode of a token in one word."""
        reading = self.readings.get(token_id or 0)
        return formatting.status(mode, reading.status if reading is not None else "")

    def fast_time(self, member: AffectedToken) -> str:
        """Return the fast time that a token has left."""
        reading = self.readings.get(member.token_id)
        return formatting.fast_time(reading) if reading is not None else texts.common.FAST_TIME_UNKNOWN

    def at(self, time: datetime) -> str:
        """Return a time within the incident, with the date where the incident is long."""
        lasted = (self.incident.resolved_at or self.now) - self.incident.started_at
        return formatting.at(time, "t" if lasted < _A_DAY_OR_SO else "f")


def cause_words(incident: Incident) -> str:
    """Return why there is no data, at the start of a sentence. Incidents of older versions have no cause."""
    return formatting.capitalized(texts.outages.HEADLINES[incident.cause or NoDataCause.NO_RESPONSE])


def tally(members: Iterable[AffectedToken]) -> str:
    """Return the number of tokens in each state, the most severe first."""
    counts = Counter((member.kind, member.mode) for member in members)
    return ", ".join(
        texts.incidents.TALLY.format(number=number, what=texts.incidents.TALLY_KINDS.get(kind, mode.value))
        for (kind, mode), number in sorted(counts.items(), key=lambda one: -severity(one[0][0]))
    )
