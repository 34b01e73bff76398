"""`/token export`: a CSV file of the history, or one sentence."""

import csv

import pytest
import simcord

from bot.app.services import Services
from bot.storage.tokens import add_samples
from cogs import token_export
from tests.clocks import NOON
from tests.cogs.driving import Team
from tests.cogs.server import Server, refused
from tests.cogs.test_token_show import HOUR, answer
from tests.queries.test_tokens import reading


@pytest.fixture(autouse=True)
async def two_tokens(team: Team, services: Services) -> None:
    """Give token 111 three samples, and token 222 one."""
    team.fill(5)
    await team.monitor.round()
    async with services.database.transaction() as connection:
        past = [reading(NOON - 48 * HOUR, 6), reading(NOON - 24 * HOUR, None, "BANNED"), reading(NOON - HOUR, 5.5)]
        await add_samples(connection, services.account_id, [*past, reading(NOON - HOUR, 9, token_id=222)])


async def export(server: Server, **options: object) -> simcord.InteractionResult:
    return await server.member.slash(server.talk, "token export", **options)


async def test_the_file_has_each_sample_with_its_time_in_utc(server: Server) -> None:
    result = await export(server, token="111", days=2)
    (file,) = answer(result).attachments

    assert not result.ephemeral
    assert file.filename == "fastwatch-111-2026-02-28-to-2026-03-02.csv"
    assert list(csv.reader((await file.read()).decode().splitlines())) == [
        ["token", "time_utc", "mode", "left_hours", "total_hours"],
        ["111", "2026-02-28T12:00:00Z", "FAST", "6.0000", "15.0000"],
        ["111", "2026-03-01T12:00:00Z", "BANNED", "", ""],
        ["111", "2026-03-02T11:00:00Z", "FAST", "5.5000", "15.0000"],
        ["111", "2026-03-02T12:00:00Z", "FAST", "5.0000", "15.0000"],
    ]


async def test_without_a_token_it_has_all_of_them_and_can_be_private(server: Server) -> None:
    result = await export(server, private=True)
    (file,) = answer(result).attachments
    rows = (await file.read()).decode().splitlines()

    assert result.ephemeral
    assert {row.partition(",")[0] for row in rows[1:]} >= {"111", "222"}
    assert rows[1:] == sorted(rows[1:])


async def test_what_cannot_be_sent_is_one_sentence(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(token_export, "_MAX_BYTES", 20)

    assert refused(server, await export(server)).endswith("Choose fewer days, or one token.")
    assert refused(server, await export(server, token="999")).startswith("No token of this account")
