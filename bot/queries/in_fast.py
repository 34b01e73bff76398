"""How many tokens are in FAST, as a server knows them."""

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.domain.fleet import MOST_COUNTED, FleetInFast, count_in_fast, is_long_gone
from bot.storage.accounts import Account
from bot.storage.token_states import states_of
from bot.storage.tokens import tracked_tokens_of


async def in_fast(connection: AsyncConnection, account: Account, server_id: int, now: datetime) -> FleetInFast | None:
    """Return how many of a server's tokens are in FAST, like `count_in_fast`."""
    states = await states_of(connection, server_id, most=MOST_COUNTED + 1)
    if not states or len(states) > MOST_COUNTED:
        return None
    tokens = await tracked_tokens_of(connection, account.id, states)
    present = [token for token in tokens if not is_long_gone(token, account.last_success_at or now)]
    return count_in_fast(states[token.reading.token_id].mode for token in present)
