"""`python -m bot run`: opens the services, runs the bot, the monitor and the notifier, and closes them in reverse."""

import asyncio
import os
import signal
import threading
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Any

import aiohttp
import discord
import structlog
from pydantic import SecretStr

from bot import __version__
from bot.app.client import Fastwatch
from bot.app.connections import open_connector, proxy_options
from bot.app.services import Services
from bot.charts.service import Charts
from bot.clock import Clock
from bot.concurrency.backoff import Backoff
from bot.imaginepro.client import open_imaginepro
from bot.monitor.cleanup import Cleanup
from bot.monitor.monitor import Monitor
from bot.monitor.progress import Progress
from bot.monitor.scheduler import Scheduler
from bot.network import Network
from bot.observability.heartbeat import send_heartbeats
from bot.observability.server import serve_metrics
from bot.observability.service_manager import ServiceManager, report_to, running
from bot.observability.vitals import Vitals
from bot.settings import Settings
from bot.storage.accounts import ensure_account
from bot.storage.alerts_off import enforce_home_servers
from bot.storage.database import Database, DatabaseUnavailable, open_database
from bot.storage.leases import release_claims
from bot.storage.process_lock import hold_process_lock
from bot.storage.unavailable import unusable_because
from bot.storage.version_watch import watch_version

log = structlog.get_logger(__name__)

_ACCOUNT = "primary"
_BACKOFF = Backoff(first=2, longest=60)
# Errors between the bot and Discord that may pass by themselves: no network, a refusing gateway, Discord's 5xx.
_TEMPORARY_ERRORS = (
    discord.HTTPException,
    discord.RateLimited,
    discord.GatewayNotFound,
    discord.ConnectionClosed,
    aiohttp.ClientError,
    OSError,
    # discord.py retries the first connection of a shard by recursion (`AutoShardedClient.launch_shard`), so a long
    # outage ends with this error.
    RecursionError,
)
# Process managers may kill a process that takes longer; the documentation promises five.
_STOP_SECONDS = 4.5
_AUTHENTICATION_FAILED = 4004  # Discord's documentation, "Opcodes and Status Codes", gateway close event codes


class InvalidDiscordToken(Exception):
    """Discord rejects the token. The text says what to do."""


class ClientClosed(Exception):
    """discord.py has closed the client by itself, and only a new client can connect again."""


@asynccontextmanager
async def open_services(settings: Settings, clock: Clock) -> AsyncIterator[Services]:
    """Open the services of the bot, and close them in reverse. Raises DatabaseUnusable."""
    async with (
        hold_process_lock(settings.database_url) as is_alone,
        open_database(settings.database_url, clock) as database,
        open_imaginepro(
            settings.imaginepro_base_url, settings.imaginepro_api_key, clock, network=settings.network
        ) as imaginepro,
        Charts() as charts,
    ):
        account_id = await _prepare(database, settings, clock, is_alone=is_alone)
        yield Services(
            account_id,
            settings.home_servers,
            settings.poll_interval,
            imaginepro,
            database,
            clock,
            charts,
            settings.dashboard_url,
        )


async def _prepare(database: Database, settings: Settings, clock: Clock, *, is_alone: bool) -> int:
    """Record the account and the settings, and return the account's id. Raises DatabaseUnusable."""
    try:
        async with database.transaction() as connection:
            account_id = await ensure_account(connection, _ACCOUNT, clock.now())
            await enforce_home_servers(connection, settings.home_servers, clock)
            # If no other process uses this database, claims and leases are those of a killed one.
            if is_alone:
                await release_claims(connection)
    except DatabaseUnavailable as error:
        raise unusable_because(error.cause, error.detail) from None
    return account_id


async def run(settings: Settings) -> None:
    """Run until SIGTERM or Ctrl-C. Raises DatabaseUnusable, InvalidDiscordToken and CannotListen."""
    _stop_on_signals()
    clock = Clock()
    log.info(
        "Fastwatch starts.",
        version=__version__,
        imaginepro=settings.imaginepro_base_url,
        poll_interval=str(settings.poll_interval),
        home_servers=sorted(settings.home_servers),
        proxy=settings.network.proxy.url if settings.network.proxy else None,
    )
    manager = ServiceManager(os.environ)
    async with _watched(settings, clock, manager) as vitals, open_services(settings, clock) as services:
        vitals.services = services
        with running(manager):
            await _run_bots(settings, services, vitals)


@asynccontextmanager
async def _watched(settings: Settings, clock: Clock, manager: ServiceManager) -> AsyncIterator[Vitals]:
    """Show whoever watches this process how it is. It begins before the database is opened, for probes during a long
    migration. Raises CannotListen.
    """
    async with send_heartbeats(settings.heartbeat_url, settings.network) as beat:
        vitals = Vitals(clock, check_succeeded=beat)
        async with serve_metrics(settings.metrics_listen, vitals), report_to(manager, vitals):
            yield vitals


async def _run_bots(settings: Settings, services: Services, vitals: Vitals) -> None:
    """Run one bot after another: discord.py may close its client."""
    while True:
        try:
            with _single_errors():
                await run_bot(services, settings.discord_token, settings.network, vitals)
        except ClientClosed:
            log.exception("discord.py has closed its client. Opening a new connection.")
        pause = services.clock.jitter(_BACKOFF.longest)
        vitals.progress.next_begins_in(pause)
        await services.clock.sleep(pause)


@contextmanager
def _single_errors() -> Iterator[None]:
    """Unwrap a group with one error. `except*` is no alternative: Python 3.11.2 groups again what it raises."""
    try:
        yield
    except ExceptionGroup as errors:
        if len(errors.exceptions) > 1:
            raise
        error = errors.exceptions[0]
        raise error from error.__cause__


def monitor_for(services: Services, bot: Fastwatch, vitals: Vitals | None = None) -> Monitor:
    """Return a monitor that hands what it records to the bot's notifier."""
    vitals = vitals or Vitals(services.clock)
    return Monitor(
        services.account_id,
        services.imaginepro,
        services.database,
        services.clock,
        poll_interval=services.poll_interval,
        deliveries_recorded=bot.notifier.wake,
        check_succeeded=vitals.check_succeeded,
        hand_over=bot.notifier.handover.handing_over,
    )


def scheduler_for(services: Services, monitor: Monitor, progress: Progress | None = None) -> Scheduler:
    """Return a scheduler of the account's checks. This process has no key for others."""
    monitors = {services.account_id: monitor}
    return Scheduler(monitor.partitions, monitors.get, services.clock, monitor.unchanged, progress=progress)


async def run_bot(services: Services, token: SecretStr, network: Network, vitals: Vitals | None = None) -> None:
    """Run the monitor, the notifier and one connection to Discord concurrently, until one of them fails.

    Raises DatabaseUnusable if a newer process upgrades the database in a way that this one cannot use.
    """
    async with Fastwatch(services, **proxy_options(network)) as bot, asyncio.TaskGroup() as group:
        vitals = vitals or Vitals(services.clock)
        vitals.client = bot
        monitor = monitor_for(services, bot, vitals)
        group.create_task(scheduler_for(services, monitor, vitals.progress).run())
        group.create_task(Cleanup(services.account_id, services.database, services.clock).run())
        group.create_task(watch_version(services.database, services.clock))
        await log_in(bot, token, services.clock, network)
        # Deliveries use the REST API, so they do not wait for the gateway.
        group.create_task(bot.notifier.run())
        group.create_task(bot.boards.run())
        group.create_task(bot.outage_alerts.run())
        await stay_connected(bot, services.clock)


def _stop_on_signals() -> None:
    """Cancel the main task on Ctrl-C and on SIGTERM, which container platforms and systemd send, so that all is closed
    in order. What does not end in time is ended by force: a database that does not respond delays the closing.
    """
    running = asyncio.current_task()
    force = threading.Timer(_STOP_SECONDS, _end_by_force)
    force.daemon = True

    def stop() -> None:
        if not force.is_alive():
            force.start()
        if running is not None:
            running.cancel()

    for sign in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(sign, stop)


def _end_by_force() -> None:
    # As after a crash, nothing is lost: what is recorded is sent by the next start.
    log.warning("Fastwatch has stopped without closing everything, because that took too long.")
    os._exit(0)


async def log_in(bot: Fastwatch, token: SecretStr, clock: Clock, network: Network) -> None:
    """Log in, and retry while Discord is unreachable. Raises InvalidDiscordToken."""

    async def attempt() -> None:
        # After a failed `login`, discord.py 2.7 leaves its HTTP session open. Closing the session also closes
        # `http.connector`, which the next `login` would use again, so each attempt has its own.
        await bot.http.close()
        bot.http.connector = open_connector(network)
        await bot.login(token.get_secret_value())

    try:
        await _retry(attempt, clock, "Login to Discord failed. Retrying.")
    except discord.LoginFailure:
        raise _wrong_token() from None


async def stay_connected(bot: Fastwatch, clock: Clock) -> None:
    """Stay connected to the gateway. After the first connection, discord.py reconnects by itself.

    Raises InvalidDiscordToken, and ClientClosed if discord.py has closed the client: it cannot be used again.
    """

    async def attempt() -> None:
        try:
            await _cancellable(bot.connect())
        except _TEMPORARY_ERRORS as error:
            if isinstance(error, discord.ConnectionClosed) and error.code == _AUTHENTICATION_FAILED:
                raise _wrong_token() from None
            if bot.is_closed():
                raise ClientClosed(str(error)) from error
            raise
        raise ClientClosed("the client was closed")

    await _retry(attempt, clock, "Connection to Discord's gateway failed. Retrying.")


async def _cancellable(work: Coroutine[Any, Any, None]) -> None:
    """Await the work. On cancellation, cancel the work again and again until it ends.

    While it reconnects, discord.py treats a cancellation as the end of that attempt only. And `asyncio.wait_for`, which
    it connects with, sometimes loses a cancellation before Python 3.12.
    """
    task = asyncio.create_task(work)
    try:
        await asyncio.wait({task})
    finally:
        while not task.done():
            task.cancel()
            await asyncio.wait({task}, timeout=0.1)
    await task


def _wrong_token() -> InvalidDiscordToken:
    return InvalidDiscordToken(
        "DISCORD_TOKEN: Discord rejects this token. "
        "Get a new one: discord.com/developers/applications, your application, Bot, Reset Token."
    )


async def _retry(attempt: Callable[[], Awaitable[None]], clock: Clock, event: str) -> None:
    """Repeat an attempt with exponential backoff, up to 60 s, while errors may pass by themselves."""
    attempts = 0
    while True:
        try:
            return await attempt()
        except discord.LoginFailure:
            raise
        except _TEMPORARY_ERRORS as error:
            attempts += 1
            delay = clock.jitter(_BACKOFF.pause(attempts))
            log.warning(event, error=str(error), attempts=attempts, retry_in_seconds=round(delay, 1))
            await clock.sleep(delay)
