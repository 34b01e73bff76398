"""What this process has claimed and is about to send."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from bot.domain.incidents import Incident, TimelineEvent
from bot.domain.readings import Reading
from bot.notifier.actions import Attempt
from bot.storage.alert_routes import Route
from bot.storage.deliveries import Delivery, DeliveryKind
from bot.storage.incidents import PostedMessage
from bot.ui.alerts import OutgoingMessage
from bot.ui.formatting import Names


@dataclass(frozen=True, slots=True)
class DeliveryBatch:
    """All that waits for one incident, to be shown at once as it stands now; or one delivery without an incident."""

    deliveries: tuple[Delivery, ...]
    route: Route
    claimed_until: datetime
    attempted_since: datetime | None = None
    """Since when an earlier attempt may have reached Discord unnoticed; None on the first attempt."""
    incident: Incident | None = None
    post: PostedMessage | None = None
    timeline: tuple[TimelineEvent, ...] = ()
    readings: Mapping[int, Reading] = field(default_factory=dict)
    names: Names = field(default_factory=dict)
    """What the server calls its tokens now; an earlier attempt may have used other names."""
    summarized: tuple[Incident, ...] = ()
    """The incidents that a delivery of the kind SUMMARY lists."""
    is_silenced: bool = False
    """Whether a moderator has muted it: its Discord message is kept up to date, and nothing else is sent."""
    digest: OutgoingMessage | None = None
    """The digest that a delivery of the kind DIGEST brings, once it is composed."""

    @property
    def first(self) -> Delivery:
        """The delivery whose turn it is."""
        return self.deliveries[0]

    @property
    def kinds(self) -> frozenset[DeliveryKind]:
        """What the batch brings."""
        return frozenset(delivery.kind for delivery in self.deliveries)

    @property
    def attempt(self) -> Attempt:
        """Which attempt to send it this is."""
        return Attempt(number=self.first.attempts, since=self.attempted_since, expires_at=self.claimed_until)

    @property
    def living_incident(self) -> Incident | None:
        """The incident whose living Discord message the batch posts or edits."""
        return self.incident if self.first.kind is not DeliveryKind.SUMMARY else None

    def latest(self, kind: DeliveryKind) -> Delivery | None:
        """Find the last delivery of a kind."""
        return next((delivery for delivery in reversed(self.deliveries) if delivery.kind is kind), None)
