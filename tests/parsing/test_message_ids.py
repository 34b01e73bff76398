"""Message ids as people paste them."""

from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.parsing.message_ids import find_message_ids, parse_message_id

TEXT = "d15c1541-229a-442b-9873-d3494dede12a"
MESSAGE = UUID(TEXT)
ANOTHER = UUID("e26d2652-33ab-4535-8984-e45a5ef0f23b")


@pytest.mark.parametrize(
    "text",
    [TEXT, TEXT.upper(), f" {TEXT}\n", f"`{TEXT}`", f"```\n{TEXT}\n```", f'"{TEXT}",', f"<{TEXT}>", f"({TEXT})."],
)
def test_an_id_is_read_whatever_surrounds_it(text: str) -> None:
    assert parse_message_id(text) == MESSAGE


@pytest.mark.parametrize(
    "text",
    [
        "",
        "nonsense",
        TEXT[:-1],
        TEXT + "0",
        TEXT.replace("-", ""),
        f"{{{TEXT}}}",
        f"urn:uuid:{TEXT}",
        f"id {TEXT}",
        f"{TEXT} {TEXT}",
        TEXT.replace("1", "\u0661"),
        TEXT.replace("d", "g"),
        f"../{TEXT}",
        f"{TEXT}/../../account-info",
        TEXT.replace("-", "\u2010"),
    ],
)
def test_invalid_ids_are_none(text: str) -> None:
    assert parse_message_id(text) is None


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("", []),
        ("no id here", []),
        (f"done: {TEXT}", [MESSAGE]),
        (f"https://cdn.invalid/{TEXT}.png?x={ANOTHER}", [MESSAGE, ANOTHER]),
        (f"{ANOTHER}, {TEXT} and {ANOTHER}", [ANOTHER, MESSAGE]),
        (f"{TEXT.upper()} {TEXT}", [MESSAGE]),
        (f"name_of_a_file_{TEXT}_0.webp", [MESSAGE]),
        (f'{{"messageId":"{TEXT}"}}', [MESSAGE]),
        (f"x{TEXT}", []),
        (f"{TEXT}x", []),
        (f"0-{TEXT}", []),
        (f"{TEXT}-0", []),
    ],
)
def test_the_ids_in_a_text_are_found_once_each_in_order(text: str, found: list[UUID]) -> None:
    assert find_message_ids(text) == found


@given(text=st.text() | st.from_regex(rf"\A[\s`'<(]*{TEXT}[\s`'>).,]*\Z"))
def test_no_text_makes_parsing_or_searching_fail(text: str) -> None:
    read = parse_message_id(text)

    assert read is None or [read] == find_message_ids(text)


@given(messages=st.lists(st.uuids(), max_size=20), between=st.sampled_from([" ", "\n", ", ", "/", "` `"]))
def test_every_id_in_a_text_is_found(messages: list[UUID], between: str) -> None:
    assert find_message_ids(between.join(map(str, messages))) == list(dict.fromkeys(messages))
