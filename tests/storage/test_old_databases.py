"""Databases of older versions are migrated with all their data, and the bot continues with them."""

import asyncio
import json
import sqlite3
from collections.abc import Mapping
from contextlib import AsyncExitStack, closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import asyncpg
import pytest
from alembic import command
from alembic.config import Config
from pydantic import SecretStr
from sqlalchemy import Connection, MetaData, delete, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

import bot.storage
from bot.domain.alert_routes import DisabledReason
from bot.domain.alert_types import AlertType, IncidentType
from bot.domain.incidents import Incident, TimelineEventType
from bot.domain.modes import Mode
from bot.domain.rules import DigestDay, Rules
from bot.domain.tracking import PendingChange, TokenState
from bot.storage.accounts import get_account, get_quota
from bot.storage.alert_routes import get_route, token_routes_of
from bot.storage.alerts_off import enforce_home_servers
from bot.storage.app_state import get_value
from bot.storage.audit import Action, Outcome, latest_entries
from bot.storage.boards import boards_of
from bot.storage.claims import Lane, claim, claimable_deliveries, servers_due
from bot.storage.database import Database, engine_for, open_database
from bot.storage.deliveries import DeliveryKind, mark_delivered
from bot.storage.digests import digests_of
from bot.storage.incidents import open_incidents, open_posts, save_incident, timeline_of
from bot.storage.mutes import mutes_of
from bot.storage.partitions import partition_of, prepare_partitions, take_partitions
from bot.storage.payloads import BrokenRoutePayload, DigestPayload, SummaryPayload
from bot.storage.schema import deliveries, incidents
from bot.storage.server_settings import moderators_role, rules_of
from bot.storage.token_names import names_of
from bot.storage.token_states import states_of
from bot.storage.tokens import known_tokens
from bot.storage.traces import recent_traces
from bot.storage.watches import watches_of
from tests.cases import first_quick
from tests.clocks import NOON, SetClock

FOLDER = Path(__file__).parent / "old_databases"
MIGRATIONS = Path(bot.storage.__file__).parent / "migrations"
VERSIONS = ("0001", "0002", "0003", "0004")
LATE_VERSIONS = ("0003", "0004")
ACCOUNT = 1
HERE, BESIDE, REFUSED, NO_HOME, ELSEWHERE = (number * 10**17 for number in (4, 5, 6, 7, 8))
MOD, MEMBER = 900_000_000_000_000_001, 900_000_000_000_000_002
RELAX, OFF, ODD, DOUBT, HUSH = 111, 222, 333, 444, 1010
HOUR = timedelta(hours=1)
# When all deferred deliveries are due, and no claim is valid.
LATER = NOON + timedelta(days=2)

Rows = dict[str, list[dict[str, Any]]]

# The names of version 0004, and those of 0005.
TABLES = {"servers": "alert_routes", "rules": "server_settings", "notes": "app_state"}
ROUTE = {"set_up_by": "created_by", "set_up_at": "created_at", "broken_because": "disabled_reason"}
COLUMNS = {
    "accounts": {"last_good_round_at": "last_success_at", "last_problem": "last_error", "figures": "quota"},
    "tokens": {"unread_since": "missing_since", "thinned_until": "downsampled_until"},
    "servers": ROUTE,
    "token_routes": ROUTE,
    "rules": {"numbers": "rules"},
    "digests": {"told_until": "sent_until"},
    "mutes": {"until": "expires_at"},
    "leases": {"until": "expires_at"},
    "watches": {"last_problem": "last_error"},
    "boards": {
        "shown": "content_hash",
        "shown_at": "edited_at",
        "problem": "last_error",
        "tried_again_at": "next_attempt_at",
    },
    "incidents": {"sort": "type", "began_at": "started_at", "ended_at": "resolved_at", "reminded": "reminders_sent"},
    "incident_events": {"happening": "type", "by": "actor_id", "until": "expires_at"},
    "deliveries": {
        "subjects": "payload",
        "recorded_at": "created_at",
        "due_at": "next_attempt_at",
        "tries": "attempts",
        "last_problem": "last_error",
    },
}
FIELDS = {
    "began_at": "started_at",
    "ended_at": "resolved_at",
    "doubt": "pending",
    "out_since": "incident_since",
    "left_at": "recent_starts",
    "short_since": "shortfall_since",
    "soon_since": "imminent_since",
    "lasts_since": "sufficient_since",
    "blind_after": "no_data_after",
    "will_not_last": "run_out",
}
VALUES = {
    ("incidents", "sort"): {"fast_time": "low_fast_time", "forecast": "run_out", "blind": "no_data"},
    ("incident_events", "happening"): {"began": "started", "went_on": "changed", "back": "recovered"},
    ("incident_events", "kind"): {"blind": "no_data"},
    ("deliveries", "kind"): {
        "began": "started",
        "went_on": "changed",
        "got_worse": "worsened",
        "ended": "resolved",
        "handled": "refresh",
        "missed": "summary",
    },
    ("servers", "broken_because"): {
        "this server is not one of the bot's home servers": "server_not_allowed",
        "I lack a permission there: code 50013": "missing_permissions",
        "Discord answered 403, code 50013": "missing_permissions",
        "Discord answered 404, code 10003": "unknown_channel",
        "Discord answered 403, code 20026": "refused",
    },
    ("token_routes", "broken_because"): {"that channel is gone: code 10003": "unknown_channel"},
}
JSON = {("incidents", "members"), ("token_states", "state"), ("rules", "numbers")}


@pytest.fixture(params=first_quick(VERSIONS))
def version(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
async def old_url(empty_url: SecretStr, version: str) -> SecretStr:
    """Return a database as a bot of that version left it."""
    await load(empty_url, version)
    return empty_url


async def load(url: SecretStr, version: str) -> None:
    """Fill an empty database with that of a version."""
    secret = url.get_secret_value()
    if secret.startswith("sqlite"):
        with closing(sqlite3.connect(secret.removeprefix("sqlite:///"))) as connection:
            connection.executescript((FOLDER / f"{version}.sqlite.sql").read_text())
    else:
        postgres = await asyncpg.connect(secret)
        await postgres.execute((FOLDER / f"{version}.postgresql.sql").read_text())
        await postgres.close()


def upgrade(connection: Connection, version: str) -> None:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["connection"] = connection
    command.upgrade(config, version)


def rows_of(connection: Connection) -> Rows:
    """Return everything in the driver's plain types; times in UTC."""
    tables = MetaData()
    tables.reflect(connection)

    def plain(value: Any) -> Any:
        return value.replace(tzinfo=UTC) if isinstance(value, datetime) and value.tzinfo is None else value

    return {
        name: [
            {column: plain(value) for column, value in row.items()}
            for row in connection.execute(select(table).order_by(*table.primary_key)).mappings()
        ]
        for name, table in tables.tables.items()
        if name != "alembic_version"
    }


async def read_all(url: SecretStr, *, after_upgrade_to: str | None = None) -> Rows:
    engine = engine_for(url.get_secret_value())
    async with Database(engine).transaction() as connection:
        if after_upgrade_to is not None:
            await connection.run_sync(upgrade, after_upgrade_to)
        rows = await connection.run_sync(rows_of)
    await engine.dispose()
    return rows


def renamed(value: Any) -> Any:
    if isinstance(value, list):
        return [renamed(each) for each in value]
    if isinstance(value, dict):
        return {FIELDS.get(name, name): renamed(each) for name, each in value.items()}
    return value


def expected(table: str, row: Mapping[str, Any]) -> dict[str, Any]:
    """Return the expected row of version 0005 for a row of version 0004."""
    names = COLUMNS.get(table, {})
    new = {
        names.get(column, column): VALUES.get((table, column), {}).get(value, value) for column, value in row.items()
    }
    for json_table, column in JSON:
        if json_table == table:
            new[names.get(column, column)] = renamed(json.loads(row[column]))
    if table == "deliveries":
        new["payload"] = expected_payload(row["kind"], json.loads(row["subjects"]))
    return new


def expected_payload(kind: str, subjects: list[int]) -> dict[str, Any] | None:
    if kind == "missed":
        return {"type": "summary", "incident_ids": subjects}
    if kind == "route_broken":
        return {"type": "route_broken", "channel_id": subjects[0], "created_by": subjects[1]}
    if kind == "digest":
        since, until = (datetime.fromtimestamp(seconds, UTC).isoformat() for seconds in subjects)
        return {"type": "digest", "since": since, "until": until}
    return None


def parsed(table: str, row: Mapping[str, Any]) -> dict[str, Any]:
    """Return the parsed JSON of a row of version 0005."""
    columns = {"incidents": "members", "token_states": "state", "server_settings": "rules", "deliveries": "payload"}
    column = columns.get(table)
    if column is None or row[column] is None:
        return dict(row)
    return {**row, column: json.loads(row[column])}


async def test_every_row_is_migrated(old_url: SecretStr) -> None:
    before = await read_all(old_url, after_upgrade_to="0004")
    after = await read_all(old_url, after_upgrade_to="0005")

    assert set(after) == {TABLES.get(table, table) for table in before}
    for table, rows in before.items():
        new = TABLES.get(table, table)
        assert [parsed(new, row) for row in after[new]] == [expected(table, row) for row in rows], table


async def test_the_old_databases_contain_every_case(old_url: SecretStr, version: str) -> None:
    rows = await read_all(old_url)

    assert [table for table, its in rows.items() if not its] == []
    waiting = [row for row in rows["deliveries"] if row["delivered_at"] is None]
    assert any(row["last_problem"] for row in waiting)
    assert len(waiting) < len(rows["deliveries"])
    assert {row["ended_at"] is None for row in rows["incidents"]} == {True, False}
    if version in LATE_VERSIONS:
        sorts = {"mode", "fast_time", "blind"} | ({"forecast"} if version == "0004" else set())
        for is_over in (False, True):
            assert {row["sort"] for row in rows["incidents"] if is_over is (row["ended_at"] is not None)} == sorts
        assert any(row["claimed_until"] for row in waiting)
        assert {row["happening"] for row in rows["incident_events"]} == {
            *("began", "went_on", "back", "acknowledged", "muted", "unmuted", "closed")
        }


# --- The bot continues with them


async def test_open_incidents_load_with_their_timelines_and_posts(old_url: SecretStr) -> None:
    old = (await read_all(old_url, after_upgrade_to="0004"))["incidents"]
    async with open_database(old_url) as database, database.reading() as connection:
        for server_id in (HERE, BESIDE, REFUSED, NO_HOME, ELSEWHERE):
            found = await open_incidents(connection, server_id)
            its = [row for row in old if row["server_id"] == server_id and row["ended_at"] is None]
            assert {one.id for one in found} == {row["id"] for row in its}
            posted = {row["id"] for row in its if row["posted_message_id"]}
            assert set(await open_posts(connection, server_id)) == posted
            for one in found:
                await timeline_of(connection, one.id or 0, most=99)
            await states_of(connection, server_id)


@pytest.mark.parametrize("version", LATE_VERSIONS, indirect=True)
async def test_incidents_keep_what_people_did(old_url: SecretStr, version: str) -> None:
    async with open_database(old_url) as database, database.reading() as connection:
        here = await open_incidents(connection, HERE)
        acknowledged = [one for one in here if one.acknowledged_by == MOD]
        muted = {one.members[0].token_id: one for one in here if one.muted_by is not None}
        lines = {line.type: line for line in await timeline_of(connection, muted[HUSH].id or 0, most=99)}
        states = await states_of(connection, HERE)

    assert [one.members[0].kind for one in acknowledged] == [AlertType.UNKNOWN_STATUS]
    assert any(one.flapping for one in here)
    (group,) = [one for one in muted.values() if len(one.members) > 1] or [muted[11]]
    assert (group.muted_by, group.is_muted(LATER), group.muted_until is not None) == (MOD, False, True)
    # Muted until it is over.
    assert (muted[HUSH].muted_by, muted[HUSH].muted_until, muted[HUSH].is_muted(LATER)) == (MEMBER, None, True)
    assert (lines[TimelineEventType.MUTED].actor_id, TimelineEventType.STARTED in lines) == (MOD, True)
    (off,) = [one for one in here if one.find_token(OFF)]
    part = off.find_token(OFF)
    assert part is not None
    assert (part.switched_off_by, part.was_switched_off) == (MOD, True)
    pending = states[DOUBT].pending
    assert pending is not None
    assert pending.mode is Mode.RELAX
    assert states[HUSH].incident_since is not None
    assert states[RELAX].recent_starts
    if version == "0004":
        assert states[12].sufficient_since is not None
        assert states[777].shortfall_since is not None
        assert states[777].imminent_since is not None
        types = (IncidentType.MODE, IncidentType.LOW_FAST_TIME, IncidentType.RUN_OUT, IncidentType.NO_DATA)
        assert {one.type for one in here} == {*types}


@pytest.mark.parametrize("version", ["0001", "0002"], indirect=True)
async def test_each_server_has_the_incidents_of_its_account_as_its_own(old_url: SecretStr) -> None:
    old = (await read_all(old_url))["incidents"]
    async with open_database(old_url) as database, database.reading() as connection:
        here = await open_incidents(connection, HERE)
        states = await states_of(connection, HERE)

    ours = [(row["token_id"], row["mode"], row["began_at"]) for row in old if row["ended_at"] is None]
    assert sorted(ours) == sorted(
        (member.token_id, member.mode, member.started_at) for one in here for member in one.members
    )
    assert states[DOUBT] == TokenState(
        DOUBT, Mode.FAST, states[DOUBT].since, pending=PendingChange(Mode.RELAX, NOON + timedelta(minutes=16), 1)
    )


async def test_pending_deliveries_are_sent_once_and_a_broken_route_is_tried(old_url: SecretStr, version: str) -> None:
    old = await read_all(old_url, after_upgrade_to="0004")
    broken = {row["server_id"] for row in old["servers"] if row["broken_because"] is not None}
    homeless = {NO_HOME} & broken
    waiting = {
        row["nonce"] for row in old["deliveries"] if row["delivered_at"] is None and row["server_id"] not in homeless
    }
    delivered: list[str] = []
    async with open_database(old_url) as database, database.transaction() as connection:
        for lane in Lane:
            for server_id in await servers_due(connection, LATER, lane):
                while heads := await claimable_deliveries(connection, server_id, LATER, lane):
                    batch = await claim(connection, heads[0], LATER + HOUR)
                    delivered += [one.nonce for one in batch]
                    await mark_delivered(connection, [one.id for one in batch], LATER)

    assert sorted(delivered) == sorted(waiting)
    assert (REFUSED in broken, NO_HOME in broken) == (True, version != "0001")


@pytest.mark.parametrize("version", LATE_VERSIONS, indirect=True)
async def test_a_claimed_or_deferred_delivery_waits_until_its_time(old_url: SecretStr) -> None:
    async with open_database(old_url) as database, database.transaction() as connection:
        claimed = await connection.scalar(select(func.max(deliveries.c.claimed_until)))
        assert claimed is not None
        just_before = claimed - timedelta(seconds=1)
        heads = {head.delivery.id for head in await claimable_deliveries(connection, HERE, just_before)}
        later = {head.delivery.id for head in await claimable_deliveries(connection, HERE, LATER)}
        query = select(deliveries.c.id).where(deliveries.c.claimed_until == claimed)
        (taken,) = (await connection.scalars(query)).all()

    assert taken not in heads
    assert taken in later
    assert heads < later


@pytest.mark.parametrize("version", LATE_VERSIONS, indirect=True)
async def test_deliveries_have_typed_payloads(old_url: SecretStr, version: str) -> None:
    async with open_database(old_url) as database, database.reading() as connection:
        rows = (await connection.execute(select(deliveries.c.kind, deliveries.c.payload))).all()
    payloads = {kind: [row.payload for row in rows if row.kind == kind] for kind in DeliveryKind}

    summaries = payloads[DeliveryKind.SUMMARY]
    assert summaries
    assert all(isinstance(payload, SummaryPayload) and payload.incident_ids for payload in summaries)
    assert payloads[DeliveryKind.ROUTE_BROKEN] == [BrokenRoutePayload(REFUSED + 1, MOD)]
    if version == "0004":
        (digest, *_) = payloads[DeliveryKind.DIGEST]
        assert isinstance(digest, DigestPayload)
        # At 7 o'clock in Berlin.
        assert digest.until == datetime(2026, 3, 4, 6, tzinfo=UTC)
        assert digest.since < digest.until
    assert set(payloads[DeliveryKind.STARTED]) == {None}


async def test_routes_stay_broken_for_the_same_reason(old_url: SecretStr, version: str) -> None:
    elsewhere = DisabledReason.UNKNOWN_CHANNEL if version < "0003" else DisabledReason.REFUSED
    async with open_database(old_url) as database, database.transaction() as connection:
        reasons = {}
        for server_id in (HERE, BESIDE, REFUSED, ELSEWHERE, NO_HOME):
            route = await get_route(connection, server_id)
            assert route is not None
            reasons[server_id] = route.disabled_reason
        assert reasons == {
            HERE: None,
            BESIDE: None,
            REFUSED: DisabledReason.MISSING_PERMISSIONS,
            ELSEWHERE: elsewhere,
            NO_HOME: DisabledReason.SERVER_NOT_ALLOWED if version > "0001" else None,
        }
        # If the server is a home server again, its alerts continue; what Discord refuses stays refused.
        await enforce_home_servers(connection, {HERE, BESIDE, REFUSED, ELSEWHERE, NO_HOME}, SetClock())
        back, refused = await get_route(connection, NO_HOME), await get_route(connection, REFUSED)
        assert back is not None
        assert refused is not None
        assert (back.disabled_reason, back.channel_id, back.role_id) == (None, NO_HOME + 1, NO_HOME + 2)
        assert (back.created_by, back.created_at >= NOON) == (MOD, True)
        assert refused.disabled_reason is DisabledReason.MISSING_PERMISSIONS
        if version in LATE_VERSIONS:
            odd, hush = await token_routes_of(connection, back if back.server_id == HERE else await here_of(connection))
            assert (odd.token_id, odd.disabled_reason) == (ODD, DisabledReason.UNKNOWN_CHANNEL)
            assert (hush.token_id, hush.disabled_reason, hush.channel_id) == (HUSH, None, HERE + HUSH)


async def here_of(connection: AsyncConnection) -> Any:
    return await get_route(connection, HERE)


@pytest.mark.parametrize("version", LATE_VERSIONS, indirect=True)
async def test_mutes_rules_and_leases_still_apply(old_url: SecretStr, version: str) -> None:
    until = (await read_all(old_url))["leases"][0]["until"]
    async with open_database(old_url) as database, database.transaction() as connection:
        now = until - timedelta(seconds=30)
        here, beside = await mutes_of(connection, HERE, now), await mutes_of(connection, BESIDE, now)
        assert [(one.token_id, one.reason, one.muted_by) for one in here] == [(RELAX, "they're repaired; wait", MOD)]
        assert [(one.token_id, one.expires_at - one.muted_at) for one in beside] == [(None, 2 * HOUR)]
        assert await mutes_of(connection, HERE, here[0].expires_at) == []
        numbers = Rules(
            low=25,
            no_data_after=timedelta(minutes=10),
            flapping_after=2,
            flapping_within=2 * HOUR,
            reminders=(timedelta(minutes=30), 2 * HOUR),
        )
        if version == "0004":
            daily = (await digests_of(connection, ACCOUNT))[0].rules
            assert (daily.digest, daily.digest_hour, daily.time_zone) == (DigestDay.DAILY, 7, "Europe/Berlin")
            assert (daily.no_data_after, daily.low) == (numbers.no_data_after, numbers.low)
        else:
            assert await rules_of(connection, HERE) == numbers
        assert await rules_of(connection, BESIDE) == Rules()
        assert await moderators_role(connection, BESIDE) == BESIDE + 3
        await prepare_partitions(connection, now)
        assert partition_of(ACCOUNT) not in await take_partitions(connection, "another", now)
        assert partition_of(ACCOUNT) in await take_partitions(connection, "another", until)


async def test_everything_else_is_read_as_before(old_url: SecretStr, version: str) -> None:
    async with open_database(old_url) as database, database.reading() as connection:
        account = await get_account(connection, ACCOUNT, LATER)
        assert account.lists_fleet
        assert account.last_success_at is not None
        tokens = await known_tokens(connection, ACCOUNT)
        assert tokens[ODD].reading.remark == "it's <b>fine</b>; 100 %"
        assert tokens[ODD].mode is Mode.OTHER
        watches = {watch.message_id: watch.last_error for watch in await watches_of(connection, ACCOUNT)}
        assert watches == {UUID(int=1): None, UUID(int=2): "NoTokenYet: it waits"}
        assert [one.message_id.int for one in await recent_traces(connection, HERE, most=9)] == [3, 4]
        assert await get_value(connection, "commands") == "0123abcd"
        if version > "0001":
            assert await moderators_role(connection, HERE) == HERE + 3
            entries = await latest_entries(connection, HERE, most=99)
            assert {entry.action for entry in entries} >= {Action.ALERTS_SET_UP, Action.TOKEN_DISABLED}
            outcomes = {entry.outcome for entry in await latest_entries(connection, BESIDE, most=99)}
            assert outcomes >= {Outcome.REFUSED, Outcome.UNCERTAIN}
        if version == "0004":
            assert await names_of(connection, HERE) == {RELAX: "Anna's", OFF: "Zoë; \U0001f431"}
            posted, refused = await boards_of(connection, ACCOUNT)
            assert (posted.content_hash, posted.edited_at is not None) == ("f" * 64, True)
            assert refused.last_error == "I may not see that channel: code 50001"
            assert refused.next_attempt_at is not None
            figures = await get_quota(connection, ACCOUNT)
            assert figures is not None
            assert (figures.plan, figures.credits, figures.credits_extra) == ("DIY", 1200, 7)
            assert tokens[999].missing_since is not None


async def test_a_new_incident_gets_an_unused_id(old_url: SecretStr, version: str) -> None:
    """A button in Discord may name a deleted one. (SQLite reuses the highest id, as it always did.)"""
    async with open_database(old_url) as database, database.transaction() as connection:
        highest = await connection.scalar(select(func.max(incidents.c.id)))
        new = await save_incident(connection, Incident(None, HERE, IncidentType.NO_DATA, started_at=LATER))
        assert new.id == highest + 1


async def test_on_postgresql_ids_of_deleted_incidents_are_not_reused(empty_postgres_url: str) -> None:
    postgres = await asyncpg.connect(empty_postgres_url)
    await postgres.execute((FOLDER / "0004.postgresql.sql").read_text())
    highest = await postgres.fetchval("SELECT max(id) FROM incidents")
    await postgres.execute("DELETE FROM incidents WHERE id > $1", highest - 3)
    await postgres.close()
    async with open_database(SecretStr(empty_postgres_url)) as database, database.transaction() as connection:
        new = await save_incident(connection, Incident(None, HERE, IncidentType.NO_DATA, started_at=LATER))
        assert new.id == highest + 1


async def test_deleting_a_route_still_cascades(old_url: SecretStr) -> None:
    async with open_database(old_url) as database, database.transaction() as connection:
        await connection.execute(delete(bot.storage.schema.alert_routes))
        for table in (deliveries, incidents):
            assert await connection.scalar(select(func.count()).select_from(table)) == 0


async def test_several_processes_may_open_it_at_once(old_url: SecretStr) -> None:
    before = await read_all(old_url)
    async with AsyncExitStack() as stack:
        await asyncio.gather(*(stack.enter_async_context(open_database(old_url)) for _ in range(3)))
    after = await read_all(old_url)

    assert len(after["alert_routes"]) == len(before["servers"])
    assert len(after["tokens"]) == len(before["tokens"])
