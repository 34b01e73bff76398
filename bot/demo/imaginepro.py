"""The simulated ImaginePro: the documented API with the data of a scenario."""

from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import AsyncExitStack
from datetime import datetime
from http import HTTPStatus
from types import TracebackType
from typing import Self
from uuid import UUID

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

from bot.clock import Clock
from bot.demo.documented_api import DocumentedApi, Json, LinkedToken, refusal, serving
from bot.demo.scenario import SimulatedToken, Simulation


class SimulatedImaginePro:
    """ImaginePro with the data of a scenario. `requests` counts the requests by route; `middlewares` can add faults."""

    def __init__(
        self,
        clock: Clock,
        simulation: Simulation,
        *,
        key: str,
        port: int = 0,
        middlewares: Sequence[Middleware] = (),
    ) -> None:
        self.key = key
        self.base_url = ""
        self.requests: Counter[str] = Counter()
        self._clock = clock
        self._simulation = simulation
        self._port = port
        self._middlewares = middlewares
        self._switched: dict[int, bool] = {}
        self._open = AsyncExitStack()

    async def __aenter__(self) -> Self:
        application = DocumentedApi(self).application(self._count, self._fail, *self._middlewares)
        self.base_url = await self._open.enter_async_context(serving(application, self._port))
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self._open.aclose()

    @property
    def expires_at(self) -> datetime:
        """When the account expires."""
        return self._simulation.expires_at

    @property
    def credits(self) -> int:
        """The credits left of the plan's 1,600."""
        return self._simulation.scenario.credits

    @property
    def credits_extra(self) -> int:
        """The credits left that were bought."""
        return self._simulation.scenario.credits_extra

    @property
    def tokens(self) -> Mapping[int, LinkedToken]:
        """The current fleet, by id."""
        return {token.token_id: self._linked(token) for token in self._simulation.fleet(self._clock.now())}

    @property
    def messages(self) -> Mapping[UUID, int | None]:
        """The messages that exist, with their tokens."""
        return self._simulation.messages

    def switch(self, token_id: int, *, is_active: bool) -> None:
        """Switch a token on or off, permanently. Its status still follows the scenario."""
        self._switched[token_id] = is_active

    def _linked(self, token: SimulatedToken) -> LinkedToken:
        return LinkedToken(
            token_id=token.token_id,
            status=token.status,
            info=_info(token),
            is_active=self._switched.get(token.token_id, token.is_active),
            concurrency=token.concurrency,
        )

    @web.middleware
    async def _count(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        resource = request.match_info.route.resource
        if resource is not None:
            self.requests[f"{request.method} {resource.canonical}"] += 1
        return await handler(request)

    @web.middleware
    async def _fail(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        if not self._simulation.answers(self._clock.now()):
            return refusal(HTTPStatus.SERVICE_UNAVAILABLE, "The service is down.")
        return await handler(request)


def _info(token: SimulatedToken) -> Json:
    return {
        "jobMode": token.job_mode,
        "message": token.remark,
        "runningJobs": token.running_jobs,
        "relaxedUsage": token.relaxed_usage,
        "subscription": token.subscription,
        "lifetimeUsage": token.lifetime_usage,
        "queuedJobsFast": token.queued_jobs_fast,
        "visibilityMode": token.visibility_mode,
        "queuedJobsRelax": token.queued_jobs_relax,
        "fastTimeRemaining": token.fast_time_remaining,
    }
