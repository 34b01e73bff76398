"""What is sent next: the most urgent first, muted alerts later, missed alerts as a summary."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, time, timedelta

import pytest
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.domain.alert_routes import DisabledReason
from bot.domain.alert_types import AlertType, IncidentType, Urgency
from bot.domain.incident_updates import apply_changes
from bot.domain.incidents import AffectedToken, Incident, TimelineEvent, TimelineEventType
from bot.domain.modes import Mode
from bot.domain.rules import Rules
from bot.domain.tracking import Change, Transition
from bot.notifier.actions import Refused, Sent
from bot.notifier.batch import DeliveryBatch
from bot.notifier.outcomes import record_outcome
from bot.notifier.queue import claim_next_batch
from bot.storage.alert_routes import get_route
from bot.storage.claims import servers_due
from bot.storage.deliveries import DeliveryKind, mark_delivered, postpone, record_delivery, retry_now
from bot.storage.due_times import CLAIM_DURATION
from bot.storage.incident_updates import record_update
from bot.storage.incidents import PostedMessage, get_incident, save_incident, set_post
from bot.storage.payloads import SummaryPayload
from bot.storage.schema import deliveries
from bot.storage.server_settings import set_rules
from bot.storage.token_names import set_name
from tests.clocks import NOON
from tests.monitor.world import MINUTE, World

SERVER = 1
STARTED, RESOLVED, WORSENED, SUMMARY, ESCALATED = (
    DeliveryKind.STARTED,
    DeliveryKind.RESOLVED,
    DeliveryKind.WORSENED,
    DeliveryKind.SUMMARY,
    DeliveryKind.ESCALATED,
)
ESCALATES = Rules(escalate_after=timedelta(minutes=30), escalate_role=9)
LEFT_FAST, BANNED, LOW = AlertType.LEFT_FAST, AlertType.BANNED, AlertType.LOW
MODES = {LEFT_FAST: Mode.RELAX, BANNED: Mode.BANNED, LOW: Mode.FAST}


@pytest.fixture
async def posted(world: World) -> World:
    """A server with alerts."""
    await world.set_route(SERVER)
    return world


def incident(
    token_ids: list[int],
    kind: AlertType = LEFT_FAST,
    *,
    started_at: datetime = NOON,
    resolved_at: datetime | None = None,
    route_token_id: int | None = None,
) -> Incident:
    members = tuple(
        AffectedToken(
            id_,
            kind,
            worst=kind,
            mode_before=Mode.FAST,
            mode=MODES[kind],
            started_at=started_at,
            resolved_at=resolved_at,
            notified=kind,
        )
        for id_ in token_ids
    )
    sort = IncidentType.LOW_FAST_TIME if kind is LOW else IncidentType.MODE
    return Incident(None, SERVER, sort, started_at, members, resolved_at=resolved_at, route_token_id=route_token_id)


async def record(connection: AsyncConnection, world: World, one: Incident, *kinds: DeliveryKind) -> int:
    """Record an incident with these deliveries. Return its id."""
    saved = await save_incident(connection, one)
    assert saved.id is not None
    for kind in kinds or (STARTED,):
        await record_delivery(
            connection,
            kind,
            server_id=SERVER,
            incident_id=saved.id,
            urgency=saved.urgency if kind in {STARTED, WORSENED} else Urgency.ROUTINE,
            nonce=world.clock.nonce(),
            now=world.clock.now(),
        )
    return saved.id


async def recorded(world: World, *incidents: Incident) -> list[int]:
    """Record incidents that started, and some that ended too. Return their ids."""
    async with world.database.transaction() as connection:
        return [
            await record(connection, world, one, *((STARTED,) if one.is_open else (STARTED, RESOLVED)))
            for one in incidents
        ]


async def take(world: World) -> DeliveryBatch | None:
    async with world.database.transaction() as connection:
        return await claim_next_batch(connection, SERVER, world.clock)


async def take_all(world: World) -> list[DeliveryBatch]:
    """Claim batch after batch, as if each was delivered."""
    batches = []
    while (batch := await take(world)) is not None:
        batches.append(batch)
        async with world.database.transaction() as connection:
            await mark_delivered(connection, [one.id for one in batch.deliveries], world.clock.now())
    return batches


def tokens_of(batch: DeliveryBatch) -> list[int]:
    assert batch.incident is not None
    return sorted(member.token_id for member in batch.incident.members)


# --- The order


async def test_the_most_urgent_goes_first_then_the_longest_waiting(posted: World) -> None:
    await posted.set_rules(SERVER, Rules(group_from=9))
    await recorded(posted, incident([111]), incident([222]), incident([333], BANNED))

    assert [tokens_of(batch) for batch in await take_all(posted)] == [[333], [111], [222]]


async def test_an_incidents_pending_deliveries_go_together_in_order(posted: World) -> None:
    async with posted.database.transaction() as connection:
        await record(connection, posted, incident([111]), STARTED, DeliveryKind.CHANGED, WORSENED)
    (batch,) = await take_all(posted)

    assert [one.kind for one in batch.deliveries] == [STARTED, DeliveryKind.CHANGED, WORSENED]
    assert (batch.first.kind, batch.first.attempts) == (STARTED, 1)
    assert batch.latest(WORSENED) == batch.deliveries[2]
    assert batch.latest(RESOLVED) is None


async def test_a_claimed_delivery_is_unavailable_until_its_claim_expires(posted: World) -> None:
    await recorded(posted, incident([111]))
    first = await take(posted)
    posted.clock.advance(CLAIM_DURATION - timedelta(seconds=1))
    assert await take(posted) is None

    posted.clock.advance(timedelta(seconds=1))
    again = await take(posted)
    assert first is not None
    assert again is not None
    assert (again.first.nonce, again.first.attempts) == (first.first.nonce, 2)


# --- Missed alerts


async def test_three_unseen_alerts_merge_with_the_highest_urgency(posted: World) -> None:
    ids = await recorded(posted, incident([111], started_at=NOON + MINUTE), incident([222]), incident([333], BANNED))
    await recorded(posted, incident([444], LOW))
    batches = await take_all(posted)

    assert [tokens_of(batch) for batch in batches] == [[111, 222, 333], [444]]
    assert batches[0].incident is not None
    assert (batches[0].incident.id, batches[0].incident.started_at) == (ids[0], NOON)
    (row,) = [row for row in await posted.rows(deliveries) if row[2] == ids[0]]
    assert row[list(deliveries.c).index(deliveries.c.urgency)] == Urgency.URGENT
    async with posted.database.transaction() as connection:
        assert [await get_incident(connection, other) for other in ids[1:]] == [None, None]


async def test_two_unseen_alerts_stay_separate(posted: World) -> None:
    await recorded(posted, incident([111]), incident([222]))

    assert [tokens_of(batch) for batch in await take_all(posted)] == [[111], [222]]


async def test_only_alerts_with_the_same_route_merge(posted: World) -> None:
    await posted.set_route(SERVER, 70, None, token_id=222)
    await recorded(posted, incident([111]), incident([222], route_token_id=222), incident([333]))

    assert [tokens_of(batch) for batch in await take_all(posted)] == [[111], [222], [333]]


async def test_only_alerts_of_one_incident_type_merge(posted: World) -> None:
    await recorded(posted, incident([111]), incident([222], LOW), incident([333], LOW))

    assert [tokens_of(batch) for batch in await take_all(posted)] == [[111], [222], [333]]


async def test_an_attempted_delivery_is_not_merged_since_it_may_have_arrived(posted: World) -> None:
    await recorded(posted, incident([111]))
    batch = await take(posted)
    assert batch is not None
    async with posted.database.transaction() as connection:
        await postpone(connection, batch.first.id, NOON, "made up")
    await recorded(posted, incident([222]), incident([333]))

    assert [tokens_of(batch) for batch in await take_all(posted)] == [[111], [222], [333]]


async def test_incidents_resolved_before_posting_are_summarized_together(posted: World) -> None:
    ids = await recorded(
        posted,
        incident([111], resolved_at=NOON + MINUTE),
        incident([222]),
        incident([333], LOW, resolved_at=NOON + MINUTE),
    )
    batches = await take_all(posted)

    assert [batch.first.kind for batch in batches] == [STARTED, SUMMARY]
    assert [one.id for one in batches[1].summarized] == [ids[0], ids[2]]
    assert {row[list(deliveries.c).index(deliveries.c.delivered_at)] for row in await posted.rows(deliveries)} == {NOON}


async def test_a_summary_is_posted_where_the_alerts_would_have_been(posted: World) -> None:
    await posted.set_route(SERVER, 70, None, token_id=222)
    over = NOON + MINUTE
    await recorded(posted, incident([111], resolved_at=over), incident([222], resolved_at=over, route_token_id=222))
    batches = await take_all(posted)

    assert [(batch.first.kind, batch.route.channel_id) for batch in batches] == [(SUMMARY, 7), (SUMMARY, 70)]


async def test_a_posted_alert_is_resolved_in_place(posted: World) -> None:
    (id_,) = await recorded(posted, incident([111]))
    await take_all(posted)
    async with posted.database.transaction() as connection:
        await set_post(connection, id_, PostedMessage(7, 70))
        await record(connection, posted, replace(incident([111], resolved_at=NOON + MINUTE), id=id_), RESOLVED)
    (batch,) = await take_all(posted)

    assert (batch.first.kind, batch.post) == (RESOLVED, PostedMessage(7, 70))


# --- Mutes


async def test_a_mute_defers_new_alerts_until_it_ends(posted: World) -> None:
    await posted.mute(SERVER, None, timedelta(hours=1), include_urgent=True)
    await recorded(posted, incident([111], BANNED))
    assert await take_all(posted) == []

    async with posted.database.reading() as connection:
        assert await servers_due(connection, NOON + timedelta(minutes=59)) == []
        assert await servers_due(connection, NOON + timedelta(hours=1)) == [SERVER]
    posted.clock.advance(timedelta(hours=1))
    assert [tokens_of(batch) for batch in await take_all(posted)] == [[111]]


async def test_a_deferred_delivery_has_no_attempt(posted: World) -> None:
    await posted.mute(SERVER, None, timedelta(hours=1))
    await recorded(posted, incident([111]))
    await take_all(posted)
    posted.clock.advance(timedelta(hours=1))
    (batch,) = await take_all(posted)

    assert batch.first.attempts == 1


async def test_a_mute_of_one_token_defers_that_one_alone(posted: World) -> None:
    await posted.mute(SERVER, 111, timedelta(hours=1))
    await recorded(posted, incident([111]), incident([222]), incident([111, 222]))

    assert [tokens_of(batch) for batch in await take_all(posted)] == [[222], [222]]


async def test_a_mute_still_updates_posted_alerts_silently(posted: World) -> None:
    (id_,) = await recorded(posted, incident([111]))
    await take_all(posted)
    await posted.mute(SERVER, None, timedelta(hours=1), include_urgent=True)
    async with posted.database.transaction() as connection:
        await set_post(connection, id_, PostedMessage(7, 70))
        await record(connection, posted, replace(incident([111], BANNED), id=id_), WORSENED)
    (batch,) = await take_all(posted)

    assert batch.is_muted


@pytest.mark.parametrize(("muted_until", "is_muted"), [(None, True), (NOON + MINUTE, True), (NOON, False)])
async def test_an_alerts_mute_keeps_it_quiet_until_it_ends(
    posted: World, muted_until: datetime | None, is_muted: bool
) -> None:
    (id_,) = await recorded(posted, incident([111]))
    await take_all(posted)
    async with posted.database.transaction() as connection:
        await set_post(connection, id_, PostedMessage(7, 70))
        muted = replace(incident([111]), id=id_, muted_by=8, muted_until=muted_until)
        await record(connection, posted, muted, DeliveryKind.CHANGED)
    (batch,) = await take_all(posted)

    assert batch.is_muted is is_muted


async def test_a_later_mute_does_not_stop_a_summary(posted: World) -> None:
    await recorded(posted, incident([111], resolved_at=NOON + MINUTE))
    batch = await take(posted)
    assert batch is not None
    async with posted.database.transaction() as connection:
        await postpone(connection, batch.first.id, NOON, "made up")
    await posted.mute(SERVER, None, timedelta(hours=1))

    assert [batch.first.kind for batch in await take_all(posted)] == [SUMMARY]


async def test_a_muted_token_leaves_its_unseen_group_and_the_rest_is_as_without_it(posted: World) -> None:
    await posted.mute(SERVER, 111, timedelta(hours=1))
    await recorded(posted, incident([111, 222, 333]))
    assert [tokens_of(batch) for batch in await take_all(posted)] == [[222], [333]]

    posted.clock.advance(timedelta(hours=1))
    assert [tokens_of(batch) for batch in await take_all(posted)] == [[111]]


async def test_each_part_of_a_split_group_has_its_own_timeline(posted: World) -> None:
    await posted.mute(SERVER, 111, timedelta(hours=1))
    async with posted.database.transaction() as connection:
        group = incident([111, 222, 333, 444])
        events = [TimelineEvent(NOON, TimelineEventType.STARTED, one.token_id) for one in group.members]
        saved = await save_incident(connection, group, events)
        await record(connection, posted, saved)
    batches = await take_all(posted)
    posted.clock.advance(timedelta(hours=1))
    batches += await take_all(posted)

    assert [tokens_of(batch) for batch in batches] == [[222, 333, 444], [111]]
    assert [[event.token_id for event in batch.timeline] for batch in batches] == [[222, 333, 444], [111]]


async def test_a_group_that_may_have_been_seen_is_not_split(posted: World) -> None:
    await recorded(posted, incident([111, 222, 333]))
    batch = await take(posted)
    assert batch is not None
    async with posted.database.transaction() as connection:
        await postpone(connection, batch.first.id, NOON, "made up")
    await posted.mute(SERVER, 111, timedelta(hours=1))

    assert [tokens_of(batch) for batch in await take_all(posted)] == [[111, 222, 333]]


# --- What got worse while it was muted


async def send(world: World) -> DeliveryBatch | None:
    """Claim a batch, and record that Discord accepted it."""
    batch = await take(world)
    if batch is not None:
        async with world.database.transaction() as connection:
            await record_outcome(connection, batch, Sent(PostedMessage(7, 70)), world.clock)
    return batch


async def worse_while_muted(world: World, token_id: int | None = None, others: Sequence[int] = ()) -> int:
    """Let an incident be posted, its token be muted and banned, and its message be edited. Return the incident's id."""
    relax = incident([111, *others])
    relax = replace(relax, members=tuple(replace(one, notified=None) for one in relax.members))
    (id_,) = await recorded(world, relax)
    assert await send(world) is not None
    await world.mute(SERVER, token_id, timedelta(hours=1), include_urgent=True)
    await ban(world, id_)
    batch = await send(world)
    assert batch is not None
    assert batch.worse_muted_until == NOON + timedelta(hours=1)
    return id_


async def ban(world: World, id_: int) -> None:
    """Let token 111 of an incident be banned."""
    async with world.database.transaction() as connection:
        before = await get_incident(connection, id_)
        assert before is not None
        change = Change(Transition.CHANGED, 111, Mode.RELAX, Mode.BANNED, NOON)
        (update,) = apply_changes(
            [change],
            [before],
            server_id=SERVER,
            now=world.clock.now(),
            rules=Rules(),
            route_of=lambda _: (None, None),
        )
        await record_update(connection, update, nonce=world.clock.nonce(), now=world.clock.now())


@pytest.mark.parametrize("token_id", [None, 111])
async def test_what_got_worse_while_muted_is_sent_when_the_mute_ends(posted: World, token_id: int | None) -> None:
    id_ = await worse_while_muted(posted, token_id)
    assert await send(posted) is None

    posted.clock.advance(timedelta(hours=1))
    batch = await send(posted)
    assert batch is not None
    assert ([one.kind for one in batch.deliveries], batch.is_muted) == ([DeliveryKind.HELD_BACK], False)
    assert batch.notifies
    async with posted.database.transaction() as connection:
        told = await get_incident(connection, id_)
    assert told is not None
    assert told.got_worse == ()
    assert await send(posted) is None


async def test_what_got_urgent_just_before_its_alert_was_muted_is_sent_once(posted: World) -> None:
    (id_,) = await recorded(posted, incident([111]))
    assert await send(posted) is not None
    await ban(posted, id_)
    async with posted.database.transaction() as connection:
        banned = await get_incident(connection, id_)
        assert banned is not None
        await save_incident(connection, replace(banned, muted_by=8, muted_at=NOON))
    batch = await send(posted)
    assert batch is not None
    assert (batch.is_muted, batch.notifies) == (True, True)

    async with posted.database.transaction() as connection:
        told = await get_incident(connection, id_)
    assert told is not None
    assert not told.has_worsened


async def test_a_muted_token_that_gets_worse_in_a_group_is_held_back_alone(posted: World) -> None:
    await worse_while_muted(posted, 111, others=[222, 333])

    posted.clock.advance(timedelta(hours=1))
    batch = await send(posted)
    assert batch is not None
    assert [one.kind for one in batch.deliveries] == [DeliveryKind.HELD_BACK]


async def test_a_longer_mute_holds_back_longer(posted: World) -> None:
    await worse_while_muted(posted)
    await posted.mute(SERVER, None, timedelta(hours=3), include_urgent=True)
    async with posted.database.transaction() as connection:
        await retry_now(connection, SERVER, posted.clock.now())

    posted.clock.advance(timedelta(hours=2))
    assert await send(posted) is None
    posted.clock.advance(timedelta(hours=1))
    assert await send(posted) is not None


async def test_an_edit_meanwhile_neither_waits_for_it_nor_ends_it(posted: World) -> None:
    id_ = await worse_while_muted(posted)
    async with posted.database.transaction() as connection:
        gone_on = await get_incident(connection, id_)
        assert gone_on is not None
        await record(connection, posted, gone_on, DeliveryKind.CHANGED)
    batch = await send(posted)
    assert batch is not None
    assert {one.kind for one in batch.deliveries} == {DeliveryKind.CHANGED, DeliveryKind.HELD_BACK}
    assert batch.first.kind is DeliveryKind.CHANGED
    assert await send(posted) is None

    posted.clock.advance(timedelta(hours=1))
    assert await send(posted) is not None


async def test_an_end_meanwhile_leaves_nothing_to_send(posted: World) -> None:
    id_ = await worse_while_muted(posted)
    async with posted.database.transaction() as connection:
        over = await get_incident(connection, id_)
        assert over is not None
        await record(connection, posted, over.resolve(NOON + MINUTE), RESOLVED)
    assert await send(posted) is not None

    posted.clock.advance(timedelta(hours=1))
    assert await send(posted) is None


async def test_it_is_not_sent_while_another_delivery_of_its_incident_is_in_progress(posted: World) -> None:
    id_ = await worse_while_muted(posted)
    async with posted.database.transaction() as connection:
        gone_on = await get_incident(connection, id_)
        assert gone_on is not None
    posted.clock.advance(timedelta(hours=1))
    assert await take(posted) is not None
    async with posted.database.transaction() as connection:
        await record(connection, posted, gone_on, DeliveryKind.CHANGED)

    assert await take(posted) is None


# --- Deleted messages


@pytest.mark.parametrize("resolved_at", [None, NOON + MINUTE])
async def test_a_deleted_alert_counts_as_posted(posted: World, resolved_at: datetime | None) -> None:
    """It is neither merged with new alerts nor summarized with missed ones."""
    (id_,) = await recorded(posted, incident([111]))
    await take_all(posted)
    async with posted.database.transaction() as connection:
        await set_post(connection, id_, None)
        gone_on = replace(incident([111], resolved_at=resolved_at), id=id_)
        await record(connection, posted, gone_on, DeliveryKind.CHANGED if resolved_at is None else RESOLVED)
    others = [incident([token_id], resolved_at=resolved_at) for token_id in (222, 333)]
    await recorded(posted, *others)
    batches = await take_all(posted)

    assert [tokens_of(batch) for batch in batches if batch.first.kind in {DeliveryKind.CHANGED, RESOLVED}] == [[111]]
    assert all(id_ not in [one.id for one in batch.summarized] for batch in batches)


# --- Names


async def test_a_batch_has_its_servers_current_names(posted: World) -> None:
    async with posted.database.transaction() as connection:
        await set_name(connection, SERVER, 111, "Studio A", named_by=8, now=NOON)
        await set_name(connection, 2, 222, "Elsewhere", named_by=8, now=NOON)
    await recorded(posted, incident([111]))
    (batch,) = await take_all(posted)

    assert batch.names == {111: "Studio A"}


# --- Refusals


@pytest.mark.parametrize(
    ("timed_out_for", "retried_after"),
    [(None, MINUTE), (timedelta(seconds=20), timedelta(seconds=21)), (timedelta(days=1), MINUTE)],
    ids=["no time-out", "a time-out that ends soon", "a long time-out"],
)
async def test_a_refused_route_is_retried_at_the_end_of_the_bots_time_out(
    posted: World, timed_out_for: timedelta | None, retried_after: timedelta
) -> None:
    until = NOON + timed_out_for if timed_out_for is not None else None
    refused = Refused("a permission is missing", NOON, DisabledReason.MISSING_PERMISSIONS, timed_out_until=until)
    async with posted.database.transaction() as connection:
        await record_delivery(connection, DeliveryKind.TEST, server_id=SERVER, nonce="test", now=NOON)
        batch = await claim_next_batch(connection, SERVER, posted.clock)
        assert batch is not None
        await record_outcome(connection, batch, refused, posted.clock)
        route = await get_route(connection, SERVER)

    assert route is not None
    assert route.retry_at is not None
    # The usual pause has up to 10 % of jitter.
    assert abs(route.retry_at - NOON - retried_after) <= retried_after / 10


# --- Escalations


async def escalated(world: World, *kinds: DeliveryKind, rules: Rules = ESCALATES) -> int:
    """Post an incident that is escalated, and record these deliveries of it. Return its id."""
    since = world.clock.now() - rules.escalate_after
    async with world.database.transaction() as connection:
        await set_rules(connection, SERVER, rules)
        one = replace(incident([111], started_at=since), escalated_at=world.clock.now())
        id_ = await record(connection, world, one, *kinds)
        await set_post(connection, id_, PostedMessage(5, 7))
    return id_


async def test_an_escalation_that_a_mute_meets_on_its_way_follows_when_it_ends(posted: World) -> None:
    await escalated(posted, ESCALATED)
    await posted.mute(SERVER, 111, timedelta(hours=1))
    assert await send(posted) is None

    posted.clock.advance(timedelta(hours=1))
    batch = await send(posted)
    assert batch is not None
    assert batch.is_escalation
    assert await send(posted) is None


async def test_an_edit_during_a_mute_takes_no_escalation_along(posted: World) -> None:
    await escalated(posted, DeliveryKind.REFRESH, ESCALATED)
    await posted.mute(SERVER, None, timedelta(hours=1))
    batch = await send(posted)
    assert batch is not None
    assert not batch.is_escalation
    assert await send(posted) is None

    posted.clock.advance(timedelta(hours=1))
    batch = await send(posted)
    assert batch is not None
    assert ([one.kind for one in batch.deliveries], batch.is_escalation) == ([ESCALATED], True)
    assert await send(posted) is None


async def test_an_escalation_that_quiet_hours_meet_on_its_way_counts_from_their_end(posted: World) -> None:
    quiet = replace(ESCALATES, quiet_hours=(time(12), time(20)))
    posted.clock.advance(NOON - posted.clock.now())
    await escalated(posted, ESCALATED, rules=quiet)
    for hours in (0, 4, 4):
        posted.clock.advance(timedelta(hours=hours))
        assert await send(posted) is None

    posted.clock.advance(ESCALATES.escalate_after)
    batch = await send(posted)
    assert batch is not None
    assert batch.is_escalation


async def test_an_escalation_is_dropped_when_somebody_acknowledges_it_during_a_mute(posted: World) -> None:
    id_ = await escalated(posted, ESCALATED)
    await posted.mute(SERVER, None, timedelta(hours=1))
    assert await send(posted) is None

    async with posted.database.transaction() as connection:
        one = await get_incident(connection, id_)
        assert one is not None
        await save_incident(connection, replace(one, acknowledged_by=5, acknowledged_at=posted.clock.now()))
    posted.clock.advance(timedelta(hours=1))
    batch = await send(posted)
    assert batch is not None
    assert not batch.is_escalation
    assert await send(posted) is None


# --- Quiet hours


@pytest.mark.parametrize(("muted_hours", "sent_after_hours"), [(0, 0), (1, 1), (10, 10), (11, 20), (21, 21)])
async def test_a_summary_that_a_mute_delays_into_the_next_quiet_hours_waits_for_their_end(
    posted: World, muted_hours: int, sent_after_hours: int
) -> None:
    """It is from noon, and eleven hours later it is quiet again."""
    posted.clock.advance(NOON - posted.clock.now())
    async with posted.database.transaction() as connection:
        await set_rules(connection, SERVER, Rules(quiet_hours=(time(23), time(8))))
        await record_delivery(
            connection,
            DeliveryKind.QUIET_SUMMARY,
            server_id=SERVER,
            urgency=Urgency.NOTICE,
            nonce=posted.clock.nonce(),
            now=NOON,
            payload=SummaryPayload(()),
        )
    await posted.mute(SERVER, None, timedelta(hours=muted_hours))
    sent = []
    for hours in range(24):
        sent += [(hours, one.first.kind) for one in await take_all(posted)]
        posted.clock.advance(timedelta(hours=1))

    assert sent == [(sent_after_hours, DeliveryKind.QUIET_SUMMARY)]
