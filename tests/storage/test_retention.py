"""Retention: what is deleted when old, what never is, and that each step is small."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from sqlalchemy import Table, delete, func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.domain.evaluation import TrackedToken
from bot.domain.incidents import TimelineEvent, TimelineEventType
from bot.domain.modes import Mode
from bot.domain.readings import Reading
from bot.domain.tracking import TokenState
from bot.storage.accounts import ensure_account
from bot.storage.database import Database
from bot.storage.deliveries import DeliveryKind, mark_delivered, record_delivery
from bot.storage.incidents import PostedMessage, open_incidents, save_incident, set_post
from bot.storage.payloads import BrokenRoutePayload, RestoredRoutePayload, SummaryPayload
from bot.storage.retention import BATCH_SIZE, delete_deliveries, delete_incidents, delete_tokens
from bot.storage.schema import deliveries, incident_events, incidents, samples, tokens
from bot.storage.token_names import names_of, set_name
from bot.storage.token_states import save_states, states_of
from bot.storage.tokens import add_samples, known_tokens, save_tokens
from bot.storage.unread import delete_unread
from tests.clocks import NOON
from tests.storage.seeds import CHANNEL, SERVER, TOKEN, add_route, deliver, incident, known, start_incident

# Its statements differ between SQLite and PostgreSQL.

DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
async def _route(database: Database, account_id: int) -> None:
    async with database.transaction() as connection:
        await add_route(connection, account_id)


async def ids(connection: AsyncConnection, table: Table = incidents) -> list[int]:
    return list(await connection.scalars(select(table.c.id).order_by(table.c.id)))


async def delivered(connection: AsyncConnection, nonce: str, at: datetime, incident_id: int | None = None) -> int:
    id_ = await deliver(connection, nonce, incident_id=incident_id)
    await mark_delivered(connection, [id_], at)
    return id_


# Deliveries


async def test_old_delivered_messages_are_deleted_and_pending_ones_stay(database: Database, account_id: int) -> None:
    async with database.transaction() as connection:
        await delivered(connection, "old", NOON - DAY)
        new = await delivered(connection, "new", NOON)
        waiting = await deliver(connection, "waiting", now=NOON - 999 * DAY)
        assert not await delete_deliveries(connection, NOON)
        assert await ids(connection, deliveries) == [new, waiting]


async def test_an_incident_is_kept_longer_than_its_deliveries(database: Database, account_id: int) -> None:
    async with database.transaction() as connection:
        begun = await start_incident(connection)
        await delivered(connection, "old", NOON - DAY, begun)
        await delete_deliveries(connection, NOON)
        assert await ids(connection) == [begun]
        assert await ids(connection, deliveries) == []


async def test_deliveries_are_deleted_in_batches(database: Database, account_id: int) -> None:
    async with database.transaction() as connection:
        all_of_them = [await delivered(connection, str(n), NOON - DAY) for n in range(BATCH_SIZE + 1)]
        assert await delete_deliveries(connection, NOON)
        assert await ids(connection, deliveries) == all_of_them[BATCH_SIZE:]
        assert not await delete_deliveries(connection, NOON)
        assert await ids(connection, deliveries) == []


# Incidents


async def test_old_incidents_are_deleted_with_their_rows(database: Database, account_id: int) -> None:
    async with database.transaction() as connection:
        old = incident(started_at=NOON - 9 * DAY, resolved_at=NOON - DAY)
        saved = await save_incident(connection, old, [TimelineEvent(NOON - 9 * DAY, TimelineEventType.STARTED)])
        await delivered(connection, "old", NOON - DAY, saved.id)
        new = await start_incident(connection, started_at=NOON - 9 * DAY, resolved_at=NOON)
        assert not await delete_incidents(connection, NOON)
        assert await ids(connection) == [new]
        assert await ids(connection, incident_events) == await ids(connection, deliveries) == []


async def test_an_open_incident_is_never_deleted(database: Database, account_id: int) -> None:
    async with database.transaction() as connection:
        await start_incident(connection, started_at=NOON - 999 * DAY)
        await delete_incidents(connection, NOON)
        assert len(await open_incidents(connection, SERVER)) == 1


async def test_an_incident_with_pending_deliveries_is_never_deleted(database: Database, account_id: int) -> None:
    async with database.transaction() as connection:
        ended = [await start_incident(connection, resolved_at=NOON - 99 * DAY) for _ in range(4)]
        untold, begun, summed_up, _ = ended
        one = await deliver(connection, "another", kind=DeliveryKind.RESOLVED, incident_id=untold)
        waiting = await deliver(connection, "waiting", kind=DeliveryKind.SUMMARY, incident_id=begun)
        is_waiting = deliveries.c.id == waiting
        await connection.execute(
            update(deliveries).where(is_waiting).values(payload=SummaryPayload((begun, summed_up)))
        )
        await delete_incidents(connection, NOON)
        assert await ids(connection) == [untold, begun, summed_up]
        assert await ids(connection, deliveries) == [one, waiting]

        await mark_delivered(connection, [one, waiting], NOON)
        await delete_incidents(connection, NOON)
        assert await ids(connection) == []


async def test_other_payloads_are_not_mistaken_for_incident_ids(database: Database, account_id: int) -> None:
    async with database.transaction() as connection:
        begun = await start_incident(connection, resolved_at=NOON - 99 * DAY)
        await deliver(connection, "waiting", kind=DeliveryKind.ROUTE_BROKEN)
        await connection.execute(update(deliveries).values(payload=BrokenRoutePayload(begun, 7)))
        await delete_incidents(connection, NOON)
        assert await ids(connection) == []


async def test_incidents_are_deleted_in_batches(database: Database, account_id: int) -> None:
    async with database.transaction() as connection:
        for _ in range(BATCH_SIZE + 1):
            await start_incident(connection, resolved_at=NOON - DAY)
        assert await delete_incidents(connection, NOON)
        assert len(await ids(connection)) == 1
        assert not await delete_incidents(connection, NOON)
        assert await ids(connection) == []


# Tokens

LONG_AGO = NOON - DAY
NOT_LISTED = TrackedToken(Reading(TOKEN, LONG_AGO, listed=False), sampled_at=LONG_AGO, in_fleet=True)


async def keep(connection: AsyncConnection, account_id: int, token: TrackedToken = NOT_LISTED) -> None:
    """Save a token with all its rows except samples."""
    await save_tokens(connection, account_id, [token])
    await save_states(connection, SERVER, [TokenState(TOKEN, Mode.FAST, NOON)])
    await set_name(connection, SERVER, TOKEN, "Bob", named_by=7, now=NOON)


async def is_kept(connection: AsyncConnection, account_id: int) -> set[bool]:
    """Return whether the token, its state and its name still exist."""
    saved = (
        await known_tokens(connection, account_id),
        await states_of(connection, SERVER),
        await names_of(connection, SERVER),
    )
    return {TOKEN in one for one in saved}


async def test_a_long_unlisted_token_is_deleted_with_its_name_and_state(database: Database, account_id: int) -> None:
    async with database.transaction() as connection:
        await keep(connection, account_id)
        assert await delete_tokens(connection, account_id, NOON) == [TOKEN]
        assert await is_kept(connection, account_id) == {False}


@pytest.mark.parametrize(
    "token",
    [
        replace(NOT_LISTED, reading=replace(NOT_LISTED.reading, listed=True)),
        replace(NOT_LISTED, sampled_at=NOON),
    ],
    ids=["it is listed", "it was listed lately"],
)
async def test_other_tokens_stay(database: Database, account_id: int, token: TrackedToken) -> None:
    async with database.transaction() as connection:
        await keep(connection, account_id, token)
        assert await delete_tokens(connection, account_id, NOON) == []
        assert await is_kept(connection, account_id) == {True}


@pytest.mark.parametrize(("unread_for", "forgotten"), [(DAY, True), (-DAY, False)])
async def test_a_token_missing_from_rounds_is_deleted_as_well(
    database: Database, account_id: int, unread_for: timedelta, forgotten: bool
) -> None:
    """It was watched, or the key may no longer list its fleet: nothing reports it as gone."""
    unread = replace(NOT_LISTED, reading=replace(NOT_LISTED.reading, listed=True), missing_since=NOON - unread_for)
    async with database.transaction() as connection:
        await keep(connection, account_id, unread)
        assert await delete_tokens(connection, account_id, NOON) == ([TOKEN] if forgotten else [])


async def test_a_token_waits_until_its_samples_are_gone(database: Database, account_id: int) -> None:
    async with database.transaction() as connection:
        await keep(connection, account_id)
        await add_samples(connection, account_id, [NOT_LISTED.reading])
        assert await delete_tokens(connection, account_id, NOON) == []
        assert await connection.scalar(select(func.count()).select_from(samples)) == 1

        await connection.execute(delete(samples))
        assert await delete_tokens(connection, account_id, NOON) == [TOKEN]


async def test_the_tokens_of_another_account_keep_their_names(database: Database, account_id: int) -> None:
    async with database.transaction() as connection:
        another = await ensure_account(connection, "another", NOON)
        await save_tokens(connection, another, [known()])
        await keep(connection, account_id)
        await delete_tokens(connection, account_id, NOON)
        assert await known_tokens(connection, account_id) == {}
        assert await is_kept(connection, another) == {True}
        assert await delete_tokens(connection, another, NOON + 9 * DAY) == []
        assert len((await connection.execute(select(tokens))).all()) == 1


# Deliveries that nobody will read


async def restored(connection: AsyncConnection, nonce: str, route_token_id: int | None = None) -> int:
    """Record what is sent when a route works again, as when it breaks."""
    return await record_delivery(
        connection,
        DeliveryKind.ROUTE_RESTORED,
        server_id=SERVER,
        route_token_id=route_token_id,
        nonce=nonce,
        now=NOON - 99 * DAY,
        payload=RestoredRoutePayload(CHANNEL, NOON - 99 * DAY),
    )


async def dropped(connection: AsyncConnection, id_: int) -> int:
    payload = await connection.scalar(select(deliveries.c.payload).where(deliveries.c.id == id_))
    assert isinstance(payload, RestoredRoutePayload)
    return payload.dropped


async def undelivered(
    connection: AsyncConnection, nonce: str, *kinds: DeliveryKind, incident_id: int | None = None
) -> list[int]:
    old = NOON - 2 * DAY
    return [await deliver(connection, f"{nonce} {kind}", kind=kind, incident_id=incident_id, now=old) for kind in kinds]


async def delete_all_unread(connection: AsyncConnection) -> int:
    """Return the number of steps."""
    steps = 1
    while await delete_unread(connection, NOON - DAY):
        steps += 1
    return steps


STARTED, CHANGED, RESOLVED = DeliveryKind.STARTED, DeliveryKind.CHANGED, DeliveryKind.RESOLVED


async def test_what_ended_unseen_is_deleted_and_counted(database: Database, account_id: int) -> None:
    """960 deliveries of one token in 200 days, on a route that is broken for good."""
    async with database.transaction() as connection:
        first = await restored(connection, "restored")
        for number in range(240):
            over = await start_incident(connection, started_at=NOON - 9 * DAY, resolved_at=NOON - 2 * DAY)
            await undelivered(
                connection, f"{number}", STARTED, CHANGED, DeliveryKind.WORSENED, RESOLVED, incident_id=over
            )
        assert await delete_all_unread(connection) == 11

        assert await ids(connection, deliveries) == [first]
        assert await dropped(connection, first) == 240
        await delete_incidents(connection, NOON)
        assert len(await ids(connection)) == 140


async def test_the_count_is_that_of_the_incidents_own_route(database: Database, account_id: int) -> None:
    async with database.transaction() as connection:
        await add_route(connection, account_id, token_id=TOKEN)
        of_server, of_token = await restored(connection, "server"), await restored(connection, "token", TOKEN)
        for number, token_id in enumerate((TOKEN, TOKEN, None)):
            over = await start_incident(connection, resolved_at=NOON - 2 * DAY, route_token_id=token_id)
            await undelivered(connection, f"{number}", STARTED, incident_id=over)
        await delete_all_unread(connection)

        assert (await dropped(connection, of_server), await dropped(connection, of_token)) == (1, 2)


async def test_a_summary_counts_as_many_alerts_as_it_has(database: Database, account_id: int) -> None:
    async with database.transaction() as connection:
        first = await restored(connection, "restored")
        over = [await start_incident(connection, resolved_at=NOON - 2 * DAY) for _ in range(3)]
        (summary,) = await undelivered(connection, "summary", DeliveryKind.SUMMARY, incident_id=over[0])
        payload = SummaryPayload(tuple(over))
        await connection.execute(update(deliveries).where(deliveries.c.id == summary).values(payload=payload))
        await delete_all_unread(connection)

        assert await ids(connection, deliveries) == [first]
        assert await dropped(connection, first) == 3


async def test_an_open_incident_keeps_its_alert_and_what_got_worse(database: Database, account_id: int) -> None:
    async with database.transaction() as connection:
        begun = await start_incident(connection, started_at=NOON - 9 * DAY)
        kinds = (STARTED, CHANGED, DeliveryKind.REMINDER, DeliveryKind.WORSENED, DeliveryKind.REFRESH)
        alert, _, _, worse, _ = await undelivered(connection, "old", *kinds, incident_id=begun)
        await delete_all_unread(connection)

        assert await ids(connection, deliveries) == [alert, worse]


async def test_a_message_that_is_in_discord_is_still_edited(database: Database, account_id: int) -> None:
    async with database.transaction() as connection:
        over = await start_incident(connection, resolved_at=NOON - 2 * DAY)
        await set_post(connection, over, PostedMessage(CHANNEL, 7))
        (edit,) = await undelivered(connection, "old", RESOLVED, incident_id=over)
        await delete_all_unread(connection)

        assert await ids(connection, deliveries) == [edit]


async def test_what_is_recent_stays(database: Database, account_id: int) -> None:
    async with database.transaction() as connection:
        over = await start_incident(connection, resolved_at=NOON)
        old = await undelivered(connection, "old", STARTED, incident_id=over)
        new = [await deliver(connection, kind, kind=kind) for kind in (DeliveryKind.TEST, DeliveryKind.DIGEST)]
        await undelivered(connection, "outdated", DeliveryKind.TEST, DeliveryKind.DIGEST, DeliveryKind.ROUTE_BROKEN)
        await delete_all_unread(connection)

        assert await ids(connection, deliveries) == [*old, *new]
