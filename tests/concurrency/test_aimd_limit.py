"""The limit of requests in flight: it grows while responses come quickly, and is halved on overload."""

from dataclasses import dataclass, field
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.concurrency.aimd_limit import AimdLimit, Bounds, Sample

BOUNDS = Bounds(initial=16, minimum=4, maximum=128)


@dataclass(slots=True)
class Rounds:
    """Sends requests in rounds: as many as the limit allows, all at once."""

    limit: AimdLimit = field(default_factory=lambda: AimdLimit(BOUNDS))
    now: float = 0.0

    def send(self, rtt: float = 0.1, *, number: int | None = None, dropped: int = 0, kind: str = "trace") -> int:
        """Send one round, of which some are dropped, and return the limit after it."""
        number = number or self.limit.value
        for index in range(number):
            self.limit.update(Sample(kind, self.now, rtt, index + 1, dropped=index < dropped))
        self.now += rtt
        return self.limit.value


def test_it_grows_quickly_at_first_and_stops_at_the_maximum() -> None:
    rounds = Rounds()
    limits = [rounds.send() for _ in range(10)]

    assert limits[0] > 20
    assert limits == sorted(limits)
    assert limits[-1] == 128


def test_it_does_not_grow_while_fewer_requests_are_needed() -> None:
    rounds = Rounds()

    assert {rounds.send(number=7) for _ in range(100)} == {16}


@pytest.mark.parametrize("dropped", [1, 5, 128])
def test_one_burst_halves_it_once(dropped: int) -> None:
    rounds = Rounds()
    while rounds.send() < 128:
        pass

    assert 64 <= rounds.send(dropped=dropped) < 68


def test_after_a_decrease_it_grows_by_one_with_each_round_trip() -> None:
    rounds = Rounds(AimdLimit(Bounds(initial=40, minimum=4, maximum=128)))
    rounds.send(number=1, dropped=1)
    limits = [rounds.limit.value, *(rounds.send() for _ in range(20))]
    steps = {later - earlier for earlier, later in pairwise(limits)}

    assert limits[0] == 20
    assert steps <= {0, 1}
    assert 28 <= limits[-1] <= 40


def test_it_never_falls_below_the_minimum() -> None:
    rounds = Rounds()
    for _ in range(20):
        rounds.send(number=1, dropped=1)

    assert rounds.limit.value == 4


@pytest.mark.parametrize(
    ("usual", "rtt", "is_slow"), [(0.1, 0.9, False), (0.1, 1.1, True), (2, 5.9, False), (2, 6.1, True)]
)
def test_slow_is_three_times_as_long_as_usual_and_over_a_second(usual: float, rtt: float, is_slow: bool) -> None:
    rounds = Rounds()
    for _ in range(200):
        rounds.send(usual, number=1)

    assert rounds.send(rtt, number=1) == (8 if is_slow else 16)


def test_each_kind_of_request_has_its_usual_time() -> None:
    rounds = Rounds()
    for _ in range(200):
        rounds.send(0.1, number=1, kind="trace")
        rounds.send(4, number=1, kind="fleet")

    assert rounds.limit.value == 16
    assert rounds.send(4, number=1, kind="trace") == 8


def test_the_first_request_may_wait_for_its_connection() -> None:
    assert Rounds().send(4, number=1) == 16


def test_what_is_slow_for_long_becomes_usual() -> None:
    rounds = Rounds()
    for _ in range(600):
        rounds.send(0.5, number=1)
    for _ in range(600):
        rounds.send(4, number=1)

    assert rounds.limit.value == 4
    assert [rounds.send(4) for _ in range(3)][-1] > 4


@given(
    st.lists(
        st.tuples(st.floats(0, 30), st.floats(0, 30), st.integers(1, 200), st.booleans(), st.sampled_from("ab")),
        max_size=60,
    )
)
def test_it_stays_within_its_bounds(samples: list[tuple[float, float, int, bool, str]]) -> None:
    limit = AimdLimit(BOUNDS)
    for started_at, rtt, in_flight, dropped, kind in samples:
        limit.update(Sample(kind, started_at, rtt, in_flight, dropped))

        assert BOUNDS.minimum <= limit.value <= BOUNDS.maximum
