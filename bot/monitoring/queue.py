"""What goes out next: the notifier's claims on the deliveries that wait, and what has become pointless among them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.clock import Clock
from bot.health.alert_kinds import Sort, Urgency
from bot.health.incidents import Event, Incident, just_told, merge
from bot.health.readings import Reading
from bot.health.silences import silenced_until
from bot.storage.deliveries import (
    Delivery,
    DeliveryKind,
    Head,
    claim,
    free_heads,
    hold,
    make_urgent,
    mark_told,
    record_delivery,
    recorded_at,
)
from bot.storage.incidents import Post, get_incidents, keep_incident, merge_incidents, timeline_of
from bot.storage.mutes import mutes_of
from bot.storage.names import names_of
from bot.storage.payloads import SummaryPayload
from bot.storage.rules import rules_of
from bot.storage.servers import Route, lock_server
from bot.storage.tokens import readings_of
from bot.ui.wording import Names

CLAIMED_FOR = timedelta(seconds=45)
"""After so long, what a process has claimed and not marked as delivered is taken up by any."""
_TIMELINE_LINES = 10
_LATE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Lot:
    """All that waits for one incident, to be told at once as it stands now; or one delivery without an incident."""

    deliveries: tuple[Delivery, ...]
    route: Route
    claimed_until: datetime
    tried_since: datetime | None = None
    """Since when it may have got through unnoticed; None where this is the first try."""
    incident: Incident | None = None
    post: Post | None = None
    timeline: tuple[Event, ...] = ()
    readings: Mapping[int, Reading] = field(default_factory=dict)
    names: Names = field(default_factory=dict)
    """What the server calls its tokens now; an earlier try may have told other names."""
    missed: tuple[Incident, ...] = ()
    """The incidents that a delivery of the kind MISSED sums up."""
    is_silenced: bool = False
    """Whether a moderator wants to hear nothing of it now: its post is kept true, and nothing is said."""

    @property
    def first(self) -> Delivery:
        """The delivery whose turn it is."""
        return self.deliveries[0]

    @property
    def kinds(self) -> frozenset[DeliveryKind]:
        """What the lot brings."""
        return frozenset(delivery.kind for delivery in self.deliveries)

    def latest(self, kind: DeliveryKind) -> Delivery | None:
        """Find the last delivery of a kind."""
        return next((delivery for delivery in reversed(self.deliveries) if delivery.kind is kind), None)


async def next_lot(connection: AsyncConnection, server_id: int, clock: Clock) -> Lot | None:
    """Claim what is to be sent to a server next, the most urgent first; None where nothing can be sent now."""
    now = clock.now()
    await lock_server(connection, server_id)
    mutes = {mute.token_id: mute.until for mute in await mutes_of(connection, server_id, now)}
    heads = await free_heads(connection, server_id, now)
    heads = await _without_held(connection, heads, mutes, now)
    untold = [head for head in heads if _is_untold(head)]
    if over := _of_one_route([head for head in untold if head.incident and not head.incident.is_open]):
        await _sum_up(connection, over, clock)
        return await next_lot(connection, server_id, clock)
    alike = _of_one_route([head for head in untold if _may_be_told_together(head)])
    if len(alike) > 1 and len(alike) >= (await rules_of(connection, server_id)).group_from:
        await _put_together(connection, alike)
        return await next_lot(connection, server_id, clock)
    return await _claim(connection, heads[0], mutes, now) if heads else None


async def _without_held(
    connection: AsyncConnection, heads: Iterable[Head], mutes: Mapping[int | None, datetime], now: datetime
) -> list[Head]:
    """Put off what a moderator has silenced, until then."""
    free = []
    for head in heads:
        until = _held_until(head, mutes, now)
        if until is None:
            free.append(head)
        else:
            await hold(connection, head.delivery.id, until)
    return free


def _held_until(head: Head, mutes: Mapping[int | None, datetime], now: datetime) -> datetime | None:
    """Tell how long an incident that nobody knows of is kept back; one that was posted is kept true all the time.

    A digest is kept back while all alerts are muted.
    """
    if head.delivery.kind is DeliveryKind.DIGEST:
        return mutes.get(None)
    if head.incident is None or head.post is not None or head.delivery.kind is DeliveryKind.MISSED:
        return None
    return silenced_until(head.incident, mutes, now)


def _is_untold(head: Head) -> bool:
    """Tell whether certainly nobody has seen anything of its incident: no try may have got through unnoticed."""
    # What has another kind is told already, even where somebody has deleted its Discord message since.
    is_news = head.delivery.kind is DeliveryKind.BEGAN
    return is_news and head.incident is not None and head.post is None and head.delivery.tries == 0


def _may_be_told_together(head: Head) -> bool:
    return head.incident is not None and head.incident.is_open and head.incident.sort is not Sort.BLIND


def _of_one_route(heads: Sequence[Head]) -> list[Head]:
    """Take those that go where the first one goes, and are about the same sort of thing if they go on."""
    if not heads or heads[0].incident is None:
        return []
    first, sort = heads[0].route, heads[0].incident.sort
    return [
        head
        for head in heads
        if (head.route.channel_id, head.route.role_id) == (first.channel_id, first.role_id)
        and head.incident is not None
        and (head.incident.sort is sort or not head.incident.is_open)
    ]


async def _sum_up(connection: AsyncConnection, heads: Sequence[Head], clock: Clock) -> None:
    """Have incidents that were over before anyone could be told make one Discord message together."""
    now = clock.now()
    ids = [head.incident_id for head in heads if head.incident_id is not None]
    for incident_id in ids:
        await mark_told(connection, incident_id, now)
    await record_delivery(
        connection,
        DeliveryKind.MISSED,
        server_id=heads[0].route.server_id,
        incident_id=ids[0],
        urgency=Urgency.ROUTINE,
        nonce=clock.nonce(),
        now=now,
        payload=SummaryPayload(tuple(ids)),
    )


async def _put_together(connection: AsyncConnection, heads: Sequence[Head]) -> None:
    """Have incidents that nobody knows of yet, since they could not be told one by one, be one from now on."""
    incidents = sorted((head.incident for head in heads if head.incident is not None), key=lambda one: one.id or 0)
    merged = await keep_incident(connection, merge(incidents))
    for other in incidents[1:]:
        if other.id is not None and merged.id is not None:
            await merge_incidents(connection, other.id, into=merged.id)
    if merged.id is not None:
        await make_urgent(connection, merged.id, merged.urgency)


async def _claim(connection: AsyncConnection, head: Head, mutes: Mapping[int | None, datetime], now: datetime) -> Lot:
    claimed_until = now + CLAIMED_FOR
    deliveries = tuple(await claim(connection, head, claimed_until))
    tried_since = await recorded_at(connection, head.delivery.id) if head.delivery.tries else None
    incident = head.incident
    if incident is None or incident.id is None:
        return Lot(deliveries, head.route, claimed_until, tried_since)
    if head.post is None and incident.is_open and now - incident.began_at >= _LATE:
        # It was kept back, and is told now: that calls it to mind as well.
        rules = await rules_of(connection, head.route.server_id)
        await keep_incident(connection, just_told(incident, now, rules))
    missed: Iterable[Incident] = ()
    if isinstance(head.delivery.payload, SummaryPayload):
        missed = await get_incidents(connection, head.delivery.payload.incident_ids)
    token_ids = [member.token_id for member in incident.members]
    return Lot(
        deliveries=deliveries,
        route=head.route,
        claimed_until=claimed_until,
        tried_since=tried_since,
        incident=incident,
        post=head.post,
        timeline=await timeline_of(connection, incident.id, most=_TIMELINE_LINES),
        readings=await readings_of(connection, head.route.account_id, token_ids),
        names=await names_of(connection, head.route.server_id),
        missed=tuple(missed),
        is_silenced=incident.is_muted(now) or silenced_until(incident, mutes, now) is not None,
    )
