"""What is to be done in Discord, and its result: plain values between the plan, the sender and the database."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from bot.domain.alert_routes import DisabledReason
from bot.notifier.discord_errors import ALERT_BACKOFF, Backoff
from bot.notifier.previous_attempts import Signature
from bot.storage.incidents import PostedMessage
from bot.ui.alerts import OutgoingMessage


class Reason(StrEnum):
    """Why an action is taken."""

    TEST = "test"
    DIGEST = "digest"
    ROUTE_BROKEN = "route_broken"
    SUMMARY = "summary"
    """Several incidents were over before anyone could be notified."""
    NOT_POSTED = "not_posted"
    """An incident is open and has no Discord message, or none any more."""
    OVER_UNNOTICED = "over_unnoticed"
    """An incident without a Discord message is over."""
    UPDATE = "update"
    """The Discord message must show the present state."""
    GOT_WORSE = "got_worse"
    REMINDER = "reminder"
    ENDED = "ended"
    NOTHING_NEW = "nothing_new"
    """Nothing is to be sent: what is shown is true, or its Discord message was deleted by somebody."""
    STILL_THERE = "still_there"
    """Nothing has changed, and nobody has looked for a while whether the Discord message is still there."""
    REMOVED = "removed"
    """Somebody has moved or removed what is shown there."""


@dataclass(frozen=True, slots=True)
class Drop:
    """Send nothing."""

    reason: Reason


@dataclass(frozen=True, slots=True)
class Post:
    """Post a Discord message, unless an earlier attempt has posted one with this signature."""

    reason: Reason
    channel_id: int
    server_id: int
    message: OutgoingMessage
    nonce: str
    signature: Signature
    role_id: int | None = None
    """The one role that it may ping."""
    is_silent: bool = True
    is_pinned: bool = False


@dataclass(frozen=True, slots=True)
class Reply:
    """Reply to a Discord message: an edit notifies nobody."""

    reason: Reason
    text: str
    nonce: str
    signature: Signature
    role_id: int | None = None
    is_silent: bool = False


@dataclass(frozen=True, slots=True)
class Edit:
    """Edit a Discord message, which pings nobody, and then reply to it."""

    reason: Reason
    target: PostedMessage
    message: OutgoingMessage
    if_gone: Post | Drop
    """What to do instead where the Discord message is out of reach for good."""
    reply: Reply | None = None
    is_left_behind: bool = False
    """Whether the alerts have moved to another channel since: a refusal in the old one is nobody's problem."""


@dataclass(frozen=True, slots=True)
class NotifyModerators:
    """Tell those who can fix it that Discord refuses an alert channel: in the system channel, or by direct message."""

    reason: Reason
    server_id: int
    refused_channel_id: int
    user_id: int
    """Whoever set up the alerts."""
    text: str
    nonce: str


@dataclass(frozen=True, slots=True)
class Check:
    """Look whether a Discord message is still there."""

    reason: Reason
    target: PostedMessage


@dataclass(frozen=True, slots=True)
class Delete:
    """Delete a Discord message."""

    reason: Reason
    target: PostedMessage


Action = Post | Edit | NotifyModerators | Check | Delete | Drop


@dataclass(frozen=True, slots=True)
class Attempt:
    """Which attempt at an action this is."""

    number: int = 1
    since: datetime | None = None
    """When an earlier attempt may first have reached Discord unnoticed; None where there was none."""
    expires_at: datetime | None = None
    """From then on another process may do the same."""
    backoff: Backoff = ALERT_BACKOFF


@dataclass(frozen=True, slots=True)
class Sent:
    """Discord has it."""

    message: PostedMessage | None = None
    is_current: bool = True
    """False where an earlier attempt had posted it, with what was true then."""


@dataclass(frozen=True, slots=True)
class Dropped:
    """Nothing was sent, and nothing is there."""


@dataclass(frozen=True, slots=True)
class Refused:
    """Discord refuses until somebody changes something there."""

    problem: str
    retry_at: datetime
    reason: DisabledReason


@dataclass(frozen=True, slots=True)
class RetryAt:
    """It failed for now."""

    problem: str
    retry_at: datetime


@dataclass(frozen=True, slots=True)
class Expired:
    """It took so long that another process may be doing the same; nothing was sent."""


Outcome = Sent | Dropped | Refused | RetryAt | Expired
