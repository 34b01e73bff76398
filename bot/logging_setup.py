"""Logging: lines for people or for machines. All of them pass a processor that redacts secrets."""

import asyncio
import logging
import logging.config
import re
import sys
from collections.abc import Callable, Iterable, MutableMapping
from typing import Any

import aiohttp
import discord
import stamina
import structlog
from pydantic import SecretStr

from bot.settings import LogFormat, LogLevel
from bot.storage.unavailable import DatabaseUnavailable

_REDACTED = "[redacted]"
# At debug level discord.py logs whole gateway events, and the URLs of interactions and webhooks. The token in them
# allows anyone to answer in the bot's name for 15 minutes (Discord's lifetime of an interaction token).
_TOKENS = (
    re.compile(r"(?P<before>[\"'](?:token|email)[\"']\s*:\s*[\"'])[^\"']+", re.IGNORECASE),
    re.compile(r"(?P<before>/(?:interactions|webhooks)/\d+/)[\w.-]+"),
    re.compile(r"(?P<before>\bBearer )[\w.~+/=-]{8,}"),
    # aiohttp's errors of a proxy hold its credentials; their text does not quote them.
    re.compile(r"(?P<before>\bBasic )[\w+/=]{8,}"),
    # A bot token contains dots; "Bot disconnected" does not.
    re.compile(r"(?P<before>\bBot )[\w-]+\.[\w.-]+"),
)
_MIN_SECRET_LENGTH = 4  # a shorter one would match in ordinary words


class Redactor:
    """Redacts secrets in log events: the given ones, and what looks like a token."""

    def __init__(self, secrets: Iterable[SecretStr]) -> None:
        known = {secret.get_secret_value() for secret in secrets}
        self._known = sorted((secret for secret in known if len(secret) >= _MIN_SECRET_LENGTH), key=len, reverse=True)

    def __call__(self, _: Any, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
        """Return the event with every value redacted (a structlog processor)."""
        return {key: self._clean(value) for key, value in event.items()}

    def redact(self, text: str) -> str:
        """Return a text without its secrets."""
        for secret in self._known:
            text = text.replace(secret, _REDACTED)
        for pattern in _TOKENS:
            text = pattern.sub(rf"\g<before>{_REDACTED}", text)
        return text

    def _clean(self, value: Any) -> Any:
        if value is None or isinstance(value, bool | int | float):
            return value
        return self.redact(value if isinstance(value, str) else str(value))


def configure_logs(
    level: LogLevel,
    layout: LogFormat,
    secrets: Iterable[SecretStr],
    report: Callable[[BaseException, str], None] | None = None,
) -> None:
    """Write every log line of the program and of its libraries to standard error, redacted.

    `report` is called with each error that is logged with its traceback, and with the line.
    """
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.StackInfoRenderer(),
        structlog.processors.format_exc_info,
    ]
    # The last processor before rendering, so that formatted tracebacks are redacted as well.
    redacting: list[Any] = [structlog.stdlib.ProcessorFormatter.remove_processors_meta, Redactor(secrets)]
    rendering: Any = (
        structlog.processors.JSONRenderer()
        if layout is LogFormat.JSON
        else structlog.dev.ConsoleRenderer(
            colors=sys.stderr.isatty(), exception_formatter=structlog.dev.plain_traceback
        )
    )
    formatter = structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=[structlog.stdlib.PositionalArgumentsFormatter(), *shared], processors=[*redacting, rendering]
    )
    handler = logging.StreamHandler()
    handler.setFormatter(formatter)
    handler.addFilter(_is_no_outage)
    if report is not None:
        handler.addFilter(_RecordReporter(report))
    logging.basicConfig(handlers=[handler], level=level.value.upper(), force=True)
    # At debug level aiosqlite logs three lines for each statement.
    logging.getLogger("aiosqlite").setLevel(logging.INFO)
    if level is not LogLevel.DEBUG:
        # These log a line for each request. The monitor and the notifier log what matters.
        for noisy in ("httpx", "httpcore", "alembic", "discord.client", "discord.gateway", "discord.http"):
            logging.getLogger(noisy).setLevel(logging.WARNING)
        logging.getLogger("discord.shard").addFilter(_as_warning)
    structlog.configure(
        processors=[
            _drop_outages,
            *([_EventReporter(report)] if report is not None else []),
            *shared,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )
    # stamina's default hooks would log the arguments of the retried call.
    stamina.instrumentation.set_on_retry_hooks([_log_retry])


class _EventReporter:
    """Reports the errors of our own log events (a structlog processor)."""

    def __init__(self, report: Callable[[BaseException, str], None]) -> None:
        self._report = report

    def __call__(self, _: Any, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
        error = event.get("exc_info")
        error = sys.exc_info()[1] if error is True else error
        if isinstance(error, BaseException):
            self._report(error, str(event["event"]))
        return event


class _RecordReporter(logging.Filter):
    """Reports the errors of other libraries' log records."""

    def __init__(self, report: Callable[[BaseException, str], None]) -> None:
        super().__init__()
        self._report = report

    def filter(self, record: logging.LogRecord) -> bool:
        """Keep every record. In those of structlog, the traceback is text already."""
        if record.exc_info and record.exc_info[1] is not None:
            self._report(record.exc_info[1], record.getMessage())
        return True


def _drop_outages(_: Any, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Drop tracebacks about the database being away, which `bot.storage.database_outage` logs in one line."""
    error = event.get("exc_info")
    if isinstance(sys.exc_info()[1] if error is True else error, DatabaseUnavailable):
        raise structlog.DropEvent
    return event


def _is_no_outage(record: logging.LogRecord) -> bool:
    """Whether to keep a record of another library: the same for those.

    SQLAlchemy's pool logs an error where a time-out, or the end of the process, cancels the closing of a connection
    whose database does not respond.
    """
    error = record.exc_info[1] if record.exc_info else None
    is_cancelled = record.name.startswith("sqlalchemy.pool") and isinstance(error, asyncio.CancelledError)
    return not (is_cancelled or isinstance(error, DatabaseUnavailable))


def _as_warning(record: logging.LogRecord) -> bool:
    """Make a warning of one line: discord.py logs an error with a traceback for each lost connection and each failed
    attempt to connect, although it tries again.
    """
    error = record.exc_info[1] if record.exc_info else None
    if isinstance(error, OSError | TimeoutError | aiohttp.ClientError | discord.DiscordException):
        record.msg, record.args = f"{record.getMessage()} ({type(error).__name__}: {error})", None
        record.levelno, record.levelname = logging.WARNING, logging.getLevelName(logging.WARNING)
        record.exc_info = None
    return True


def _log_retry(details: stamina.instrumentation.RetryDetails) -> None:
    structlog.get_logger(__name__).debug(
        "Retrying a request to ImaginePro.", attempts=details.retry_num, error=type(details.caused_by).__name__
    )
