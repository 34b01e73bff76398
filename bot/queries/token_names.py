"""The names of tokens, for answers that must not wait: what was read a moment ago is not read again."""

from cachetools import TTLCache

from bot.storage.database import Database
from bot.storage.token_names import names_of
from bot.ui.formatting import Names

_REMEMBERED_SERVERS = 100
# So long another process may show a name that was changed in this one.
_REMEMBERED_SECONDS = 30


class TokenNameCache:
    """Remembers each server's names for half a minute."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._cache: TTLCache[int, Names] = TTLCache(_REMEMBERED_SERVERS, ttl=_REMEMBERED_SECONDS)

    async def get(self, server_id: int) -> Names:
        """Tell what a server calls its tokens. Raises what the database raises."""
        known = self._cache.get(server_id)
        if known is None:
            async with self._database.reading() as connection:
                known = self._cache[server_id] = await names_of(connection, server_id)
        return known

    def invalidate(self, server_id: int) -> None:
        """Read them anew: one was just changed."""
        self._cache.pop(server_id, None)
