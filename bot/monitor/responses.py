"""The responses of one round, and the readings in them. Pure, except for the log."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import structlog

from bot.domain.evaluation import TrackedToken, missing_readings
from bot.domain.readings import Reading
from bot.imaginepro.errors import ImagineProError, InvalidResponse, MessageNotFound, NoTokenYet
from bot.imaginepro.responses import MAX_TOKENS, FleetListing

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
    """All responses of one round: the fleet, or None if the key may not list it, and the watched messages."""

    fleet: FleetListing | None
    trace_results: tuple[TraceResult, ...]

    @property
    def listed_token_ids(self) -> frozenset[int]:
        """The ids of the tokens in the fleet's list."""
        return frozenset(reading.token_id for reading in self.fleet.readings) if self.fleet is not None else frozenset()


def readings_of(responses: RoundResponses, known: Mapping[int, TrackedToken], now: datetime) -> list[Reading]:
    """Return one reading per token. The fleet's comes before a trace's, which may be older.

    A known token that is missing in a complete list is read as gone, whatever a trace says about it.
    """
    readings = {
        result.reading.token_id: result.reading for result in responses.trace_results if result.reading is not None
    }
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


def require_a_response(results: Sequence[TraceResult]) -> None:
    """Raise the error of the traces if all failed, and not only because of their own messages.

    Then nothing is known about any token.
    """
    errors = [result.error for result in results if result.error is not None]
    common = [error for error in errors if not isinstance(error, MessageNotFound | NoTokenYet)]
    if common and len(errors) == len(results):
        raise common[0]


def reject_empty_fleet(fleet: FleetListing, known: Mapping[int, TrackedToken]) -> None:
    """Raise InvalidResponse if a fleet of several tokens is suddenly empty: more likely an error than true."""
    if fleet.complete and not fleet.readings and sum(token.in_fleet for token in known.values()) > 1:
        raise InvalidResponse("the fleet came back empty, though it had several tokens")


def describe_error(error: ImagineProError) -> str:
    """Return an error as text, for the log, `/status` and `/alerts show`."""
    return f"{type(error).__name__}: {error.detail}"
