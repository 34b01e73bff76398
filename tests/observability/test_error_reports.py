"""Error reports: what is unexpected is sent to Sentry, and no secret with it."""

import asyncio
import logging
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
import structlog
from pydantic import SecretStr

from bot.logging_setup import configure_logs
from bot.network import DIRECT, Network, parse_proxy
from bot.observability.error_reports import NoSentryLibrary, Report, _proxy_options, report_errors
from bot.settings import LogFormat, LogLevel
from bot.storage.unavailable import Cause, DatabaseUnavailable
from tests.clocks import SetClock
from tests.patience import GENEROUS
from tests.standins.sentry_server import KEY, SentryServer

API_KEY = SecretStr("made-up-api-key")
PASSWORD = SecretStr("made-up-password")
INTERACTION_TOKEN = "aW50ZXJhY3Rpb246MTIzNDU2.made_up-interaction-token"
SECRETS = (API_KEY, PASSWORD)


@pytest.fixture
async def sentry() -> AsyncIterator[SentryServer]:
    async with SentryServer() as server:
        yield server


@pytest.fixture
def report(sentry: SentryServer) -> Iterator[Report]:
    with report_errors(SecretStr(sentry.dsn), DIRECT, SECRETS) as report:
        assert report is not None
        yield report


@pytest.fixture
def logging_as_started(report: Report) -> Iterator[None]:
    """Log as the program does, and restore everything at the end."""
    root = logging.getLogger()
    handlers, level, configured = root.handlers[:], root.level, structlog.get_config()
    for handler in handlers:
        # Otherwise it would be closed when it is replaced.
        root.removeHandler(handler)
    configure_logs(LogLevel.INFO, LogFormat.JSON, SECRETS, report)
    yield
    root.handlers = handlers
    root.setLevel(level)
    structlog.configure(**configured)


def connect(address: str) -> None:
    raise ValueError(f"the cause holds {PASSWORD.get_secret_value()} and {address}")


def fail(local: str) -> None:
    """Fail with a secret in the error, in its cause and in a local variable."""
    try:
        connect("made up")
    except ValueError as error:
        raise RuntimeError(f"/webhooks/1234/{INTERACTION_TOKEN} {local}") from error


async def test_an_unexpected_error_is_reported_without_secrets(
    sentry: SentryServer, report: Report, logging_as_started: None
) -> None:
    try:
        fail(API_KEY.get_secret_value())
    except RuntimeError:
        structlog.get_logger("bot").exception("Unexpected error in a round.", key=API_KEY.get_secret_value())
    await sentry.has_events(1)

    (event,) = sentry.events
    assert [one["type"] for one in event["exception"]["values"]] == ["ValueError", "RuntimeError"]
    assert event["exception"]["values"][1]["value"] == "/webhooks/1234/[redacted] [redacted]"
    assert event["extra"] == {"logged": "Unexpected error in a round."}
    assert event["release"].startswith("fastwatch@")
    frames = [frame for one in event["exception"]["values"] for frame in one["stacktrace"]["frames"]]
    assert {frame["function"] for frame in frames} >= {"fail", "connect"}
    assert not [frame for frame in frames if "vars" in frame]
    for secret in (API_KEY.get_secret_value(), PASSWORD.get_secret_value(), INTERACTION_TOKEN):
        assert secret not in sentry.seen


async def test_errors_of_libraries_are_reported_and_those_of_the_database_are_not(
    sentry: SentryServer, logging_as_started: None
) -> None:
    away = DatabaseUnavailable(Cause.UNREACHABLE, "refused")
    structlog.get_logger("bot").error("Not recorded.", exc_info=away)
    logging.getLogger("discord").error("Not answered.", exc_info=away)
    structlog.get_logger("bot").warning("A warning without an error.")
    logging.getLogger("discord.client").error("Ignoring exception in %s", "on_ready", exc_info=KeyError("x"))
    await sentry.has_events(1)

    assert [event["extra"] for event in sentry.events] == [{"logged": "Ignoring exception in on_ready"}]


async def test_an_error_that_returns_is_reported_once(sentry: SentryServer, report: Report) -> None:
    for _ in range(3):
        report(ValueError("again"), "It failed.")
    report(ValueError("another"), "Something else failed.")
    await sentry.has_events(2)

    assert [event["extra"]["logged"] for event in sentry.events] == ["It failed.", "Something else failed."]


async def test_errors_are_reported_again_after_an_hour_however_many_there_were_before(
    sentry: SentryServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.observability.error_reports._MOST_IN_THAT_TIME", 2)
    clock = SetClock()
    with report_errors(SecretStr(sentry.dsn), DIRECT, SECRETS, timer=clock.monotonic) as report:
        assert report is not None
        for number in range(3):
            report(ValueError("x"), f"Never retrieved: task {number}.")
        clock.advance(timedelta(hours=2))
        report(ValueError("x"), "Never retrieved: task 0.")
        report(ValueError("x"), "Never retrieved: task 4.")
        await sentry.has_events(4)

    assert [event["extra"]["logged"][-2:] for event in sentry.events] == ["0.", "1.", "0.", "4."]


async def test_a_report_at_the_end_still_arrives(sentry: SentryServer, monkeypatch: pytest.MonkeyPatch) -> None:
    # However busy this machine is.
    monkeypatch.setattr("bot.observability.error_reports._FLUSH_SECONDS", GENEROUS)

    def die() -> None:
        with report_errors(SecretStr(sentry.dsn), DIRECT, SECRETS) as report:
            assert report is not None
            report(ValueError("the last one"), "Fastwatch stops.")

    await asyncio.to_thread(die)

    assert len(sentry.events) == 1


async def test_a_sentry_that_is_away_harms_nothing(caplog: pytest.LogCaptureFixture) -> None:
    with report_errors(SecretStr(f"http://{KEY}@127.0.0.1:1/7"), DIRECT, SECRETS) as report:
        assert report is not None
        report(ValueError("x"), "It failed.")

    assert KEY not in caplog.text


def test_without_a_dsn_nothing_is_loaded() -> None:
    program = """
import sys
import bot.start
from pydantic import SecretStr
from bot.network import DIRECT
from bot.observability.error_reports import report_errors
with report_errors(SecretStr(""), DIRECT, []) as report:
    assert report is None
raise SystemExit("sentry_sdk" in sys.modules)
"""
    done = subprocess.run([sys.executable, "-c", program], cwd=Path(__file__).parents[2], check=False)  # noqa: S603

    assert done.returncode == 0


def test_a_missing_library_is_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "sentry_sdk", None)

    with pytest.raises(NoSentryLibrary, match=r"^SENTRY_DSN: .* Run: make libraries-run\.$"):  # noqa: SIM117
        with report_errors(SecretStr("https://key@o1.ingest.sentry.invalid/1"), DIRECT, []):
            pass


def test_it_takes_the_way_of_the_proxy_and_reads_no_environment() -> None:
    proxied = Network(parse_proxy("http://me:made-up-password@proxy.invalid:3128"), no_proxy="inside.invalid")
    outside, inside = (SecretStr(f"https://key@{host}.invalid/1") for host in ("outside", "inside"))

    assert _proxy_options(outside, proxied) == {
        "http_proxy": "",
        "https_proxy": "http://proxy.invalid:3128",
        "proxy_headers": {"Proxy-Authorization": "Basic bWU6bWFkZS11cC1wYXNzd29yZA=="},
    }
    assert _proxy_options(inside, proxied) == {"http_proxy": "", "https_proxy": ""}
    assert _proxy_options(outside, DIRECT) == {"http_proxy": "", "https_proxy": ""}
