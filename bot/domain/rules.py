"""Rules: when a server is notified. Each server may set its own."""

from dataclasses import dataclass, replace
from datetime import time, timedelta
from enum import StrEnum
from typing import Annotated, Any, get_type_hints

from bot.domain.modes import Mode
from bot.domain.rule_types import (
    Count,
    DailyHours,
    Delay,
    Duration,
    Minimum,
    Percent,
    Reminders,
    Role,
    RuleType,
    Switch,
)

_MINUTE, _HOUR, _DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


class DigestDay(StrEnum):
    """The days on which a digest is posted."""

    OFF = "off"
    DAILY = "daily"
    MONDAY = "monday"
    TUESDAY = "tuesday"
    WEDNESDAY = "wednesday"
    THURSDAY = "thursday"
    FRIDAY = "friday"
    SATURDAY = "saturday"
    SUNDAY = "sunday"


@dataclass(frozen=True, slots=True)
class Rules:
    """The rules of one server. The defaults are for a team that looks at Discord many times a day.

    A field that is annotated with a rule type is a row of `RULES`, which `/alerts rules` shows and sets. Its words are
    in `bot.ui.texts.rules.MEANINGS`.
    """

    confirm_leaving: Annotated[int, Count(1, 10, "reading")] = 2
    """Consecutive readings that must agree before a token counts as out of FAST."""
    confirm_urgent: Annotated[int, Count(1, 10, "reading")] = 1
    """The same for VERIFYING and BANNED, where every minute matters."""
    confirm_back: Annotated[int, Count(1, 10, "reading")] = 2
    """The same for a return to FAST."""
    low: Annotated[int, Percent(90)] = 20
    """The percentage of the plan's fast hours for the first warning; 0 for never."""
    very_low: Annotated[int, Percent(90)] = 5
    """The same for the second warning, below the first."""
    reminders: Annotated[tuple[timedelta, ...], Reminders(5 * _MINUTE, 7 * _DAY, most=5)] = (_HOUR, 6 * _HOUR, _DAY)
    """The times of reminders, counted from an incident's start, while nobody has acknowledged it."""
    escalate_after: Annotated[timedelta, Delay(5 * _MINUTE, _DAY)] = timedelta()
    """How long nobody has acknowledged an incident until `escalate_role` is pinged, once; zero for never."""
    escalate_role: Annotated[int, Role()] = 0
    """The role that an escalation pings; 0 for none."""
    quiet_hours: Annotated[tuple[time, ...], DailyHours()] = ()
    """The start and the end of the time of day in which only urgent alerts ping; empty for none."""
    no_data_after: Annotated[timedelta, Duration(_MINUTE, _DAY)] = 5 * _MINUTE
    """How long without a successful check before there is an alert about that."""
    flapping_after: Annotated[int, Count(1, 20, "incident")] = 3
    """Incidents of one token within `flapping_within` that each have an alert; after that many, it is flapping."""
    flapping_within: Annotated[timedelta, Duration(10 * _MINUTE, _DAY)] = _HOUR
    """The time window in which those incidents are counted."""
    group_from: Annotated[int, Count(2, 25, "token")] = 3
    """The number of affected tokens in one check from which they share one Discord message."""
    run_out: Annotated[bool, Switch()] = True
    """Whether to warn that a token will run out of fast hours before the refill."""
    min_fast: Annotated[int, Minimum(1000, "token")] = 1
    """The tokens in FAST below which there is an alert; 0 for none."""
    min_hours: Annotated[int, Minimum(10_000, "hour")] = 0
    """The usable fast hours of all tokens together below which there is an alert; 0 for none."""
    low_credits: Annotated[int, Percent(90)] = 10
    """The percentage of the plan's credits below which there is an alert; 0 for never."""
    plan_end: Annotated[bool, Switch()] = True
    """Whether to warn before the end of the account's plan."""
    digest: DigestDay = DigestDay.OFF
    """The day on which a digest is posted."""
    digest_hour: int = 9
    """The hour of that day, 0 to 23, in the server's time zone."""
    time_zone: str = "UTC"
    """The server's time zone, as an IANA name."""

    def readings_needed(self, mode: Mode) -> int:
        """Return how many consecutive readings confirm this mode."""
        match mode:
            case Mode.FAST:
                return self.confirm_back
            case Mode.VERIFYING | Mode.BANNED:
                return self.confirm_urgent
            case _:
                return self.confirm_leaving

    @property
    def flap_clear_after(self) -> timedelta:
        """How long a flapping token must stay in FAST until its incident is resolved."""
        return self.flapping_within / 2

    @property
    def warns_in_order(self) -> bool:
        """Whether the second warning of low fast hours is below the first, if the first is on."""
        return self.low == 0 or self.very_low < self.low


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule: its name, which is its field in Rules and what people type, and the values it accepts."""

    name: str
    type: RuleType

    def value(self, rules: Rules) -> Any:
        """Return the value of this rule."""
        return getattr(rules, self.name)

    def with_value(self, rules: Rules, value: Any) -> Rules:
        """Return the rules with another value of this one."""
        return replace(rules, **{self.name: value})

    def with_default(self, rules: Rules) -> Rules:
        """Return the rules with this one at its default."""
        return self.with_value(rules, self.value(Rules()))


def _declared_rules() -> dict[str, Rule]:
    hints = get_type_hints(Rules, include_extras=True)
    return {name: Rule(name, hint.__metadata__[0]) for name, hint in hints.items() if getattr(hint, "__metadata__", ())}


RULES = _declared_rules()
"""All rules by the names that people type."""
