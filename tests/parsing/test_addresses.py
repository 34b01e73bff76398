"""Addresses to listen on, as people write them."""

import pytest

from bot.parsing.addresses import Address, parse_address


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("127.0.0.1:9464", Address("127.0.0.1", 9464)),
        (" localhost:1\n", Address("localhost", 1)),
        (f"a_b.{'a' * 63}.invalid.:1", Address(f"a_b.{'a' * 63}.invalid.", 1)),
        (":9464", Address("", 9464)),
        ("0.0.0.0:65535", Address("0.0.0.0", 65535)),  # noqa: S104 - nothing listens
        ("[::1]:9464", Address("::1", 9464)),
        ("[::]:9464", Address("::", 9464)),
    ],
)
def test_an_address_is_read_and_printed_as_written(text: str, address: Address) -> None:
    assert parse_address(text) == address
    assert str(address) == text.strip()


@pytest.mark.parametrize(
    "text",
    [
        "",
        "9464",
        "127.0.0.1",
        "127.0.0.1:",
        "127.0.0.1:0",
        "127.0.0.1:65536",
        "::1:9464",
        "http://127.0.0.1:9464",
        "a b:1",
        "a..b:1",
        ".a:1",
        f"{'a' * 64}:1",
    ],
)
def test_anything_else_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"such as 127\.0\.0\.1:9464"):
        parse_address(text)
