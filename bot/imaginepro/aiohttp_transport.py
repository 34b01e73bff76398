"""A transport for httpx that sends its requests through aiohttp, whose connections cost less processor time.

`python -m benchmarks.http_transports` compares it with httpx' own; docs/decisions/0008-http-over-aiohttp.md says why.
"""

import ssl
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager

import aiohttp
import httpx

from bot.network import Proxy

_KEEPALIVE_SECONDS = 90
# aiohttp's own limit of 8 KB is less than some proxies add. This is about that of httpx' parser, h11.
_MAX_HEADER_BYTES = 64 * 1024


class AiohttpTransport(httpx.AsyncBaseTransport):
    """Sends each request once, and raises the errors of httpx. It never has more connections than requests at once."""

    def __init__(self, tls: ssl.SSLContext | None, proxy: Proxy | None) -> None:
        self._proxy = proxy.url if proxy else None
        # Given apart from the address, since aiohttp quotes that in its errors.
        self._proxy_headers = (
            {"Proxy-Authorization": aiohttp.encode_basic_auth(proxy.user, proxy.password.get_secret_value())}
            if proxy and proxy.user
            else None
        )
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=0, keepalive_timeout=_KEEPALIVE_SECONDS, ssl=tls or True),
            # Cookies are for httpx to keep, or not; `read_content` decompresses within limits.
            cookie_jar=aiohttp.DummyCookieJar(),
            auto_decompress=False,
            max_line_size=_MAX_HEADER_BYTES,
            max_field_size=_MAX_HEADER_BYTES,
            middlewares=(_with_errors_of_httpx,),
        )

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send a request, and return its response once the headers are there."""
        timeout = request.extensions.get("timeout", {})
        response = await self._session.request(
            request.method,
            str(request.url),
            headers=request.headers.multi_items(),
            data=await request.aread() or None,
            allow_redirects=False,
            proxy=self._proxy,
            proxy_headers=self._proxy_headers,
            timeout=aiohttp.ClientTimeout(connect=timeout.get("connect"), sock_read=timeout.get("read")),
        )
        return httpx.Response(response.status, headers=list(response.raw_headers), stream=_Body(response))

    async def aclose(self) -> None:
        """Close all connections."""
        await self._session.close()


class _Body(httpx.AsyncByteStream):
    """The body of a response, as it arrives."""

    def __init__(self, response: aiohttp.ClientResponse) -> None:
        self._response = response

    async def __aiter__(self) -> AsyncIterator[bytes]:
        with _errors_of_httpx():
            async for chunk in self._response.content.iter_any():
                yield chunk

    async def aclose(self) -> None:
        # Closes the connection if the body was not read to its end.
        self._response.release()


async def _with_errors_of_httpx(
    request: aiohttp.ClientRequest, handler: aiohttp.ClientHandlerType
) -> aiohttp.ClientResponse:
    """Send a request. As the innermost step, because aiohttp sends some requests again that failed with its own errors:
    also a PUT that may have taken effect.
    """
    with _errors_of_httpx():
        return await handler(request)


@contextmanager
def _errors_of_httpx() -> Iterator[None]:
    """Turn the errors of aiohttp into those of httpx. What quotes a line of the response is only named."""
    try:
        yield
    except aiohttp.ConnectionTimeoutError as error:
        raise httpx.ConnectTimeout(str(error)) from None
    except TimeoutError as error:
        raise httpx.ReadTimeout(str(error)) from None
    except aiohttp.ClientHttpProxyError as error:
        raise httpx.ProxyError(f"{error.status} {error.message}") from None
    except aiohttp.ClientConnectorError as error:
        raise httpx.ConnectError(str(error)) from None
    except aiohttp.ServerDisconnectedError:
        raise httpx.RemoteProtocolError("the server disconnected without a response") from None
    except OSError as error:
        raise httpx.ReadError(str(error)) from None
    except (aiohttp.ClientPayloadError, aiohttp.ClientResponseError) as error:
        raise httpx.RemoteProtocolError(type(error).__name__) from None
    except ValueError as error:
        # A header that cannot be sent. aiohttp does not quote it.
        raise httpx.LocalProtocolError(str(error)) from None
    except aiohttp.ClientError as error:
        raise httpx.NetworkError(type(error).__name__) from None
