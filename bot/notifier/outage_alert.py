"""One alert about the database: what is known about it, and what to do in Discord."""

import math
from base64 import urlsafe_b64encode
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256

from bot.clock import Pause
from bot.notifier.actions import Attempt, Drop, Edit, ForumPost, Post, Reason, Reply
from bot.notifier.previous_attempts import OutageSignature, ReplySignature
from bot.storage.alert_routes import Route
from bot.storage.incidents import PostedMessage
from bot.ui import texts
from bot.ui.alerts import OutgoingMessage
from bot.ui.database_outage import OutageView, outage_message, over_message, over_words
from bot.ui.mentions import NOBODY, of_role

_NONCE_LENGTH = 25  # Discord's limit (Create Message, `nonce`)
# Several processes on one database notice its outage some seconds apart, and alert it with the same nonce.
_NONCE_PERIOD = timedelta(minutes=10)

LONG_AGO = -math.inf
"""When an outage began that an earlier process has seen."""


@dataclass(slots=True)
class OutageAlert:
    """What is known about the alert of one outage in one channel."""

    route: Route
    began: float
    """The outage, by the monotonic time of its start."""
    view: OutageView
    retry: Pause
    pings: bool
    shown: OutageView | None = None
    posted: PostedMessage | None = None
    over_at: datetime | None = None
    attempts: int = 0
    is_gone: bool = False
    """Whether somebody has deleted the message, or another process has ended it."""
    is_replied: bool = False
    """Whether the reply that says that it is over was sent."""
    is_ended: bool = False
    """Whether this process has edited the message to say that it is over."""
    follows: int | None = None
    """The Discord message of the outage just before, which has the nonce that this one would have."""

    @property
    def message(self) -> OutgoingMessage:
        """The Discord message."""
        return outage_message(self.view, self.route.role_id if self.pings else None)

    @property
    def is_up_to_date(self) -> bool:
        """Whether nothing is to be sent."""
        return self.is_gone or (self.posted is not None and self.over_at is None and self.shown == self.view)

    @property
    def attempt(self) -> Attempt:
        """Which attempt this is. This process, or another one with another nonce, may have sent it earlier."""
        is_ours = self.over_at is not None and not self.is_left_behind
        return Attempt(self.attempts, self.over_at if is_ours else self.view.since)

    @property
    def is_left_behind(self) -> bool:
        """Whether an earlier process has posted it, which may also have replied to it."""
        return self.began == LONG_AGO

    def nonce(self, what: str) -> str:
        """Return the nonce of the post or the reply, the same in all processes."""
        period = self.view.since.timestamp() // _NONCE_PERIOD.total_seconds()
        digest = sha256(f"{what} {self.route.channel_id} {period} {self.follows or ''}".encode()).digest()
        return urlsafe_b64encode(digest).decode()[:_NONCE_LENGTH]


def post_alert(alert: OutageAlert, earlier: Iterable[int]) -> Post:
    """Return how to post an alert. `earlier` are the Discord messages of other outages."""
    return Post(
        Reason.DATABASE_OUTAGE,
        alert.route.channel_id,
        alert.route.server_id,
        alert.message,
        nonce=alert.nonce("outage"),
        signature=OutageSignature(other_than=frozenset(earlier)),
        mentions=of_role(alert.route.role_id) if alert.pings else NOBODY,
        is_silent=not alert.pings,
        forum_post=_forum_post(alert),
    )


def _forum_post(alert: OutageAlert, *, is_over: bool = False) -> ForumPost | None:
    return ForumPost(alert.route.channel_id, texts.database.TITLE, (), is_over) if alert.route.is_forum else None


def edit_alert(alert: OutageAlert, posted: PostedMessage) -> Edit:
    """Return how to keep an alert up to date."""
    return Edit(Reason.UPDATE, posted, alert.message, if_gone=Drop(Reason.UP_TO_DATE))


def end_alert(alert: OutageAlert, posted: PostedMessage, over_at: datetime) -> Edit:
    """Return how to say in an alert that the outage is over."""
    return Edit(
        Reason.RESOLVED,
        posted,
        over_message(alert.view, over_at),
        if_gone=Drop(Reason.UP_TO_DATE),
        forum_post=_forum_post(alert, is_over=True),
    )


def reply_over(alert: OutageAlert, posted: PostedMessage, over_at: datetime) -> Reply:
    """Return how to say in a silent reply that the outage is over."""
    words = over_words(alert.view, over_at)
    signature = ReplySignature(words, posted.discord_message_id, ignores_numbers=True)
    return Reply(Reason.RESOLVED, posted, words, nonce=alert.nonce("over"), signature=signature, is_silent=True)
