"""The log: whatever ImaginePro returns, each line is one of ours, without a control character."""

import json
import logging
import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import httpx
import pytest
import stamina
import structlog
from pydantic import SecretStr

from bot.imaginepro.client import open_imaginepro
from bot.logging_setup import configure_logs
from bot.monitor.monitor import Monitor
from bot.settings import LogFormat, LogLevel
from bot.storage.accounts import ensure_account
from bot.storage.database import open_database
from tests.cases import first_quick
from tests.clocks import SetClock

KEY = "KEY-made-up-and-secret"
NASTY = "\x1b[2J\x9b31m\r\n2026-03-02T12:00:00Z [error] A line of somebody else\u202e\u2028\x85\x07 token=x"
LINES = dict.fromkeys(["fastTimeRemaining", "subscription", "runningJobs", "visibilityMode", "message"], NASTY)
ANSWERS = {
    "a status": httpx.Response(200, json=[{"id": 1, "status": NASTY, "info": LINES, "token": NASTY}]),
    "another": httpx.Response(200, json=[{"id": 1, "status": "BANNED", "info": LINES}]),
    "an error": httpx.Response(401, json={"message": NASTY, "error": NASTY, "statusCode": 401}),
    "a list of errors": httpx.Response(403, json={"message": [NASTY, NASTY], "statusCode": 403}),
    "an error of a gateway": httpx.Response(403, json={"message": NASTY}),
    "a wish": httpx.Response(429, json={"message": NASTY}, headers={"Retry-After": "\x1b[31m"}),
    "a shape": httpx.Response(200, json={NASTY: NASTY}),
    "a page": httpx.Response(502, text=NASTY, headers={"Server": "\x1b[31m"}),
    "a key": httpx.Response(200, content=json.dumps([{"id": 1, "status": KEY}])[:-3].encode()),
}


@pytest.fixture(autouse=True)
def no_pauses_between_tries() -> Iterator[None]:
    with stamina.set_testing(True, attempts=2, cap=True):
        yield


@pytest.fixture(autouse=True)
def logs_as_before() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    configured = structlog.get_config()
    yield
    root.handlers[:], root.level = handlers, level
    structlog.configure(**configured)


async def rounds(folder: Path) -> None:
    """Run a round for each of the responses, twice, so that each also follows another."""
    clock = SetClock()
    now: list[httpx.Response] = []

    def answer(_: httpx.Request) -> httpx.Response:
        return httpx.Response(now[-1].status_code, headers=now[-1].headers, content=now[-1].content)

    async with (
        open_database(SecretStr(f"sqlite:///{folder}/fastwatch.db")) as database,
        open_imaginepro("http://127.0.0.1", SecretStr(KEY), clock, transport=httpx.MockTransport(answer)) as client,
    ):
        async with database.transaction() as connection:
            account_id = await ensure_account(connection, "primary", clock.now())
        monitor = Monitor(
            account_id, client, database, clock, poll_interval=timedelta(minutes=1), deliveries_recorded=lambda: None
        )
        for one in [*ANSWERS.values()] * 2:
            now.append(one)
            await monitor.round()
            clock.advance(timedelta(hours=2))


@pytest.mark.parametrize("level", first_quick([LogLevel.DEBUG, LogLevel.INFO]))
@pytest.mark.parametrize("layout", LogFormat)
async def test_no_response_can_inject_log_lines_or_control_characters(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], level: LogLevel, layout: LogFormat
) -> None:
    configure_logs(level, layout, [SecretStr(KEY)])
    await rounds(tmp_path)
    written = capsys.readouterr().err

    ours: Callable[[str], object] = re.compile(r"2\d{3}-\d\d-\d\dT[\d:.]+Z \[").match
    lines = written.rstrip("\n").split("\n")
    assert len(lines) > len(ANSWERS)
    assert all(json.loads(line) for line in lines) if layout is LogFormat.JSON else all(map(ours, lines)), written
    assert [sign for sign in written if not sign.isprintable() and sign != "\n"] == []
    assert KEY not in written
