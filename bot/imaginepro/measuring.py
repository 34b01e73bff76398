"""Counts and times the requests to ImaginePro, for Prometheus."""

from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum

from bot.imaginepro.errors import (
    BadRequest,
    ImagineProError,
    InvalidResponse,
    MessageNotFound,
    NotInPlan,
    NoTokenYet,
    RateLimited,
    Unauthorized,
    Unreachable,
)
from bot.metrics import IMAGINEPRO_REQUEST_DURATION, IMAGINEPRO_REQUESTS


class Call(StrEnum):
    """The calls of the API that Fastwatch uses."""

    TRACE = "trace"
    FLEET = "fleet"
    TOKEN = "token"  # noqa: S105 - a token is an account's number
    SWITCH = "switch"
    ACCOUNT = "account"


_OK = "ok"
_OUTCOMES: dict[type[ImagineProError], str] = {
    MessageNotFound: "message_not_found",
    NoTokenYet: "no_token_yet",
    Unauthorized: "unauthorized",
    NotInPlan: "not_in_plan",
    BadRequest: "bad_request",
    RateLimited: "rate_limited",
    Unreachable: "unreachable",
    InvalidResponse: "invalid_response",
}
_REQUESTS = {
    (call, outcome): IMAGINEPRO_REQUESTS.labels(call.value, outcome)
    for call in Call
    for outcome in (_OK, *_OUTCOMES.values())
}
DURATION = {call: IMAGINEPRO_REQUEST_DURATION.labels(call.value) for call in Call}
"""The time of requests, those without an answer included."""


@contextmanager
def counted(call: Call) -> Iterator[None]:
    """Count an attempt by its outcome."""
    # What stops it otherwise, such as the end of the time for all attempts, comes without an answer too.
    outcome = _OUTCOMES[Unreachable]
    try:
        yield
        outcome = _OK
    except ImagineProError as error:
        outcome = _OUTCOMES[type(error)]
        raise
    finally:
        _REQUESTS[call, outcome].inc()
