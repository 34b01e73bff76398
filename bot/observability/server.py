"""The HTTP server of `METRICS_LISTEN`."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import structlog
from aiohttp.http_exceptions import HttpProcessingError

from bot.observability.event_loop import measure_event_loop
from bot.observability.vitals import Vitals
from bot.parsing.addresses import Address

log = structlog.get_logger(__name__)

_CLOSE_SECONDS = 0.5


class CannotListen(Exception):
    """The address of METRICS_LISTEN cannot be used. The text says why."""


def _is_our_error(record: logging.LogRecord) -> bool:
    """Whether to keep a record of aiohttp. For a request that is no HTTP, it logs a traceback; anyone may send one."""
    return not (record.exc_info and isinstance(record.exc_info[1], HttpProcessingError))


@asynccontextmanager
async def serve_metrics(address: Address | None, vitals: Vitals) -> AsyncIterator[None]:
    """Serve until the end; nothing without an address. Raises CannotListen."""
    if address is None:
        yield
        return
    # Most users need no server, and its libraries take 2 MB and a tenth of a second.
    from aiohttp import web  # noqa: PLC0415

    from bot.observability.endpoints import MetricsServer  # noqa: PLC0415

    logging.getLogger("aiohttp.server").addFilter(_is_our_error)
    runner = web.AppRunner(MetricsServer(vitals).app(), access_log=None, shutdown_timeout=_CLOSE_SECONDS)
    await runner.setup()
    try:
        try:
            await web.TCPSite(runner, address.host, address.port).start()
        except OSError as error:
            raise CannotListen(f"METRICS_LISTEN: cannot listen on {address} ({error.strerror or error}).") from None
        log.info("Serving metrics.", address=str(address))
        measuring = asyncio.create_task(measure_event_loop())
        try:
            yield
        finally:
            measuring.cancel()
    finally:
        await runner.cleanup()
