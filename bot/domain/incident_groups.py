"""Groups: incidents that nobody was notified of are merged into one, or split again."""

from collections.abc import Iterable, Sequence, Set
from dataclasses import replace

from bot.domain.alert_types import severity
from bot.domain.incidents import AffectedToken, Incident


def merge(incidents: Sequence[Incident]) -> Incident:
    """Merge incidents that nobody was notified of yet into the first one, with the members of all."""
    first = incidents[0]
    return replace(
        first,
        started_at=min(incident.started_at for incident in incidents),
        members=_merge_tokens(member for incident in incidents for member in incident.members),
        flapping=any(incident.flapping for incident in incidents),
        reminders_sent=max(incident.reminders_sent for incident in incidents),
        inhibited=all(incident.inhibited for incident in incidents),
    )


def _merge_tokens(members: Iterable[AffectedToken]) -> tuple[AffectedToken, ...]:
    """Return one member per token. A token has several if it left FAST again after it recovered within a group."""
    merged: dict[int, AffectedToken] = {}
    for member in sorted(members, key=lambda member: (member.resolved_at is None, member.started_at)):
        before = merged.get(member.token_id)
        merged[member.token_id] = member if before is None else _combine(before, member)
    return tuple(merged.values())


def split(incident: Incident, muted: Set[int], group_from: int) -> list[Incident]:
    """Split an incident that nobody was notified of: each muted token apart, the others as if those were not there.

    The first part keeps the id. Merging the parts gives the same incident again.
    """
    others = [member for member in incident.members if member.token_id not in muted]
    groups = [others] if len(others) >= group_from else [[member] for member in others]
    groups += [[member] for member in incident.members if member.token_id in muted]
    return [
        replace(_part(incident, members), id=incident.id if number == 0 else None)
        for number, members in enumerate(groups)
    ]


def _part(incident: Incident, members: Sequence[AffectedToken]) -> Incident:
    part = replace(incident, members=tuple(members), started_at=min(member.started_at for member in members))
    ends = [member.resolved_at for member in members if member.resolved_at is not None]
    return part.resolve(max(ends)) if len(ends) == len(members) and not incident.flapping else part


def _combine(before: AffectedToken, after: AffectedToken) -> AffectedToken:
    return replace(
        after,
        worst=max(before.worst, after.worst, key=severity),
        mode_before=before.mode_before,
        times=before.times + after.times,
        earlier_starts=before.earlier_starts,
        first_start_at=before.first_start_at or after.first_start_at,
        earlier=before.total_duration + after.earlier,
    )
