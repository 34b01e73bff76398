"""Mutes of a server: whether alerts of an incident may be sent now."""

from collections.abc import Mapping
from datetime import datetime

from bot.domain.incidents import Incident


def find_mute_end(incident: Incident, mutes: Mapping[int | None, datetime], now: datetime) -> datetime | None:
    """Return until when a moderator's mutes hold back an incident's alerts; None if they may be sent now.

    `mutes` has the end of each mute by token id; None stands for all tokens. An incident of several tokens is muted
    only while every one of them is.
    """
    all_tokens_end = mutes.get(None)
    token_ends = [mutes.get(member.token_id) for member in incident.still_affected or incident.members]
    running_ends = [end for end in token_ends if end is not None and end > now]
    own_end = min(running_ends) if running_ends and len(running_ends) == len(token_ends) else None
    all_tokens_end = all_tokens_end if all_tokens_end is not None and all_tokens_end > now else None
    return max((end for end in (all_tokens_end, own_end) if end is not None), default=None)
