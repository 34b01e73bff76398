"""A sequence of rounds for one server, with the state that the database would keep."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import count

from bot.domain.evaluation import evaluate
from bot.domain.fast_time import FastTime, Unit
from bot.domain.incident_updates import IncidentUpdate, apply_changes, remind, resolve_flapping
from bot.domain.incidents import Incident
from bot.domain.modes import Mode
from bot.domain.readings import Reading
from bot.domain.rules import Rules
from bot.domain.run_out import RunOut
from bot.domain.tracking import Change, TokenState
from tests.clocks import NOON

TOKEN = 111
SERVER = 4_000
MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)


def reading(mode: Mode | None, now: datetime, token_id: int = TOKEN, percent: float | None = None) -> Reading:
    """Return a reading with this mode, and this much left of a plan of 100 hours."""
    fast_time = FastTime(percent * HOUR, 100 * HOUR, Unit.HOURS) if percent is not None else None
    if mode is Mode.GONE:
        return Reading(token_id, now, listed=False, fast_time=fast_time)
    status = {None: "", Mode.OTHER: "TURBO"}.get(mode, str(mode))
    is_active = False if mode is Mode.OFF else None
    return Reading(token_id, now, status=status, is_active=is_active, fast_time=fast_time)


@dataclass
class ServerRun:
    """The confirmed state of one server, and its incidents. A token of `own_channels` is alerted in that channel."""

    rules: Rules = field(default_factory=Rules)
    now: datetime = NOON
    own_channels: dict[int, str] = field(default_factory=dict)
    states: dict[int, TokenState] = field(default_factory=dict)
    incidents: dict[int, Incident] = field(default_factory=dict)
    changes: tuple[Change, ...] = ()
    _ids: Iterator[int] = field(default_factory=lambda: count(1))

    @property
    def open(self) -> list[Incident]:
        """The open incidents."""
        return [incident for incident in self.incidents.values() if incident.is_open]

    def route_of(self, token_id: int) -> tuple[object, int | None]:
        """Return the channel of a token's alerts."""
        channel = self.own_channels.get(token_id)
        return channel, token_id if channel is not None else None

    def round(self, modes: Mapping[int, Mode | None], after: timedelta = MINUTE) -> list[IncidentUpdate]:
        """Play a round this long after the last one, in which each token has its mode."""
        now = self.now + after
        return self.read([reading(mode, now, token_id) for token_id, mode in modes.items()], now)

    def read(
        self, readings: Iterable[Reading], now: datetime, run_outs: Mapping[int, RunOut] | None = None
    ) -> list[IncidentUpdate]:
        """Play a round with these readings, as `bot.monitor.recording` does. Return its updates, with ids."""
        self.now = now
        findings = evaluate(self.states, readings, now, self.rules, run_outs or {})
        self.changes = findings.changes
        self.states |= {state.token_id: state for state in findings.states}
        ongoing = self.open
        filed = apply_changes(
            findings.changes,
            ongoing,
            server_id=SERVER,
            now=now,
            rules=self.rules,
            route_of=self.route_of,
        )
        filed += resolve_flapping(_without(ongoing, filed), now, self.rules)
        due = [remind(incident, now, self.rules) for incident in _without(ongoing, filed)]
        return [self._keep(one) for one in [*filed, *(reminder for reminder in due if reminder is not None)]]

    def _keep(self, filed: IncidentUpdate) -> IncidentUpdate:
        id_ = filed.incident.id if filed.incident.id is not None else next(self._ids)
        # As if each alert arrived at once.
        self.incidents[id_] = replace(filed.incident.notified_as(filed.incident), id=id_)
        return replace(filed, incident=self.incidents[id_])


def _without(incidents: Iterable[Incident], filed: Iterable[IncidentUpdate]) -> list[Incident]:
    touched = {one.incident.id for one in filed}
    return [incident for incident in incidents if incident.id not in touched]
