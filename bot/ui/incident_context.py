"""What the texts and embeds of an incident are made from."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from bot.domain.alert_types import AlertType, IncidentType, severity
from bot.domain.fleet import FleetInFast
from bot.domain.incidents import AffectedToken, Incident, TimelineEvent, TimelineEventType
from bot.domain.modes import Mode
from bot.domain.outages import NoDataCause
from bot.domain.owners import Owners
from bot.domain.readings import Reading
from bot.domain.refills import hours_return_at
from bot.ui import formatting, texts
from bot.ui.formatting import Names


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
    in_fast: FleetInFast | None = None
    """How many tokens are in FAST; None where that is not shown."""

    def token(self, token_id: int) -> str:
        """Return a token with the name that the server has given it."""
        return formatting.token(token_id, self.names)

    def subject(self, member: AffectedToken) -> str:
        """Return a token at the start of a sentence."""
        return formatting.subject(member.token_id, self.names)

    def status(self, member: AffectedToken) -> str:
        """Return the mode of a token, or the last one before it was back, in one word."""
        return self.word(member.mode, member.token_id)

    def word(self, mode: Mode | None, token_id: int | None) -> str:
        """Return a mode of a token in one word."""
        reading = self.readings.get(token_id or 0)
        return formatting.status(mode, reading.status if reading is not None else "")

    def was(self, member: AffectedToken, kind: AlertType | None = None) -> str:
        """Return what was wrong with a token: what was last, or what is asked for."""
        return texts.incidents.WAS[kind or member.kind].format(status=self.status(member))

    def latest(self, event_type: TimelineEventType) -> TimelineEvent | None:
        """Return the latest event of a type in the timeline, if there is one."""
        return max((one for one in self.timeline if one.type is event_type), key=lambda one: one.at, default=None)

    def has_changed(self, member: AffectedToken) -> bool:
        """Whether a token was in several states out of FAST."""
        is_about_mode = self.incident.type is IncidentType.MODE
        changes = (one for one in self.timeline if one.type is TimelineEventType.CHANGED)
        return is_about_mode and any(one.token_id == member.token_id for one in changes)

    def fast_time(self, member: AffectedToken, *, may_run_out_at: datetime | None = None) -> str:
        """Return the fast time that a token has left, when it may run out, and when hours return or its plan ends."""
        reading = self.readings.get(member.token_id)
        if reading is None:
            return texts.common.FAST_TIME_UNKNOWN
        left = formatting.remaining(reading)
        if may_run_out_at is not None:
            left = texts.incidents.MAY_RUN_OUT.format(left=left, when=formatting.at(may_run_out_at, "R"))
        return formatting.with_return(left, hours_return_at(reading.plan, self.now), reading.plan)

    def at(self, time: datetime) -> str:
        """Return a time within the incident, with the date where the incident is long."""
        lasted = (self.incident.resolved_at or self.now) - self.incident.started_at
        return formatting.at(time, "t" if lasted < formatting.AMBIGUOUS_AFTER else "f")


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
