"""What people do to incidents, as pure transitions, and how many tokens a round may bring back at once."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.domain.alert_types import AlertType, IncidentType, Urgency
from bot.domain.incident_actions import Refusal, UpdateRefused, acknowledge, assign, close, mute, unacknowledge, unmute
from bot.domain.incident_updates import IncidentUpdate, UpdateType, apply_changes
from bot.domain.incidents import AffectedToken, Incident, TimelineEvent, TimelineEventType
from bot.domain.modes import Mode
from bot.domain.rules import Rules
from bot.domain.tracking import Change, TokenState, Transition, without_incident
from tests.clocks import NOON

HOUR = timedelta(hours=1)
LATER = NOON + HOUR
SERVER, MOD, OTHER_MOD = 4_000, 7, 8


def member(token_id: int = 1, kind: AlertType = AlertType.LEFT_FAST, **others: object) -> AffectedToken:
    plain = AffectedToken(token_id, kind, kind, mode_before=Mode.FAST, mode=Mode.RELAX, started_at=NOON, notified=kind)
    return replace(plain, **others)  # type: ignore[arg-type]


def incident(*members: AffectedToken, **others: object) -> Incident:
    plain = Incident(1, SERVER, IncidentType.MODE, started_at=NOON, members=members or (member(),))
    return replace(plain, **others)  # type: ignore[arg-type]


SWITCHED_OFF = member(kind=AlertType.SWITCHED_OFF)
NOT_LISTED = member(2, AlertType.NOT_LISTED)


def refusal_of(change: Callable[[], IncidentUpdate]) -> Refusal:
    with pytest.raises(UpdateRefused) as refused:
        change()
    return refused.value.refusal


def test_acknowledging_records_the_user_and_nothing_else() -> None:
    before = incident(muted_by=OTHER_MOD, reminders_sent=2)

    assert acknowledge(before, MOD, LATER) == IncidentUpdate(
        replace(before, acknowledged_by=MOD, acknowledged_at=LATER),
        UpdateType.REFRESH,
        (TimelineEvent(LATER, TimelineEventType.ACKNOWLEDGED, actor_id=MOD),),
    )


def test_an_acknowledged_incident_is_not_acknowledged_again() -> None:
    looked_after = acknowledge(incident(), MOD, LATER).incident

    assert refusal_of(lambda: acknowledge(looked_after, OTHER_MOD, LATER + HOUR)) is Refusal.ALREADY_ACKNOWLEDGED


@pytest.mark.parametrize(("lasts", "until"), [(8 * HOUR, LATER + 8 * HOUR), (None, None)])
def test_a_mute_lasts_for_its_duration_or_the_incident(lasts: timedelta | None, until: object) -> None:
    update = mute(incident(), MOD, LATER, lasts=lasts)

    assert (update.incident.muted_by, update.incident.muted_at, update.incident.muted_until) == (MOD, LATER, until)
    assert update.events == (
        TimelineEvent(LATER, TimelineEventType.MUTED, actor_id=MOD, expires_at=update.incident.muted_until),
    )
    assert update.type is UpdateType.REFRESH
    assert update.incident.is_muted(LATER)
    assert update.incident.is_muted(LATER + 8 * HOUR) is (lasts is None)


def test_a_new_mute_replaces_the_old_one() -> None:
    muted = mute(incident(), MOD, NOON, lasts=None).incident

    assert mute(muted, OTHER_MOD, LATER, lasts=HOUR).incident.muted_until == LATER + HOUR


def test_anybody_can_unmute_once() -> None:
    muted = mute(incident(), MOD, NOON, lasts=8 * HOUR).incident
    update = unmute(muted, OTHER_MOD, LATER)

    assert update == IncidentUpdate(
        incident(), UpdateType.REFRESH, (TimelineEvent(LATER, TimelineEventType.UNMUTED, actor_id=OTHER_MOD),)
    )
    assert refusal_of(lambda: unmute(update.incident, MOD, LATER)) is Refusal.NOT_MUTED


def test_taking_an_incident_acknowledges_it_once() -> None:
    taken = assign(incident(), MOD, NOON)
    assert (taken.incident.assigned_to, taken.incident.acknowledged_by, taken.incident.acknowledged_at) == (
        MOD,
        MOD,
        NOON,
    )
    assert taken.events == (TimelineEvent(NOON, TimelineEventType.ASSIGNED, actor_id=MOD, assignee_id=MOD),)
    assert refusal_of(lambda: assign(taken.incident, MOD, LATER)) is Refusal.ALREADY_ASSIGNED

    over = assign(taken.incident, OTHER_MOD, LATER).incident
    assert (over.assigned_to, over.acknowledged_by, over.acknowledged_at) == (OTHER_MOD, MOD, NOON)
    again = unacknowledge(over, MOD, LATER)
    assert again.incident == replace(incident(), unacknowledged_since=LATER)
    assert refusal_of(lambda: unacknowledge(again.incident, MOD, LATER)) is Refusal.NOT_ACKNOWLEDGED


def test_closing_applies_to_the_tokens_still_affected() -> None:
    back = member(3, AlertType.SWITCHED_OFF, resolved_at=NOON + HOUR / 2)
    update = close(incident(SWITCHED_OFF, NOT_LISTED, back), MOD, LATER)

    assert (update.type, update.events) == (
        UpdateType.RESOLVED,
        (TimelineEvent(LATER, TimelineEventType.CLOSED, actor_id=MOD),),
    )
    assert (update.incident.resolved_at, update.incident.closed_by) == (LATER, MOD)
    assert [one.resolved_at for one in update.incident.members] == [LATER, LATER, back.resolved_at]
    assert update.closed_for == (1, 2)


def test_an_incident_cannot_be_closed_before_it_started() -> None:
    closed = close(incident(SWITCHED_OFF), MOD, NOON - HOUR).incident

    assert closed.resolved_at == closed.members[0].resolved_at == NOON


@pytest.mark.parametrize(
    "members",
    [
        (member(),),
        (SWITCHED_OFF, member(3, AlertType.BANNED)),
        (replace(SWITCHED_OFF, resolved_at=LATER),),
    ],
)
def test_incidents_that_resolve_themselves_cannot_be_closed(members: tuple[AffectedToken, ...]) -> None:
    assert not incident(*members).can_be_closed
    assert refusal_of(lambda: close(incident(*members), MOD, LATER)) is Refusal.CANNOT_BE_CLOSED


def test_after_closing_the_tokens_current_state_is_confirmed() -> None:
    state = TokenState(1, Mode.OFF, NOON, incident_since=NOON)

    assert without_incident(state) == TokenState(1, Mode.OFF, NOON)


@pytest.mark.parametrize("type_", UpdateType)
def test_only_new_information_has_the_incidents_urgency(type_: UpdateType) -> None:
    urgent = incident(member(kind=AlertType.BANNED))
    is_news = type_ in {UpdateType.STARTED, UpdateType.WORSENED, UpdateType.ESCALATED}
    expected = Urgency.URGENT if is_news else Urgency.ROUTINE

    assert IncidentUpdate(urgent, type_).urgency is expected


def test_a_token_is_updated_where_it_is_affected_rather_than_where_it_flaps() -> None:
    calm = incident(member(1, resolved_at=NOON), id=1, flapping=True)
    still_out = incident(member(1), id=2)
    change = Change(Transition.CHANGED, 1, Mode.RELAX, Mode.BANNED, LATER)

    for others in ([calm, still_out], [still_out, calm]):
        (update,) = apply_changes(
            [change], others, server_id=SERVER, now=LATER, rules=Rules(), route_of=lambda _: (None, None)
        )
        assert update.incident.id == 2


def test_an_affected_token_is_found_by_its_id() -> None:
    both = incident(SWITCHED_OFF, NOT_LISTED)

    assert both.find_token(2) == NOT_LISTED
    assert both.find_token(3) is None
    assert replace(both, members=(member(3),)).find_token(2) is None
