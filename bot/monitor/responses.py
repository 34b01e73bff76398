"""The responses of one round: the readings in them, or why there is none. Pure, except for the log."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

import structlog

from bot.domain.evaluation import TrackedToken, missing_readings
from bot.domain.modes import Mode
from bot.domain.outages import NoDataCause
from bot.domain.readings import Reading
from bot.imaginepro.errors import (
    ImagineProError,
    MessageNotFound,
    NotInPlan,
    NoTokenYet,
    RateLimited,
    Unauthorized,
    Unreachable,
)
from bot.imaginepro.responses import MAX_TOKENS, FleetListing
from bot.storage.watches import Watch

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class TraceResult:
    """The result of tracing one watched message: a reading or an error."""

    message_id: UUID
    reading: Reading | None = None
    error: ImagineProError | None = None

    @property
    def error_message(self) -> str | None:
        """The error as text; None if there is none."""
        return describe_error(self.error) if self.error is not None else None


@dataclass(frozen=True, slots=True)
class RoundResponses:
    """All responses of one round: the fleet or why it was not listed, and the watched messages."""

    fleet: FleetListing | None
    trace_results: tuple[TraceResult, ...] = ()
    fleet_error: ImagineProError | None = None
    watches: tuple[Watch, ...] = ()
    """The watched messages, also those that were not traced."""

    @property
    def watched_token_ids(self) -> frozenset[int]:
        """The tokens to which watched messages have led before."""
        return frozenset(watch.token_id for watch in self.watches if watch.token_id is not None)

    @property
    def listed_token_ids(self) -> frozenset[int]:
        """The ids of the tokens in the fleet's list."""
        return frozenset(reading.token_id for reading in self.fleet.readings) if self.fleet is not None else frozenset()

    @property
    def traced_readings(self) -> list[Reading]:
        """The readings of watched messages."""
        return [result.reading for result in self.trace_results if result.reading is not None]

    def read_again(self, at: datetime) -> "RoundResponses":
        """Return the responses with the fleet as read at this time."""
        return self if self.fleet is None else replace(self, fleet=self.fleet.read_again(at))

    @property
    def without_fleet(self) -> "RoundResponses":
        """The watched messages only."""
        return replace(self, fleet=None)


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a check read no token, and what exactly was wrong, for the log and for mods; empty if nothing was."""

    cause: NoDataCause
    detail: str


def readings_of(responses: RoundResponses, known: Mapping[int, TrackedToken], now: datetime) -> list[Reading]:
    """Return one reading per token. The fleet's comes before a trace's, which may be older.

    A known token that is missing in a complete list is read as gone, whatever a trace says about it.
    """
    readings = {reading.token_id: reading for reading in responses.traced_readings}
    if responses.fleet is not None:
        gone = missing_readings(known, responses.fleet.readings, now) if responses.fleet.complete else []
        readings |= {reading.token_id: reading for reading in (*gone, *responses.fleet.readings)}
    return list(readings.values())


def limit_new_tokens(readings: Sequence[Reading], known: Mapping[int, TrackedToken]) -> list[Reading]:
    """Return the readings of known tokens, and of new ones up to the maximum number of tokens.

    Without a limit, responses with other ids each time would fill the disk and make each round slower.
    """
    new = [reading.token_id for reading in readings if reading.token_id not in known]
    excluded = frozenset(new[max(MAX_TOKENS - len(known), 0) :])
    if excluded:
        log.warning("Too many tokens. New ones are not watched.", known=len(known), not_watched=len(excluded))
    return [reading for reading in readings if reading.token_id not in excluded]


def failure_of(
    responses: RoundResponses, known: Mapping[int, TrackedToken], *, was_listed: bool, is_empty_for_good: bool
) -> Failure | None:
    """Return why a check has failed; None if it read a token's mode, or if there is rightly no token to read.

    `was_listed`: ImaginePro has listed this fleet before, so that a refusal is no matter of the plan.
    `is_empty_for_good`: the list has been empty for so long that this is true.
    """
    fleet, error = responses.fleet, responses.fleet_error
    if error is not None and (was_listed or not isinstance(error, NotInPlan)):
        return _failure(error)
    failure = _fleet_failure(fleet, known, is_empty_for_good=is_empty_for_good) if fleet is not None else None
    if failure is not None or (fleet is not None and fleet.readings):
        return failure
    if responses.trace_results:
        return _trace_failure(responses)
    return None if fleet is not None else Failure(NoDataCause.NOTHING_WATCHED, "")


def _fleet_failure(
    fleet: FleetListing, known: Mapping[int, TrackedToken], *, is_empty_for_good: bool
) -> Failure | None:
    if fleet.readings:
        is_read = _any_mode(fleet.readings)
        return None if is_read else Failure(NoDataCause.NO_STATUS, "tokens are listed, but none with a status")
    are_known = any(token.in_fleet and token.mode is not Mode.GONE for token in known.values())
    if are_known and not is_empty_for_good:
        return Failure(NoDataCause.FLEET_EMPTY, "the list of tokens is empty, though it had tokens before")
    return None


def cause_of(error: ImagineProError) -> NoDataCause:
    """Return what an error of a call means for the check."""
    match error:
        case Unreachable():
            return NoDataCause.NO_RESPONSE
        case RateLimited():
            return NoDataCause.RATE_LIMITED
        case Unauthorized():
            return NoDataCause.UNAUTHORIZED
        case NotInPlan():
            return NoDataCause.FLEET_REFUSED
        case MessageNotFound() | NoTokenYet():
            return NoDataCause.NOTHING_TRACED
    return NoDataCause.UNUSABLE


def _trace_failure(responses: RoundResponses) -> Failure | None:
    """Return why no watched message leads to a reading; None if one does."""
    readings = responses.traced_readings
    if readings:
        return None if _any_mode(readings) else Failure(NoDataCause.NO_STATUS, "the traces have no status")
    errors = [result.error for result in responses.trace_results if result.error is not None]
    # An error that is not about one message says more than those that are.
    common = [error for error in errors if not isinstance(error, MessageNotFound | NoTokenYet)]
    return _failure((common or errors)[0])


def _failure(error: ImagineProError) -> Failure:
    return Failure(cause_of(error), describe_error(error))


def _any_mode(readings: Iterable[Reading]) -> bool:
    return any(reading.mode is not None for reading in readings)


def describe_error(error: ImagineProError) -> str:
    """Return an error as text, for the log, `/status` and `/alerts show`."""
    return f"{type(error).__name__}: {error.detail}"
