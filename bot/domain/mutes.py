"""Mutes of a server: whether alerts of an incident may be sent now. Most mutes let urgent alerts through."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.domain.alert_types import ALERT_POLICIES, AlertType, Urgency, severity
from bot.domain.incidents import AffectedToken, Incident

URGENT_TYPES = tuple(
    kind
    for kind, policy in sorted(ALERT_POLICIES.items(), key=lambda one: -one[1].severity)
    if policy.urgency is Urgency.URGENT
)
"""The alert types that mutes let through, unless they include urgent alerts."""

SHORTEST_MUTE, LONGEST_MUTE = timedelta(minutes=1), timedelta(days=30)
"""The limits of what people may choose."""


@dataclass(frozen=True, slots=True)
class MuteSpan:
    """When a mute ends, and whether it holds back urgent alerts too."""

    expires_at: datetime
    include_urgent: bool = False

    def holds_back(self, kind: AlertType, now: datetime) -> bool:
        """Whether it holds back an alert of this type now."""
        return self.expires_at > now and (self.include_urgent or kind not in URGENT_TYPES)


Mutes = Mapping[int | None, MuteSpan]
"""The mutes of a server by token id; None stands for all tokens."""


def find_mute_end(incident: Incident, mutes: Mutes, now: datetime) -> datetime | None:
    """Return until when a moderator's mutes hold back an incident's alerts; None if they may be sent now.

    An incident of several tokens is muted only while every one of them is.
    """
    if not incident.members:
        return _end(mutes, (None,), incident.kind, now)
    return _first_end(mutes, incident.still_affected or incident.members, now)


def find_worse_mute_end(incident: Incident, mutes: Mutes, now: datetime) -> datetime | None:
    """Return until when mutes, the incident's own included, hold back that it got worse; None if there is no such end.

    Only the tokens that got worse count: in a group, a muted one is held back although the others are not muted.
    """
    members = incident.got_worse or incident.still_affected
    own_end = incident.muted_until if incident.is_muted(now) and not has_urgent_news(incident) else None
    ends = (own_end, _first_end(mutes, members, now) if members else find_mute_end(incident, mutes, now))
    return max((end for end in ends if end is not None), default=None)


def has_urgent_news(incident: Incident) -> bool:
    """Whether an incident got so much worse that its own mute does not hold it back, and nobody was notified of that.

    Such a change ends the mute. One from just before the mute may not have reached Discord by then.
    """
    if incident.condition is not None:
        return incident.condition.got_worse and incident.kind in URGENT_TYPES
    return any(member.kind in URGENT_TYPES for member in incident.got_worse)


def is_token_muted(mutes: Mutes, token_id: int, kind: AlertType, now: datetime) -> bool:
    """Whether a mute of this token alone holds back an alert of this type."""
    return token_id in mutes and mutes[token_id].holds_back(kind, now)


def muted_members(incident: Incident, mutes: Mutes, now: datetime) -> frozenset[int]:
    """Return the tokens of an incident whose part in it a mute of their own holds back."""
    return frozenset(
        member.token_id for member in incident.members if is_token_muted(mutes, member.token_id, member.kind, now)
    )


def urgent_types_ahead(incident: Incident) -> tuple[AlertType, ...]:
    """Return the urgent types that an incident may still become, which end its own mute."""
    kinds = [member.kind for member in incident.still_affected] if incident.members else [incident.kind]
    mildest = min(map(severity, kinds), default=0)
    of_this_type = (kind for kind in URGENT_TYPES if ALERT_POLICIES[kind].type is incident.type)
    return tuple(kind for kind in of_this_type if severity(kind) > mildest)


def _first_end(mutes: Mutes, members: Sequence[AffectedToken], now: datetime) -> datetime | None:
    """Return when the first of the tokens is not muted any more; None if one of them is not muted now."""
    ends = [_end(mutes, (None, member.token_id), member.kind, now) for member in members]
    known = [end for end in ends if end is not None]
    return min(known) if known and len(known) == len(ends) else None


def _end(mutes: Mutes, scopes: Sequence[int | None], kind: AlertType, now: datetime) -> datetime | None:
    """Return when the last of the mutes ends that hold back alerts of this type; None if there is none."""
    holding = (mutes[scope] for scope in scopes if scope in mutes)
    return max((mute.expires_at for mute in holding if mute.holds_back(kind, now)), default=None)
