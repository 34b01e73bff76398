"""Actions in Discord and their outcomes: plain values between the plan, the sender and the database."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from bot.concurrency.backoff import Backoff
from bot.domain.alert_routes import DisabledReason
from bot.notifier.discord_errors import ALERT_BACKOFF, FailureScope
from bot.notifier.previous_attempts import Signature
from bot.storage.incidents import PostedMessage
from bot.ui.alerts import OutgoingMessage
from bot.ui.mentions import NOBODY, Mentions


class Reason(StrEnum):
    """Why an action is taken."""

    TEST = "test"
    DATABASE_OUTAGE = "database_outage"
    """Nothing can be recorded, so nothing else could say so."""
    DIGEST = "digest"
    THREAD = "thread"
    ROUTE_BROKEN = "route_broken"
    ROUTE_RESTORED = "route_restored"
    MESSAGE_REJECTED = "message_rejected"
    PING_PROBLEM = "ping_problem"
    SUMMARY = "summary"
    """Several incidents were resolved before anyone could be notified."""
    NOT_POSTED = "not_posted"
    """An open incident or a board has no Discord message, or no longer has one."""
    RESOLVED_UNSEEN = "resolved_unseen"
    """An incident was resolved before its Discord message could be posted."""
    UPDATE = "update"
    """The Discord message must show the current state."""
    WORSENED = "worsened"
    REMINDER = "reminder"
    ESCALATED = "escalated"
    QUIET_SUMMARY = "quiet_summary"
    """Quiet hours are over."""
    RESOLVED = "resolved"
    UP_TO_DATE = "up_to_date"
    """Nothing to send: the Discord message is up to date, or somebody has deleted it."""
    PERIODIC_CHECK = "periodic_check"
    """Nothing has changed, and it was not checked for a while whether the Discord message still exists."""
    CORRECTED = "corrected"
    """The Discord message was out of date for as long as Discord refused its channel."""
    CLOSED = "closed"
    """The incident was closed, and an earlier attempt may have posted it."""
    REMOVED = "removed"
    """Somebody has moved or removed the board."""


@dataclass(frozen=True, slots=True)
class Drop:
    """Send nothing."""

    reason: Reason


@dataclass(frozen=True, slots=True)
class ForumPost:
    """How a message is a post of a forum: its title, the names of its tags, and whether it can be closed."""

    forum_id: int
    title: str
    tags: tuple[str, ...] = ()
    is_over: bool = False


@dataclass(frozen=True, slots=True)
class Post:
    """Post a Discord message, unless an earlier attempt has posted one with this signature."""

    reason: Reason
    channel_id: int
    server_id: int
    message: OutgoingMessage
    nonce: str
    signature: Signature
    mentions: Mentions = NOBODY
    """Whom the message may ping, and nobody else."""
    is_silent: bool = True
    is_pinned: bool = False
    forum_post: ForumPost | None = None
    """The post to make of it, if the channel is a forum."""


@dataclass(frozen=True, slots=True)
class Reply:
    """Reply to a Discord message, because an edit notifies nobody."""

    reason: Reason
    to: PostedMessage
    text: str
    nonce: str
    signature: Signature
    mentions: Mentions = NOBODY
    is_silent: bool = False


@dataclass(frozen=True, slots=True)
class Edit:
    """Edit a Discord message, and then reply to it if there is a reply."""

    reason: Reason
    target: PostedMessage
    message: OutgoingMessage
    if_gone: Post | Drop
    """What to do instead if the Discord message is permanently out of reach."""
    reply: Reply | None = None
    forum_post: ForumPost | None = None
    """What the post is to be like, if the message is the first one of a post in a forum."""
    is_left_behind: bool = False
    """Whether alerts now go to another channel: a refusal in the old one then needs no fix."""
    waits_if_refused: bool = False
    """Whether a refusal there only delays the edit, since the message is still that of an open incident."""


@dataclass(frozen=True, slots=True)
class NotifyModerators:
    """Notify moderators of what Discord does not accept in an alert channel: elsewhere, or by direct message."""

    reason: Reason
    server_id: int
    refused_channel_id: int | None
    """The channel in which they would not get it; None if there is none."""
    user_id: int
    """The member who set up the alerts."""
    text: str
    nonce: str


@dataclass(frozen=True, slots=True)
class Find:
    """Find what an earlier attempt may have posted, and post nothing."""

    reason: Reason
    channel_id: int
    signature: Signature
    since: datetime
    forum_of: int | None = None
    """The server, if the channel is a forum."""


@dataclass(frozen=True, slots=True)
class Check:
    """Check whether a Discord message still exists, and shows what it should."""

    reason: Reason
    target: PostedMessage
    message: OutgoingMessage


@dataclass(frozen=True, slots=True)
class Delete:
    """Delete a Discord message."""

    reason: Reason
    target: PostedMessage
    is_forum_post: bool = False
    """Whether it is the first message of a post in a forum, which is deleted too."""


Action = Post | Edit | Reply | NotifyModerators | Find | Check | Delete | Drop


@dataclass(frozen=True, slots=True)
class Attempt:
    """Which attempt at an action this is, and its time limits."""

    number: int = 1
    since: datetime | None = None
    """The earliest time at which an earlier attempt may have reached Discord unnoticed; None if there was none."""
    expires_at: datetime | None = None
    """When the claim expires: from then on another process may do the same. None without a claim."""
    backoff: Backoff = ALERT_BACKOFF


@dataclass(frozen=True, slots=True)
class Sent:
    """Discord has accepted it."""

    message: PostedMessage | None = None
    is_current: bool = True
    """False if an earlier attempt had posted it, with the state at that time."""
    pin_error: str | None = None
    """Why it was to be pinned, and is not."""
    stale: PostedMessage | None = None
    """The former Discord message, if it is out of date from now on because Discord refuses to edit it."""
    named_roles: frozenset[int] = frozenset()
    """The roles that its text names."""


@dataclass(frozen=True, slots=True)
class Dropped:
    """Nothing was sent, and no Discord message exists that could be edited."""

    stale: PostedMessage | None = None
    """The Discord message, if it is out of date from now on because Discord refuses to edit it."""


@dataclass(frozen=True, slots=True)
class Refused:
    """Discord refuses until somebody changes something in Discord."""

    error: str
    retry_at: datetime
    reason: DisabledReason
    timed_out_until: datetime | None = None
    """When a time-out of the bot in the server ends. Discord reports no event then."""


@dataclass(frozen=True, slots=True)
class RetryAt:
    """It failed for now."""

    error: str
    retry_at: datetime
    scope: FailureScope = FailureScope.SERVER
    is_internal: bool = False
    """An error of Fastwatch, not of Discord or the network."""


@dataclass(frozen=True, slots=True)
class Replied:
    """The reply was sent, and the edit failed for now."""

    edit: RetryAt


@dataclass(frozen=True, slots=True)
class Expired:
    """The claim expired before anything was sent; another process may be doing the same."""


Outcome = Sent | Dropped | Refused | RetryAt | Replied | Expired
