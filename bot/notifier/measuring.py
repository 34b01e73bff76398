"""Counts attempts to deliver, and times alerts, for Prometheus."""

from datetime import datetime

from bot.metrics import ALERT_DELAY, DELIVERIES
from bot.notifier.actions import Dropped, Expired, Outcome, Refused, Replied, RetryAt, Sent
from bot.notifier.batch import DeliveryBatch
from bot.storage.deliveries import DeliveryKind

_OUTCOMES: dict[type[Outcome], str] = {
    Sent: "sent",
    Dropped: "dropped",
    Refused: "refused",
    RetryAt: "failed",
    # The edit has failed, and what notifies people was sent.
    Replied: "replied",
    Expired: "expired",
}
_DELIVERIES = {
    (kind, outcome): DELIVERIES.labels(kind.value, label)
    for kind in DeliveryKind
    for outcome, label in _OUTCOMES.items()
}


def count(batch: DeliveryBatch, outcome: Outcome, now: datetime) -> None:
    """Count the deliveries of a batch by what has become of them, and time the alert among them, if it was accepted."""
    for delivery in batch.deliveries:
        _DELIVERIES[delivery.kind, type(outcome)].inc()
    if isinstance(outcome, Sent | Replied) and batch.alert_recorded_at is not None and batch.notifies:
        ALERT_DELAY.observe(max((now - batch.alert_recorded_at).total_seconds(), 0))
