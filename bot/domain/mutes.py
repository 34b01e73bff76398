"""Mutes of a server: whether alerts of an incident may be sent now."""

from collections.abc import Iterable, Mapping
from datetime import datetime

from bot.domain.incidents import Incident

Mutes = Mapping[int | None, datetime]
"""The end of each mute of a server by token id; None stands for all tokens."""


def find_mute_end(incident: Incident, mutes: Mutes, now: datetime) -> datetime | None:
    """Return until when a moderator's mutes hold back an incident's alerts; None if they may be sent now.

    An incident of several tokens is muted only while every one of them is.
    """
    members = incident.still_affected or incident.members
    return _last_end(mutes, (member.token_id for member in members), now)


def find_worse_mute_end(incident: Incident, mutes: Mutes, now: datetime) -> datetime | None:
    """Return until when mutes, the incident's own included, hold back that it got worse; None if there is no such end.

    Only the tokens that got worse count: in a group, a muted one is held back although the others are not muted.
    """
    members = incident.got_worse or incident.still_affected
    own_end = incident.muted_until if incident.is_muted(now) else None
    ends = (own_end, _last_end(mutes, (member.token_id for member in members), now))
    return max((end for end in ends if end is not None), default=None)


def muted_tokens(mutes: Mutes, now: datetime) -> frozenset[int]:
    """Return the tokens that have a mute of their own."""
    return frozenset(token_id for token_id, end in mutes.items() if token_id is not None and end > now)


def _last_end(mutes: Mutes, token_ids: Iterable[int], now: datetime) -> datetime | None:
    """Return when the first of the tokens is not muted any more; None if one of them is not muted now."""
    all_tokens_end = mutes.get(None)
    token_ends = [mutes.get(token_id) for token_id in token_ids]
    running_ends = [end for end in token_ends if end is not None and end > now]
    own_end = min(running_ends) if running_ends and len(running_ends) == len(token_ends) else None
    all_tokens_end = all_tokens_end if all_tokens_end is not None and all_tokens_end > now else None
    return max((end for end in (all_tokens_end, own_end) if end is not None), default=None)
