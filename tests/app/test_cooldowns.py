"""Cooldowns: heavy users are told when to retry, and nobody else is affected."""

import pytest
from discord.app_commands import CommandOnCooldown
from hypothesis import given
from hypothesis import strategies as st

from bot.app.cooldowns import Cooldowns

NOW = 1_772_452_800.0


def count_allowed(cooldowns: Cooldowns, asked: list[tuple[int, int]]) -> int:
    """Count how many of these members and servers are allowed before the first refusal."""
    for number, (member, server) in enumerate(asked):
        try:
            cooldowns.count_trace(member, server, NOW)
        except CommandOnCooldown:
            return number
    return len(asked)


def test_a_member_may_ask_five_times_in_half_a_minute() -> None:
    assert count_allowed(Cooldowns(), [(1, 1)] * 10) == 5


def test_a_server_may_ask_thirty_times_a_minute() -> None:
    assert count_allowed(Cooldowns(), [(member, 1) for member in range(100)]) == 30


def test_all_servers_together_may_ask_sixty_times_a_minute() -> None:
    assert count_allowed(Cooldowns(), [(member, member) for member in range(100)]) == 60


def test_one_heavy_user_does_not_use_up_the_limit_of_others() -> None:
    cooldowns = Cooldowns()
    for _ in range(1000):
        count_allowed(cooldowns, [(1, 1)] * 6)

    assert count_allowed(cooldowns, [(member, 1) for member in range(2, 100)]) == 25


def test_a_refusal_says_when_to_retry_and_then_it_works() -> None:
    cooldowns = Cooldowns()
    count_allowed(cooldowns, [(1, 1)] * 5)

    with pytest.raises(CommandOnCooldown) as refusal:
        cooldowns.count_trace(1, 1, NOW + 10)
    assert refusal.value.retry_after == 20
    cooldowns.count_trace(1, 1, NOW + 10 + refusal.value.retry_after + 0.001)


def test_refresh_may_be_pressed_every_five_seconds() -> None:
    cooldowns = Cooldowns()
    cooldowns.count_refresh_press(1, NOW)

    with pytest.raises(CommandOnCooldown):
        cooldowns.count_refresh_press(1, NOW + 4.9)
    cooldowns.count_refresh_press(1, NOW + 5.1)


@given(st.lists(st.tuples(st.integers(1, 5), st.integers(1, 3), st.floats(0, 2)), max_size=300))
def test_no_minute_allows_more_than_twice_its_limit(asked: list[tuple[int, int, float]]) -> None:
    """Any minute may overlap two counted ones."""
    cooldowns, now, times = Cooldowns(), NOW, list[float]()
    for member, server, pause in asked:
        now += pause
        try:
            cooldowns.count_trace(member, server, now)
        except CommandOnCooldown:
            continue
        times.append(now)

    assert all(sum(start <= at < start + 60 for at in times) <= 2 * 60 for start in times)


def test_charts_have_a_limit_of_their_own() -> None:
    cooldowns = Cooldowns()
    for _ in range(5):
        cooldowns.count_chart_request(1, NOW)

    with pytest.raises(CommandOnCooldown):
        cooldowns.count_chart_request(1, NOW)
    cooldowns.count_chart_request(2, NOW)
    cooldowns.count_trace(1, 1, NOW)
    cooldowns.count_chart_request(1, NOW + 30.1)
