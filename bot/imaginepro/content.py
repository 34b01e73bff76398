"""The content of a response: read up to a limit of size, and decompressed if it came compressed."""

import zlib
from collections.abc import Iterable

import httpx

from bot.imaginepro.errors import InvalidResponse

# Only `identity` is a coding (RFC 9110, section 8.4.1). Proxies and frameworks also write the others for plain text.
_NO_CODINGS = frozenset({"identity", "none", "utf-8", "utf8", "us-ascii", "binary", "7bit", "8bit"})
_COMPRESSIONS = frozenset({"gzip", "x-gzip", "deflate"})
_GZIP_OR_ZLIB = 32 + zlib.MAX_WBITS  # zlib's documentation of `decompressobj`: the header tells which


async def read_content(response: httpx.Response, max_bytes: int) -> bytes:
    """Return the content, which is no longer than `max_bytes` before and after decompression.

    We ask for no compression, but a proxy may compress anyway. Raises InvalidResponse and httpx.TransportError.
    """
    inflating = _inflating(response.headers.get_list("Content-Encoding", split_commas=True))
    content, received = bytearray(), 0
    # httpx would decompress without a limit; what is no compression, it leaves as it is.
    async for chunk in response.aiter_raw() if inflating else response.aiter_bytes():
        received += len(chunk)
        # Never more than one byte beyond the limit is decompressed: a small body could expand to gigabytes.
        content += _inflate(inflating, chunk, max_bytes + 1 - len(content)) if inflating else chunk
        if max(received, len(content)) > max_bytes:
            raise InvalidResponse(f"the answer is longer than {max_bytes:,} bytes")
    if inflating and not inflating.eof:
        raise InvalidResponse("the compressed answer is not complete")
    return bytes(content)


def _inflating(names: Iterable[str]) -> "zlib._Decompress | None":
    """Return what decompresses these codings; None if there is nothing to do. Raises InvalidResponse."""
    codings = [coding for name in names if (coding := name.strip().lower()) and coding not in _NO_CODINGS]
    if not codings:
        return None
    if len(codings) > 1 or codings[0] not in _COMPRESSIONS:
        raise InvalidResponse("the answer came in an encoding that was not asked for")
    return zlib.decompressobj(_GZIP_OR_ZLIB)


def _inflate(inflating: "zlib._Decompress", chunk: bytes, max_bytes: int) -> bytes:
    try:
        return inflating.decompress(chunk, max_bytes)
    except zlib.error:
        raise InvalidResponse("the compressed answer cannot be read") from None
