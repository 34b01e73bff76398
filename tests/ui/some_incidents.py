"""Readings and incidents of every sort, to be shown."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import strategies as st

from bot.domain.account import AccountQuota
from bot.domain.alert_types import ALERT_POLICIES, AlertType, IncidentType, alert_type_of
from bot.domain.capacity import Capacity
from bot.domain.condition_updates import CONDITION_TYPES
from bot.domain.conditions import Condition
from bot.domain.fast_time import FastTime, Unit
from bot.domain.incidents import AffectedToken, Incident, TimelineEvent, TimelineEventType
from bot.domain.modes import Mode
from bot.domain.outages import NoDataCause
from bot.domain.readings import Reading
from bot.domain.subscription import Jobs, Plan, Usage
from tests.clocks import NOON
from tests.ui.hostile import texts_of_any_sort

TYPES_OF_TOKENS = frozenset({IncidentType.MODE, IncidentType.LOW_FAST_TIME, IncidentType.RUN_OUT})
MODES_OUT = [mode for mode in Mode if mode is not Mode.FAST]
MODE_OF_KIND = {alert_type_of(mode): mode for mode in MODES_OUT}


def member(token_id: int = 111, kind: AlertType = AlertType.LEFT_FAST, **others: Any) -> AffectedToken:
    """Return an affected token of an incident that started at noon."""
    mode = MODE_OF_KIND.get(kind, Mode.FAST)
    made = AffectedToken(token_id, kind, worst=kind, mode_before=Mode.FAST, mode=mode, started_at=NOON, notified=kind)
    return replace(made, **others)


def incident(*members: AffectedToken, **others: Any) -> Incident:
    """Return an open incident of these tokens; without any it is a no-data incident."""
    incident_type = ALERT_POLICIES[members[0].kind].type if members else IncidentType.NO_DATA
    return replace(Incident(1, 2, incident_type, started_at=NOON, members=members), **others)


def condition_incident(kind: AlertType, **others: Any) -> Incident:
    """Return an open incident about the whole fleet or account."""
    of_type: dict[IncidentType, dict[str, Any]] = {
        IncidentType.CAPACITY: {"capacity": Capacity(5, 2, timedelta(hours=329), timedelta(hours=67))},
        IncidentType.CREDITS: {"quota": AccountQuota(NOON, credits=120, credits_quota=1600)},
        IncidentType.PLAN_END: {"quota": AccountQuota(NOON, expires_at=NOON + timedelta(days=3))},
    }
    figures = of_type[ALERT_POLICIES[kind].type]
    condition = Condition(kind, notified=kind, **figures)
    return incident(type=ALERT_POLICIES[kind].type, condition=condition, **others)


def over(one: Incident, lasted: timedelta, **others: Any) -> Incident:
    """Resolve an incident after this time, for all tokens still affected."""
    ended = one.started_at + lasted
    members = tuple(member if member.resolved_at else replace(member, resolved_at=ended) for member in one.members)
    return replace(one, members=members, resolved_at=ended, **others)


# `bot.imaginepro.responses` strips every text, so no text of an embed is blank.
words = texts_of_any_sort.map(str.strip)
long_words = words | st.integers(1, 1000).map("*".__mul__) | st.integers(1, 1000).map("@".__mul__)
numbers = st.none() | st.integers(0, 10**9) | st.just(Jobs.SOME)
lengths = st.integers(0, 10**12).map(lambda cents: timedelta(minutes=cents / 100))
usages = st.none() | st.builds(Usage, st.integers(0, 10**15), st.none() | st.floats(0, 10**9))
times = st.datetimes(datetime(1970, 1, 2), datetime(5138, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 - hypothesis adds the zone
ids = st.integers(1, 2**63 - 1)
readings = st.builds(
    Reading,
    token_id=ids,
    read_at=times,
    status=long_words,
    is_active=st.none() | st.booleans(),
    listed=st.booleans(),
    fast_time=st.none() | st.builds(FastTime, lengths, st.none() | lengths, st.sampled_from(Unit)),
    fast_time_text=long_words,
    plan=st.builds(Plan, st.none() | long_words, st.none() | long_words, st.none() | words, st.none() | times),
    plan_text=long_words,
    running_jobs=numbers,
    queued_fast=numbers,
    queued_relax=numbers,
    relaxed_usage=usages,
    lifetime_usage=usages,
    visibility=long_words,
    remark=long_words,
)
_spans = st.timedeltas(timedelta(), timedelta(days=3000))
_events = st.builds(
    TimelineEvent,
    at=times,
    type=st.sampled_from(TimelineEventType),
    token_id=st.none() | st.integers(1, 30),
    kind=st.sampled_from(AlertType),
    mode=st.sampled_from(MODES_OUT),
    actor_id=ids,
    expires_at=st.none() | times,
)
timelines = st.lists(_events, max_size=10)


@st.composite
def _members(draw: st.DrawFn, incident_type: IncidentType, number: int) -> Sequence[AffectedToken]:
    """Several tokens, of which a few differ: only their number matters for the length."""
    kinds = [kind for kind, alert in ALERT_POLICIES.items() if alert.type is incident_type]
    few = st.builds(
        AffectedToken,
        token_id=ids,
        kind=st.sampled_from(kinds),
        worst=st.sampled_from(kinds),
        mode_before=st.sampled_from(Mode),
        mode=st.sampled_from(MODES_OUT),
        started_at=st.just(NOON),
        resolved_at=st.none() | _spans.map(NOON.__add__),
        times=st.integers(1, 10**6),
        earlier=_spans,
        switched_off_by=st.none() | ids,
        gone_at=st.none() | times,
        notified=st.none() | st.sampled_from(kinds),
    )
    drawn = draw(st.lists(few, min_size=1, max_size=5))
    return [replace(drawn[place % len(drawn)], token_id=2**63 - 1 - place) for place in range(number)]


def _conditions(kinds: Sequence[AlertType]) -> st.SearchStrategy[Condition]:
    counts = st.integers(0, 10**6)
    return st.builds(
        Condition,
        kind=st.sampled_from(kinds),
        notified=st.none() | st.sampled_from(kinds),
        capacity=st.builds(Capacity, counts, counts, lengths, lengths, st.sampled_from(Unit), counts, counts),
        quota=st.builds(
            AccountQuota,
            times,
            long_words,
            *[st.none() | st.integers(-(10**12), 10**12)] * 3,
            st.none() | times,
        ),
    )


@st.composite
def incidents(draw: st.DrawFn) -> Incident:
    """An incident in any state, of none to thousands of tokens."""
    incident_type = draw(st.sampled_from(IncidentType))
    kinds = [kind for kind, alert in ALERT_POLICIES.items() if alert.type is incident_type]
    number = draw(st.sampled_from([1, 1, 1, 2, 3, 15, 16, 5000])) if incident_type in TYPES_OF_TOKENS else 0
    made = Incident(
        id=draw(st.integers(1, 10**9)),
        server_id=2,
        type=incident_type,
        started_at=NOON,
        members=tuple(draw(_members(incident_type, number))) if number else (),
        flapping=incident_type is IncidentType.MODE and draw(st.booleans()),
        acknowledged_by=draw(st.none() | ids),
        acknowledged_at=draw(times),
        muted_by=draw(st.none() | ids),
        muted_until=draw(st.none() | times),
        closed_by=draw(st.none() | ids),
        cause=draw(st.none() | st.sampled_from(NoDataCause)) if incident_type is IncidentType.NO_DATA else None,
        condition=draw(_conditions(kinds)) if incident_type in CONDITION_TYPES else None,
    )
    return over(made, draw(_spans)) if draw(st.booleans()) else made
