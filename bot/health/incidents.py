"""Incidents: what a server is told of as one thing, from the round that began it to the round that ended it."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from bot.health.alert_kinds import ALERTS, AlertKind, Sort, Urgency, gravity
from bot.health.changes import Change, Kind
from bot.health.modes import Mode
from bot.health.rules import Rules


@dataclass(frozen=True, slots=True)
class Member:
    """A token's part in an incident. `mode` and `kind` stay as they were last when it has ended for the token."""

    token_id: int
    kind: AlertKind
    worst: AlertKind
    """The gravest kind that was told, so that only what is worse pings again."""
    mode_before: Mode
    mode: Mode
    began_at: datetime
    """When it began for this token, the latest time."""
    ended_at: datetime | None = None
    times: int = 1
    """How often it began."""
    earlier: timedelta = timedelta()
    """How long the earlier times took."""
    switched_off_by: int | None = None
    """The member of the server who switched the token off from Discord, where that is what happened."""
    gone_at: datetime | None = None
    """When its fast time may be gone, where it will not last."""

    @property
    def is_a_switch(self) -> bool:
        """Whether the token is out of FAST because a moderator wanted it so."""
        return self.switched_off_by is not None and self.mode is Mode.OFF

    @property
    def lasted(self) -> timedelta:
        """How long it took in all, as far as it has ended."""
        return self.earlier + (self.ended_at - self.began_at if self.ended_at is not None else timedelta())


@dataclass(frozen=True, slots=True)
class Incident:
    """One incident of a server as it stands. `id` is None before it is recorded; one that is blind has no members."""

    id: int | None
    server_id: int
    sort: Sort
    began_at: datetime
    members: tuple[Member, ...] = ()
    ended_at: datetime | None = None
    route_token_id: int | None = None
    """The token whose own route it is told by, as long as there is one."""
    flapping: bool = False
    """It goes on until its tokens have stayed in FAST for a while."""
    acknowledged_by: int | None = None
    acknowledged_at: datetime | None = None
    muted_by: int | None = None
    muted_until: datetime | None = None
    """When the mute ends; None with `muted_by` set means with the incident."""
    reminded: int = 0
    """How many of the reminders have had their time."""
    closed_by: int | None = None
    """The member of the server who declared it over."""

    @property
    def is_open(self) -> bool:
        """Whether it goes on."""
        return self.ended_at is None

    @property
    def lasted(self) -> timedelta | None:
        """How long it took; None while it is open."""
        return self.ended_at - self.began_at if self.ended_at is not None else None

    @property
    def out(self) -> tuple[Member, ...]:
        """The members for whom it goes on."""
        return tuple(member for member in self.members if member.ended_at is None)

    @property
    def gravest(self) -> Member | None:
        """The member that is worst off, of those for whom it goes on if there are any."""
        return max(self.out or self.members, key=lambda member: gravity(member.kind), default=None)

    @property
    def kind(self) -> AlertKind:
        """What it is told as."""
        return self.gravest.kind if self.gravest is not None else AlertKind.BLIND

    @property
    def urgency(self) -> Urgency:
        """How soon it must be told."""
        return ALERTS[self.kind].urgency

    @property
    def pings(self) -> bool:
        """Whether anything of it is worth a ping: not what a moderator did on purpose, and not what is over."""
        return self.is_open and (not self.members or any(not member.is_a_switch for member in self.out))

    def is_muted(self, now: datetime) -> bool:
        """Whether somebody muted it, and that has not ended."""
        return self.muted_by is not None and (self.muted_until is None or now < self.muted_until)

    def member(self, token_id: int) -> Member | None:
        """Find a token's part in it."""
        return next((member for member in self.members if member.token_id == token_id), None)


class Step(StrEnum):
    """What became of an incident in a round, and so what is to be delivered."""

    BEGAN = "began"
    WENT_ON = "went_on"
    GOT_WORSE = "got_worse"
    ENDED = "ended"
    REMINDER = "reminder"


class Happening(StrEnum):
    """A line of an incident's timeline."""

    BEGAN = "began"
    WENT_ON = "went_on"
    BACK = "back"
    ACKNOWLEDGED = "acknowledged"
    MUTED = "muted"
    UNMUTED = "unmuted"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened in an incident: to a token, or by a member of the server."""

    at: datetime
    happening: Happening
    token_id: int | None = None
    kind: AlertKind | None = None
    mode: Mode | None = None
    by: int | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Filed:
    """An incident as it stands after a round, what became of it, and the new lines of its timeline."""

    incident: Incident
    step: Step
    events: tuple[Event, ...] = ()


RouteOf = Callable[[int], tuple[object, int | None]]
"""Tells for a token which tokens are told together with it, and whose own route that is, if any."""


def file_changes(
    changes: Iterable[Change],
    open_incidents: Sequence[Incident],
    *,
    server_id: int,
    now: datetime,
    rules: Rules,
    route_of: RouteOf,
    switched_off_by: Callable[[Change], int | None] = lambda _: None,
) -> list[Filed]:
    """File the changes of one round: into the incidents they belong to, and the rest into new ones.

    A token that leaves FAST again is told there only if that one is flapping: in a group whose others have been out for
    days, nobody would notice it. As many new ones as `rules.group_from` that share a route make one incident together.
    """
    going_on: dict[int, tuple[Incident, list[Change]]] = {}
    new: dict[tuple[Sort, object], list[Change]] = {}
    for change in changes:
        incident = _incident_of(change, open_incidents)
        if incident is not None and incident.id is not None:
            going_on.setdefault(incident.id, (incident, []))[1].append(change)
        elif change.kind is not Kind.ENDED:
            new.setdefault((change.sort, route_of(change.token_id)[0]), []).append(change)
    filed = [_carry_on(incident, its, now, rules, switched_off_by) for incident, its in going_on.values()]
    for alike in new.values():
        together = [alike] if len(alike) >= rules.group_from else [[change] for change in alike]
        begun = [_begin(each, server_id, route_of(each[0].token_id)[1], switched_off_by) for each in together]
        filed += [replace(one, incident=just_told(one.incident, now, rules)) for one in begun]
    return filed


def settle(open_incidents: Iterable[Incident], now: datetime, rules: Rules) -> list[Filed]:
    """End the flapping whose tokens have all stayed in FAST for long enough."""
    return [
        Filed(_ended(incident, now), Step.ENDED)
        for incident in open_incidents
        if incident.flapping
        and all(member.ended_at is not None and now - member.ended_at >= rules.calm for member in incident.members)
    ]


def remind(incident: Incident, now: datetime, rules: Rules) -> Filed | None:
    """Call an incident to mind when it is time, once for all the times that have passed meanwhile."""
    if not incident.pings or incident.acknowledged_by is not None or incident.is_muted(now):
        return None
    passed = _reminders_passed(incident, now, rules)
    if not ALERTS[incident.kind].reminds or passed <= incident.reminded:
        return None
    return Filed(replace(incident, reminded=passed), Step.REMINDER)


def go_blind(server_id: int, since: datetime, now: datetime, rules: Rules) -> Filed:
    """Begin an incident since nothing has been known of the tokens for too long."""
    incident = just_told(Incident(None, server_id, Sort.BLIND, began_at=since), now, rules)
    return Filed(incident, Step.BEGAN, (Event(now, Happening.BEGAN, kind=AlertKind.BLIND),))


def see_again(incident: Incident, now: datetime) -> Filed:
    """End the blindness."""
    return Filed(_ended(incident, now), Step.ENDED, (Event(now, Happening.BACK),))


def merge(incidents: Sequence[Incident]) -> Incident:
    """Make one incident of several that nobody has been told of yet: the first one, with the members of all."""
    first = incidents[0]
    return replace(
        first,
        began_at=min(incident.began_at for incident in incidents),
        members=_merged(member for incident in incidents for member in incident.members),
        flapping=any(incident.flapping for incident in incidents),
        reminded=max(incident.reminded for incident in incidents),
    )


def _merged(members: Iterable[Member]) -> tuple[Member, ...]:
    """Make one of the parts of a token that was out more than once: it left its group, and FAST again."""
    merged: dict[int, Member] = {}
    for member in sorted(members, key=lambda member: (member.ended_at is None, member.began_at)):
        before = merged.get(member.token_id)
        merged[member.token_id] = member if before is None else _once_more(before, member)
    return tuple(merged.values())


def _once_more(before: Member, after: Member) -> Member:
    return replace(
        after,
        worst=max(before.worst, after.worst, key=gravity),
        mode_before=before.mode_before,
        times=before.times + after.times,
        earlier=before.lasted + after.earlier,
    )


def _incident_of(change: Change, open_incidents: Iterable[Incident]) -> Incident | None:
    """Find the incident that a change belongs to: where its token is still out, or else where it is flapping."""
    of_flapping = None
    for incident in open_incidents:
        member = incident.member(change.token_id) if incident.sort is change.sort else None
        if member is not None and member.ended_at is None:
            return incident
        if member is not None and incident.flapping:
            of_flapping = incident
    return of_flapping


def _begin(
    changes: Sequence[Change],
    server_id: int,
    route_token_id: int | None,
    switched_off_by: Callable[[Change], int | None],
) -> Filed:
    members = tuple(
        Member(
            token_id=change.token_id,
            kind=change.alert,
            worst=change.alert,
            mode_before=change.before,
            mode=change.after,
            began_at=change.at,
            switched_off_by=switched_off_by(change),
            gone_at=change.gone_at,
        )
        for change in changes
    )
    incident = Incident(
        id=None,
        server_id=server_id,
        sort=changes[0].sort,
        began_at=min(change.at for change in changes),
        members=members,
        route_token_id=route_token_id,
        flapping=any(change.flapping for change in changes),
    )
    return Filed(incident, Step.BEGAN, tuple(map(_event, changes)))


def _carry_on(
    incident: Incident,
    changes: Sequence[Change],
    now: datetime,
    rules: Rules,
    switched_off_by: Callable[[Change], int | None],
) -> Filed:
    worse = False
    urgent = False
    members = {member.token_id: member for member in incident.members}
    for change in changes:
        before = members[change.token_id]
        after = _changed(before, change, switched_off_by(change))
        members[change.token_id] = after
        if gravity(after.worst) > gravity(before.worst):
            worse = True
            urgent = urgent or ALERTS[after.worst].urgency is Urgency.URGENT
    incident = replace(
        incident, members=tuple(members.values()), flapping=incident.flapping or any(one.flapping for one in changes)
    )
    events = tuple(map(_event, changes))
    if not incident.out and not incident.flapping:
        # Not simply that of this round's changes: the last to be confirmed was not always the last to be back.
        last = max(member.ended_at for member in incident.members if member.ended_at is not None)
        return Filed(_ended(incident, last), Step.ENDED, events)
    if not worse:
        return Filed(incident, Step.WENT_ON, events)
    # Whoever acknowledged or muted it did not know of this.
    incident = just_told(replace(incident, acknowledged_by=None, acknowledged_at=None), now, rules)
    if urgent:
        incident = replace(incident, muted_by=None, muted_until=None)
    return Filed(incident, Step.GOT_WORSE, events)


def _reminders_passed(incident: Incident, now: datetime, rules: Rules) -> int:
    return sum(now - incident.began_at >= after for after in rules.reminders)


def just_told(incident: Incident, now: datetime, rules: Rules) -> Incident:
    """Count the reminders whose time has passed as had: what pings now is not called to mind a round later."""
    return replace(incident, reminded=max(incident.reminded, _reminders_passed(incident, now, rules)))


def _ended(incident: Incident, at: datetime) -> Incident:
    """End it. A clock may have been set back: nothing ends before it began."""
    return replace(incident, ended_at=max(at, incident.began_at))


def _changed(member: Member, change: Change, switched_off_by: int | None) -> Member:
    match change.kind:
        case Kind.ENDED:
            # A clock may have been set back: nothing ends before it began.
            return replace(member, ended_at=max(change.at, member.began_at))
        case Kind.BEGAN if member.ended_at is not None:
            member = replace(member, began_at=change.at, ended_at=None, times=member.times + 1, earlier=member.lasted)
    worst = max(member.worst, change.alert, key=gravity)
    return replace(
        member,
        kind=change.alert,
        worst=worst,
        mode=change.after,
        switched_off_by=switched_off_by,
        gone_at=change.gone_at,
    )


def _event(change: Change) -> Event:
    if change.kind is Kind.ENDED:
        return Event(change.at, Happening.BACK, change.token_id)
    happening = Happening.BEGAN if change.kind is Kind.BEGAN else Happening.WENT_ON
    return Event(change.at, happening, change.token_id, change.alert, change.after)
