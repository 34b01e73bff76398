"""Alerts in plain form. Names or ImaginePro's words may be why Discord, or a server's AutoMod, rejects others."""

from collections.abc import Sequence

from bot.domain.alert_types import IncidentType
from bot.domain.incidents import AffectedToken, Incident
from bot.ui import conditions, texts

_MOST = 10
_NUMBERS = 100_000


def open_line(incident: Incident) -> str:
    """Return what is wrong."""
    return texts.plain_alerts.OPEN.format(number=_number(incident), what=_what(incident))


def worse_line(incident: Incident) -> str:
    """Return that it got worse."""
    return texts.plain_alerts.WORSE.format(number=_number(incident), what=_what(incident))


def reminder_line(incident: Incident) -> str:
    """Return that it is still open."""
    return texts.plain_alerts.REMINDER.format(number=_number(incident), what=_what(incident))


def escalation_line(incident: Incident) -> str:
    """Return that nobody has acknowledged it."""
    return texts.plain_alerts.ESCALATED.format(number=_number(incident), what=_what(incident))


def quiet_summary_line(incidents: Sequence[Incident]) -> str:
    """Return which incidents were alerted in quiet hours."""
    return texts.plain_alerts.QUIET_SUMMARY.format(numbers=_ids([_number(incident) for incident in incidents]))


def over_line(incident: Incident) -> str:
    """Return that it is over."""
    about = _what(incident) if incident.condition is not None else _tokens(incident.members)
    return texts.plain_alerts.OVER.format(number=_number(incident), tokens=about)


def summary_line(incidents: Sequence[Incident]) -> str:
    """Return that incidents were over before anyone could be notified."""
    return texts.plain_alerts.SUMMARY.format(numbers=_ids([_number(incident) for incident in incidents]))


def bare(line: str) -> str:
    """Return a line above without what it is about."""
    return f"{line.partition(':')[0]}. {texts.plain_alerts.MORE_IN_SHOW}"


def _what(incident: Incident) -> str:
    if incident.condition is not None:
        return conditions.what(incident, incident.condition)
    if incident.type is IncidentType.NO_DATA:
        return texts.plain_alerts.NO_DATA
    affected = incident.still_affected or incident.members
    modes = sorted({member.mode.value for member in affected})
    return texts.plain_alerts.TOKENS[incident.type].format(tokens=_tokens(affected), modes=", ".join(modes))


def _number(incident: Incident) -> int:
    """Return a short number. Lines about one incident are told apart by it, also by `find_previous_attempt`."""
    return (incident.id or 0) % _NUMBERS


def _tokens(members: Sequence[AffectedToken]) -> str:
    if not members:
        return texts.plain_alerts.NO_DATA
    words = texts.plain_alerts.TOKEN if len(members) == 1 else texts.plain_alerts.MANY_TOKENS
    return words.format(ids=_ids([member.token_id for member in members]))


def _ids(ids: Sequence[int]) -> str:
    listed = ", ".join(str(id_) for id_ in ids[:_MOST])
    return texts.plain_alerts.MORE.format(ids=listed, number=len(ids) - _MOST) if len(ids) > _MOST else listed
