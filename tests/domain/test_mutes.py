"""A moderator's mutes, of one token or of all."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from types import MappingProxyType

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.alert_types import AlertType, IncidentType
from bot.domain.conditions import Condition
from bot.domain.incidents import AffectedToken, Incident
from bot.domain.modes import Mode
from bot.domain.mutes import Mutes, MuteSpan, find_mute_end, find_worse_mute_end, urgent_types_ahead
from tests.clocks import NOON
from tests.domain.token_course import HOUR, MINUTE, SERVER


def incident(
    *token_ids: int, back: frozenset[int] = frozenset(), kinds: Mapping[int, AlertType] = MappingProxyType({})
) -> Incident:
    members = tuple(
        AffectedToken(
            token_id,
            kinds.get(token_id, AlertType.LEFT_FAST),
            kinds.get(token_id, AlertType.LEFT_FAST),
            mode_before=Mode.FAST,
            mode=Mode.RELAX,
            started_at=NOON,
            resolved_at=NOON if token_id in back else None,
            notified=kinds.get(token_id, AlertType.LEFT_FAST),
        )
        for token_id in token_ids
    )
    sort = IncidentType.MODE if members else IncidentType.NO_DATA
    return Incident(1, SERVER, sort, NOON, members, resolved_at=NOON if back == {*token_ids} else None)


def spans(ends: Mapping[int | None, datetime], *, include_urgent: bool = False) -> Mutes:
    return {token_id: MuteSpan(end, include_urgent) for token_id, end in ends.items()}


def hours(number: float) -> datetime:
    return NOON + number * HOUR


@pytest.mark.parametrize(
    ("alerted", "mutes", "until"),
    [
        (incident(1), {}, None),
        (incident(1), {1: hours(2)}, hours(2)),
        (incident(1), {2: hours(2)}, None),
        (incident(1), {None: hours(2)}, hours(2)),
        (incident(1), {1: hours(3), None: hours(2)}, hours(3)),
        (incident(1), {1: hours(2), None: hours(3)}, hours(3)),
        (incident(1), {1: hours(-1), None: hours(0)}, None),
        (incident(1, 2), {1: hours(2)}, None),
        (incident(1, 2), {1: hours(2), 2: hours(3)}, hours(2)),
        (incident(1, 2), {1: hours(2), 2: hours(-1)}, None),
        (incident(1, 2, back=frozenset({2})), {1: hours(2)}, hours(2)),
        (incident(1, 2, back=frozenset({1, 2})), {1: hours(2)}, None),
        (incident(1, 2, back=frozenset({1, 2})), {1: hours(2), 2: hours(1)}, hours(1)),
        (incident(), {1: hours(2)}, None),
        (incident(), {None: hours(2)}, hours(2)),
    ],
)
def test_an_incident_is_muted_while_all_or_each_of_its_tokens_is(
    alerted: Incident, mutes: dict[int | None, datetime], until: datetime | None
) -> None:
    assert find_mute_end(alerted, spans(mutes), NOON) == until


ends = st.integers(-3, 5).map(hours)


@given(
    token_ids=st.lists(st.integers(1, 3), unique=True, max_size=3),
    mutes=st.dictionaries(st.none() | st.integers(1, 3), ends),
    later=st.integers(0, 360).map(lambda minutes: timedelta(minutes=minutes)),
)
def test_it_is_muted_until_the_named_time_and_no_longer(
    token_ids: list[int], mutes: dict[int | None, datetime], later: timedelta
) -> None:
    alerted = incident(*token_ids)
    until = find_mute_end(alerted, spans(mutes), NOON)

    is_silenced = find_mute_end(alerted, spans(mutes), NOON + later) is not None
    assert is_silenced is (until is not None and NOON + later < until)


def test_a_mutes_end_is_exclusive() -> None:
    assert find_mute_end(incident(1), spans({1: NOON + MINUTE}), NOON + MINUTE) is None


BANNED, VERIFYING = AlertType.BANNED, AlertType.VERIFYING


@pytest.mark.parametrize("token_id", [None, 1])
@pytest.mark.parametrize("kind", [BANNED, VERIFYING])
def test_urgent_alerts_are_let_through_unless_the_mute_includes_them(token_id: int | None, kind: AlertType) -> None:
    urgent, mutes = incident(1, kinds={1: kind}), {token_id: hours(2)}

    assert find_mute_end(urgent, spans(mutes), NOON) is None
    assert find_mute_end(urgent, spans(mutes, include_urgent=True), NOON) == hours(2)


def test_of_two_mutes_the_one_that_includes_urgent_alerts_holds_them_back() -> None:
    both = {None: MuteSpan(hours(3)), 1: MuteSpan(hours(2), include_urgent=True)}

    assert find_mute_end(incident(1, kinds={1: BANNED}), both, NOON) == hours(2)
    assert find_mute_end(incident(1), both, NOON) == hours(3)


def test_one_urgent_token_lets_its_group_through() -> None:
    assert find_mute_end(incident(1, 2, kinds={2: BANNED}), spans({None: hours(2)}), NOON) is None
    assert find_mute_end(incident(1, 2, kinds={2: BANNED}, back=frozenset({2})), spans({None: hours(2)}), NOON)


@pytest.mark.parametrize(
    ("muted", "ahead"),
    [
        (incident(1), (BANNED, VERIFYING)),
        (incident(1, kinds={1: VERIFYING}), (BANNED,)),
        (incident(1, kinds={1: BANNED}), ()),
        (incident(1, 2, kinds={1: BANNED}), (BANNED, VERIFYING)),
        (incident(1, back=frozenset({1})), (BANNED, VERIFYING)),
        (incident(), ()),
    ],
)
def test_which_urgent_alerts_may_still_follow(muted: Incident, ahead: tuple[AlertType, ...]) -> None:
    assert urgent_types_ahead(muted) == ahead


@pytest.mark.parametrize(
    ("kind", "mutes", "until"),
    [
        (AlertType.SWITCHED_OFF, {}, hours(8)),
        (AlertType.VERIFYING, {}, None),
        (AlertType.BANNED, {}, None),
        (AlertType.BANNED, spans({1: hours(2)}, include_urgent=True), hours(2)),
    ],
)
def test_a_mute_of_an_incident_does_not_hold_back_urgent_news_from_before_it(
    kind: AlertType, mutes: Mutes, until: datetime | None
) -> None:
    """The alert said something milder when somebody muted it, because the news had not reached Discord."""
    alerted = incident(1, kinds={1: kind})
    news = replace(alerted.members[0], notified=None)
    muted = replace(alerted, members=(news,), muted_by=7, muted_until=hours(8))

    assert find_worse_mute_end(muted, mutes, hours(1)) == until


def test_a_mute_does_not_hold_back_that_capacity_got_worse_before_it() -> None:
    condition = Condition(AlertType.NONE_IN_FAST)
    news = Incident(1, SERVER, IncidentType.CAPACITY, NOON, condition=condition, muted_by=7, muted_until=hours(8))

    assert find_worse_mute_end(news, {}, hours(1)) is None
    assert find_worse_mute_end(news.notified_as(news), {}, hours(1)) == hours(8)
