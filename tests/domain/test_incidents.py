"""Incidents: grouping, pings, and when they end."""

from collections.abc import Callable, Sequence, Set
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from bot.domain.alert_types import AlertType, IncidentType, Urgency
from bot.domain.incident_groups import merge
from bot.domain.incident_updates import (
    IncidentUpdate,
    UpdateType,
    apply_changes,
    open_no_data,
    recount_reminders,
    remind,
    resolve_flapping,
    resolve_no_data,
    update_cause,
)
from bot.domain.incidents import AffectedToken, Incident, TimelineEvent, TimelineEventType
from bot.domain.modes import Mode
from bot.domain.outages import NoDataCause, Outage
from bot.domain.rules import Rules
from bot.domain.tracking import Change, Transition
from tests.clocks import NOON
from tests.domain.token_course import HOUR, MINUTE, SERVER, ServerRun

FAST, RELAX, VERIFYING, BANNED, OFF = Mode.FAST, Mode.RELAX, Mode.VERIFYING, Mode.BANNED, Mode.OFF
STARTED, CHANGED, RESOLVED = Transition.STARTED, Transition.CHANGED, Transition.RESOLVED
LEFT_FAST = AlertType.LEFT_FAST
LATER = NOON + 10 * MINUTE
MOD = 7
OUTAGE = Outage(NoDataCause.NO_RESPONSE, NOON, LATER, checks=9, cause_checks=9)


def change(kind: Transition = STARTED, token_id: int = 1, after: Mode = RELAX, **members: object) -> Change:
    before = FAST if kind is STARTED else RELAX
    after = FAST if kind is RESOLVED else after
    return replace(Change(kind, token_id, before, after, NOON), **members)  # type: ignore[arg-type]


def low(kind: Transition = STARTED, token_id: int = 1, mark: AlertType = AlertType.LOW, at: datetime = NOON) -> Change:
    return Change(kind, token_id, FAST, FAST, at, low=mark, type=IncidentType.LOW_FAST_TIME)


def predicted(
    kind: Transition = STARTED, outlook: AlertType = AlertType.WILL_NOT_LAST, gone_at: datetime | None = None
) -> Change:
    return Change(kind, 1, FAST, FAST, NOON, type=IncidentType.RUN_OUT, outlook=outlook, gone_at=gone_at)


def member(token_id: int = 1, kind: AlertType = LEFT_FAST, mode: Mode = RELAX, **members: object) -> AffectedToken:
    plain = AffectedToken(token_id, kind, kind, mode_before=FAST, mode=mode, started_at=NOON, notified=kind)
    return replace(plain, **members)  # type: ignore[arg-type]


def incident(
    *members: AffectedToken, id_: int = 1, incident_type: IncidentType = IncidentType.MODE, **others: object
) -> Incident:
    plain = Incident(id_, SERVER, incident_type, started_at=NOON, members=members or (member(),))
    return replace(plain, **others)  # type: ignore[arg-type]


def file(
    changes: Sequence[Change],
    *ongoing: Incident,
    now: datetime = LATER,
    rules: Rules | None = None,
    channels: dict[int, str] | None = None,
    muted: Set[int] = frozenset(),
    switched_off_by: Callable[[Change], int | None] = lambda _: None,
) -> list[IncidentUpdate]:
    channels = channels or {}
    return apply_changes(
        changes,
        ongoing,
        server_id=SERVER,
        now=now,
        rules=rules or Rules(),
        route_of=lambda token_id: (channels.get(token_id), token_id if token_id in channels else None),
        switched_off_by=switched_off_by,
        muted=muted,
    )


def tokens(update: Sequence[IncidentUpdate]) -> list[list[int]]:
    return [[member.token_id for member in one.incident.members] for one in update]


# --- Starts


def test_a_token_that_leaves_fast_opens_an_incident_of_its_own() -> None:
    event = TimelineEvent(NOON, TimelineEventType.STARTED, 1, LEFT_FAST, RELAX)

    opened = incident(member(1, notified=None), id_=None)  # type: ignore[arg-type]
    assert file([change()]) == [IncidentUpdate(opened, UpdateType.STARTED, (event,))]


def test_few_tokens_of_a_round_are_separate_and_many_are_grouped() -> None:
    assert tokens(file([change(token_id=1), change(token_id=2)])) == [[1], [2]]
    assert tokens(file([change(token_id=number) for number in (1, 2, 3)])) == [[1, 2, 3]]
    assert tokens(file([change(token_id=number) for number in range(9)])) == [list(range(9))]


@pytest.mark.parametrize(("group_from", "expected"), [(1, [[1, 2]]), (2, [[1, 2]]), (3, [[1], [2]])])
def test_the_rules_set_the_group_size(group_from: int, expected: list[list[int]]) -> None:
    update = file([change(token_id=1), change(token_id=2)], rules=Rules(group_from=group_from))

    assert tokens(update) == expected


def test_the_group_started_with_the_first_of_its_tokens() -> None:
    (update,) = file([change(token_id=number, at=NOON + number * MINUTE) for number in (3, 1, 2)])

    assert update.incident.started_at == NOON + MINUTE
    assert [(one.token_id, one.started_at) for one in update.incident.members] == [
        (number, NOON + number * MINUTE) for number in (3, 1, 2)
    ]
    assert [event.token_id for event in update.events] == [3, 1, 2]


@pytest.mark.parametrize(
    ("muted", "expected"),
    [({1}, [[1], [2], [3]]), ({9}, [[1, 2, 3]]), ({1, 2, 3}, [[1], [2], [3]])],
)
def test_a_muted_token_makes_no_group(muted: set[int], expected: list[list[int]]) -> None:
    assert tokens(file([change(token_id=number) for number in (1, 2, 3)], muted=muted)) == expected


def test_a_muted_token_leaves_a_group_of_the_others_alone() -> None:
    assert tokens(file([change(token_id=number) for number in (1, 2, 3, 4)], muted={3})) == [[3], [1, 2, 4]]


def test_tokens_with_their_own_route_are_grouped_apart_from_the_others() -> None:
    update = file([change(token_id=number) for number in (1, 2, 3, 4)], channels={2: "elsewhere"})

    assert tokens(update) == [[1, 3, 4], [2]]
    assert [one.incident.route_token_id for one in update] == [None, 2]


def test_tokens_sharing_their_own_route_are_grouped() -> None:
    update = file([change(token_id=number) for number in (1, 2, 3)], channels=dict.fromkeys((1, 2, 3), "elsewhere"))

    assert tokens(update) == [[1, 2, 3]]
    assert update[0].incident.route_token_id == 1


def test_mode_and_fast_time_have_separate_incidents() -> None:
    update = file([change(token_id=1), change(token_id=2), low(token_id=3), low(token_id=4)], rules=Rules(group_from=2))

    assert tokens(update) == [[1, 2], [3, 4]]
    assert [one.incident.type for one in update] == [IncidentType.MODE, IncidentType.LOW_FAST_TIME]
    assert [one.incident.kind for one in update] == [LEFT_FAST, AlertType.LOW]


def test_a_token_may_be_low_in_one_incident_and_out_of_fast_in_another() -> None:
    low_on_time = incident(member(kind=AlertType.LOW, mode=FAST), incident_type=IncidentType.LOW_FAST_TIME)

    assert [one.type for one in file([change()], low_on_time)] == [UpdateType.STARTED]


def test_a_shortfall_keeps_the_last_alerted_run_out_time() -> None:
    (started,) = file([predicted(gone_at=NOON + 24 * HOUR)])
    (worse,) = file(
        [predicted(CHANGED, AlertType.RUNS_OUT_SOON, NOON + 3 * HOUR)], replace(started.incident, id=1, muted_by=MOD)
    )
    (ended,) = file([predicted(RESOLVED, AlertType.RUNS_OUT_SOON)], worse.incident)

    assert [one.type for one in (started, worse, ended)] == [
        UpdateType.STARTED,
        UpdateType.WORSENED,
        UpdateType.RESOLVED,
    ]
    times = [one.incident.members[0].gone_at for one in (started, worse, ended)]
    assert times == [NOON + 24 * HOUR, NOON + 3 * HOUR, NOON + 3 * HOUR]


def test_imminent_run_out_is_alerted_despite_a_mute() -> None:
    ongoing = incident(
        member(kind=AlertType.WILL_NOT_LAST, mode=FAST), incident_type=IncidentType.RUN_OUT, muted_by=MOD
    )
    (worse,) = file([predicted(CHANGED, AlertType.RUNS_OUT_SOON)], ongoing)

    assert worse.incident.muted_by is None


def test_the_user_who_disabled_a_token_is_named_without_a_ping() -> None:
    update = file([change(after=OFF)], switched_off_by=lambda change: MOD if change.after is OFF else None)

    assert update[0].incident.members[0].switched_off_by == MOD
    assert not update[0].incident.pings


def test_a_delayed_alert_gets_no_reminder_a_round_later() -> None:
    """It may have been seen before the bot was stopped, and confirmed after the restart."""
    (update,) = file([change()], now=NOON + 7 * HOUR)

    assert remind(replace(update.incident, id=1), NOON + 7 * HOUR + MINUTE, Rules()) is None
    assert remind(replace(update.incident, id=1), NOON + 24 * HOUR, Rules()) is not None


# --- Ongoing incidents


def test_a_change_while_out_of_fast_updates_the_incident() -> None:
    (update,) = file([change(CHANGED, after=OFF, at=LATER)], incident(member(2), id_=5), incident(id_=6))

    off = member(kind=AlertType.SWITCHED_OFF, mode=OFF, notified=LEFT_FAST)
    assert update.incident == incident(off, id_=6)
    assert update.events == (TimelineEvent(LATER, TimelineEventType.CHANGED, 1, AlertType.SWITCHED_OFF, OFF),)


@pytest.mark.parametrize(
    ("mode", "kind"), [(BANNED, AlertType.BANNED), (VERIFYING, AlertType.VERIFYING), (OFF, AlertType.SWITCHED_OFF)]
)
def test_worse_than_ever_alerted_pings_again(mode: Mode, kind: AlertType) -> None:
    (update,) = file([change(CHANGED, after=mode)], incident())

    assert (update.type, update.incident.kind, update.incident.members[0].worst) == (UpdateType.WORSENED, kind, kind)


def test_returning_to_an_alerted_severity_does_not_ping() -> None:
    (milder,) = file([change(CHANGED, after=RELAX)], incident(member(kind=AlertType.BANNED, mode=BANNED)))
    (as_bad,) = file([change(CHANGED, after=BANNED)], milder.incident)

    assert [milder.type, as_bad.type] == [UpdateType.CHANGED, UpdateType.CHANGED]
    assert [milder.incident.kind, as_bad.incident.kind] == [LEFT_FAST, AlertType.BANNED]
    assert milder.incident.members[0].worst is AlertType.BANNED


def test_returning_to_a_severity_that_nobody_was_notified_of_pings() -> None:
    (unseen,) = file([change(CHANGED, after=BANNED)], incident())
    (milder,) = file([change(CHANGED, after=RELAX)], unseen.incident)
    (as_bad,) = file([change(CHANGED, after=BANNED)], milder.incident)
    (told_again,) = file([change(CHANGED, after=BANNED)], milder.incident.notified_as(unseen.incident))

    assert [unseen.type, milder.type, as_bad.type, told_again.type] == [
        UpdateType.WORSENED,
        UpdateType.CHANGED,
        UpdateType.WORSENED,
        UpdateType.CHANGED,
    ]


def test_what_is_worse_than_people_know_is_news_although_it_was_worse_still_meanwhile() -> None:
    (unseen,) = file([change(CHANGED, after=BANNED)], incident())
    (less_bad,) = file([change(CHANGED, after=VERIFYING)], unseen.incident)
    told = less_bad.incident.notified_as(less_bad.incident)
    (as_bad,) = file([change(CHANGED, after=BANNED)], told)

    assert (less_bad.type, less_bad.incident.has_worsened) == (UpdateType.CHANGED, True)
    assert not told.has_worsened
    assert told.members[0].worst is AlertType.BANNED
    assert as_bad.type is UpdateType.WORSENED


def test_a_mute_stays_if_what_is_news_is_not_urgent_although_it_was_meanwhile() -> None:
    unseen = incident(member(worst=AlertType.BANNED), muted_by=MOD)
    (off,) = file([change(CHANGED, after=OFF)], unseen)
    (banned,) = file([change(CHANGED, after=BANNED)], off.incident)

    assert [off.type, banned.type] == [UpdateType.WORSENED, UpdateType.WORSENED]
    assert [off.incident.muted_by, banned.incident.muted_by] == [MOD, None]


def test_people_are_notified_of_an_incident_as_it_was_sent() -> None:
    sent = incident(member(1, notified=None))
    (worse,) = file([change(CHANGED, after=BANNED)], sent)

    assert sent.notified_as(sent).got_worse == ()
    assert [one.token_id for one in worse.incident.notified_as(sent).got_worse] == [1]


def test_each_token_of_a_group_is_compared_with_itself() -> None:
    group = incident(member(1, AlertType.BANNED, BANNED), member(2))
    (update,) = file([change(CHANGED, 2, VERIFYING)], group)

    assert update.type is UpdateType.WORSENED


def test_one_worsening_token_pings_whatever_else_the_round_brings() -> None:
    group = incident(member(1), member(2))
    for order in (1, 2), (2, 1):
        kinds = {1: change(CHANGED, 1, BANNED), 2: change(RESOLVED, 2)}
        (update,) = file([kinds[token_id] for token_id in order], group)
        assert update.type is UpdateType.WORSENED


def test_an_acknowledgement_ends_when_it_worsens_and_not_before() -> None:
    acknowledged = incident(acknowledged_by=MOD, acknowledged_at=NOON)
    (worse,) = file([change(CHANGED, after=BANNED)], acknowledged)
    (milder,) = file([change(CHANGED, after=Mode.OTHER)], acknowledged)

    assert (worse.incident.acknowledged_by, worse.incident.acknowledged_at) == (None, None)
    assert (milder.incident.acknowledged_by, milder.incident.acknowledged_at) == (MOD, NOON)


@pytest.mark.parametrize(("mode", "is_muted"), [(BANNED, False), (VERIFYING, False), (OFF, True), (Mode.GONE, True)])
@pytest.mark.parametrize("until", [None, NOON + 8 * HOUR])
def test_a_mute_ends_when_the_incident_becomes_urgent_and_not_before(
    mode: Mode, is_muted: bool, until: datetime | None
) -> None:
    muted = incident(muted_by=MOD, muted_until=until)
    (update,) = file([change(CHANGED, after=mode)], muted)

    assert update.type is UpdateType.WORSENED
    assert update.incident.is_muted(LATER) is is_muted
    assert (update.incident.muted_by, update.incident.muted_until) == ((MOD, until) if is_muted else (None, None))


def test_a_mute_stays_if_another_token_of_the_group_was_urgent_before() -> None:
    muted = incident(member(1, AlertType.BANNED, BANNED), member(2), muted_by=MOD)
    (update,) = file([change(CHANGED, 2, OFF)], muted)

    assert update.incident.is_muted(LATER)


def test_a_worsened_incident_gets_no_reminder_a_round_later() -> None:
    """Its reminders were due while it was acknowledged, and the worsening has just pinged."""
    acknowledged = incident(acknowledged_by=MOD, acknowledged_at=NOON)
    now = NOON + 7 * HOUR
    (update,) = file([change(CHANGED, after=BANNED, at=now)], acknowledged, now=now)

    assert remind(update.incident, now + MINUTE, Rules()) is None
    assert remind(update.incident, NOON + 24 * HOUR, Rules()) is not None


def test_a_token_leaving_fast_again_is_alerted_although_its_group_is_open() -> None:
    group = incident(member(1, resolved_at=NOON + 5 * MINUTE), member(2))
    (update,) = file([change(at=LATER)], group)

    assert (update.type, update.incident.id, update.incident.started_at) == (UpdateType.STARTED, None, LATER)


def test_a_flapping_token_leaving_fast_again_stays_in_its_incident() -> None:
    back = member(1, resolved_at=NOON + 5 * MINUTE)
    (update,) = file([change(at=NOON + 8 * MINUTE)], incident(back, member(2), flapping=True))

    assert update.type is UpdateType.CHANGED
    assert update.incident.members == (
        member(1, started_at=NOON + 8 * MINUTE, times=2, earlier=5 * MINUTE),
        member(2),
    )
    assert update.events == (TimelineEvent(NOON + 8 * MINUTE, TimelineEventType.STARTED, 1, LEFT_FAST, RELAX),)


@pytest.mark.parametrize("flapping_first", [True, False])
def test_a_change_belongs_where_its_token_is_affected_before_where_it_flapped(flapping_first: bool) -> None:
    flapped = incident(member(1, resolved_at=NOON), id_=5, flapping=True)
    out = incident(member(1), id_=6)
    (update,) = file([change(RESOLVED)], *((flapped, out) if flapping_first else (out, flapped)))

    assert (update.incident.id, update.type) == (6, UpdateType.RESOLVED)


def test_a_token_does_not_join_another_open_group() -> None:
    assert [one.type for one in file([change(token_id=3)], incident(member(1), member(2)))] == [UpdateType.STARTED]


def test_a_moderators_switch_counts_as_long_as_the_token_is_off() -> None:
    off = member(kind=AlertType.SWITCHED_OFF, mode=OFF, switched_off_by=MOD)
    assert not incident(off).pings

    (update,) = file([change(CHANGED, after=BANNED)], incident(off))
    assert update.incident.pings
    assert not update.incident.members[0].was_switched_off


def test_a_closed_token_opens_a_new_incident_on_change_and_recovers_silently() -> None:
    assert [one.type for one in file([change(CHANGED, after=BANNED)])] == [UpdateType.STARTED]
    assert file([change(RESOLVED)]) == []


# --- Ends


def test_an_incident_ends_when_its_token_is_back() -> None:
    (update,) = file([change(RESOLVED, at=LATER)], incident())

    assert update == IncidentUpdate(
        incident(member(resolved_at=LATER), resolved_at=LATER),
        UpdateType.RESOLVED,
        (TimelineEvent(LATER, TimelineEventType.RECOVERED, 1),),
    )
    assert update.incident.duration == update.incident.members[0].total_duration == 10 * MINUTE


def test_an_end_has_the_alert_type_of_the_incident() -> None:
    (update,) = file([change(RESOLVED)], incident(member(kind=AlertType.BANNED, mode=BANNED)))

    assert (update.incident.kind, update.incident.members[0].mode) == (AlertType.BANNED, BANNED)


def test_a_group_ends_when_all_are_back() -> None:
    (first,) = file([change(RESOLVED, 1, at=NOON + MINUTE)], incident(member(1), member(2)))
    assert (first.type, first.incident.is_open) == (UpdateType.CHANGED, True)

    (second,) = file([change(RESOLVED, 2, at=LATER)], first.incident)
    assert (second.type, second.incident.resolved_at) == (UpdateType.RESOLVED, LATER)


def test_a_groups_duration_ends_with_its_last_recovery() -> None:
    back = member(1, resolved_at=LATER)
    (update,) = file([change(RESOLVED, 2, at=NOON + MINUTE)], incident(back, member(2)))

    assert update.incident.resolved_at == LATER


def test_no_incident_ends_before_it_started_even_if_a_clock_was_set_back() -> None:
    (update,) = file([change(RESOLVED, at=NOON - HOUR)], incident())
    assert (update.incident.resolved_at, update.incident.members[0].total_duration) == (NOON, timedelta())

    back = member(started_at=NOON - 2 * HOUR, resolved_at=NOON - HOUR)
    (settled,) = resolve_flapping([incident(back, flapping=True)], NOON - MINUTE, Rules())
    assert settled.incident.resolved_at == NOON

    no_data = open_no_data(SERVER, OUTAGE, now=LATER, rules=Rules())
    assert resolve_no_data(no_data.incident, NOON - HOUR).incident.duration == timedelta()


def test_the_end_of_an_incident_never_pings() -> None:
    (update,) = file([change(RESOLVED)], incident(member(kind=AlertType.BANNED, mode=BANNED)))

    assert not update.incident.pings


def test_recovered_fast_time_resolves_its_own_incident_only() -> None:
    out, low_on_time = (
        incident(id_=1),
        incident(member(kind=AlertType.LOW, mode=FAST), id_=2, incident_type=IncidentType.LOW_FAST_TIME),
    )
    (update,) = file([low(RESOLVED)], out, low_on_time)

    assert (update.incident.id, update.type) == (2, UpdateType.RESOLVED)


# --- Flapping


def flap(run: ServerRun, token_id: int = 1, mode: Mode = RELAX) -> list[IncidentUpdate]:
    """Let a token leave FAST for two minutes and return."""
    return [update for shown in (mode, mode, FAST, FAST) for update in run.round({token_id: shown})]


def test_flapping_is_one_incident_that_ends_after_staying_in_fast() -> None:
    run = ServerRun()
    run.round({1: FAST})
    alerted = [[update.type for update in flap(run)] for _ in range(3)]
    assert alerted == [[UpdateType.STARTED, UpdateType.RESOLVED]] * 3

    alerted = [[update.type for update in flap(run)] for _ in range(5)]
    assert alerted == [[UpdateType.STARTED, UpdateType.CHANGED], *[[UpdateType.CHANGED, UpdateType.CHANGED]] * 4]
    (flapping,) = run.open
    assert flapping.flapping

    back_since = run.now - MINUTE
    while run.now < back_since + 29 * MINUTE:
        assert run.round({1: FAST}) == []
    (over,) = run.round({1: FAST})
    assert (over.type, over.incident.id, over.incident.resolved_at) == (
        UpdateType.RESOLVED,
        flapping.id,
        back_since + 30 * MINUTE,
    )
    assert (over.incident.members[0].times, over.incident.members[0].total_duration) == (5, 10 * MINUTE)
    assert over.events == ()


def test_slower_flapping_stays_in_the_same_incident() -> None:
    run = ServerRun()
    run.round({1: FAST})
    for _ in range(4):
        flap(run)
    run.now += 25 * MINUTE
    update = flap(run)

    assert [one.type for one in update] == [UpdateType.CHANGED, UpdateType.CHANGED]
    assert update[0].incident.members[0].times == 2


def test_flapping_to_something_worse_pings() -> None:
    run = ServerRun()
    run.round({1: FAST})
    for _ in range(4):
        flap(run)

    assert [one.type for one in flap(run, mode=BANNED)] == [UpdateType.WORSENED, UpdateType.CHANGED]


def test_one_token_that_flaps_keeps_its_group_open() -> None:
    (update,) = file([change(token_id=1, flapping=True), change(token_id=2), change(token_id=3)])
    assert update.incident.flapping

    group = replace(update.incident, id=1)
    (update,) = file([change(RESOLVED, token_id) for token_id in (1, 2, 3)], group)
    assert (update.type, update.incident.is_open) == (UpdateType.CHANGED, True)


@pytest.mark.parametrize(
    ("members", "ends"),
    [
        ([member(1, resolved_at=LATER - 30 * MINUTE), member(2, resolved_at=LATER - HOUR)], True),
        ([member(1, resolved_at=LATER - 29 * MINUTE), member(2, resolved_at=LATER - HOUR)], False),
        ([member(1, resolved_at=LATER - 30 * MINUTE), member(2)], False),
    ],
)
def test_flapping_ends_when_all_have_stayed_in_fast_for_long_enough(members: list[AffectedToken], ends: bool) -> None:
    settled = resolve_flapping([incident(*members, flapping=True, started_at=LATER - 2 * HOUR)], LATER, Rules())

    assert [(one.type, one.incident.resolved_at) for one in settled] == ([(UpdateType.RESOLVED, LATER)] if ends else [])


def test_incidents_without_flapping_are_not_resolved_by_waiting() -> None:
    assert resolve_flapping([incident(member(resolved_at=NOON - 9 * HOUR))], LATER, Rules()) == []


# --- Reminders


def test_an_unacknowledged_incident_gets_reminders_after_1_6_and_24_hours() -> None:
    run, reminded = ServerRun(), []
    run.round({1: FAST})
    run.round({1: BANNED})
    for minute in range(1, 30 * 60):
        reminded += [minute for update in run.round({1: BANNED}) if update.type is UpdateType.REMINDER]

    assert reminded == [60, 6 * 60, 24 * 60]


def test_reminders_that_are_not_due_yet_do_not_count_as_sent() -> None:
    reminded = incident(reminders_sent=3)
    recounted = recount_reminders(reminded, NOON + 2 * HOUR, Rules())

    assert recounted == incident(reminders_sent=1)
    # The clock of another process may be a little ahead.
    assert recount_reminders(recounted, NOON + HOUR - timedelta(seconds=5), Rules()) is recounted
    assert recount_reminders(recounted, NOON + 7 * HOUR, Rules()) is recounted
    assert remind(recounted, NOON + 6 * HOUR, Rules()) is not None


def test_a_reminder_changes_only_the_reminder_count() -> None:
    assert remind(incident(), NOON + HOUR, Rules()) == IncidentUpdate(incident(reminders_sent=1), UpdateType.REMINDER)


@pytest.mark.parametrize(("hours", "reminded"), [(0.9, None), (1, 1), (5.9, 1), (6, 2), (23, 2), (24, 3), (99, 3)])
def test_missed_reminders_are_merged_into_one(hours: float, reminded: int | None) -> None:
    update = remind(incident(), NOON + hours * HOUR, Rules())

    assert (update.incident.reminders_sent if update else None) == reminded
    if update is not None:
        assert remind(update.incident, NOON + hours * HOUR, Rules()) is None


SWITCH = member(kind=AlertType.SWITCHED_OFF, mode=OFF, switched_off_by=MOD)
NOT_REMINDED = {
    "acknowledged": incident(acknowledged_by=MOD, acknowledged_at=NOON),
    "muted until it is back": incident(muted_by=MOD),
    "muted for now": incident(muted_by=MOD, muted_until=NOON + 25 * HOUR),
    "over": incident(member(resolved_at=LATER), resolved_at=LATER),
    "switched off by a moderator": incident(SWITCH),
    "flapping with nobody out": incident(member(resolved_at=LATER), flapping=True),
    "low on fast time": incident(member(kind=AlertType.VERY_LOW, mode=FAST), incident_type=IncidentType.LOW_FAST_TIME),
    "about to run out": incident(member(kind=AlertType.RUNS_OUT_SOON, mode=FAST), incident_type=IncidentType.RUN_OUT),
}


@pytest.mark.parametrize("why", NOT_REMINDED)
def test_no_reminders_for_resolved_acknowledged_or_muted_incidents(why: str) -> None:
    assert remind(NOT_REMINDED[why], NOON + 24 * HOUR, Rules()) is None


@pytest.mark.parametrize(
    "ongoing",
    [
        incident(SWITCH, member(2)),
        incident(member(1, resolved_at=LATER), member(2)),
        incident(muted_by=MOD, muted_until=NOON + 24 * HOUR),
        incident(incident_type=IncidentType.NO_DATA, members=()),
    ],
)
def test_reminders_come_for_everything_still_open(ongoing: Incident) -> None:
    assert remind(ongoing, NOON + 24 * HOUR, Rules()) is not None


@pytest.mark.parametrize("reminders", [(), (3 * HOUR,), (MINUTE, 2 * MINUTE)])
def test_the_rules_set_the_reminder_times(reminders: tuple[timedelta, ...]) -> None:
    rules, reminded = Rules(reminders=reminders), []
    ongoing = incident()
    for minute in range(24 * 60):
        update = remind(ongoing, NOON + minute * MINUTE, rules)
        if update is not None:
            ongoing = update.incident
            reminded.append(minute * MINUTE)

    assert reminded == list(reminders)


# --- No data


def test_no_data_is_an_incident_without_tokens_since_the_last_successful_round() -> None:
    update = open_no_data(SERVER, OUTAGE, now=LATER, rules=Rules())

    no_data = incident(id_=None, members=(), incident_type=IncidentType.NO_DATA)  # type: ignore[arg-type]
    assert update.incident == replace(no_data, cause=NoDataCause.NO_RESPONSE)
    assert (update.type, update.events) == (
        UpdateType.STARTED,
        (TimelineEvent(LATER, TimelineEventType.STARTED, kind=AlertType.NO_DATA),),
    )
    assert update.incident.kind is AlertType.NO_DATA
    assert update.incident.pings


def test_another_cause_of_no_data_is_shown_without_a_ping() -> None:
    no_data = replace(incident(incident_type=IncidentType.NO_DATA, members=()), cause=NoDataCause.NO_RESPONSE)
    update = update_cause(no_data, replace(OUTAGE, latest=NoDataCause.FLEET_REFUSED))

    assert update == IncidentUpdate(replace(no_data, cause=NoDataCause.FLEET_REFUSED), UpdateType.REFRESH)
    assert update.urgency is Urgency.ROUTINE


def test_a_late_no_data_alert_gets_no_reminder_a_round_later() -> None:
    rules = Rules(no_data_after=2 * HOUR)
    update = open_no_data(SERVER, OUTAGE, now=NOON + 2 * HOUR, rules=rules)

    assert remind(update.incident, NOON + 2 * HOUR + MINUTE, rules) is None


def test_resolving_no_data_ends_its_incident() -> None:
    no_data = incident(incident_type=IncidentType.NO_DATA, members=())

    assert resolve_no_data(no_data, LATER) == IncidentUpdate(
        replace(no_data, resolved_at=LATER), UpdateType.RESOLVED, (TimelineEvent(LATER, TimelineEventType.RECOVERED),)
    )
    assert not resolve_no_data(no_data, LATER).incident.pings


# --- Merging


def test_a_merge_keeps_the_first_incident_with_all_tokens() -> None:
    first = incident(member(1), id_=3, started_at=LATER, route_token_id=1)
    second = incident(member(2), member(3), id_=4, flapping=True, reminders_sent=1)

    assert merge([first, second]) == incident(
        member(1), member(2), member(3), id_=3, route_token_id=1, flapping=True, reminders_sent=1
    )


def test_a_token_in_several_merged_incidents_appears_once() -> None:
    group = incident(member(1, AlertType.BANNED, BANNED, resolved_at=NOON + 5 * MINUTE), member(2), id_=3)
    started_again = incident(member(1, started_at=LATER, mode_before=VERIFYING, notified=None), id_=4)
    for order in ([group, started_again], [started_again, group]):
        token = merge(order).find_token(1)
        assert token == member(1, worst=AlertType.BANNED, started_at=LATER, times=2, earlier=5 * MINUTE, notified=None)
        assert sorted(one.token_id for one in merge(order).members) == [1, 2]


# --- Properties of an incident


def test_an_incident_has_the_most_severe_type_still_affected() -> None:
    most_severe, milder = member(1, AlertType.BANNED, BANNED), member(2)
    assert incident(milder, most_severe).kind is AlertType.BANNED
    assert incident(milder, most_severe).urgency is Urgency.URGENT

    back = replace(most_severe, resolved_at=LATER)
    assert incident(milder, back).most_severe == milder
    assert incident(milder, back).urgency is Urgency.WARNING
    assert incident(replace(milder, resolved_at=LATER), back, resolved_at=LATER).most_severe == back


def test_a_mute_expires() -> None:
    muted = incident(muted_by=MOD, muted_until=LATER)

    assert muted.is_muted(LATER - MINUTE)
    assert not muted.is_muted(LATER)
    assert incident(muted_by=MOD).is_muted(NOON + 999 * HOUR)
    assert not incident().is_muted(NOON)


def test_a_tokens_total_duration_counts_all_periods() -> None:
    again = member(started_at=NOON + HOUR, times=2, earlier=5 * MINUTE)

    assert again.total_duration == 5 * MINUTE
    assert replace(again, resolved_at=NOON + HOUR + MINUTE).total_duration == 6 * MINUTE


def test_a_token_affected_for_another_reason_is_no_switch() -> None:
    assert not member(mode=BANNED, switched_off_by=MOD).was_switched_off


def test_an_open_incident_has_no_duration_yet() -> None:
    assert incident().duration is None
