"""Of incidents from before, what people were notified of is known where it matters: whether something is news."""

import json

from pydantic import SecretStr
from sqlalchemy import column, select, table, text, update

from bot.domain.alert_types import AlertType
from bot.storage.database import Database, engine_for, open_database
from bot.storage.deliveries import DeliveryKind
from bot.storage.incidents import open_incidents
from bot.storage.schema import deliveries
from tests.storage.test_migration_0006 import old_url
from tests.storage.test_old_databases import BESIDE, HERE, OFF, read_all

__all__ = ["old_url"]

INCIDENTS = table("incidents", column("id"), column("members"), column("condition"))


async def test_only_what_has_yet_to_be_sent_is_news(old_url: SecretStr) -> None:
    unsent = deliveries.c.kind.in_([DeliveryKind.STARTED, DeliveryKind.WORSENED]) & deliveries.c.delivered_at.is_(None)
    async with open_database(old_url) as database, database.reading() as connection:
        incidents = [one for server in (HERE, BESIDE) for one in await open_incidents(connection, server)]
        waiting = set(await connection.scalars(select(deliveries.c.incident_id).where(unsent)))

    of_tokens = {one.id for one in incidents if one.still_affected}
    assert {one.id for one in incidents if one.has_worsened} == of_tokens & waiting
    assert of_tokens & waiting
    assert of_tokens - waiting


async def test_in_a_group_only_the_token_that_got_worse_is_news(old_url: SecretStr) -> None:
    await read_all(old_url, after_upgrade_to="0017")
    engine = engine_for(old_url.get_secret_value())
    async with Database(engine).transaction() as connection:
        await connection.execute(text("UPDATE deliveries SET kind = 'worsened', delivered_at = NULL"))
        for row in (await connection.execute(select(INCIDENTS))).all():
            first, *others = json.loads(row.members) or [{}]
            members = [first | {"worst_notified": False}, *others] if first else []
            values = {"members": json.dumps(members)}
            await connection.execute(update(INCIDENTS).where(INCIDENTS.c.id == row.id).values(values))
    await engine.dispose()
    async with open_database(old_url) as database, database.reading() as connection:
        groups = [one for one in await open_incidents(connection, HERE) if len(one.still_affected) > 1]

    assert groups
    assert all(set(one.got_worse) <= {one.members[0]} for one in groups)


async def test_what_nobody_was_notified_of_is_news(old_url: SecretStr) -> None:
    await read_all(old_url, after_upgrade_to="0017")
    engine = engine_for(old_url.get_secret_value())
    async with Database(engine).transaction() as connection:
        await connection.execute(text("UPDATE deliveries SET delivered_at = created_at WHERE delivered_at IS NULL"))
        for row in (await connection.execute(select(INCIDENTS))).all():
            members = [one | {"worst_notified": one["token_id"] != OFF} for one in json.loads(row.members)]
            capacity = {"kind": "few_in_fast", "worst": "none_in_fast", "worst_notified": False}
            values = {"members": json.dumps(members), "condition": json.dumps(capacity)}
            await connection.execute(update(INCIDENTS).where(INCIDENTS.c.id == row.id).values(values))
    await engine.dispose()
    async with open_database(old_url) as database, database.reading() as connection:
        incidents = await open_incidents(connection, HERE)

    members = [member for one in incidents for member in one.members]
    assert {member.token_id for member in members if member.got_worse} == {OFF}
    assert all(member.notified is member.worst for member in members if member.token_id != OFF)
    assert {(one.condition.kind, one.condition.notified) for one in incidents if one.condition} == {
        (AlertType.FEW_IN_FAST, AlertType.FEW_IN_FAST)
    }
