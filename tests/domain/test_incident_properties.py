"""Properties of incidents after any sequence of rounds, for all rules, routes and clocks."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from bot.domain.alert_types import AlertType, IncidentType, is_more_severe, severity
from bot.domain.incident_groups import merge
from bot.domain.incident_updates import IncidentUpdate, UpdateType
from bot.domain.incidents import AffectedToken, Incident
from bot.domain.modes import Mode
from bot.domain.rules import Rules
from bot.domain.run_out import RunOut, RunOutStatus
from bot.domain.tracking import Change, TokenState, Transition
from tests.domain.token_course import HOUR, MINUTE, ServerRun, reading

TOKENS = (1, 2, 3, 4)
Alerted = dict[int, set[tuple[int, AlertType]]]
Shown = dict[int, tuple[Mode | None, float | None, RunOutStatus | None]]


@dataclass
class Round:
    """One round: the incidents and what was alerted before it, its updates, and the state after it."""

    now: datetime
    before: dict[int, Incident]
    alerted: Alerted
    filed: list[IncidentUpdate]
    changes: tuple[Change, ...]
    after: dict[int, Incident]
    states: dict[int, TokenState]

    @property
    def open(self) -> list[Incident]:
        return [incident for incident in self.after.values() if incident.is_open]


@dataclass
class History:
    """A sequence of rounds, with occasional merges between them, as in the queue."""

    run: ServerRun
    rounds: list[Round]


def played(rules: Rules, own_channels: dict[int, str], rounds: list[tuple[Shown, timedelta, bool]]) -> History:
    run = ServerRun(rules, own_channels=own_channels)
    history, alerted = History(run, []), Alerted()
    for shown, after, is_merged in rounds:
        before, now = dict(run.incidents), run.now + after
        told_before = {id_: set(kinds) for id_, kinds in alerted.items()}
        readings = [reading(mode, now, id_, percent) for id_, (mode, percent, _) in shown.items()]
        run_outs = {id_: RunOut(prospect) for id_, (_, _, prospect) in shown.items() if prospect is not None}
        filed = run.read(readings, now, run_outs)
        this_round = Round(now, before, told_before, filed, run.changes, dict(run.incidents), dict(run.states))
        history.rounds.append(this_round)
        for one in filed:
            kinds = alerted.setdefault(id_of(one.incident), set())
            kinds |= {(member.token_id, member.kind) for member in one.incident.members}
        if is_merged:
            merge_some(run.incidents, alerted)
    return history


def merge_some(incidents: dict[int, Incident], alerted: Alerted) -> None:
    """Merge open incidents of one type, as happens to alerts that could not be sent for a while, and send the result.

    It does not say what a token was before it recovered and left FAST again, so nobody hears of that.
    """
    for sort in (IncidentType.MODE, IncidentType.LOW_FAST_TIME, IncidentType.RUN_OUT):
        alike = [incident for incident in incidents.values() if incident.is_open and incident.type is sort]
        if len(alike) > 1:
            first = id_of(alike[0])
            merged = merge(alike)
            incidents[first] = merged.notified_as(merged)
            for other in map(id_of, alike[1:]):
                del incidents[other]
                alerted[first] |= alerted.pop(other)
            told = {one.token_id: one.notified for one in incidents[first].members}
            alerted[first] = {(id_, kind) for id_, kind in alerted[first] if not is_more_severe(kind, told[id_])}


def id_of(incident: Incident) -> int:
    assert incident.id is not None
    return incident.id


# Mostly back and forth, since most failures need an incident first.
modes = st.sampled_from([*[Mode.FAST] * 7, *[Mode.RELAX] * 4, Mode.BANNED, Mode.BANNED, *Mode, None])
percents = st.none() | st.sampled_from([0, 3, 5, 6, 15, 20, 21, 24, 25, 60, 100, 130])
prospects = st.none() | st.sampled_from([*[RunOutStatus.SHORTFALL] * 3, *[RunOutStatus.IMMINENT] * 2, *RunOutStatus])
shown = st.fixed_dictionaries({}, optional={token_id: st.tuples(modes, percents, prospects) for token_id in TOKENS})
steps = st.sampled_from([timedelta(seconds=8), MINUTE, MINUTE, 2 * MINUTE, 31 * MINUTE, 7 * HOUR, -3 * MINUTE])
rules = st.builds(
    Rules,
    confirm_leaving=st.integers(1, 3),
    confirm_urgent=st.integers(1, 2),
    confirm_back=st.integers(1, 3),
    low=st.sampled_from([0, 20, 50]),
    very_low=st.sampled_from([0, 5, 30]),
    reminders=st.sampled_from([(), (HOUR,), (HOUR, 6 * HOUR)]),
    flapping_after=st.integers(0, 3),
    group_from=st.integers(1, 4),
)
channels = st.dictionaries(st.sampled_from(TOKENS), st.sampled_from(["one", "another"]), max_size=3)
mergers = st.sampled_from([*[False] * 9, True])
stories = st.builds(played, rules, channels, st.lists(st.tuples(shown, steps, mergers), min_size=12, max_size=50))


def affected_tokens(incidents: list[Incident], sort: IncidentType) -> list[AffectedToken]:
    return [member for incident in incidents if incident.type is sort for member in incident.still_affected]


@given(history=stories)
def test_a_token_is_affected_in_at_most_one_open_incident_of_a_type(history: History) -> None:
    for now in history.rounds:
        for sort in IncidentType:
            out = Counter(member.token_id for member in affected_tokens(now.open, sort))
            assert set(out.values()) <= {1}


@given(history=stories)
def test_a_token_is_in_an_incident_once(history: History) -> None:
    for now in history.rounds:
        for incident in now.after.values():
            assert len({member.token_id for member in incident.members}) == len(incident.members) > 0


@given(history=stories)
def test_the_confirmed_mode_agrees_with_the_open_incidents(history: History) -> None:
    for now in history.rounds:
        out = {member.token_id: member.mode for member in affected_tokens(now.open, IncidentType.MODE)}
        assert out == {id_: state.mode for id_, state in now.states.items() if state.incident_since is not None}


@given(history=stories)
def test_the_confirmed_fast_time_agrees_with_the_open_incidents(history: History) -> None:
    """A token first seen low is confirmed as low without an incident."""
    for now in history.rounds:
        low = {id_: state.low for id_, state in now.states.items()}
        assert all(
            low[member.token_id] is member.kind for member in affected_tokens(now.open, IncidentType.LOW_FAST_TIME)
        )


@given(history=stories)
def test_the_alerted_forecast_agrees_with_the_open_incidents(history: History) -> None:
    """A state in the first reading counts as alerted, and has no incident."""
    for now in history.rounds:
        run_outs = {id_: state.outlook for id_, state in now.states.items()}
        assert all(
            run_outs[member.token_id] is member.kind for member in affected_tokens(now.open, IncidentType.RUN_OUT)
        )


@given(history=stories)
def test_an_incident_is_open_exactly_while_a_token_is_affected_or_flapping(history: History) -> None:
    calm = history.run.rules.flap_clear_after
    for now in history.rounds:
        touched = {one.incident.id for one in now.filed}
        for incident in now.after.values():
            if incident.still_affected:
                assert incident.is_open
            elif not incident.flapping:
                assert not incident.is_open
            elif incident.is_open and incident.id not in touched:
                assert any(member.resolved_at and now.now - member.resolved_at < calm for member in incident.members)


@given(history=stories)
def test_resolved_incidents_do_not_change(history: History) -> None:
    for now in history.rounds:
        for id_, incident in now.before.items():
            assert incident.is_open or now.after[id_] == incident


@given(history=stories)
def test_an_incident_is_updated_once_a_round_and_resolved_when_over(history: History) -> None:
    for now in history.rounds:
        assert set(Counter(one.incident.id for one in now.filed).values()) <= {1}
        for one in now.filed:
            assert (one.type is UpdateType.RESOLVED) is not one.incident.is_open
            assert (one.type is UpdateType.STARTED) is (one.incident.id not in now.before)


@given(history=stories)
def test_incidents_without_an_update_do_not_change(history: History) -> None:
    for now in history.rounds:
        filed = {one.incident.id: one.incident for one in now.filed}
        assert now.after == now.before | filed


@given(history=stories)
def test_every_change_is_alerted_once_unless_it_ends_what_never_started(history: History) -> None:
    for now in history.rounds:
        alerted = [
            (one.incident.type, event.token_id, event.kind, event.at) for one in now.filed for event in one.events
        ]
        for change in now.changes:
            kind = None if change.transition is Transition.RESOLVED else change.alert_type
            was_out = any(
                member.token_id == change.token_id
                for member in affected_tokens([one for one in now.before.values() if one.is_open], change.type)
            )
            assert alerted.count((change.type, change.token_id, kind, change.at)) == (
                1 if was_out or kind is not None else 0
            )
        assert len(alerted) <= len(now.changes)


@given(history=stories)
def test_it_worsened_exactly_where_a_token_is_more_severe_than_ever_alerted(history: History) -> None:
    for now in history.rounds:
        for one in now.filed:
            alerted = now.alerted.get(id_of(one.incident), set())
            worse = [
                member
                for member in one.incident.members
                if alerted
                and all(severity(kind) < severity(member.kind) for id_, kind in alerted if id_ == member.token_id)
            ]
            assert (one.type is UpdateType.WORSENED) is bool(worse)


@given(history=stories)
def test_resolved_incidents_neither_ping_nor_remind(history: History) -> None:
    for now in history.rounds:
        for one in now.filed:
            assert one.incident.is_open or not one.incident.pings
            if one.type is UpdateType.REMINDER:
                assert one.incident.still_affected
                assert now.before[id_of(one.incident)].is_open


@given(history=stories)
def test_no_reminder_comes_twice_or_early(history: History) -> None:
    for now in history.rounds:
        for one in now.filed:
            if one.type is UpdateType.REMINDER:
                before = now.before[id_of(one.incident)].reminders_sent
                due = sum(now.now - one.incident.started_at >= after for after in history.run.rules.reminders)
                assert before < one.incident.reminders_sent == due


@given(history=stories)
def test_durations_are_never_negative(history: History) -> None:
    for now in history.rounds:
        for incident in now.after.values():
            assert incident.duration is None or incident.duration >= timedelta()
            assert all(member.total_duration >= timedelta() for member in incident.members)


@given(history=stories)
def test_only_changes_with_the_same_channel_and_type_are_grouped(history: History) -> None:
    run = history.run
    for now in history.rounds:
        for one in now.filed:
            if one.type is UpdateType.STARTED:
                tokens = [member.token_id for member in one.incident.members]
                assert len({run.own_channels.get(token_id) for token_id in tokens}) == 1
                assert len(tokens) == 1 or len(tokens) >= run.rules.group_from
                assert (one.incident.route_token_id in tokens) is (tokens[0] in run.own_channels)


@given(history=stories)
def test_each_threshold_is_alerted_once_until_hours_have_returned(history: History) -> None:
    marks: dict[int, list[AlertType]] = {token_id: [] for token_id in TOKENS}
    for now in history.rounds:
        for change in now.changes:
            if change.type is not IncidentType.LOW_FAST_TIME:
                continue
            alerted = marks[change.token_id]
            if change.transition is Transition.RESOLVED:
                alerted.clear()
            else:
                assert change.low not in alerted
                alerted.append(change.alert_type)


@given(history=stories)
def test_tokens_leave_and_recover_as_often_as_their_incidents_say(history: History) -> None:
    started = Counter(
        change.token_id
        for now in history.rounds
        for change in now.changes
        if change.type is IncidentType.MODE and change.transition is Transition.STARTED
    )
    times: Counter[int] = Counter()
    for incident in history.run.incidents.values():
        if incident.type is IncidentType.MODE:
            times.update({member.token_id: member.times for member in incident.members})

    assert times == started
