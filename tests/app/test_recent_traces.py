"""Recent traces: what cannot be written is logged, whenever that is."""

from uuid import UUID

import pytest
import structlog
from pydantic import SecretStr
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from bot.app.recent_traces import RecentTraces
from bot.storage.database import open_database
from bot.storage.traces import TraceRecord
from tests.clocks import NOON, SetClock

MESSAGE = UUID("d15c1541-229a-442b-9873-d3494dede12a")

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("when", ["later", "at a completion", "at the end"])
async def test_a_trace_that_cannot_be_written_is_logged(sqlite_url: str, when: str) -> None:
    clock = SetClock()
    async with open_database(SecretStr(sqlite_url), clock) as database:
        async with database.transaction() as connection:
            await connection.execute(text("DROP TABLE traces"))
        recent = RecentTraces(database, clock)
        with structlog.testing.capture_logs() as logs:
            recent.add(TraceRecord(1, MESSAGE, 111, NOON))
            match when:
                case "later":
                    assert recent._scheduled_write
                    await recent._scheduled_write
                case "at a completion":
                    with pytest.raises(SQLAlchemyError):
                        await recent.matching(1, "", most=25)
                case _:
                    await recent.close()

    (line,) = [one for one in logs if one["event"] == "Recent traces could not be written."]
    assert line["messages"] == [str(MESSAGE)]
