"""Logs: lines for people or for machines, none with a secret in it."""

import asyncio
import json
import logging
from collections.abc import Callable, Iterator
from typing import Any

import aiohttp
import httpx
import pytest
import stamina
import structlog
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr

from bot.logging_setup import Redactor, configure_logs
from bot.settings import LogFormat, LogLevel
from bot.storage.unavailable import Cause, DatabaseUnavailable

DISCORD_TOKEN = "made-up.discord.token"
API_KEY = "made-up-api-key"
DATABASE_URL = "postgresql://user:made-up-password@host/database"
SECRETS = [SecretStr(secret) for secret in (DISCORD_TOKEN, API_KEY, DATABASE_URL)]
INTERACTION_TOKEN = "aW50ZXJhY3Rpb246MTIzNDU2.made_up-interaction-token"
NOISY = ("httpx", "httpcore", "alembic", "discord.client", "discord.gateway", "discord.http")
LAYOUTS = pytest.mark.parametrize("layout", LogFormat)

Configure = Callable[[LogFormat, LogLevel], None]


@pytest.fixture
def configure() -> Iterator[Configure]:
    """Configure logging, and restore everything at the end."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    loggers = [logging.getLogger(name) for name in NOISY]
    levels = [logger.level for logger in loggers]
    for logger in loggers:
        # Other tests may have raised its level.
        logger.setLevel(logging.NOTSET)
    for handler in handlers:
        # Otherwise it would be closed when it is replaced.
        root.removeHandler(handler)
    configured = structlog.get_config()
    yield lambda layout, chosen: configure_logs(chosen, layout, SECRETS)
    root.handlers = handlers
    root.setLevel(level)
    for logger, before in zip(loggers, levels, strict=True):
        logger.setLevel(before)
    structlog.configure(**configured)
    stamina.instrumentation.set_on_retry_hooks(None)


@pytest.fixture
def written(capsys: pytest.CaptureFixture[str]) -> Callable[[], str]:
    """Return what was written, which goes only to standard error."""

    def read() -> str:
        captured = capsys.readouterr()
        assert captured.out == ""
        return captured.err

    return read


def log_everything() -> None:
    """Log secrets in every possible way."""
    own = structlog.get_logger("bot.somewhere")
    own.info(f"event {API_KEY}", value=API_KEY, nested={"a": [DATABASE_URL]}, raw=DISCORD_TOKEN.encode(), error=fail())
    theirs = logging.getLogger("discord.somewhere")
    theirs.warning("with %s and %r", API_KEY, {"key": DISCORD_TOKEN})
    theirs.warning("with %(name)s", {"name": API_KEY})
    theirs.warning("odd", stack_info=True, extra={"note": API_KEY})
    try:
        raise fail()
    except ConnectionError as error:
        own.exception("own")
        own.error("given", exc_info=error)
        theirs.exception("theirs")
        theirs.error("theirs, given", exc_info=error)


def fail() -> ConnectionError:
    error = ConnectionError(f"could not connect with {API_KEY} to {DATABASE_URL}")
    error.__cause__ = ValueError(f"{DISCORD_TOKEN} is wrong")
    return error


@LAYOUTS
def test_no_secret_is_written_however_it_was_logged(
    configure: Configure, written: Callable[[], str], layout: LogFormat
) -> None:
    configure(layout, LogLevel.DEBUG)
    log_everything()
    lines = written()

    assert [secret.get_secret_value() for secret in SECRETS if secret.get_secret_value() in lines] == []
    assert lines.count("Traceback (most recent call last)") >= 4, "the errors are still logged"
    assert "could not connect with [redacted] to [redacted]" in lines
    assert "[redacted] is wrong" in lines


@LAYOUTS
@pytest.mark.parametrize(
    "text",
    [
        f"For Shard ID None: WebSocket Event: {{'t': 'INTERACTION_CREATE', 'd': {{'token': '{INTERACTION_TOKEN}'}}}}",
        json.dumps({"op": 2, "d": {"token": INTERACTION_TOKEN, "intents": 1}}),
        f'{{"Token" : "{INTERACTION_TOKEN}"}}',
        f"POST https://discord.com/api/v10/interactions/123456/{INTERACTION_TOKEN}/callback has returned 204",
        f"PATCH https://discord.com/api/v10/webhooks/123456/{INTERACTION_TOKEN}/messages/@original",
        f"Authorization: Bot {INTERACTION_TOKEN}",
        f"Authorization: Bearer {INTERACTION_TOKEN}",
        f"<CIMultiDict('Proxy-Authorization': 'Basic {INTERACTION_TOKEN}')>",
        f"{{'email': '{INTERACTION_TOKEN}@example.invalid'}}",
    ],
)
def test_what_looks_like_a_token_is_not_logged_even_by_discordpy_at_debug(
    configure: Configure, written: Callable[[], str], layout: LogFormat, text: str
) -> None:
    configure(layout, LogLevel.DEBUG)
    logging.getLogger("discord.gateway").debug("%s", text)
    structlog.get_logger().debug("event", text=text)
    lines = written()

    assert INTERACTION_TOKEN not in lines
    assert lines.count("[redacted]") == 2


def test_json_logs_have_one_object_per_line(configure: Configure, written: Callable[[], str]) -> None:
    configure(LogFormat.JSON, LogLevel.DEBUG)
    log_everything()
    lines = [json.loads(line) for line in written().splitlines()]

    assert len(lines) == 8
    assert all({"event", "level", "logger", "timestamp"} <= line.keys() for line in lines)
    assert all(line["timestamp"].endswith("Z") for line in lines)
    assert sum("exception" in line for line in lines) == 4


def test_numbers_and_booleans_keep_their_type(configure: Configure, written: Callable[[], str]) -> None:
    configure(LogFormat.JSON, LogLevel.INFO)
    structlog.get_logger().info("event", number=7, share=0.5, yes=True, nothing=None)
    (line,) = [json.loads(line) for line in written().splitlines()]

    assert (line["number"], line["share"], line["yes"], line["nothing"]) == (7, 0.5, True, None)


def test_text_logs_start_with_what_happened(configure: Configure, written: Callable[[], str]) -> None:
    configure(LogFormat.CONSOLE, LogLevel.INFO)
    structlog.get_logger("bot.somewhere").info("A token changed.", token=111)
    line = written()

    assert line.count("\n") == 1
    assert line.index("A token changed.") < line.index("token=111")


@LAYOUTS
def test_records_below_the_level_are_not_written(
    configure: Configure, written: Callable[[], str], layout: LogFormat
) -> None:
    configure(layout, LogLevel.WARNING)
    structlog.get_logger().info("too little")
    logging.getLogger("discord").info("too little")
    logging.getLogger("discord.gateway").warning("enough")

    assert "too little" not in written()


@pytest.mark.parametrize("name", NOISY)
@pytest.mark.parametrize("level", [LogLevel.INFO, LogLevel.DEBUG])
def test_a_line_for_every_request_is_written_at_debug_only(
    configure: Configure, written: Callable[[], str], name: str, level: LogLevel
) -> None:
    configure(LogFormat.CONSOLE, level)
    logging.getLogger(name).info("a line for every request")

    assert ("a line for every request" in written()) is (level is LogLevel.DEBUG)


@LAYOUTS
async def test_at_debug_the_key_of_a_request_is_not_written(
    configure: Configure, written: Callable[[], str], layout: LogFormat
) -> None:
    configure(layout, LogLevel.DEBUG)
    headers = {"Authorization": f"Bearer {API_KEY}"}
    async with httpx.AsyncClient(headers=headers, trust_env=False, timeout=5) as client:
        with pytest.raises(httpx.ConnectError):
            await client.get(f"http://127.0.0.1:1/{API_KEY}")
    lines = written()

    assert "connect_tcp" in lines, "httpcore writes at this level"
    assert API_KEY not in lines


def test_a_retry_is_logged_without_the_request(configure: Configure, written: Callable[[], str]) -> None:
    configure(LogFormat.JSON, LogLevel.DEBUG)

    @stamina.retry(on=ConnectionError, attempts=2, wait_initial=0, wait_jitter=0)
    def ask(question: str) -> None:
        raise ConnectionError(question)

    with pytest.raises(ConnectionError):
        ask("a private question")
    (line,) = [json.loads(line) for line in written().splitlines()]

    found = (line["event"], line["attempts"], line["error"])
    assert found == ("Retrying a request to ImaginePro.", 1, "ConnectionError")
    assert "private" not in str(line)


# --- The redactor


def test_a_secret_within_another_is_redacted_whole() -> None:
    redactor = Redactor([SecretStr("made-up"), SecretStr("made-up-and-longer")])

    assert redactor.redact("a made-up-and-longer b made-up") == "a [redacted] b [redacted]"


def test_a_short_secret_does_not_redact_the_whole_log() -> None:
    assert Redactor([SecretStr(""), SecretStr("a")]).redact("a banana") == "a banana"


@given(secret=st.text(min_size=4), before=st.text(), after=st.text())
def test_no_secret_survives(secret: str, before: str, after: str) -> None:
    event: dict[str, Any] = {"event": before + secret + after, "value": [secret], "exception": {secret: 1}}
    redacted = Redactor([SecretStr(secret)])(None, "", dict(event))

    assert set(redacted) == set(event)
    if secret not in "[redacted]":
        assert secret not in redacted["event"].replace("[redacted]", "\0")


@LAYOUTS
def test_tracebacks_about_a_database_that_is_away_are_dropped(
    configure: Configure, written: Callable[[], str], layout: LogFormat
) -> None:
    configure(layout, LogLevel.INFO)
    error = DatabaseUnavailable(Cause.UNREACHABLE, "made up")
    try:
        raise error
    except DatabaseUnavailable:
        structlog.get_logger("bot.made_up").exception("Something failed.")
        logging.getLogger("discord.client").exception("Ignoring exception in %s", "on_made_up")
    structlog.get_logger("bot.made_up").error("Something failed.", exc_info=error)
    assert written() == ""

    structlog.get_logger("bot.made_up").error("Something failed.", exc_info=ValueError())
    assert "Something failed." in written()


def test_the_cancelled_closing_of_a_connection_to_the_database_is_no_error(
    configure: Configure, written: Callable[[], str]
) -> None:
    configure(LogFormat.JSON, LogLevel.INFO)
    pool = logging.getLogger("sqlalchemy.pool.impl.AsyncAdaptedQueuePool")
    pool.error("Exception closing connection", exc_info=asyncio.CancelledError())
    assert written() == ""

    pool.error("Exception closing connection", exc_info=ValueError("made up"))
    assert "Exception closing connection" in written()


def test_a_lost_connection_to_discord_is_a_warning_of_one_line(
    configure: Configure, written: Callable[[], str]
) -> None:
    configure(LogFormat.JSON, LogLevel.INFO)
    shard = logging.getLogger("discord.shard")
    shard.error("Attempting a reconnect", exc_info=aiohttp.ClientConnectionResetError("Cannot write"))
    shard.error("Attempting a reconnect", exc_info=ValueError("made up"))

    lost, unexpected = map(json.loads, written().splitlines())
    assert lost["event"] == "Attempting a reconnect (ClientConnectionResetError: Cannot write)"
    assert (lost["level"], unexpected["level"]) == ("warning", "error")
    assert ("exception" in lost, "exception" in unexpected) == (False, True)
