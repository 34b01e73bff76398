"""A cache of token names, for replies that must be quick, such as autocomplete."""

from cachetools import TTLCache

from bot.storage.database import Database
from bot.storage.token_names import names_of
from bot.ui.formatting import Names

_CACHED_SERVERS = 100
# How long another process may still show a name that was changed in this one.
_CACHE_SECONDS = 30


class TokenNameCache:
    """Caches each server's token names for half a minute."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._cache: TTLCache[int, Names] = TTLCache(_CACHED_SERVERS, ttl=_CACHE_SECONDS)

    async def get(self, server_id: int) -> Names:
        """Return a server's token names by token id. Errors of the database are passed on."""
        known = self.cached(server_id)
        if known is None:
            async with self._database.reading() as connection:
                known = self._cache[server_id] = await names_of(connection, server_id)
        return known

    def cached(self, server_id: int) -> Names | None:
        """Return a server's token names if they are in memory."""
        return self._cache.get(server_id)

    def invalidate(self, server_id: int) -> None:
        """Drop a server's names from the cache, after one has changed."""
        self._cache.pop(server_id, None)
