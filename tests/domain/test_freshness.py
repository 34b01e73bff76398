"""Freshness: which tokens a server no longer knows the status of, and when that changes."""

from datetime import datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from bot.domain.evaluation import TrackedToken
from bot.domain.freshness import changed_freshness, unread_tokens
from bot.domain.readings import Reading
from tests.clocks import NOON

MINUTE = timedelta(minutes=1)
AFTER = 5 * MINUTE


def token(missing_since: datetime | None = None, token_id: int = 111) -> TrackedToken:
    return TrackedToken(
        Reading(token_id, NOON - 9 * MINUTE, status="FAST"), NOON, in_fleet=True, missing_since=missing_since
    )


def unread(*tokens: TrackedToken, minutes: int, is_outage: bool = False) -> dict[int, datetime]:
    """Return the unread tokens, so many minutes after the last successful round at noon."""
    return unread_tokens(tokens, NOON, NOON + minutes * MINUTE, is_outage=is_outage, unknown_after=AFTER)


def test_in_an_outage_all_tokens_are_unread_since_the_last_success() -> None:
    assert unread(token(), token(token_id=222), minutes=4, is_outage=True) == {}
    assert unread(token(), token(token_id=222), minutes=5, is_outage=True) == {111: NOON, 222: NOON}
    assert unread(token(), minutes=5) == {}


def test_a_token_without_a_status_is_unread_while_others_are_read() -> None:
    missing = token(NOON - 3 * MINUTE)

    assert unread(missing, token(token_id=222), minutes=1) == {}
    assert unread(missing, token(token_id=222), minutes=2) == {111: NOON - 3 * MINUTE}


def changes(missing_since: datetime | None, *, was: int, now: int, is_read: bool) -> bool:
    """Whether the freshness of a token changes between two successful rounds, in minutes after noon."""
    found = changed_freshness(
        {111: token(missing_since)},
        {111} if is_read else set(),
        NOON + was * MINUTE,
        NOON + now * MINUTE,
        unknown_after=AFTER,
    )
    return bool(found)


def test_it_changes_once_when_a_token_is_unread_for_long_and_once_when_it_is_read() -> None:
    assert not changes(NOON, was=3, now=4, is_read=False)
    assert changes(NOON, was=4, now=5, is_read=False)
    assert not changes(NOON, was=5, now=6, is_read=False)
    assert changes(NOON, was=6, now=7, is_read=True)
    assert not changes(NOON, was=3, now=4, is_read=True)
    assert not changes(None, was=3, now=4, is_read=True)


@given(st.lists(st.tuples(st.integers(0, 9), st.booleans()), max_size=20))
def test_it_changes_whenever_a_token_becomes_unread_or_read(rounds: list[tuple[int, bool]]) -> None:
    """The changes of each round add up to what `unread_tokens` says after it."""
    missing_since, last, is_unread = None, NOON, False
    for minutes, is_read in rounds:
        now = last + minutes * MINUTE
        known = {111: token(missing_since)}
        if 111 in changed_freshness(known, {111} if is_read else set(), last, now, unknown_after=AFTER):
            is_unread = not is_unread
        missing_since = None if is_read else missing_since or last
        last = now
        assert bool(unread_tokens([token(missing_since)], last, now, is_outage=False, unknown_after=AFTER)) is is_unread
