"""Why a check has failed: never taken for health, and never blamed on ImaginePro where there is nothing to read."""

from datetime import timedelta
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from bot.domain.evaluation import TrackedToken
from bot.domain.modes import Mode
from bot.domain.outages import NoDataCause
from bot.domain.readings import Reading
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
from bot.imaginepro.responses import FleetListing
from bot.monitor.responses import RoundResponses, TraceResult, cause_of, failure_of
from tests.clocks import NOON

ERRORS: list[ImagineProError] = [
    *(each("made up") for each in (Unreachable, Unauthorized, NotInPlan, BadRequest, InvalidResponse)),
    RateLimited("made up", NOON + timedelta(minutes=1)),
]
OF_A_MESSAGE: list[ImagineProError] = [MessageNotFound("made up"), NoTokenYet("made up")]

readings = st.builds(
    Reading, token_id=st.integers(1, 4), read_at=st.just(NOON), status=st.sampled_from(["", "FAST", "BANNED", "odd"])
)
# A list none of whose members can be read is an invalid response (`parse_fleet`).
fleets = st.builds(FleetListing, st.lists(readings, max_size=4).map(tuple), st.booleans()).filter(
    lambda fleet: fleet.complete or fleet.readings
)
traces = st.builds(TraceResult, st.just(UUID(int=1)), reading=readings) | st.builds(
    TraceResult, st.just(UUID(int=1)), error=st.sampled_from([*ERRORS, *OF_A_MESSAGE])
)
listed = st.builds(RoundResponses, fleets, st.lists(traces, max_size=3).map(tuple))
refused = st.builds(RoundResponses, st.none(), st.lists(traces, max_size=3).map(tuple), st.sampled_from(ERRORS))
tokens = st.builds(TrackedToken, readings, st.just(NOON), in_fleet=st.booleans()).map(
    lambda token: {token.reading.token_id: token}
)


def has_mode(some: list[Reading] | tuple[Reading, ...]) -> bool:
    return any(reading.mode is not None for reading in some)


@given(listed | refused, tokens, st.booleans(), st.booleans())
def test_a_check_is_good_only_if_it_read_what_there_is_to_read(
    responses: RoundResponses, known: dict[int, TrackedToken], was_listed: bool, is_empty_for_good: bool
) -> None:
    failure = failure_of(responses, known, was_listed=was_listed, is_empty_for_good=is_empty_for_good)
    fleet, traced = responses.fleet, responses.traced_readings

    if failure is not None:
        # Only a key that watches nothing has nothing to complain of.
        assert bool(failure.detail) is (failure.cause is not NoDataCause.NOTHING_WATCHED)
        assert not (fleet is not None and has_mode(fleet.readings))
    elif fleet is not None and not fleet.readings:
        lost = [token for token in known.values() if token.in_fleet and token.mode is not Mode.GONE]
        assert is_empty_for_good or not lost
        assert has_mode(traced) or not responses.trace_results
    elif fleet is not None:
        assert has_mode(fleet.readings)
    else:
        assert has_mode(traced)
        assert isinstance(responses.fleet_error, NotInPlan)
        assert not was_listed


@given(refused, tokens, st.booleans())
def test_an_error_about_the_fleet_is_the_cause_unless_the_key_never_had_one(
    responses: RoundResponses, known: dict[int, TrackedToken], was_listed: bool
) -> None:
    error = responses.fleet_error
    failure = failure_of(responses, known, was_listed=was_listed, is_empty_for_good=False)

    assert error is not None
    if was_listed or not isinstance(error, NotInPlan):
        assert failure is not None
        assert failure.cause is cause_of(error)
    elif failure is not None and not responses.trace_results:
        assert failure.cause is NoDataCause.NOTHING_WATCHED


def test_no_error_of_imaginepro_is_called_our_own() -> None:
    causes = {cause_of(error) for error in [*ERRORS, *OF_A_MESSAGE]}

    assert causes.isdisjoint({NoDataCause.INTERNAL, NoDataCause.NOTHING_WATCHED, NoDataCause.FLEET_EMPTY})
