"""The proxy on the way to the services that an operator has chosen."""

from urllib.parse import urlsplit

import aiohttp
from pydantic import SecretStr

from bot.network import Network


def proxy_for(url: SecretStr, network: Network) -> tuple[str, dict[str, str]] | None:
    """Return the address of the proxy for this URL, and the headers with its credentials; None without a proxy."""
    parts = urlsplit(url.get_secret_value())
    # As in other programs, HTTPS_PROXY is for https only.
    proxy = network.proxy_for(parts.hostname or "") if parts.scheme == "https" else None
    if proxy is None:
        return None
    if not proxy.user:
        return proxy.url, {}
    credentials = aiohttp.encode_basic_auth(proxy.user, proxy.password.get_secret_value())
    return proxy.url, {"Proxy-Authorization": credentials}
