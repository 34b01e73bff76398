"""Ten alerts as a team has them, whose words are counted."""

from collections.abc import Mapping
from datetime import timedelta

from bot.domain.alert_types import AlertType
from bot.domain.fast_time import FastTime, Unit
from bot.domain.fleet import FleetInFast
from bot.domain.incidents import Incident, TimelineEvent, TimelineEventType
from bot.domain.modes import Mode
from bot.domain.owners import OWNER_MUST_ACT
from bot.domain.readings import Reading
from bot.domain.subscription import Plan
from bot.ui.alerts import OutgoingMessage, incident_message
from bot.ui.mentions import of_role
from tests.clocks import NOON
from tests.ui.some_incidents import incident, member, over

ROLE, OWNER, MOD = 4_200_000_000_000_000, 4_300_000_000_000_000, 4_400_000_000_000_000
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
BANNED, RELAX = AlertType.BANNED, AlertType.LEFT_FAST

TEN_CARDS: Mapping[str, Incident] = {
    "RELAX, acknowledged": incident(member(311), acknowledged_by=MOD, acknowledged_at=NOON + MINUTE),
    "VERIFYING": incident(member(311, AlertType.VERIFYING)),
    "RELAX, then BANNED": incident(member(311, BANNED)),
    "switched off by a moderator": incident(member(311, AlertType.SWITCHED_OFF, switched_off_by=MOD)),
    "low on fast hours": incident(member(311, AlertType.LOW)),
    "will run out": incident(member(311, AlertType.WILL_NOT_LAST, gone_at=NOON + 50 * HOUR)),
    "flapping": incident(member(311, earlier_starts=3, first_start_at=NOON - 20 * MINUTE), flapping=True),
    "three tokens": incident(member(311), member(322, BANNED), member(333)),
    "no data": incident(),
    "over": over(incident(member(311, BANNED)), 14 * MINUTE),
}
_TIMELINE_OF_A_BAN = (
    TimelineEvent(NOON, TimelineEventType.STARTED, 311, RELAX, Mode.RELAX),
    TimelineEvent(NOON + MINUTE, TimelineEventType.CHANGED, 311, BANNED, Mode.BANNED),
)


def card_of(name: str) -> OutgoingMessage:
    """Return one of the ten alerts: token 311 has a name and an owner, and the server has a role to ping."""
    one = TEN_CARDS[name]
    empty = name == "RELAX, acknowledged"
    hours = FastTime(timedelta() if empty else 12 * HOUR, 30 * HOUR, Unit.HOURS)
    plan = Plan(name="Pro", renews_at=NOON + 23 * HOUR)
    owners = {311: OWNER, 322: OWNER}
    pinged = (OWNER,) if any(each.kind in OWNER_MUST_ACT for each in one.members) else ()
    return incident_message(
        one,
        {
            each.token_id: Reading(each.token_id, NOON, each.mode.value, fast_time=hours, plan=plan)
            for each in one.members
        },
        _TIMELINE_OF_A_BAN if name == "RELAX, then BANNED" else (),
        of_role(ROLE, pinged),
        now=NOON + 2 * MINUTE,
        names={311: "Shop front"},
        owners=owners,
        dashboard_url="https://dashboard.invalid/tokens",
        in_fast=FleetInFast(5 - max(len(one.members), 1), 5),
    )
