"""Parsing of ImaginePro's responses: bytes in, readings out. No network here.

Responses contain `token` (the secret of somebody's Discord account) and `email`. No model here has these fields, so the
JSON parser skips them and they never become Python objects. Shapes: ImaginePro's documentation of each call.
"""

import codecs
import re
from collections import Counter
from dataclasses import dataclass, field, replace
from datetime import datetime
from hashlib import blake2b
from typing import Annotated, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, TypeAdapter, ValidationError

from bot.domain.readings import Reading
from bot.imaginepro.errors import InvalidResponse, NoTokenYet
from bot.imaginepro.fields import Count, Id, Line, NoneIfInvalid, Remark, Switch, Time, Word, one_line
from bot.imaginepro.text_fields import parse_fast_time, parse_jobs, parse_plan, parse_usage

MAX_TOKENS = 5_000
"""More tokens in one response would block the event loop for seconds, and no team has that many."""
# Half of a surrogate pair, the end of a text that was truncated inside an emoji. No JSON parser accepts it, and a
# single one would make the whole fleet unreadable.
_LONE_SURROGATE = re.compile(
    rb"\\u[dD][89abAB][0-9a-fA-F]{2}(?!\\u[dD][c-fC-F])|(?<!\\u[dD][89abAB][0-9a-fA-F]{2})\\u[dD][c-fC-F][0-9a-fA-F]{2}"
)
_UNKNOWN_PATH = re.compile(r"Cannot [A-Z]+ /")

Payload = TypeVar("Payload")


class _Payload(BaseModel):
    # hide_input_in_errors: an error must not quote the response, which holds secrets.
    model_config = ConfigDict(extra="ignore", frozen=True, hide_input_in_errors=True)


class TokenInfoPayload(_Payload):
    """`tokenInfo` of a trace or `info` of the fleet: the lines of Midjourney's `/info` command."""

    fast_time_remaining: Line = Field("", alias="fastTimeRemaining")
    subscription: Line = ""
    relaxed_usage: Line = Field("", alias="relaxedUsage")
    # One page of ImaginePro's documentation has this spelling.
    relaxed_usage_misspelt: Line = Field("", alias="relaxedUsuage")
    lifetime_usage: Line = Field("", alias="lifetimeUsage")
    running_jobs: Line = Field("", alias="runningJobs")
    queued_jobs_fast: Line = Field("", alias="queuedJobsFast")
    queued_jobs_relax: Line = Field("", alias="queuedJobsRelax")
    visibility_mode: Line = Field("", alias="visibilityMode")
    message: Remark = ""

    def to_reading(self, token_id: int, read_at: datetime, *, status: str, is_active: bool | None) -> Reading:
        """Return the reading made of these lines, the status and the switch."""
        return Reading(
            token_id=token_id,
            read_at=read_at,
            status=status,
            is_active=is_active,
            fast_time=parse_fast_time(self.fast_time_remaining),
            fast_time_text=self.fast_time_remaining,
            plan=parse_plan(self.subscription),
            plan_text=self.subscription,
            running_jobs=parse_jobs(self.running_jobs),
            queued_fast=parse_jobs(self.queued_jobs_fast),
            queued_relax=parse_jobs(self.queued_jobs_relax),
            relaxed_usage=parse_usage(self.relaxed_usage or self.relaxed_usage_misspelt),
            lifetime_usage=parse_usage(self.lifetime_usage),
            visibility=self.visibility_mode,
            remark=self.message,
        )


def _members(value: object) -> object:
    return value if isinstance(value, dict) else {}


Lines = Annotated[TokenInfoPayload, BeforeValidator(_members)]


class TracePayload(_Payload):
    """`GET /api/v1/message/trace/{messageId}`."""

    message_id: Word = Field("", alias="messageId")
    token_id: Id = Field(None, alias="tokenId")
    token_status: Word = Field("", alias="tokenStatus")
    token_info: Lines = Field(TokenInfoPayload(), alias="tokenInfo")

    def to_reading(self, read_at: datetime) -> Reading:
        """Return the reading. Raises NoTokenYet if a trace names no token, and InvalidResponse if it is no trace."""
        if not self.model_fields_set:
            raise InvalidResponse("the answer says nothing about the message")
        if self.token_id is None:
            raise NoTokenYet("the trace names no token")
        return self.token_info.to_reading(self.token_id, read_at, status=self.token_status, is_active=None)


class TokenPayload(_Payload):
    """One token of `GET /api/v1/discord/tokens`."""

    id: Id = None
    is_active: Switch = Field(None, alias="isActive")
    status: Word = ""
    info: Lines = TokenInfoPayload()

    def to_reading(self, token_id: int, read_at: datetime) -> Reading:
        """Return the reading of the token, with an id that was checked by the caller."""
        return self.info.to_reading(token_id, read_at, status=self.status, is_active=self.is_active)


class AccountPayload(_Payload):
    """`GET /api/v1/subscription/account-info`, without the e-mail address. Missing values are None."""

    type: Line = ""
    credits: Count = None
    credits_quota: Count = Field(None, alias="creditsQuota")
    credits_extra: Count = Field(None, alias="creditsExtra")
    expires_at: Time = Field(None, alias="expiredAt")


class _ErrorPayload(_Payload):
    message: object = None
    status_code: Count = Field(None, alias="statusCode")


@dataclass(frozen=True, slots=True)
class ErrorBody:
    """The body of an error: its message, empty if there is none, and the status that it repeats."""

    message: str = ""
    status_code: int | None = None

    def is_imaginepros(self, status: int) -> bool:
        """Whether ImaginePro itself answered with this status, and not a proxy, a firewall or a challenge page.

        ImaginePro's documented error body has a `message` and repeats the status as `statusCode`. Gateways answer with
        HTML, with nothing, or with JSON of their own, such as `{"message": "Forbidden"}`. "Cannot GET /path" is the
        answer of ImaginePro's framework, NestJS, for a path that it does not serve. It says nothing about the call.
        """
        return bool(self.message) and self.status_code == status and not _UNKNOWN_PATH.match(self.message)


@dataclass(frozen=True, slots=True)
class FleetListing:
    """The fleet as one response lists it. From an incomplete list, nothing follows for the tokens it lacks."""

    readings: tuple[Reading, ...]
    complete: bool
    digest: bytes = field(default=b"", compare=False)
    """A hash of the response, by which a later one is recognized as the same."""

    def read_again(self, at: datetime) -> "FleetListing":
        """Return the listing as read at another time."""
        return replace(self, readings=tuple(replace(one, read_at=at) for one in self.readings))

    def says_the_same_as(self, other: "FleetListing") -> bool:
        """Whether both say the same about each token, whatever the bytes of the responses."""
        return (self.complete, len(self.readings)) == (other.complete, len(other.readings)) and all(
            replace(one, read_at=its.read_at) == its for one, its in zip(self.readings, other.readings, strict=True)
        )


# These lists have no validator of their own: with one, pydantic would build all their members as Python objects first,
# secrets included, instead of picking fields in its JSON parser.
_TRACE = TypeAdapter(TracePayload)
_TOKENS = list[Annotated[TokenPayload | None, NoneIfInvalid()]]
_FLEET = TypeAdapter(Annotated[_TOKENS, Field(max_length=MAX_TOKENS)])
_TOKEN: TypeAdapter[list[TokenPayload | None] | TokenPayload] = TypeAdapter(_TOKENS | TokenPayload)
_ACCOUNT = TypeAdapter(AccountPayload)
_ERROR = TypeAdapter(_ErrorPayload)


def parse_trace(content: bytes, read_at: datetime) -> Reading:
    """Parse a trace. Raises InvalidResponse, and NoTokenYet if it names no token."""
    return _decode(_TRACE, content).to_reading(read_at)


def parse_fleet(content: bytes, read_at: datetime) -> FleetListing:
    """Parse the fleet. A token without a valid id, or listed twice, is left out and makes the list incomplete.

    Raises InvalidResponse, also if all of them are left out.
    """
    tokens = _decode(_FLEET, content)
    by_id = [(token.id, token) for token in tokens if token is not None and token.id is not None]
    times_listed = Counter(token_id for token_id, _ in by_id)
    readings = tuple(token.to_reading(token_id, read_at) for token_id, token in by_id if times_listed[token_id] == 1)
    if tokens and not readings:
        raise InvalidResponse("no token in the list can be read")
    return FleetListing(readings, complete=len(readings) == len(tokens), digest=digest_of(content))


def digest_of(content: bytes) -> bytes:
    """Return a hash of a response: 700 kB take 1 ms, and parsing them a hundred times as long."""
    return blake2b(content, digest_size=16).digest()


def parse_token(content: bytes, token_id: int, read_at: datetime) -> Reading:
    """Parse the response about one token. Raises InvalidResponse.

    ImaginePro's schema says that it is an array; a single object is accepted too.
    """
    payload = _decode(_TOKEN, content)
    for token in payload if isinstance(payload, list) else [payload]:
        if token is not None and token.id == token_id:
            return token.to_reading(token_id, read_at)
    raise InvalidResponse("the answer does not hold the token that was asked for")


def parse_account(content: bytes) -> AccountPayload:
    """Parse the account's credits and expiry. Raises InvalidResponse, also if it has none of the documented fields."""
    account = _decode(_ACCOUNT, content)
    if not account.model_fields_set:
        raise InvalidResponse("the answer says nothing about the account")
    return account


def parse_error(content: bytes, *, key: str) -> ErrorBody:
    """Parse the body of an error, whose `message` is a text or a list of texts. Empty if it is not JSON.

    The key is removed, since an API that rejects a key may quote it.
    """
    try:
        payload = _decode(_ERROR, content)
    except InvalidResponse:
        return ErrorBody()
    parts = payload.message if isinstance(payload.message, list) else [payload.message]
    texts = (part.replace(key, "(the key)") if isinstance(part, str) else part for part in parts)
    return ErrorBody(one_line("; ".join(filter(None, map(one_line, texts)))), payload.status_code)


def _decode(shape: TypeAdapter[Payload], content: bytes) -> Payload:
    """Decode a response. Raises InvalidResponse, which neither quotes it nor chains an error that does."""
    content = content.removeprefix(codecs.BOM_UTF8)
    try:
        return shape.validate_json(_LONE_SURROGATE.sub(rb"\\ufffd", content))
    except ValidationError as error:
        error_type = error.errors(include_input=False, include_context=False, include_url=False)[0]["type"]
    # One text in another character set must not make the whole fleet unreadable.
    in_utf8 = content.decode(errors="replace").encode()
    if in_utf8 != content:
        return _decode(shape, in_utf8)
    raise InvalidResponse(_what_is_wrong(content.lstrip(), error_type))


def _what_is_wrong(content: bytes, error_type: str) -> str:
    if not content:
        return "the answer is empty"
    if content.startswith(b"<"):
        return "the answer is a page and not JSON"
    return f"the answer is not of the documented shape ({error_type})"
