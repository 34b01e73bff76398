"""Grouping: which incidents that nobody has seen yet share a Discord message."""

from collections.abc import Sequence, Set
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.clock import Clock
from bot.domain.alert_types import Urgency
from bot.domain.incident_groups import merge, split
from bot.domain.incident_updates import IncidentUpdate, UpdateType
from bot.domain.incidents import Incident
from bot.domain.mutes import Mutes, muted_members
from bot.storage.claims import PendingDelivery
from bot.storage.deliveries import DeliveryKind, mark_superseded, raise_urgency, record_delivery
from bot.storage.incident_updates import record_updates
from bot.storage.incidents import merge_incidents, move_timeline, save_incident
from bot.storage.payloads import SummaryPayload


async def regroup(
    connection: AsyncConnection, pending: Sequence[PendingDelivery], mutes: Mutes, group_from: int, clock: Clock
) -> bool:
    """Regroup a server's incidents that nobody has seen yet, one step at a time; return whether there was one to take.

    Muted tokens leave their group, incidents that are over share a summary, and from `group_from` on they merge.
    """
    unseen = [one for one in pending if _is_unseen(one)]
    for one in unseen:
        if one.incident is not None and (muted := _apart(one.incident, mutes, clock.now())):
            await _split(connection, one.incident, muted, group_from, clock)
            return True
    if resolved := _same_route([one for one in unseen if one.incident and not one.incident.is_open]):
        await _summarize(connection, resolved, clock)
        return True
    mergeable = _same_route([one for one in unseen if _may_be_merged(one)])
    if len(mergeable) > 1 and len(mergeable) >= group_from:
        await _merge(connection, mergeable)
        return True
    return False


def _is_unseen(pending: PendingDelivery) -> bool:
    """Whether nobody can have seen the incident: no attempt may have reached Discord unnoticed."""
    # The other kinds follow an earlier message, even if somebody has deleted it since.
    is_first = pending.delivery.kind is DeliveryKind.STARTED
    incident = pending.incident
    is_unseen = is_first and pending.post is None and pending.delivery.attempts == 0
    # Nobody is told of an incident that was closed because nobody follows it any more.
    return is_unseen and incident is not None and incident.close_reason is None


def _may_be_merged(pending: PendingDelivery) -> bool:
    incident = pending.incident
    return incident is not None and incident.is_open and bool(incident.members)


def _same_route(pending: Sequence[PendingDelivery]) -> list[PendingDelivery]:
    """Return those with the route of the first one. Open incidents must be of its type too."""
    if not pending or pending[0].incident is None:
        return []
    first, incident_type = pending[0].route, pending[0].incident.type
    return [
        one
        for one in pending
        if (one.route.channel_id, one.route.role_id) == (first.channel_id, first.role_id)
        and one.incident is not None
        and (one.incident.type is incident_type or not one.incident.is_open)
    ]


def _apart(incident: Incident, mutes: Mutes, now: datetime) -> frozenset[int]:
    """Return the muted tokens of a group, which must leave it."""
    is_open_group = incident.is_open and len(incident.members) > 1
    return muted_members(incident, mutes, now) if is_open_group else frozenset()


async def _split(
    connection: AsyncConnection, incident: Incident, muted: Set[int], group_from: int, clock: Clock
) -> None:
    """Split an incident that nobody has seen yet, so that muted tokens share no Discord message with others."""
    first, *others = split(incident, muted, group_from)
    await save_incident(connection, first)
    started = [IncidentUpdate(part, UpdateType.STARTED) for part in others]
    nonces = [clock.nonce() for _ in started]
    for saved in await record_updates(connection, started, nonces=nonces, now=clock.now()):
        if incident.id is not None and saved.id is not None:
            await move_timeline(connection, incident.id, saved.id, saved.by_token)


async def _summarize(connection: AsyncConnection, pending: Sequence[PendingDelivery], clock: Clock) -> None:
    """Replace the deliveries of incidents that are already resolved by one summary."""
    now = clock.now()
    ids = [one.incident_id for one in pending if one.incident_id is not None]
    for incident_id in ids:
        await mark_superseded(connection, incident_id, now)
    await record_delivery(
        connection,
        DeliveryKind.SUMMARY,
        server_id=pending[0].route.server_id,
        incident_id=ids[0],
        urgency=Urgency.ROUTINE,
        nonce=clock.nonce(),
        now=now,
        payload=SummaryPayload(tuple(ids)),
    )


async def _merge(connection: AsyncConnection, pending: Sequence[PendingDelivery]) -> None:
    """Merge incidents that nobody has seen yet into the one that was recorded first."""
    in_order = sorted(pending, key=lambda one: one.delivery.id)
    incidents = [one.incident for one in in_order if one.incident is not None]
    merged = await save_incident(connection, merge(incidents))
    for other in incidents[1:]:
        if other.id is not None and merged.id is not None:
            await merge_incidents(connection, other.id, into=merged.id)
    if merged.id is not None:
        await raise_urgency(connection, merged.id, merged.urgency)
