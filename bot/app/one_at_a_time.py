"""What only one process at a time may do with Discord. The others wait for it, if they know of it."""

from datetime import timedelta

from bot.clock import Clock
from bot.storage.database import Database, DatabaseUnavailable
from bot.storage.leases import take_lease

_POLL_SECONDS = 0.5
# Discord allows one every 5 s ("Gateway", `max_concurrency`), and what follows the lease takes a moment.
_BETWEEN_IDENTIFIES = timedelta(seconds=6)
# Discord waits for it after its Hello.
_IDENTIFY_WITHIN = timedelta(seconds=20)


async def wait_for_lease(
    database: Database, clock: Clock, name: str, holder: str, *, lasts: timedelta, at_most: timedelta
) -> None:
    """Take a lease, and wait while another process has it. After so long, or without the database, go on anyway."""
    last = clock.monotonic() + at_most.total_seconds()
    while database.is_shared and clock.monotonic() < last:
        now = clock.now()
        try:
            async with database.transaction(durable=False) as connection:
                if await take_lease(connection, name, holder, now, now + lasts):
                    return
        except DatabaseUnavailable:
            return
        await clock.sleep(_POLL_SECONDS)


async def wait_to_identify(database: Database, clock: Clock) -> None:
    """Wait until this process may identify at Discord's gateway."""
    holder = clock.nonce()
    await wait_for_lease(database, clock, "identify", holder, lasts=_BETWEEN_IDENTIFIES, at_most=_IDENTIFY_WITHIN)
