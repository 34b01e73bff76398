"""How the Discord client reaches Discord: the proxy and the certificates of its requests and of its gateway."""

from typing import Any

import aiohttp
import discord

from bot.network import Network

# No client of ours uses voice, so none needs the packages that discord.py would warn about.
discord.VoiceClient.warn_nacl = False
discord.VoiceClient.warn_dave = False


def proxy_options(network: Network) -> dict[str, Any]:
    """Return the options of a discord.py client for the proxy. It has one proxy for all of Discord's hosts."""
    proxy = network.proxy_for("discord.com")
    if proxy is None:
        return {}
    # Given apart from the address, since aiohttp quotes that in its errors.
    auth = aiohttp.BasicAuth(proxy.user, proxy.password.get_secret_value(), "utf-8") if proxy.user else None
    return {"proxy": proxy.url, "proxy_auth": auth}


def open_connector(network: Network) -> aiohttp.TCPConnector:
    """Return a connection pool as discord.py makes it (`HTTPClient.static_login`), with the trusted certificates."""
    return aiohttp.TCPConnector(limit=0, ssl=network.tls() or True)
