"""A batch: what this process has claimed and is about to send."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from bot.domain.fleet import FleetInFast
from bot.domain.incidents import Incident, TimelineEvent
from bot.domain.mutes import has_urgent_news
from bot.domain.owners import Owners
from bot.domain.readings import Reading
from bot.notifier.actions import Attempt
from bot.storage.alert_routes import Route
from bot.storage.deliveries import Delivery, DeliveryKind
from bot.storage.incidents import PostedMessage
from bot.ui.alerts import OutgoingMessage
from bot.ui.formatting import Names

_WITHOUT_MESSAGE = (DeliveryKind.SUMMARY, DeliveryKind.STALE_MESSAGE)


@dataclass(frozen=True, slots=True)
class DeliveryBatch:
    """All pending deliveries of one incident, sent together as its current state; or one delivery without an incident.

    `is_muted` means: the Discord message is kept up to date, and nothing else is sent.
    """

    deliveries: tuple[Delivery, ...]
    route: Route
    claimed_until: datetime
    attempted_since: datetime | None = None
    """The earliest time at which an earlier attempt may have reached Discord unnoticed; None if there was none."""
    incident: Incident | None = None
    post: PostedMessage | None = None
    timeline: tuple[TimelineEvent, ...] = ()
    readings: Mapping[int, Reading] = field(default_factory=dict)
    unread_since: Mapping[int, datetime] = field(default_factory=dict)
    """When tokens were last read whose present status is unknown."""
    in_fast: FleetInFast | None = None
    """How many of the server's tokens are in FAST; None where that is not shown."""
    names: Names = field(default_factory=dict)
    """The server's current token names; an earlier attempt may have used other names."""
    owners: Owners = field(default_factory=dict)
    """The members who own the server's tokens."""
    dashboard_url: str = ""
    """ImaginePro's dashboard."""
    summarized: tuple[Incident, ...] = ()
    """The incidents that a SUMMARY delivery lists."""
    alert_recorded_at: datetime | None = None
    """When the first delivery that starts or worsens an incident was recorded; None if there is none, or if a mute or a
    broken route has held it back."""
    is_muted: bool = False
    is_quiet: bool = False
    """Whether quiet hours keep it from pinging."""
    escalate_role_id: int | None = None
    """The role that an escalation pings."""
    escalation_held_until: datetime | None = None
    """Until when a mute or quiet hours hold back an escalation; None if they do not."""
    worse_muted_until: datetime | None = None
    """Until when mutes hold back that the incident got worse; None if they do not, or if no end is known."""
    waiting_alerts: int = 0
    """The number of alerts that wait for the route of a ROUTE_RESTORED delivery."""
    routes: tuple[Route, ...] = ()
    """All routes of the server, for a notice to moderators about one of them."""
    lacking: tuple[str, ...] = ()
    """The permissions, in words, that the bot lacks in the channel of a ROUTE_BROKEN delivery, where that is known."""
    digest: OutgoingMessage | None = None
    """The message of a DIGEST delivery, once it is composed."""
    thread_lines: str = ""
    """The text of a THREAD delivery; empty if the incident has left the thread."""
    continued_in: PostedMessage | None = None
    """The Discord message in which the incident of a STALE_MESSAGE delivery goes on; None if it has none now."""

    @property
    def first(self) -> Delivery:
        """The delivery that is next in the queue; its nonce, attempts and claim stand for the batch."""
        return self.deliveries[0]

    @property
    def kinds(self) -> frozenset[DeliveryKind]:
        """The kinds of the deliveries in the batch."""
        return frozenset(delivery.kind for delivery in self.deliveries)

    @property
    def attempt(self) -> Attempt:
        """Return which attempt to send the batch this is."""
        return Attempt(number=self.first.attempts, since=self.attempted_since, expires_at=self.claimed_until)

    @property
    def living_incident(self) -> Incident | None:
        """The incident whose Discord message the batch posts or edits; None for a summary, which is never edited, and
        for a former message.
        """
        return self.incident if self.first.kind not in _WITHOUT_MESSAGE else None

    @property
    def is_first_message(self) -> bool:
        """Whether the incident has no Discord message and never had one. Somebody may have deleted an earlier one."""
        return self.post is None and DeliveryKind.STARTED in self.kinds

    @property
    def is_escalation(self) -> bool:
        """Whether it pings the second role: nobody has acknowledged the incident, also not since that was recorded."""
        is_acknowledged = self.incident is None or self.incident.acknowledged_by is not None
        is_held_back = self.escalation_held_until is not None
        return DeliveryKind.ESCALATED in self.kinds and not is_acknowledged and not is_held_back

    @property
    def held_back_escalation(self) -> Delivery | None:
        """The escalation that waits until a mute or quiet hours are over."""
        return self.latest(DeliveryKind.ESCALATED) if self.escalation_held_until is not None else None

    @property
    def held_back(self) -> Delivery | None:
        """The delivery that waits until a mute ends, because the mute holds back that the incident got worse."""
        if self.worse_muted_until is None or self.incident is None or not self.incident.is_open:
            return None
        return self.latest(DeliveryKind.WORSENED) or self.latest(DeliveryKind.HELD_BACK)

    @property
    def notifies(self) -> bool:
        """Whether people are notified of the incident as it is, if it is open: by a new message or by a reply."""
        says_worse = bool(self.kinds & {DeliveryKind.WORSENED, DeliveryKind.HELD_BACK})
        is_new = self.post is None or DeliveryKind.STARTED in self.kinds
        if says_worse and self.worse_muted_until is None and not self.holds_replies_back:
            return True
        return is_new and not self.is_muted

    @property
    def holds_replies_back(self) -> bool:
        """Whether a mute keeps replies back: not if the incident got urgent before somebody muted it."""
        has_news = self.incident is not None and self.incident.is_open and has_urgent_news(self.incident)
        return self.is_muted and not has_news

    def latest(self, kind: DeliveryKind) -> Delivery | None:
        """Return the last delivery of a kind; None if there is none."""
        return next((delivery for delivery in reversed(self.deliveries) if delivery.kind is kind), None)
