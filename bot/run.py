"""Running for real: opens the services, keeps the bot, the monitor and the notifier going, closes it all backwards."""

import asyncio
import signal
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Any

import aiohttp
import discord
import structlog
from pydantic import SecretStr

from bot import __version__
from bot.app.client import Fastwatch, Services
from bot.charts.service import Charts
from bot.clock import Clock
from bot.imaginepro.client import open_imaginepro
from bot.monitor.cleanup import Cleanup
from bot.monitor.monitor import Monitor
from bot.settings import Settings
from bot.storage.accounts import ensure_account
from bot.storage.alert_routes import enforce_home_servers
from bot.storage.database import open_database
from bot.storage.leases import release_claims
from bot.storage.process_lock import hold_process_lock

log = structlog.get_logger(__name__)

_ACCOUNT = "primary"
_LONGEST_PAUSE_SECONDS = 60
# Whatever may pass by itself between us and Discord: no network, a gateway that refuses, Discord's own 5xx.
_PASSING = (
    discord.HTTPException,
    discord.GatewayNotFound,
    discord.ConnectionClosed,
    aiohttp.ClientError,
    OSError,
    # discord.py tries the first connection of a shard again by calling itself, so a long outage ends in this.
    RecursionError,
)
_AUTHENTICATION_FAILED = 4004  # Discord's documentation, gateway close event codes


class InvalidDiscordToken(Exception):
    """Discord does not know this token. The text says what to do."""


class ClientClosed(Exception):
    """discord.py has closed its client for a reason of its own; only a new one can connect again."""


@asynccontextmanager
async def open_services(settings: Settings, clock: Clock) -> AsyncIterator[Services]:
    """Open what the bot is handed, and close it backwards. Raises DatabaseUnusable."""
    async with (
        hold_process_lock(settings.database_url) as is_alone,
        open_database(settings.database_url) as database,
        open_imaginepro(settings.imaginepro_base_url, settings.imaginepro_api_key, clock) as imaginepro,
        Charts() as charts,
    ):
        async with database.transaction() as connection:
            account_id = await ensure_account(connection, _ACCOUNT, clock.now())
            await enforce_home_servers(connection, settings.home_servers)
            if is_alone:
                await release_claims(connection)
        yield Services(account_id, settings.home_servers, settings.poll_interval, imaginepro, database, clock, charts)


async def run(settings: Settings) -> None:
    """Run until SIGTERM or Ctrl-C. Raises DatabaseUnusable and InvalidDiscordToken."""
    _stop_on_sigterm()
    clock = Clock()
    log.info(
        "Fastwatch starts.",
        version=__version__,
        asks=settings.imaginepro_base_url,
        every=str(settings.poll_interval),
        home_servers=sorted(settings.home_servers),
    )
    async with open_services(settings, clock) as services:
        while True:
            try:
                with _single_errors():
                    await run_bot(services, settings.discord_token)
            except ClientClosed:
                log.exception("Discord closed the connection for good; a new one is made.")
            await clock.sleep(clock.jitter(_LONGEST_PAUSE_SECONDS))


@contextmanager
def _single_errors() -> Iterator[None]:
    """Raise the error of a task group by itself. Python 3.11.2 would group anew what an `except*` clause raises."""
    try:
        yield
    except ExceptionGroup as errors:
        if len(errors.exceptions) > 1:
            raise
        error = errors.exceptions[0]
        raise error from error.__cause__


def monitor_for(services: Services, bot: Fastwatch) -> Monitor:
    """Make the monitor that tells the bot's notifier of its deliveries."""
    return Monitor(
        services.account_id,
        services.imaginepro,
        services.database,
        services.clock,
        poll_interval=services.poll_interval,
        deliveries_recorded=bot.notifier.wake,
    )


async def run_bot(services: Services, token: SecretStr) -> None:
    """Run the monitor, the notifier and one connection to Discord side by side, until one of them fails for good."""
    async with Fastwatch(services) as bot, asyncio.TaskGroup() as group:
        group.create_task(monitor_for(services, bot).run())
        group.create_task(Cleanup(services.account_id, services.database, services.clock).run())
        await log_in(bot, token, services.clock)
        # Deliveries go by REST, so they do not wait for the gateway.
        group.create_task(bot.notifier.run())
        group.create_task(bot.boards.run())
        await stay_connected(bot, services.clock)


def _stop_on_sigterm() -> None:
    running = asyncio.current_task()
    if running is not None:
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, running.cancel)


async def log_in(bot: Fastwatch, token: SecretStr, clock: Clock) -> None:
    """Log in, however often it takes while Discord cannot be reached. Raises InvalidDiscordToken."""

    async def attempt() -> None:
        # A failed attempt leaves its HTTP session open; closing that closes its connector, which would be used again.
        await bot.http.close()
        bot.http.connector = discord.utils.MISSING
        await bot.login(token.get_secret_value())

    try:
        await _retry(attempt, clock, "Discord cannot be reached to log in; trying again.")
    except discord.LoginFailure:
        raise _wrong_token() from None


async def stay_connected(bot: Fastwatch, clock: Clock) -> None:
    """Stay connected to the gateway; discord.py reconnects by itself once it was connected.

    Raises InvalidDiscordToken, and ClientClosed where discord.py has closed the client: it cannot be used again.
    """

    async def attempt() -> None:
        try:
            await _cancellable(bot.connect())
        except _PASSING as error:
            if isinstance(error, discord.ConnectionClosed) and error.code == _AUTHENTICATION_FAILED:
                raise _wrong_token() from None
            if bot.is_closed():
                raise ClientClosed(str(error)) from error
            raise
        raise ClientClosed("the client was closed")

    await _retry(attempt, clock, "Discord's gateway cannot be reached; trying again.")


async def _cancellable(work: Coroutine[Any, Any, None]) -> None:
    """Await the work; when that is cancelled, cancel the work for as long as it goes on.

    discord.py takes a cancellation while it reconnects for the end of that try alone, and `asyncio.wait_for`, which it
    connects with, loses one now and then (before Python 3.12).
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
        "DISCORD_TOKEN: Discord does not know this token. "
        "Get a new one: discord.com/developers/applications, your application, Bot, Reset Token."
    )


async def _retry(attempt: Callable[[], Awaitable[None]], clock: Clock, trouble: str) -> None:
    tries = 0
    while True:
        try:
            return await attempt()
        except discord.LoginFailure:
            raise
        except _PASSING as error:
            tries += 1
            pause = clock.jitter(min(2**tries, _LONGEST_PAUSE_SECONDS))
            log.warning(trouble, reason=str(error), tries=tries, again_in_seconds=round(pause, 1))
            await clock.sleep(pause)
