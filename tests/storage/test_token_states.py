"""A server's confirmed token states round-trip."""

from dataclasses import fields, replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter
from sqlalchemy.exc import IntegrityError

from bot.domain.alert_types import AlertType
from bot.domain.modes import Mode
from bot.domain.tracking import PendingChange, TokenState
from bot.storage.database import Database
from bot.storage.token_states import save_states, states_of
from tests.clocks import NOON
from tests.storage.seeds import OTHER_SERVER, SERVER, TOKEN, add_route

# Its statements differ between SQLite and PostgreSQL.

PLAIN = TokenState(TOKEN, Mode.FAST, NOON)
FULL = TokenState(
    TOKEN,
    Mode.RELAX,
    NOON + timedelta(microseconds=1),
    pending=PendingChange(Mode.BANNED, NOON + timedelta(seconds=8), 2),
    incident_since=NOON,
    recent_starts=(NOON - timedelta(hours=1), NOON),
    low=AlertType.VERY_LOW,
    low_readings=1,
    outlook=AlertType.RUNS_OUT_SOON,
    shortfall_since=NOON - timedelta(hours=2),
    imminent_since=NOON - timedelta(minutes=20),
    sufficient_since=NOON - timedelta(seconds=1),
)


@pytest.fixture
async def _routes(database: Database, account_id: int) -> None:
    async with database.transaction() as connection:
        for server_id in (SERVER, OTHER_SERVER):
            await add_route(connection, account_id, server_id)


async def saved(database: Database, *states: TokenState, server_id: int = SERVER) -> dict[int, TokenState]:
    async with database.transaction() as connection:
        await save_states(connection, server_id, states)
    async with database.reading() as connection:
        return await states_of(connection, server_id)


@pytest.mark.usefixtures("_routes")
async def test_all_confirmed_state_round_trips(database: Database) -> None:
    assert all(getattr(FULL, field.name) != getattr(PLAIN, field.name) for field in fields(TokenState)[1:])

    assert await saved(database, FULL, replace(PLAIN, token_id=2**63 - 1)) == {
        TOKEN: FULL,
        2**63 - 1: replace(PLAIN, token_id=2**63 - 1),
    }


@pytest.mark.usefixtures("_routes")
async def test_saving_again_replaces_the_old_value(database: Database) -> None:
    other = replace(PLAIN, token_id=222)
    await saved(database, FULL, other)

    assert await saved(database, PLAIN) == {TOKEN: PLAIN, 222: other}
    assert await saved(database) == {TOKEN: PLAIN, 222: other}


@pytest.mark.usefixtures("_routes")
async def test_each_server_has_its_own_state(database: Database) -> None:
    await saved(database, FULL, server_id=OTHER_SERVER)

    assert await saved(database, PLAIN) == {TOKEN: PLAIN}
    assert await saved(database, server_id=OTHER_SERVER) == {TOKEN: FULL}


@pytest.mark.usefixtures("_routes")
async def test_only_a_server_that_had_alerts_has_states(database: Database) -> None:
    with pytest.raises(IntegrityError):
        await saved(database, PLAIN, server_id=999)


moments = st.datetimes(datetime(2000, 1, 1), datetime(2200, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 - hypothesis adds the zone
modes = st.sampled_from(Mode)
states = st.builds(
    TokenState,
    token_id=st.integers(0, 2**63 - 1),
    mode=modes,
    since=moments,
    pending=st.none() | st.builds(PendingChange, modes, moments, st.integers(0, 9)),
    incident_since=st.none() | moments,
    recent_starts=st.lists(moments, max_size=4).map(tuple),
    low=st.none() | st.sampled_from(AlertType),
    low_readings=st.integers(0, 9),
    outlook=st.none() | st.sampled_from(AlertType),
    shortfall_since=st.none() | moments,
    imminent_since=st.none() | moments,
    sufficient_since=st.none() | moments,
)


@given(state=states)
def test_any_state_round_trips_through_json(state: TokenState) -> None:
    adapter = TypeAdapter(TokenState)

    assert adapter.validate_json(adapter.dump_json(state, exclude_defaults=True)) == state
