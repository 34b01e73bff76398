"""A database of the previous version: open incidents continue, for each server separately."""

import asyncio
from collections.abc import Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path

import pytest
from alembic import command
from alembic.config import Config
from pydantic import SecretStr, TypeAdapter
from sqlalchemy import Connection, MetaData, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

import bot.storage
from bot.domain.alert_types import AlertType, IncidentType
from bot.domain.evaluation import TrackedToken, evaluate
from bot.domain.incidents import AffectedToken, Incident, TimelineEvent, TimelineEventType
from bot.domain.modes import Mode
from bot.domain.readings import Reading
from bot.domain.rules import Rules
from bot.domain.tracking import PendingChange, TokenState
from bot.storage.alert_routes import Route
from bot.storage.claims import PendingDelivery, claim, claimable_deliveries
from bot.storage.database import Database, engine_for, open_database
from bot.storage.deliveries import Delivery, DeliveryKind, mark_delivered
from bot.storage.incidents import PostedMessage, get_incidents, open_incidents, save_incident, timeline_of
from bot.storage.schema import samples
from bot.storage.server_settings import moderators_role, rules_of, set_rules
from bot.storage.token_states import save_states, states_of
from bot.storage.tokens import known_tokens
from tests.clocks import NOON

# The oldest of the old databases takes this step too, in every run.
pytestmark = pytest.mark.slow

READING = TypeAdapter(Reading)
MIGRATIONS = Path(bot.storage.__file__).parent / "migrations"
MINUTE = timedelta(minutes=1)
ACCOUNT, ANOTHER_ACCOUNT = 1, 2
# The server whose alert was posted, one of the same account, and one of another account.
HERE, BESIDE, ELSEWHERE = 4_000_000_000_000_000, 5_000_000_000_000_000, 6_000_000_000_000_000
FAST, RELAX, BANNED, OTHER, OFF = 111, 222, 333, 444, 555
EARLIER = NOON - timedelta(days=9)


def old_token(token_id: int, mode: Mode, **members: object) -> dict[str, object]:
    reading = READING.dump_json(reading_of(token_id, mode), exclude_defaults=True).decode()
    row = {"account_id": ACCOUNT, "token_id": token_id, "mode": mode, "since": NOON, "reading": reading}
    return row | {"in_fleet": True, "sampled_at": NOON} | members


def reading_of(token_id: int, mode: Mode) -> Reading:
    return Reading(token_id, NOON, status="TURBO" if mode is Mode.OTHER else mode)


def old_incident(id_: int, token_id: int, mode: Mode, **members: object) -> dict[str, object]:
    row = {"id": id_, "account_id": ACCOUNT, "token_id": token_id, "mode_before": Mode.FAST, "mode": mode}
    return row | {"began_at": NOON} | members


def old_delivery(id_: int, server_id: int, incident_id: int | None, kind: str, **members: object) -> dict[str, object]:
    row = {"id": id_, "server_id": server_id, "incident_id": incident_id, "kind": kind, "nonce": f"nonce-{20 - id_}"}
    return row | {"recorded_at": NOON, "due_at": NOON} | members


def old_server(server_id: int, **members: object) -> dict[str, object]:
    row = {"server_id": server_id, "account_id": ACCOUNT, "channel_id": server_id + 1, "set_up_by": 7}
    return row | {"set_up_at": EARLIER} | members


# By table, in the order in which their foreign keys let them be filled.
OLD: Mapping[str, Sequence[dict[str, object]]] = {
    "accounts": [
        {"id": ACCOUNT, "name": "primary", "created_at": EARLIER, "lists_fleet": True, "last_good_round_at": NOON},
        {"id": ANOTHER_ACCOUNT, "name": "another", "created_at": EARLIER},
    ],
    "servers": [
        old_server(HERE, role_id=5),
        old_server(BESIDE, broken_because="Discord answered 404, code 10003"),
        old_server(ELSEWHERE, account_id=ANOTHER_ACCOUNT),
    ],
    "tokens": [
        old_token(FAST, Mode.FAST, doubt_mode=Mode.RELAX, doubt_since=NOON + MINUTE, doubt_readings=1),
        old_token(RELAX, Mode.RELAX, out_since=NOON - MINUTE),
        old_token(BANNED, Mode.BANNED, in_fleet=False),
        old_token(OTHER, Mode.OTHER, out_since=NOON),
        old_token(OFF, Mode.OFF, out_since=NOON),
    ],
    "samples": [
        {"account_id": ACCOUNT, "token_id": token_id, "read_at": read_at, "mode": "FAST", "fast_left": 1_000}
        for token_id in (FAST, RELAX)
        for read_at in (0, 60_000, 120_000)
    ],
    "incidents": [
        old_incident(7, FAST, Mode.GONE, began_at=EARLIER, ended_at=EARLIER + MINUTE),
        old_incident(9, RELAX, Mode.RELAX, began_at=NOON - MINUTE),
        old_incident(12, OTHER, Mode.OTHER),
        old_incident(13, OFF, Mode.OFF, switched_off_by=8),
    ],
    "posts": [
        {"incident_id": 9, "server_id": HERE, "channel_id": HERE + 2, "discord_message_id": 10},
        {"incident_id": 7, "server_id": BESIDE, "channel_id": BESIDE + 1, "discord_message_id": 20},
    ],
    # Neither the rows nor the nonces come in the order of the ids.
    "deliveries": [
        old_delivery(8, ELSEWHERE, None, "test"),
        old_delivery(6, HERE, None, "test"),
        old_delivery(5, HERE, 12, "began"),
        old_delivery(4, HERE, 9, "ended"),
        old_delivery(3, HERE, 9, "went_on", tries=2, due_at=NOON + 2 * MINUTE, last_problem="a problem"),
        old_delivery(2, BESIDE, 7, "ended", tries=5),
        old_delivery(1, HERE, 9, "began", delivered_at=NOON),
    ],
    "rules": [{"server_id": HERE, "moderators_role_id": 6}],
    "notes": [{"name": "commands", "value": "abc"}],
}


def make_old(connection: Connection, rows_of: Mapping[str, Sequence[dict[str, object]]]) -> None:
    """Create the tables of the previous version, and fill them."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["connection"] = connection
    command.upgrade(config, "0002")
    old = MetaData()
    old.reflect(connection)
    for name, rows in rows_of.items():
        for row in rows:
            connection.execute(insert(old.tables[name]).values(row))


async def make(url: SecretStr, rows_of: Mapping[str, Sequence[dict[str, object]]]) -> None:
    engine = engine_for(url.get_secret_value())
    async with Database(engine).transaction() as connection:
        await connection.run_sync(make_old, rows_of)
    await engine.dispose()


@pytest.fixture
async def old_url(empty_url: SecretStr) -> SecretStr:
    """Create a database of the previous version that covers every case."""
    await make(empty_url, OLD)
    return empty_url


async def incidents_of(connection: AsyncConnection, server_id: int) -> list[Incident]:
    """Return all incidents of a server, oldest first."""
    return [one for one in await get_incidents(connection, range(1, 99)) if one.server_id == server_id]


def without_ids(incidents: list[Incident]) -> list[Incident]:
    return [replace(incident, id=None) for incident in incidents]


def member(token_id: int, kind: AlertType, mode: Mode, started_at: datetime = NOON, **members: object) -> AffectedToken:
    plain = AffectedToken(token_id, kind, kind, mode_before=Mode.FAST, mode=mode, started_at=started_at, notified=kind)
    return replace(plain, **members)  # type: ignore[arg-type]


def expected(server_id: int) -> list[Incident]:
    """Return the incidents that a server of the first account has afterwards."""
    # Once an incident is over, nobody needs to know what people were notified of.
    ended = member(FAST, AlertType.NOT_LISTED, Mode.GONE, EARLIER, resolved_at=EARLIER + MINUTE, notified=None)
    relax = member(RELAX, AlertType.LEFT_FAST, Mode.RELAX, NOON - MINUTE)
    unsent = server_id == HERE
    other = member(OTHER, AlertType.UNKNOWN_STATUS, Mode.OTHER, notified=None if unsent else AlertType.UNKNOWN_STATUS)
    off = member(OFF, AlertType.SWITCHED_OFF, Mode.OFF, switched_off_by=8)
    return [
        Incident(None, server_id, IncidentType.MODE, EARLIER, (ended,), resolved_at=EARLIER + MINUTE),
        Incident(None, server_id, IncidentType.MODE, NOON - MINUTE, (relax,)),
        Incident(None, server_id, IncidentType.MODE, NOON, (other,)),
        Incident(None, server_id, IncidentType.MODE, NOON, (off,)),
    ]


STATES = {
    FAST: TokenState(FAST, Mode.FAST, NOON, pending=PendingChange(Mode.RELAX, NOON + MINUTE, 1)),
    RELAX: TokenState(RELAX, Mode.RELAX, NOON, incident_since=NOON - MINUTE),
    BANNED: TokenState(BANNED, Mode.BANNED, NOON),
    OTHER: TokenState(OTHER, Mode.OTHER, NOON, incident_since=NOON),
    OFF: TokenState(OFF, Mode.OFF, NOON, incident_since=NOON),
}


async def test_each_server_of_the_account_keeps_the_confirmed_states(old_url: SecretStr) -> None:
    async with open_database(old_url) as database, database.reading() as connection:
        assert await states_of(connection, HERE) == STATES
        assert await states_of(connection, BESIDE) == STATES
        assert await states_of(connection, ELSEWHERE) == {}


async def test_pending_changes_are_confirmed_by_the_next_round(old_url: SecretStr) -> None:
    async with open_database(old_url) as database, database.transaction() as connection:
        now = NOON + 2 * MINUTE
        states = await states_of(connection, HERE)
        found = evaluate(states, [Reading(FAST, now, status="RELAX")], now, await rules_of(connection, HERE))
        assert [(change.token_id, change.at) for change in found.changes] == [(FAST, NOON + MINUTE)]
        await save_states(connection, HERE, found.states)
        assert (await states_of(connection, HERE))[FAST].incident_since == NOON + MINUTE
        assert await states_of(connection, BESIDE) == STATES


async def test_each_server_of_the_account_has_its_own_copy_of_the_incidents(old_url: SecretStr) -> None:
    async with open_database(old_url) as database, database.reading() as connection:
        here = await incidents_of(connection, HERE)
        assert without_ids(here) == expected(HERE)
        assert without_ids(await incidents_of(connection, BESIDE)) == expected(BESIDE)
        assert await incidents_of(connection, ELSEWHERE) == []
        assert await open_incidents(connection, HERE) == here[1:]


async def test_open_incidents_continue_and_new_ones_start(old_url: SecretStr) -> None:
    async with open_database(old_url) as database, database.transaction() as connection:
        before = await incidents_of(connection, HERE)
        over = replace(before[1], resolved_at=NOON + MINUTE)
        back = TimelineEvent(NOON + MINUTE, TimelineEventType.RECOVERED, RELAX)
        assert await save_incident(connection, over, [back]) == over
        begun = await save_incident(connection, replace(before[2], id=None))
        assert await open_incidents(connection, HERE) == [*before[2:], begun]
        assert await timeline_of(connection, over.id or 0, most=9) == (back,)


async def test_pending_deliveries_are_sent_in_order_with_the_same_nonces(old_url: SecretStr) -> None:
    route = Route(HERE, ACCOUNT, HERE + 1, role_id=5, created_by=7, created_at=EARLIER)
    recorded = partial(Delivery, created_at=NOON, next_attempt_at=NOON)
    async with open_database(old_url) as database, database.transaction() as connection:
        _, relax, other, _ = await incidents_of(connection, HERE)
        heads = await claimable_deliveries(connection, HERE, NOON + 2 * MINUTE)
        # A start is more urgent than an update.
        assert [replace(head, delivery=replace(head.delivery, id=0)) for head in heads] == [
            PendingDelivery(recorded(0, DeliveryKind.STARTED, "nonce-15", 0), route, other, post=None),
            PendingDelivery(
                recorded(0, DeliveryKind.CHANGED, "nonce-17", 2, next_attempt_at=NOON + 2 * MINUTE),
                route,
                relax,
                PostedMessage(HERE + 2, 10),
            ),
            PendingDelivery(recorded(0, DeliveryKind.TEST, "nonce-14", 0), route, None, None),
        ]
        batch = await claim(connection, heads[1], NOON + 3 * MINUTE)
        assert [(one.kind, one.nonce, one.attempts) for one in batch] == [
            (DeliveryKind.CHANGED, "nonce-17", 3),
            (DeliveryKind.RESOLVED, "nonce-16", 0),
        ]
        assert await mark_delivered(connection, [one.id for one in batch], NOON)


async def test_a_deferred_delivery_is_not_due_before_its_time(old_url: SecretStr) -> None:
    async with open_database(old_url) as database, database.transaction() as connection:
        heads = await claimable_deliveries(connection, HERE, NOON)

    # The end of an incident (16) does not wait for its deferred edit (17).
    assert [head.delivery.nonce for head in heads] == ["nonce-15", "nonce-16", "nonce-14"]


async def test_a_broken_route_keeps_its_deliveries_and_is_tried_again(old_url: SecretStr) -> None:
    async with open_database(old_url) as database, database.transaction() as connection:
        (head,) = await claimable_deliveries(connection, BESIDE, NOON)
        assert (head.delivery.nonce, head.delivery.attempts, head.post) == (
            "nonce-18",
            5,
            PostedMessage(BESIDE + 1, 20),
        )
        assert head.incident is not None
        assert without_ids([head.incident]) == expected(BESIDE)[:1]


async def test_other_servers_of_an_account_have_no_foreign_discord_message(
    old_url: SecretStr,
) -> None:
    async with open_database(old_url) as database, database.transaction() as connection:
        (head,) = await claimable_deliveries(connection, ELSEWHERE, NOON)

    assert (head.delivery.nonce, head.incident, head.post) == ("nonce-12", None, None)


async def test_nothing_else_is_lost(old_url: SecretStr) -> None:
    async with open_database(old_url) as database, database.reading() as connection:
        assert await known_tokens(connection, ACCOUNT) == {
            token_id: TrackedToken(reading_of(token_id, state.mode), NOON, in_fleet=token_id != BANNED)
            for token_id, state in STATES.items()
        }
        rows = await connection.execute(select(samples.c.token_id, samples.c.read_at, samples.c.fast_left))
        assert sorted(tuple(row) for row in rows) == [
            (token_id, datetime.fromtimestamp(seconds, NOON.tzinfo), timedelta(seconds=1))
            for token_id in (FAST, RELAX)
            for seconds in (0, 60, 120)
        ]
        assert await moderators_role(connection, HERE) == 6
        assert await rules_of(connection, HERE) == Rules()


async def test_a_server_with_a_moderator_role_can_set_its_rules(old_url: SecretStr) -> None:
    async with open_database(old_url) as database, database.transaction() as connection:
        await set_rules(connection, HERE, Rules(low=10))
        assert (await rules_of(connection, HERE), await moderators_role(connection, HERE)) == (Rules(low=10), 6)


async def test_several_processes_may_open_an_old_database_at_once(old_url: SecretStr) -> None:
    async with AsyncExitStack() as stack:
        first, *_ = await asyncio.gather(*(stack.enter_async_context(open_database(old_url)) for _ in range(3)))

        async with first.transaction() as connection:
            assert without_ids(await incidents_of(connection, HERE)) == expected(HERE)
            heads = await claimable_deliveries(connection, HERE, NOON)
    assert [(head.delivery.nonce, head.delivery.attempts) for head in heads] == [
        ("nonce-15", 0),
        ("nonce-16", 0),
        ("nonce-14", 0),
    ]


async def test_an_empty_database_of_the_previous_version_is_upgraded(empty_url: SecretStr) -> None:
    await make(empty_url, {})
    async with open_database(empty_url) as database, database.transaction() as connection:
        assert await incidents_of(connection, HERE) == []
