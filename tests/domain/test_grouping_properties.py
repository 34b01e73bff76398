"""Groups and mutes: whatever is muted when, a muted token shares no alert, and the others are alerted as without it."""

from collections.abc import Set
from dataclasses import replace
from datetime import datetime

from hypothesis import given
from hypothesis import strategies as st

from bot.domain.alert_types import AlertType
from bot.domain.incident_groups import merge, split
from bot.domain.incident_updates import apply_changes
from bot.domain.incidents import AffectedToken, Incident
from bot.domain.modes import Mode
from bot.domain.rules import Rules
from bot.domain.tracking import Change, Transition
from tests.clocks import NOON
from tests.domain.token_course import HOUR, MINUTE, SERVER
from tests.ui.some_incidents import incident, member

token_ids = st.integers(1, 6)
sets_of_tokens = st.sets(token_ids)
some_tokens = st.sets(token_ids, min_size=1)
sizes = st.integers(2, 5)


def opened(tokens: Set[int], muted: Set[int], group_from: int) -> set[frozenset[int]]:
    """Let tokens leave FAST in one round. Return the tokens of each incident."""
    changes = [Change(Transition.STARTED, one, Mode.FAST, Mode.RELAX, NOON) for one in sorted(tokens)]
    updates = apply_changes(
        changes,
        [],
        server_id=SERVER,
        now=NOON,
        rules=Rules(group_from=group_from),
        route_of=lambda _: (None, None),
        muted=muted,
    )
    return {frozenset(update.incident.by_token) for update in updates}


@given(some_tokens, sets_of_tokens, sizes)
def test_a_round_groups_the_others_as_without_the_muted_tokens(
    tokens: set[int], muted: set[int], group_from: int
) -> None:
    alone = {frozenset({one}) for one in tokens & muted}

    assert opened(tokens, muted, group_from) == alone | opened(tokens - muted, frozenset(), group_from)


ends = st.none() | st.integers(0, 5).map(lambda number: NOON + number * MINUTE)
kinds = st.sampled_from([AlertType.LEFT_FAST, AlertType.BANNED, AlertType.SWITCHED_OFF])


@st.composite
def groups(draw: st.DrawFn) -> Incident:
    """A group that nobody was notified of, with tokens that may be back."""
    members: list[AffectedToken] = []
    for token_id in draw(st.lists(token_ids, min_size=2, max_size=6, unique=True)):
        started_at: datetime = NOON + draw(st.integers(0, 5)) * MINUTE
        back: datetime | None = draw(ends)
        one = member(token_id, draw(kinds), started_at=started_at, notified=None)
        members.append(replace(one, resolved_at=max(back, started_at)) if back is not None else one)
    group = incident(*members, started_at=min(one.started_at for one in members))
    resolved = [one.resolved_at for one in members if one.resolved_at is not None]
    return group.resolve(max(resolved)) if len(resolved) == len(members) else group


@given(groups(), sets_of_tokens, sizes)
def test_a_split_leaves_muted_tokens_alone_and_loses_nobody(group: Incident, muted: set[int], group_from: int) -> None:
    parts = split(group, muted, group_from)
    others = [one for one in parts if not muted & one.by_token.keys()]

    assert [one.id for one in parts] == [group.id, *[None] * (len(parts) - 1)]
    assert sorted(token_id for one in parts for token_id in one.by_token) == sorted(group.by_token)
    assert all(one.by_token[token_id] == group.by_token[token_id] for one in parts for token_id in one.by_token)
    assert all(len(one.members) == 1 for one in parts if muted & one.by_token.keys())
    rest = len(group.by_token.keys() - muted)
    assert [len(one.members) for one in others] == ([rest] if rest >= group_from else [1] * rest)


@given(groups(), sets_of_tokens, sizes)
def test_each_part_is_over_when_its_tokens_are_back(group: Incident, muted: set[int], group_from: int) -> None:
    for part in split(group, muted, group_from):
        assert part.is_open is bool(part.still_affected)
        assert part.started_at == min(one.started_at for one in part.members)
        if not part.is_open:
            assert part.resolved_at == max(one.resolved_at or NOON for one in part.members)


@given(groups(), sets_of_tokens, sizes)
def test_a_merge_undoes_a_split(group: Incident, muted: set[int], group_from: int) -> None:
    merged = merge(split(replace(group, resolved_at=None), muted, group_from))

    assert (merged.id, merged.started_at, merged.by_token) == (group.id, group.started_at, dict(group.by_token))


def test_a_flapping_part_stays_open_until_its_token_is_calm() -> None:
    calm, out = member(1, resolved_at=NOON + HOUR), member(2)
    parts = split(incident(calm, out, flapping=True), {1}, group_from=3)

    assert [(list(one.by_token), one.is_open, one.flapping) for one in parts] == [([2], True, True), ([1], True, True)]
