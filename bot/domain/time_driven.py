"""What happens by time alone, without any new reading: reminders, digests, the end of quiet hours and the like."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from bot.domain.account import AccountQuota
from bot.domain.alert_types import AlertType, IncidentType
from bot.domain.conditions import find_problem
from bot.domain.escalation import escalate
from bot.domain.incident_updates import remind, resolve_flapping
from bot.domain.incidents import Incident
from bot.domain.quiet_hours import is_quiet
from bot.domain.rules import Rules


@dataclass(frozen=True, slots=True)
class ServerSnapshot:
    """What a round at `at` has read of a server, as far as anything may follow from it by time alone."""

    at: datetime
    rules: Rules
    incidents: tuple[Incident, ...]
    quota: AccountQuota | None
    account_problems: Mapping[IncidentType, AlertType | None]
    """What is wrong with the account's credits and plan, as far as that is confirmed."""

    def is_due(self, now: datetime) -> bool:
        """Whether a round must look: something is due, or may be. A mute may hold it back."""
        return (
            any(escalate(one, now, self.rules) or remind(one, now, self.rules) for one in self.incidents)
            or bool(resolve_flapping(self.incidents, now, self.rules))
            or is_quiet(self.rules, self.at) is not is_quiet(self.rules, now)
            or self._account_changes(now)
        )

    def _account_changes(self, now: datetime) -> bool:
        quota = self.quota
        return quota is not None and any(
            find_problem(type_, quota, now, self.rules, before) is not before
            for type_, before in self.account_problems.items()
        )
