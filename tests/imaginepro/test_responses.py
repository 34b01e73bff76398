"""ImaginePro's responses are parsed leniently, and not trusted further than that."""

import json
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.fast_time import FastTime, Unit
from bot.domain.modes import Mode
from bot.domain.readings import Reading
from bot.domain.subscription import Jobs, Plan, Usage
from bot.imaginepro.errors import ImagineProError, InvalidResponse, NoTokenYet
from bot.imaginepro.responses import MAX_TOKENS, parse_account, parse_error, parse_fleet, parse_token, parse_trace
from tests.clocks import NOON

KEY = "made-up-key"

# Verbatim from ImaginePro's documentation.
TRACE = """
{"messageId": "xxxxxx-4517-xxxx-xxxx-xxxxxxxxx", "tokenId": 111, "discordChannelId": "125000000000000", "tokenStatus": "FAST",
 "tokenInfo": {"jobMode": "Fast", "message": "", "runningJobs": "None", "relaxedUsage": "1000 images",
   "subscription": "Standard (Active monthly, renews next on <t:xxx>)", "lifetimeUsage": "2000 images", "queuedJobsFast": "0",
   "visibilityMode": "Public", "queuedJobsRelax": "0", "fastTimeRemaining": "15.00/15.0 hours (100.00%)"}}
"""  # noqa: E501
FLEET = """
[{"id": 198, "token": "XXX", "channelId": "1169758569336333381", "serverId": "1169758569336478123", "isActive": true, "status": "FAST",
  "info": {"jobMode": "", "runningJobs": "None", "relaxedUsage": "0 images", "lifetimeUsage": "674 images", "visibilityMode": "Public",
    "subscription": "Basic (Active monthly, renews next on <t:1709417882>)", "queuedJobsFast": "0", "queuedJobsRelax": "0",
    "fastTimeRemaining": "199.00/200.0 minutes (99.50%)"},
  "concurrency": 2}]
"""  # noqa: E501
ACCOUNT = """
{"type": "STARTER", "creditsQuota": 1600, "credits": 1600, "creditsExtra": 1000,
 "expiredAt": "2022-10-07T14:30:00.000Z",
 "email": "somebody@example.invalid"}
"""

STRANGE: list[object] = [
    *(None, True, False, "", "x" * 5000),
    *(7, -1, 0, 1.5, 1e300, 10**30),
    *([], [1, [2]], {}, {"a": {"b": None}}),
]


def trace(**members: object) -> Reading:
    return parse_trace(json.dumps({"tokenId": 111, "tokenStatus": "FAST", **members}).encode(), NOON)


def token(**members: object) -> dict[str, object]:
    return {"id": 198, "isActive": True, "status": "FAST", **members}


def fleet_of(*tokens: object) -> bytes:
    return json.dumps(tokens).encode()


def test_the_documented_trace() -> None:
    assert parse_trace(TRACE.encode(), NOON) == Reading(
        token_id=111,
        read_at=NOON,
        status="FAST",
        fast_time=FastTime(timedelta(hours=15), timedelta(hours=15), Unit.HOURS),
        fast_time_text="15.00/15.0 hours (100.00%)",
        plan=Plan("Standard", "Active", "monthly"),
        plan_text="Standard (Active monthly, renews next on <t:xxx>)",
        running_jobs=0,
        queued_fast=0,
        queued_relax=0,
        relaxed_usage=Usage(1000),
        lifetime_usage=Usage(2000),
        visibility="Public",
    )


BASIC_TOKEN = Reading(
    token_id=198,
    read_at=NOON,
    status="FAST",
    is_active=True,
    fast_time=FastTime(timedelta(minutes=199), timedelta(minutes=200), Unit.MINUTES),
    fast_time_text="199.00/200.0 minutes (99.50%)",
    plan=Plan("Basic", "Active", "monthly", datetime.fromtimestamp(1709417882, UTC)),
    plan_text="Basic (Active monthly, renews next on <t:1709417882>)",
    running_jobs=0,
    queued_fast=0,
    queued_relax=0,
    relaxed_usage=Usage(0),
    lifetime_usage=Usage(674),
    visibility="Public",
)


def test_the_documented_fleet() -> None:
    fleet = parse_fleet(FLEET.encode(), NOON)

    assert (fleet.readings, fleet.complete) == ((BASIC_TOKEN,), True)


@pytest.mark.parametrize("content", [FLEET, FLEET.strip()[1:-1]], ids=["array", "object"])
def test_one_token_may_be_in_an_array_or_alone(content: str) -> None:
    assert parse_token(content.encode(), 198, NOON) == BASIC_TOKEN


def test_the_documented_account() -> None:
    account = parse_account(ACCOUNT.encode())

    assert account.model_dump() == {
        "type": "STARTER",
        "credits": 1600,
        "credits_quota": 1600,
        "credits_extra": 1000,
        "expires_at": datetime(2022, 10, 7, 14, 30, tzinfo=UTC),
    }


@pytest.mark.parametrize("printed", [111, "111"])
def test_an_id_may_be_a_number_or_as_declared(printed: object) -> None:
    assert trace(tokenId=printed).token_id == 111


NO_IDS: list[object] = [
    *(None, "", " ", "abc", "11x", "-5", "1.0", "\u0661", -1, 0, 1.5, True, [], [111], {}, 2**63, 10**30),
    *("1" * 30, "0" * 22 + "12345"),
]


@pytest.mark.parametrize("unusable", NO_IDS)
def test_a_trace_without_a_usable_id_has_no_token_yet(unusable: object) -> None:
    with pytest.raises(NoTokenYet):
        trace(tokenId=unusable)


def test_a_trace_of_a_message_that_has_not_run_has_no_token_yet() -> None:
    with pytest.raises(NoTokenYet):
        parse_trace(b'{"messageId": "d15c1541-229a-442b-9873-d3494dede12a"}', NOON)


def test_a_trace_may_lack_everything_but_the_id() -> None:
    reading = parse_trace(b'{"tokenId": 111}', NOON)

    assert reading == Reading(111, NOON)
    assert reading.mode is None


LINES = [
    *("fastTimeRemaining", "subscription", "relaxedUsage", "relaxedUsuage", "lifetimeUsage", "runningJobs"),
    *("queuedJobsFast", "queuedJobsRelax", "visibilityMode", "message", "jobMode"),
]


@pytest.mark.parametrize("member", LINES)
def test_an_unexpected_line_affects_no_other_line(member: str) -> None:
    for value in STRANGE:
        info = json.loads(FLEET)[0]["info"] | {member: value}
        (reading,) = parse_fleet(fleet_of(token(info=info)), NOON).readings

        assert reading.mode is Mode.FAST, value
        assert member == "fastTimeRemaining" or reading.fast_time == BASIC_TOKEN.fast_time, value
        assert member == "subscription" or reading.plan == BASIC_TOKEN.plan, value
        assert member == "lifetimeUsage" or reading.lifetime_usage == Usage(674), value


@pytest.mark.parametrize("member", ["tokenStatus", "tokenInfo", "discordChannelId", "messageId"])
def test_an_unexpected_field_does_not_break_a_trace(member: str) -> None:
    assert [trace(**{member: value}).token_id for value in STRANGE] == [111] * len(STRANGE)


@pytest.mark.parametrize("member", ["status", "isActive", "info", "token", "channelId", "serverId", "concurrency"])
def test_an_unexpected_field_does_not_break_the_fleet(member: str) -> None:
    for value in STRANGE:
        fleet = parse_fleet(fleet_of(token(**{member: value}), token(id=199)), NOON)

        assert fleet.complete, value
        assert [reading.token_id for reading in fleet.readings] == [198, 199], value


@pytest.mark.parametrize("member", ["type", "credits", "creditsQuota", "creditsExtra", "expiredAt", "email"])
def test_an_unexpected_field_does_not_break_the_account(member: str) -> None:
    for value in STRANGE:
        account = parse_account(json.dumps(json.loads(ACCOUNT) | {member: value}).encode())

        assert member == "credits" or account.credits == 1600, value
        assert member == "type" or account.type == "STARTER", value


@pytest.mark.parametrize("value", [None, "", [], {}, {"runningJobs": None}, 3])
def test_missing_numbers_are_unknown_and_not_zero(value: object) -> None:
    reading = trace(tokenInfo=value)

    assert (reading.fast_time, reading.running_jobs, reading.queued_fast, reading.queued_relax) == (None,) * 4
    assert (reading.relaxed_usage, reading.lifetime_usage) == (None, None)


def test_quotas_may_be_numbers() -> None:
    reading = trace(tokenInfo={"runningJobs": 3, "queuedJobsFast": 0, "lifetimeUsage": 674, "fastTimeRemaining": 15})

    assert (reading.running_jobs, reading.queued_fast, reading.lifetime_usage) == (3, 0, Usage(674))
    assert (reading.fast_time, reading.fast_time_text) == (None, "15")


def test_several_running_jobs_are_counted_as_some() -> None:
    assert trace(tokenInfo={"runningJobs": "`a cat` (fast)\n`a dog`"}).running_jobs is Jobs.SOME


def test_an_unreadable_line_is_kept_as_received() -> None:
    assert trace(tokenInfo={"fastTimeRemaining": "plenty"}).fast_time_text == "plenty"


@pytest.mark.parametrize(
    ("info", "usage"),
    [
        ({"relaxedUsuage": "5 images"}, Usage(5)),
        ({"relaxedUsage": "7 images", "relaxedUsuage": "5 images"}, Usage(7)),
        ({"relaxedUsage": "", "relaxedUsuage": "5 images"}, Usage(5)),
    ],
)
def test_the_misspelled_usage_is_read_where_the_correct_one_is_missing(info: dict[str, str], usage: Usage) -> None:
    assert trace(tokenInfo=info).relaxed_usage == usage


@pytest.mark.parametrize(
    ("is_active", "status", "mode"),
    [
        (False, "FAST", Mode.OFF),
        (False, None, Mode.OFF),
        (True, "FAST", Mode.FAST),
        (True, "BANNED", Mode.BANNED),
        (None, "RELAX", Mode.RELAX),
        ("false", "FAST", Mode.FAST),
        (0, "FAST", Mode.FAST),
        (True, "TURBO", Mode.OTHER),
        (True, None, None),
        (True, {"name": "FAST"}, None),
        (True, True, None),
    ],
)
def test_the_mode_of_a_listed_token(is_active: object, status: object, mode: Mode | None) -> None:
    (reading,) = parse_fleet(fleet_of(token(isActive=is_active, status=status)), NOON).readings

    assert reading.mode is mode


def test_an_undocumented_status_is_kept_as_received() -> None:
    assert trace(tokenStatus="Turbo").status == "Turbo"


@pytest.mark.parametrize("unusable", NO_IDS)
def test_a_token_without_a_usable_id_makes_the_fleet_incomplete(unusable: object) -> None:
    fleet = parse_fleet(fleet_of(token(id=unusable), token(id=199)), NOON)

    assert [reading.token_id for reading in fleet.readings] == [199]
    assert not fleet.complete


@pytest.mark.parametrize("again", [198, "198", "00198"])
def test_a_token_listed_twice_is_dropped_and_makes_the_fleet_incomplete(again: object) -> None:
    fleet = parse_fleet(fleet_of(token(status="FAST"), token(id=199), token(id=again, status="BANNED")), NOON)

    assert [reading.token_id for reading in fleet.readings] == [199]
    assert not fleet.complete


@pytest.mark.parametrize("garbage", [None, 7, "x", "FAST", [], [[1]], True, 1e400, float("nan")])
def test_what_is_no_token_is_dropped_and_makes_the_fleet_incomplete(garbage: object) -> None:
    """One damaged member must not hide the ban of another."""
    fleet = parse_fleet(fleet_of(token(status="BANNED"), garbage, token(id=199)), NOON)

    assert [(reading.token_id, reading.status) for reading in fleet.readings] == [(198, "BANNED"), (199, "FAST")]
    assert not fleet.complete


@pytest.mark.parametrize(
    "content", [b"[{}]", b"[{}, null]", b'[{"id": null, "status": "FAST"}]', b'[{"id": 1}, {"id": "1"}]', b'[{"a": 1}]']
)
def test_a_list_without_a_readable_token_is_invalid(content: bytes) -> None:
    with pytest.raises(InvalidResponse, match="no token in the list can be read"):
        parse_fleet(content, NOON)


ERRORS_WITH_SUCCESS = [
    b"{}",
    b'{"message": "Message not found.", "error": "Not Found", "statusCode": 404}',
    b'{"success": false, "error": "Internal error"}',
]


@pytest.mark.parametrize("content", ERRORS_WITH_SUCCESS)
def test_an_error_with_a_success_status_says_nothing(content: bytes) -> None:
    """Not that a message has no token yet, and not that an account has no credits."""
    for read in READERS:
        with pytest.raises(InvalidResponse):
            read(content)


@pytest.mark.parametrize("status", [None, "", " ", 7, True, [], {}, "null", "undefined", "None", " NaN "])
def test_what_is_no_status_is_unknown(status: object) -> None:
    (listed,) = parse_fleet(fleet_of(token(status=status)), NOON).readings

    assert (listed.mode, trace(tokenStatus=status).mode) == (None, None)


@pytest.mark.parametrize(
    ("written", "expected"),
    [(1600, 1600), (1600.0, 1600), ("1600", 1600), (0, 0), (16.5, None), ("", None), ("-1", None), (True, None)],
)
def test_credits_are_read_however_they_are_written(written: object, expected: int | None) -> None:
    assert parse_account(json.dumps({"credits": written}).encode()).credits == expected


@pytest.mark.parametrize("number", [float("nan"), float("inf"), -float("inf")])
def test_what_is_no_number_is_unknown(number: float) -> None:
    reading = trace(tokenInfo=dict.fromkeys(LINES, number))

    assert (reading.fast_time_text, reading.plan_text, reading.remark, reading.running_jobs) == ("", "", "", None)


def test_a_trace_that_names_its_message_only_has_no_token_yet() -> None:
    with pytest.raises(NoTokenYet):
        parse_trace(b'{"messageId": "d15c1541-229a-442b-9873-d3494dede12a", "tokenId": null}', NOON)


@pytest.mark.parametrize("encode", [lambda text: text.encode("utf-8-sig"), lambda text: text.encode("latin-1")])
def test_one_text_in_another_character_set_does_not_hide_the_fleet(encode: Callable[[str], bytes]) -> None:
    content = '[{"id": 198, "status": "BANNED", "info": {"message": "caf\u00e9"}}]'

    (reading,) = parse_fleet(encode(content), NOON).readings
    assert (reading.status, reading.remark[:3]) == ("BANNED", "caf")


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "is empty"),
        (b" \n", "is empty"),
        (b"<!DOCTYPE html>", "is a page and not JSON"),
        (b"[{", "not of the documented shape"),
        ("[]".encode("utf-16"), "not of the documented shape"),
    ],
)
def test_what_is_wrong_with_an_answer_is_named(content: bytes, said: str) -> None:
    with pytest.raises(InvalidResponse, match=said):
        parse_fleet(content, NOON)


def test_an_empty_fleet_is_complete() -> None:
    fleet = parse_fleet(b"[]", NOON)

    assert (fleet.readings, fleet.complete) == ((), True)


@pytest.mark.parametrize(
    "content",
    [b"", b"{}", b"null", b'"FAST"', b"7", b"[null]", b"[[]]", b"[7]", b"<html>", b"[{}", b"\xff\xfe", b'{"data": []}'],
)
def test_a_fleet_of_another_shape_is_invalid(content: bytes) -> None:
    with pytest.raises(InvalidResponse):
        parse_fleet(content, NOON)


@pytest.mark.parametrize("content", [b"", b"[]", b"null", b'"FAST"', b"7", b"<html>", b"{", b"\xff\xfe"])
@pytest.mark.parametrize("read", [lambda content: parse_trace(content, NOON), parse_account], ids=["trace", "account"])
def test_a_response_of_another_shape_is_invalid(read: Callable[[bytes], object], content: bytes) -> None:
    with pytest.raises(InvalidResponse):
        read(content)


@pytest.mark.parametrize("content", [b"[]", b"{}", b"[{}]", fleet_of(token(id=199)), fleet_of(token(id=None)), b"7"])
def test_a_response_about_another_token_is_rejected(content: bytes) -> None:
    with pytest.raises(InvalidResponse):
        parse_token(content, 198, NOON)


@pytest.mark.parametrize(
    ("expires", "expected"),
    [
        ("2023-08-01T14:03:01.817Z", datetime(2023, 8, 1, 14, 3, 1, 817000, tzinfo=UTC)),
        ("2026-02-22T07:43:37+00:00", datetime(2026, 2, 22, 7, 43, 37, tzinfo=UTC)),
        ("2026-02-22T07:43:37+02:00", datetime(2026, 2, 22, 5, 43, 37, tzinfo=UTC)),
        ("2026-02-22T07:43:37", datetime(2026, 2, 22, 7, 43, 37, tzinfo=UTC)),
        ("0001-01-01T00:00:00+14:00", None),
        ("9999-12-31T23:59:59-14:00", None),
        ("soon", None),
        ("2026-13-01T00:00:00Z", None),
        (1700000000, None),
    ],
)
def test_times_are_aware_and_in_utc_or_unknown(expires: object, expected: datetime | None) -> None:
    account = parse_account(json.dumps({"expiredAt": expires}).encode())

    assert account.expires_at == expected
    assert expected is None or (account.expires_at is not None and account.expires_at.tzinfo is UTC)


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b'{"message": "Prompt is required.", "error": "Bad Request", "statusCode": 400}', "Prompt is required."),
        (b'{"message": ["a must be set", "b must be set"], "statusCode": 400}', "a must be set; b must be set"),
        (b'{"message": ["a", null, {"b": 1}, 7]}', "a; 7"),
        (b'{"error": "Bad Request", "statusCode": 400}', ""),
        (b'{"message": null}', ""),
        (b'{"message": {"text": "nested"}}', ""),
        (b"[]", ""),
        (b"", ""),
        (b"<html><body>502 Bad Gateway</body></html>", ""),
        (b"\xff\xfe\x00", ""),
        (b'{"message": "two\\nlines\\u202eand a turn"}', "two lines and a turn"),
        (b'{"message": "No such key: made-up-key."}', "No such key: (the key)."),
        (b'{"message": ["made-up-key", "is made-up-key"]}', "(the key); is (the key)"),
    ],
)
def test_error_messages_are_read(body: bytes, words: str) -> None:
    assert parse_error(body, key=KEY).message == words


def test_error_messages_are_truncated() -> None:
    assert len(parse_error(json.dumps({"message": ["x" * 150] * 9}).encode(), key=KEY).message) == 200


@pytest.mark.parametrize("before", range(180, 205, 5))
def test_no_part_of_the_key_survives_truncation(before: int) -> None:
    body = json.dumps({"message": "x" * before + KEY}).encode()

    assert "made" not in parse_error(body, key=KEY).message


UNWANTED = [
    *("\x00", "\x07", "\n", "\r", "\t", "\x1b", "\x7f", "\x85", "\x9b", "\u061c", "\u200b", "\u200e", "\u200f"),
    *("\u2028", "\u2029", "\u202a", "\u202e", "\u2066", "\u2069", "\ufeff"),
    *("\u00ad", "\u180e", "\u2060", "\ufff9", "\U000e0041"),
]


@pytest.mark.parametrize("sign", UNWANTED, ids=ascii)
def test_control_and_bidi_characters_are_removed_from_every_text(sign: str) -> None:
    spoiled = f"{sign}a{sign}{sign}b{sign}"
    info = dict.fromkeys(["message", "visibilityMode", "fastTimeRemaining", "subscription"], spoiled)
    reading = trace(tokenStatus=spoiled, tokenInfo=info)

    texts = [reading.status, reading.remark, reading.visibility, reading.fast_time_text, reading.plan_text]
    assert texts == ["a b"] * 5


@pytest.mark.parametrize(
    ("written", "remark"),
    [
        (r"a \ud83d", "a \ufffd"),
        (r"\uDE00 a", "\ufffd a"),
        (r"\ud83d\ud83d\ude00", "\ufffd\U0001f600"),
        (r"\ud83d\ude00\ude00", "\U0001f600\ufffd"),
        (r"\ud83d\ude00", "\U0001f600"),
    ],
)
def test_a_text_cut_inside_an_emoji_breaks_no_response(written: str, remark: str) -> None:
    content = f'[{{"id": 198, "status": "FAST", "info": {{"message": "{written}"}}}}]'.encode()
    (reading,) = parse_fleet(content, NOON).readings

    assert (reading.remark, reading.mode) == (remark, Mode.FAST)


def test_combining_marks_are_not_stacked() -> None:
    heaped = "\u0336\u0489\u20dd" * 50

    assert trace(tokenStatus=f"Z{heaped}a{heaped}").status == "Z\u0336\u0489a\u0336\u0489"
    assert trace(tokenStatus="Việt é é").status == "Việt é é"


def test_too_many_tokens_are_an_invalid_fleet() -> None:
    listed = [{"id": index + 1, "status": "FAST"} for index in range(MAX_TOKENS + 1)]

    assert len(parse_fleet(json.dumps(listed[:-1]).encode(), NOON).readings) == MAX_TOKENS
    with pytest.raises(InvalidResponse):
        parse_fleet(json.dumps(listed).encode(), NOON)


def test_texts_are_truncated() -> None:
    reading = trace(tokenStatus="S" * 9000, tokenInfo=dict.fromkeys(["message", "subscription"], "x" * 9000))

    assert [len(reading.status), len(reading.plan_text), len(reading.remark)] == [200, 200, 1000]


@pytest.mark.parametrize("opening", [b"[", b'{"info":', b'[{"info":', b'{"tokenId":1,"tokenInfo":', b'[{"id":1,"x":'])
def test_endless_json_is_an_ordinary_error(opening: bytes) -> None:
    for read in READERS:
        with pytest.raises(ImagineProError):
            read(opening * 100_000)


READERS: list[Callable[[bytes], Any]] = [
    lambda content: parse_trace(content, NOON),
    lambda content: parse_fleet(content, NOON),
    lambda content: parse_token(content, 198, NOON),
    parse_account,
]

names = st.sampled_from(
    [
        *LINES,
        *("id", "tokenId", "tokenStatus", "tokenInfo", "isActive", "status", "info", "token"),
        *("type", "credits", "expiredAt", "email"),
    ]
)
scalars = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(),
    st.sampled_from([198, "FAST", "15.00/15.0 hours (100.00%)", "None", 10**4000, "2022-10-07T14:30:00.000Z"]),
)
json_values = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(names | st.text(max_size=3), inner, max_size=6)
)


@given(content=st.one_of(json_values.map(lambda value: json.dumps(value).encode()), st.binary()))
def test_any_input_is_parsed_or_one_of_our_errors(content: bytes) -> None:
    for read in READERS:
        with suppress(ImagineProError):
            read(content)
    parse_error(content, key=KEY)


@given(members=st.dictionaries(names, json_values, max_size=4), info=st.dictionaries(names, json_values, max_size=4))
def test_a_usable_id_always_makes_a_reading(members: dict[str, object], info: dict[str, object]) -> None:
    """Whatever else the response has, and with values that are unknown rather than wrong."""
    reading = trace(**{**members, "tokenId": 111, "tokenInfo": info})

    assert reading.token_id == 111
    assert (reading.fast_time is None) or reading.fast_time_text == "15.00/15.0 hours (100.00%)"


# --- The same again


def test_two_listings_say_the_same_whatever_their_bytes_and_times() -> None:
    listing = parse_fleet(fleet_of(token()), NOON)
    assert listing.says_the_same_as(parse_fleet(fleet_of(token()) + b" ", NOON + timedelta(hours=1)))
    assert not listing.says_the_same_as(parse_fleet(fleet_of(token(status="RELAX")), NOON))
    assert not listing.says_the_same_as(parse_fleet(fleet_of(token(), token(id=199)), NOON))


def test_a_listing_that_is_read_again_is_as_old_as_that() -> None:
    listing = parse_fleet(fleet_of(token()), NOON).read_again(NOON + timedelta(hours=1))
    assert [reading.read_at for reading in listing.readings] == [NOON + timedelta(hours=1)]
