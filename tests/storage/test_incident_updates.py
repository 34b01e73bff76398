"""An incident's update is saved, and its delivery recorded, in one transaction."""

from collections.abc import Sequence

import pytest
from sqlalchemy import select

from bot.domain.alert_types import AlertType
from bot.domain.incident_actions import acknowledge, close
from bot.domain.incident_updates import IncidentUpdate, UpdateType
from bot.domain.incidents import Incident
from bot.domain.modes import Mode
from bot.domain.tracking import TokenState
from bot.storage.database import Database
from bot.storage.incident_updates import record_refresh, record_update
from bot.storage.incidents import get_incident, timeline_of
from bot.storage.schema import deliveries
from bot.storage.token_states import save_states, states_of
from tests.clocks import NOON
from tests.storage.seeds import SERVER, add_route, incident, member

MOD = 7


@pytest.fixture(autouse=True)
async def server(database: Database, account_id: int) -> None:
    async with database.transaction() as connection:
        await add_route(connection, account_id)


async def recorded(database: Database, *updates: IncidentUpdate) -> Incident:
    async with database.transaction() as connection:
        for number, update in enumerate(updates):
            saved = await record_update(connection, update, nonce=f"nonce {number}", now=NOON)
    return saved


async def waiting(database: Database) -> Sequence[tuple[object, ...]]:
    async with database.reading() as connection:
        columns = (deliveries.c.kind, deliveries.c.incident_id, deliveries.c.urgency, deliveries.c.nonce)
        rows = await connection.execute(select(*columns).order_by(deliveries.c.id))
        return [tuple(row) for row in rows]


@pytest.mark.parametrize("type_", UpdateType)
async def test_an_update_is_saved_with_one_delivery(database: Database, type_: UpdateType) -> None:
    update = IncidentUpdate(incident(), type_)
    saved = await recorded(database, update)

    assert saved == incident(id=saved.id)
    assert await waiting(database) == [(type_.value, saved.id, update.urgency, "nonce 0")]


async def test_a_users_action_is_saved_with_its_timeline_event(database: Database) -> None:
    begun = await recorded(database, IncidentUpdate(incident(), UpdateType.STARTED))
    update = acknowledge(begun, MOD, NOON)
    async with database.transaction() as connection:
        assert await record_update(connection, update, nonce="another", now=NOON) == update.incident
        assert begun.id is not None
        assert await get_incident(connection, begun.id) == update.incident
        assert await timeline_of(connection, begun.id, most=9) == update.events


async def test_closing_confirms_the_current_state_of_its_tokens_only(database: Database) -> None:
    out = [TokenState(token_id, Mode.OFF, NOON, incident_since=NOON) for token_id in (111, 222)]
    off = member(111, kind=AlertType.SWITCHED_OFF)
    async with database.transaction() as connection:
        await save_states(connection, SERVER, out)
    unknown = member(333, kind=AlertType.SWITCHED_OFF)
    await recorded(database, close(incident(members=(off, unknown)), MOD, NOON))

    async with database.reading() as connection:
        states = await states_of(connection, SERVER)
    assert {token_id: state.incident_since for token_id, state in states.items()} == {111: None, 222: NOON}


async def test_a_refresh_only_updates_the_message(database: Database) -> None:
    begun = await recorded(database, IncidentUpdate(incident(), UpdateType.STARTED))
    async with database.transaction() as connection:
        await record_refresh(connection, begun, nonce="shown", now=NOON)
        assert begun.id is not None
        assert await get_incident(connection, begun.id) == begun

    assert (await waiting(database))[1:] == [(UpdateType.REFRESH.value, begun.id, 0, "shown")]
