"""Logging: lines for people or for machines, through one place that lets no secret pass."""

import logging
import logging.config
import re
import sys
from collections.abc import Iterable, MutableMapping
from typing import Any

import aiohttp
import discord
import stamina
import structlog
from pydantic import SecretStr

from bot.settings import LogFormat, LogLevel

_REDACTED = "[redacted]"
# At debug level discord.py logs whole gateway events, and the addresses of interactions and webhooks: the token in
# them lets anyone answer in the bot's name for 15 minutes.
_TOKENS = (
    re.compile(r"(?P<before>[\"'](?:token|email)[\"']\s*:\s*[\"'])[^\"']+", re.IGNORECASE),
    re.compile(r"(?P<before>/(?:interactions|webhooks)/\d+/)[\w.-]+"),
    re.compile(r"(?P<before>\bBearer )[\w.~+/=-]{8,}"),
    # A bot's token has dots in it; "Bot disconnected" has none.
    re.compile(r"(?P<before>\bBot )[\w-]+\.[\w.-]+"),
)
_SHORTEST_SECRET = 4


class Redactor:
    """Takes secrets out of log events: those it is told, and what looks like one."""

    def __init__(self, secrets: Iterable[SecretStr]) -> None:
        known = {secret.get_secret_value() for secret in secrets}
        self._known = sorted((secret for secret in known if len(secret) >= _SHORTEST_SECRET), key=len, reverse=True)

    def __call__(self, _: Any, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
        """Redact every value of the event (a structlog processor)."""
        return {key: self._clean(value) for key, value in event.items()}

    def redact(self, text: str) -> str:
        """Take the secrets out of a text."""
        for secret in self._known:
            text = text.replace(secret, _REDACTED)
        for pattern in _TOKENS:
            text = pattern.sub(rf"\g<before>{_REDACTED}", text)
        return text

    def _clean(self, value: Any) -> Any:
        if value is None or isinstance(value, bool | int | float):
            return value
        return self.redact(value if isinstance(value, str) else str(value))


def configure_logs(level: LogLevel, layout: LogFormat, secrets: Iterable[SecretStr]) -> None:
    """Send every log line of the program and of its libraries to standard error, redacted."""
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.StackInfoRenderer(),
        structlog.processors.format_exc_info,
    ]
    # Last but the rendering, so that tracebacks are redacted as well.
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
    logging.basicConfig(handlers=[handler], level=level.value.upper(), force=True)
    # At debug level it writes every statement, three lines each.
    logging.getLogger("aiosqlite").setLevel(logging.INFO)
    if level is not LogLevel.DEBUG:
        # One line a request is too much for people: what matters of it is logged by the monitor and the notifier.
        for noisy in ("httpx", "httpcore", "alembic", "discord.client", "discord.gateway", "discord.http"):
            logging.getLogger(noisy).setLevel(logging.WARNING)
        logging.getLogger("discord.shard").addFilter(_without_traceback)
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )
    # Its own hooks would log the arguments of what is retried.
    stamina.instrumentation.set_on_retry_hooks([_log_retry])


def _without_traceback(record: logging.LogRecord) -> bool:
    """Say in one line why discord.py could not connect this time: it logs each try with its traceback."""
    error = record.exc_info[1] if record.exc_info else None
    if isinstance(error, OSError | TimeoutError | aiohttp.ClientError | discord.DiscordException):
        record.msg, record.args = f"{record.getMessage()} ({type(error).__name__}: {error})", None
        record.exc_info = None
    return True


def _log_retry(details: stamina.instrumentation.RetryDetails) -> None:
    structlog.get_logger(__name__).debug(
        "ImaginePro is asked again.", retry=details.retry_num, because=type(details.caused_by).__name__
    )
