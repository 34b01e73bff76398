"""Reports of unexpected errors to Sentry, or to what speaks its protocol: `SENTRY_DSN`.

The library is an extra, and is loaded only where it is wanted. Its integrations, which would watch other libraries and
send local variables, stay off: a report is the error, its traceback and the line that was logged, without secrets.
"""

import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any, TypeAlias

from cachetools import TTLCache
from pydantic import SecretStr

from bot import __version__
from bot.logging_setup import Redactor
from bot.network import Network
from bot.observability.proxies import proxy_for

if TYPE_CHECKING:
    from sentry_sdk.types import Event, Hint

Report: TypeAlias = Callable[[BaseException, str], None]
"""Reports an error and the line that was logged."""

_FLUSH_SECONDS = 1
# An error that returns with each check says nothing new.
_REPEAT_SECONDS = 3600
_MOST_IN_THAT_TIME = 1000


class NoSentryLibrary(Exception):
    """SENTRY_DSN is set, and its library is not installed. The text says what to do."""


@contextmanager
def report_errors(
    dsn: SecretStr, network: Network, secrets: Iterable[SecretStr], *, timer: Callable[[], float] = time.monotonic
) -> Iterator[Report | None]:
    """Yield what reports an error, which raises nothing and waits for nothing; None without a DSN.

    What is still on its way at the end gets a second. Raises NoSentryLibrary.
    """
    if not dsn.get_secret_value():
        yield None
        return
    try:
        import sentry_sdk  # noqa: PLC0415 - an extra
        from sentry_sdk.utils import event_from_exception  # noqa: PLC0415
    except ImportError:
        raise NoSentryLibrary(
            "SENTRY_DSN: needs a library, sentry-sdk, which is not installed. Run: make libraries-run."
        ) from None
    redactor = Redactor(secrets)

    def without_secrets(event: "Event", _: "Hint") -> "Event":
        return _redacted(event, redactor)  # type: ignore[no-any-return]

    client = sentry_sdk.Client(
        dsn=dsn.get_secret_value(),
        release=f"fastwatch@{__version__}",
        server_name="fastwatch",
        before_send=without_secrets,
        default_integrations=False,
        auto_enabling_integrations=False,
        include_local_variables=False,
        auto_session_tracking=False,
        send_client_reports=False,
        enable_backpressure_handling=False,
        spotlight=False,
        ca_certs=network.ca_file or None,
        **_proxy_options(dsn, network),
    )
    reported: TTLCache[tuple[type[BaseException], str], None] = TTLCache(_MOST_IN_THAT_TIME, _REPEAT_SECONDS, timer)

    def report(error: BaseException, line: str) -> None:
        # A report must not break the log line that it is about.
        with suppress(Exception):
            key = (type(error), line)
            # Lines of libraries may each be different, such as by the address of an object.
            if key in reported or reported.currsize >= _MOST_IN_THAT_TIME:
                return
            reported[key] = None
            event, hint = event_from_exception(error, client_options=client.options)
            event["extra"] = {"logged": line}
            client.capture_event(event, hint)

    try:
        yield report
    finally:
        client.close(timeout=_FLUSH_SECONDS)


def _proxy_options(dsn: SecretStr, network: Network) -> dict[str, Any]:
    """Return the options for the proxy. An empty one keeps the library from reading the environment by itself."""
    found = proxy_for(dsn, network)
    if found is None:
        return {"http_proxy": "", "https_proxy": ""}
    return {"http_proxy": "", "https_proxy": found[0], "proxy_headers": found[1]}


def _redacted(value: Any, redactor: Redactor) -> Any:
    """Return a value of JSON with all its texts redacted."""
    if isinstance(value, dict):
        return {key: _redacted(one, redactor) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [_redacted(one, redactor) for one in value]
    return redactor.redact(value) if isinstance(value, str) else value
