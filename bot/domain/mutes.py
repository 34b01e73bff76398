"""Silences: whether an incident may be told now, or when it may."""

from collections.abc import Mapping
from datetime import datetime

from bot.domain.incidents import Incident


def find_mute_end(incident: Incident, mutes: Mapping[int | None, datetime], now: datetime) -> datetime | None:
    """Tell until when a moderator has silenced what an incident tells; None where it may be told.

    `mutes` has the end of each mute by its token; that of None silences all. Several tokens are silenced together as
    long as each of them is.
    """
    whole = mutes.get(None)
    tokens = [mutes.get(member.token_id) for member in incident.still_affected or incident.members]
    ends = [end for end in tokens if end is not None and end > now]
    of_its_tokens = min(ends) if ends and len(ends) == len(tokens) else None
    whole = whole if whole is not None and whole > now else None
    return max((end for end in (whole, of_its_tokens) if end is not None), default=None)
