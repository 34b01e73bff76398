"""The paths of the HTTP server of `METRICS_LISTEN`: `/metrics` for Prometheus, `/live` and `/ready` for probes."""

import asyncio

import structlog
from aiohttp import web
from prometheus_client import CONTENT_TYPE_PLAIN_0_0_4, CollectorRegistry, generate_latest

from bot.metrics import REGISTRY
from bot.observability.collector import StateCollector
from bot.observability.vitals import Vitals
from bot.queries.metrics import Snapshots
from bot.storage.database import DatabaseUnavailable

log = structlog.get_logger(__name__)

# Shorter than Prometheus' own limit for an answer, 10 s, so that the other metrics still get there.
_SNAPSHOT_SECONDS = 5
_OK = "ok"


class MetricsServer:
    """Answers the three paths."""

    def __init__(self, vitals: Vitals) -> None:
        self._vitals = vitals
        self._state = StateCollector()
        self._snapshots: Snapshots | None = None
        self._failures = 0
        self._registry = CollectorRegistry()
        self._registry.register(REGISTRY)
        self._registry.register(self._state)

    def app(self) -> web.Application:
        """Return the application."""
        app = web.Application()
        app.router.add_get("/metrics", self._metrics)
        app.router.add_get("/live", self._live)
        app.router.add_get("/ready", self._ready)
        return app

    async def _metrics(self, _: web.Request) -> web.Response:
        await self._update()
        return web.Response(body=generate_latest(self._registry), headers={"Content-Type": CONTENT_TYPE_PLAIN_0_0_4})

    async def _update(self) -> None:
        """Read what the collector yields. The counters are reported even if the database does not respond."""
        vitals, state = self._vitals, self._state
        state.client, state.snapshot, state.is_database_up = vitals.client, None, False
        if (services := vitals.services) is None:
            return
        self._snapshots = self._snapshots or Snapshots(services.account_id, services.database, services.clock)
        try:
            async with asyncio.timeout(_SNAPSHOT_SECONDS):
                state.snapshot = await self._snapshots.take()
        except (DatabaseUnavailable, TimeoutError):
            return
        except Exception:
            # Prometheus asks every few seconds, so only the first failure of a row is logged.
            if not self._failures:
                log.exception("The metrics of the database could not be read.")
            self._failures += 1
            return
        state.is_database_up = True
        if self._failures:
            log.info("The metrics of the database can be read again.", failures=self._failures)
            self._failures = 0

    async def _live(self, _: web.Request) -> web.Response:
        return _answer(self._vitals.why_not_live())

    async def _ready(self, _: web.Request) -> web.Response:
        return _answer(await self._vitals.why_not_ready())


def _answer(problem: str | None) -> web.Response:
    status = web.HTTPOk.status_code if problem is None else web.HTTPServiceUnavailable.status_code
    return web.Response(text=f"{problem or _OK}\n", status=status)
