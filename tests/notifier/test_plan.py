"""The plan: the action for each batch, and its reason, as a table of cases."""

from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial
from typing import Any

import discord
import pytest

from bot.domain.alert_routes import DisabledReason, PingProblem
from bot.domain.alert_types import AlertType, IncidentType
from bot.domain.capacity import Capacity
from bot.domain.conditions import Condition
from bot.domain.incidents import CloseReason, Incident
from bot.domain.modes import Mode
from bot.notifier.actions import Action, Check, Drop, Edit, Find, ForumPost, NotifyModerators, Post, Reason, Reply
from bot.notifier.batch import DeliveryBatch
from bot.notifier.boards import plan_board
from bot.notifier.plan import plan
from bot.notifier.previous_attempts import AlertSignature, BoardSignature, ReplySignature
from bot.storage.alert_routes import Route
from bot.storage.boards import Board
from bot.storage.deliveries import Delivery, DeliveryKind
from bot.storage.incidents import PostedMessage
from bot.storage.payloads import BrokenRoutePayload, PingProblemPayload, RestoredRoutePayload, ThreadPayload
from bot.ui import texts
from bot.ui.alerts import OutgoingMessage, back_words, incident_message, reminder_words, summary_words, worse_words
from bot.ui.board import BoardMessage
from bot.ui.mentions import NOBODY, Mentions, of_role
from tests.clocks import NOON
from tests.ui.some_incidents import incident, member, over

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
NOW = NOON + HOUR
SERVER, ROLE, MOD, SECOND_ROLE = 2, 9, 8, 10
HERE, OLD_CHANNEL, THREAD = 7, 6, 5
ROUTE = Route(SERVER, 1, HERE, ROLE, MOD, NOON)
BROKEN = replace(ROUTE, disabled_reason=DisabledReason.MISSING_ACCESS)
POSTED, POSTED_BEFORE_THE_MOVE = PostedMessage(HERE, 70), PostedMessage(OLD_CHANNEL, 60)
STARTED, CHANGED, WORSENED, RESOLVED, REMINDER, REFRESH, SUMMARY, HELD_BACK, ESCALATED, QUIET_SUMMARY = (
    DeliveryKind.STARTED,
    DeliveryKind.CHANGED,
    DeliveryKind.WORSENED,
    DeliveryKind.RESOLVED,
    DeliveryKind.REMINDER,
    DeliveryKind.REFRESH,
    DeliveryKind.SUMMARY,
    DeliveryKind.HELD_BACK,
    DeliveryKind.ESCALATED,
    DeliveryKind.QUIET_SUMMARY,
)
OPEN = incident(member(111))
OVER = over(OPEN, HOUR)
SWITCHED_OFF = incident(member(111, AlertType.SWITCHED_OFF, mode=Mode.OFF, switched_off_by=MOD))
WORSE = incident(member(111, AlertType.BANNED, notified=AlertType.LEFT_FAST))
LESS_BAD = incident(member(111, AlertType.VERIFYING, worst=AlertType.BANNED, notified=AlertType.LEFT_FAST))
AS_BEFORE = incident(member(111, worst=AlertType.BANNED))
SWITCHED_OFF_NOW = replace(SWITCHED_OFF, members=(replace(SWITCHED_OFF.members[0], notified=AlertType.LEFT_FAST),))
CLOSED = replace(OVER, closed_by=MOD, close_reason=CloseReason.ALERTS_OFF)
ACKNOWLEDGED = replace(OPEN, acknowledged_by=MOD, acknowledged_at=NOON)
NONE_IN_FAST = incident(
    type=IncidentType.CAPACITY,
    condition=Condition(AlertType.NONE_IN_FAST, capacity=Capacity(3, 0)),
)
FEW_AGAIN = incident(
    type=IncidentType.CAPACITY,
    condition=Condition(AlertType.FEW_IN_FAST, AlertType.FEW_IN_FAST, Capacity(3, 1)),
)

delivery = partial(Delivery, created_at=NOON, next_attempt_at=NOON)


def batch(*kinds: DeliveryKind, **others: Any) -> DeliveryBatch:
    deliveries = tuple(delivery(number, kind, f"nonce-{number}", attempts=1) for number, kind in enumerate(kinds, 1))
    return replace(DeliveryBatch(deliveries, ROUTE, NOW + MINUTE), **others)


def refused_channel(channel_id: int) -> Delivery:
    return delivery(1, DeliveryKind.ROUTE_BROKEN, "nonce-1", attempts=1, payload=BrokenRoutePayload(channel_id, MOD))


def in_thread(lines: str, **others: Any) -> DeliveryBatch:
    payload = ThreadPayload(1, THREAD, after=0, last=1)
    of_thread = delivery(1, DeliveryKind.THREAD, "nonce-1", attempts=1, payload=payload, **others)
    return replace(batch(DeliveryKind.THREAD), deliveries=(of_thread,), thread_lines=lines)


def of(one: Incident, *kinds: DeliveryKind, **others: Any) -> DeliveryBatch:
    return batch(*kinds, incident=one, **others)


@dataclass(frozen=True)
class Planned:
    """The relevant parts of an action."""

    action: type[Action]
    reason: Reason
    channel_id: int | None = None
    pings: int | None = None
    is_silent: bool | None = None
    reply: Reason | None = None
    if_gone: Reason | None = None


def post(reason: Reason, *, pings: int | None = None, is_silent: bool = True) -> Planned:
    return Planned(Post, reason, HERE, pings, is_silent)


def edit(if_gone: Reason, *, reply: Reason | None = None, channel_id: int = HERE, pings: int | None = None) -> Planned:
    """An edit; the reply pings."""
    return Planned(Edit, Reason.UPDATE, channel_id, pings, reply=reply, if_gone=if_gone)


def _pinged(action: Post | Reply) -> int | None:
    return action.mentions.roles[0] if action.mentions.roles else None


def summary(action: Action) -> Planned:
    match action:
        case Post():
            return Planned(Post, action.reason, action.channel_id, _pinged(action), action.is_silent)
        case Edit(reply=None):
            return Planned(Edit, action.reason, action.target.channel_id, if_gone=action.if_gone.reason)
        case Edit(reply=Reply() as reply):
            return Planned(
                Edit,
                action.reason,
                action.target.channel_id,
                _pinged(reply),
                reply=reply.reason,
                if_gone=action.if_gone.reason,
            )
    return Planned(type(action), action.reason)


CASES: dict[str, tuple[DeliveryBatch, Planned]] = {
    # Without an incident
    "a test": (batch(DeliveryKind.TEST), post(Reason.TEST, pings=ROLE, is_silent=False)),
    "a test without a role": (
        batch(DeliveryKind.TEST, route=replace(ROUTE, role_id=None)),
        post(Reason.TEST, is_silent=False),
    ),
    "a digest": (batch(DeliveryKind.DIGEST, digest=OutgoingMessage("the digest")), post(Reason.DIGEST)),
    "a summary": (of(OVER, SUMMARY, summarized=(OVER, OVER)), post(Reason.SUMMARY)),
    "lines for a thread": (in_thread("a line"), replace(post(Reason.THREAD), channel_id=THREAD)),
    "lines for a thread that the incident has left": (in_thread(""), Planned(Drop, Reason.UP_TO_DATE)),
    "lines for a thread that Discord rejects": (in_thread("a line", rejections=3), Planned(Drop, Reason.UP_TO_DATE)),
    "a refused channel": (
        replace(
            batch(DeliveryKind.ROUTE_BROKEN),
            deliveries=(refused_channel(HERE),),
            routes=(BROKEN,),
        ),
        Planned(NotifyModerators, Reason.ROUTE_BROKEN),
    ),
    "a refused channel that works again": (
        replace(batch(DeliveryKind.ROUTE_BROKEN), deliveries=(refused_channel(HERE),), routes=(ROUTE,)),
        Planned(Drop, Reason.UP_TO_DATE),
    ),
    "a ping that works again": (
        replace(
            batch(DeliveryKind.PING_PROBLEM),
            deliveries=(
                delivery(
                    1,
                    DeliveryKind.PING_PROBLEM,
                    "nonce-1",
                    attempts=1,
                    payload=PingProblemPayload(HERE, ROLE, MOD, PingProblem.ROLE_DELETED),
                ),
            ),
            routes=(ROUTE,),
        ),
        Planned(Drop, Reason.UP_TO_DATE),
    ),
    # Nothing is posted yet
    "new": (of(OPEN, STARTED), post(Reason.NOT_POSTED, pings=ROLE, is_silent=False)),
    "new and worse already": (
        of(OPEN, STARTED, CHANGED, WORSENED),
        post(Reason.NOT_POSTED, pings=ROLE, is_silent=False),
    ),
    "new, and muted": (of(OPEN, STARTED, is_muted=True), post(Reason.NOT_POSTED)),
    "new, and what a moderator did": (of(SWITCHED_OFF, STARTED), post(Reason.NOT_POSTED, is_silent=False)),
    "deleted, and it goes on": (of(OPEN, CHANGED), post(Reason.NOT_POSTED, pings=ROLE, is_silent=False)),
    "deleted, and somebody pressed": (of(OPEN, REFRESH), Planned(Drop, Reason.UP_TO_DATE)),
    "deleted, and somebody pressed, and it goes on": (
        of(OPEN, REFRESH, CHANGED),
        post(Reason.NOT_POSTED, pings=ROLE, is_silent=False),
    ),
    "over unnoticed": (of(OVER, STARTED, RESOLVED), post(Reason.RESOLVED_UNSEEN)),
    # It is posted
    "went on": (of(OPEN, CHANGED, post=POSTED), edit(Reason.NOT_POSTED)),
    "somebody pressed": (of(OPEN, REFRESH, post=POSTED), edit(Reason.UP_TO_DATE)),
    "got worse": (of(WORSE, WORSENED, post=POSTED), edit(Reason.NOT_POSTED, reply=Reason.WORSENED, pings=ROLE)),
    "got worse, and what a moderator did": (
        of(SWITCHED_OFF_NOW, WORSENED, post=POSTED),
        edit(Reason.NOT_POSTED, reply=Reason.WORSENED),
    ),
    "is banned since just before it was muted": (
        of(WORSE, REMINDER, WORSENED, post=POSTED, is_muted=True),
        edit(Reason.NOT_POSTED, reply=Reason.WORSENED, pings=ROLE),
    ),
    "is banned since just before it was muted, and deleted": (
        of(WORSE, WORSENED, is_muted=True),
        post(Reason.NOT_POSTED, pings=ROLE, is_silent=False),
    ),
    "is banned, and urgent alerts are muted too": (
        of(WORSE, REMINDER, WORSENED, post=POSTED, is_muted=True, worse_muted_until=NOW + HOUR),
        edit(Reason.NOT_POSTED),
    ),
    "got worse, and muted": (of(SWITCHED_OFF_NOW, WORSENED, post=POSTED, is_muted=True), edit(Reason.NOT_POSTED)),
    "got worse, held back for its tokens": (
        of(WORSE, WORSENED, post=POSTED, worse_muted_until=NOW + HOUR),
        edit(Reason.NOT_POSTED),
    ),
    "a reminder, and got worse, held back for its tokens": (
        of(WORSE, REMINDER, WORSENED, post=POSTED, worse_muted_until=NOW + HOUR),
        edit(Reason.NOT_POSTED, reply=Reason.REMINDER, pings=ROLE),
    ),
    "what a mute held back": (
        of(WORSE, HELD_BACK, post=POSTED),
        edit(Reason.NOT_POSTED, reply=Reason.WORSENED, pings=ROLE),
    ),
    "what a mute held back, and acknowledged since": (
        of(replace(WORSE, acknowledged_by=MOD, acknowledged_at=NOON), HELD_BACK, post=POSTED),
        edit(Reason.NOT_POSTED),
    ),
    "what a mute held back, and as before since": (of(AS_BEFORE, HELD_BACK, post=POSTED), edit(Reason.NOT_POSTED)),
    "what a mute held back, and less bad since, but worse than what people read": (
        of(LESS_BAD, HELD_BACK, post=POSTED),
        edit(Reason.NOT_POSTED, reply=Reason.WORSENED, pings=ROLE),
    ),
    "what a mute held back, and over since": (
        of(over(WORSE, HOUR), HELD_BACK, RESOLVED, post=POSTED),
        edit(Reason.RESOLVED, reply=Reason.RESOLVED),
    ),
    "what a mute held back, and deleted": (
        of(WORSE, HELD_BACK),
        post(Reason.NOT_POSTED, pings=ROLE, is_silent=False),
    ),
    "got worse, and as before when it was sent": (of(AS_BEFORE, WORSENED, post=POSTED), edit(Reason.NOT_POSTED)),
    "got worse, and less bad when it was sent, but worse than what people read": (
        of(LESS_BAD, REMINDER, WORSENED, post=POSTED),
        edit(Reason.NOT_POSTED, reply=Reason.WORSENED, pings=ROLE),
    ),
    "no token is in FAST, since just before it was muted": (
        of(NONE_IN_FAST, REMINDER, WORSENED, post=POSTED, is_muted=True),
        edit(Reason.NOT_POSTED, reply=Reason.WORSENED, pings=ROLE),
    ),
    "no token was in FAST, and one is before that was sent": (
        of(FEW_AGAIN, WORSENED, post=POSTED),
        edit(Reason.NOT_POSTED),
    ),
    "a reminder": (of(OPEN, REMINDER, post=POSTED), edit(Reason.NOT_POSTED, reply=Reason.REMINDER, pings=ROLE)),
    "an escalation": (
        of(OPEN, ESCALATED, post=POSTED, escalate_role_id=SECOND_ROLE),
        edit(Reason.NOT_POSTED, reply=Reason.ESCALATED, pings=SECOND_ROLE),
    ),
    "an escalation that is late: acknowledged": (
        of(ACKNOWLEDGED, ESCALATED, post=POSTED, escalate_role_id=SECOND_ROLE),
        edit(Reason.NOT_POSTED),
    ),
    "an escalation without a role by now": (
        of(OPEN, ESCALATED, post=POSTED),
        edit(Reason.NOT_POSTED, reply=Reason.ESCALATED),
    ),
    "an escalation during a mute": (
        of(OPEN, ESCALATED, post=POSTED, escalate_role_id=SECOND_ROLE, is_muted=True),
        edit(Reason.NOT_POSTED),
    ),
    # Quiet hours
    "new in quiet hours": (of(OPEN, STARTED, is_quiet=True), post(Reason.NOT_POSTED)),
    "worse in quiet hours": (
        of(incident(member(111, AlertType.VERY_LOW, notified=None)), WORSENED, post=POSTED, is_quiet=True),
        edit(Reason.NOT_POSTED, reply=Reason.WORSENED),
    ),
    "after quiet hours, all is over": (
        batch(QUIET_SUMMARY, summarized=(OVER,)),
        post(Reason.QUIET_SUMMARY),
    ),
    "after quiet hours, something is open": (
        batch(QUIET_SUMMARY, summarized=(OVER, OPEN)),
        post(Reason.QUIET_SUMMARY, pings=ROLE, is_silent=False),
    ),
    "after quiet hours, what is open is known or has pinged": (
        batch(QUIET_SUMMARY, summarized=(ACKNOWLEDGED, WORSE, replace(OPEN, muted_by=MOD), SWITCHED_OFF)),
        post(Reason.QUIET_SUMMARY),
    ),
    "after quiet hours, all was deleted": (batch(QUIET_SUMMARY), Planned(Drop, Reason.UP_TO_DATE)),
    "a reminder that is late: acknowledged": (of(ACKNOWLEDGED, REMINDER, post=POSTED), edit(Reason.NOT_POSTED)),
    "a reminder, and worse": (
        of(WORSE, REMINDER, WORSENED, post=POSTED),
        edit(Reason.NOT_POSTED, reply=Reason.WORSENED, pings=ROLE),
    ),
    "over, and deleted before": (of(OVER, RESOLVED), post(Reason.RESOLVED)),
    "over, deleted before, and muted": (of(OVER, RESOLVED, is_muted=True), Planned(Drop, Reason.UP_TO_DATE)),
    "closed by hand, and deleted before": (
        of(replace(OVER, closed_by=MOD), RESOLVED),
        Planned(Drop, Reason.UP_TO_DATE),
    ),
    "over": (of(OVER, RESOLVED, post=POSTED), edit(Reason.RESOLVED, reply=Reason.RESOLVED)),
    "worse, a reminder, and over": (
        of(OVER, WORSENED, REMINDER, RESOLVED, post=POSTED),
        edit(Reason.RESOLVED, reply=Reason.RESOLVED),
    ),
    "over, and muted": (of(OVER, RESOLVED, post=POSTED, is_muted=True), edit(Reason.UP_TO_DATE)),
    "over, and the end was shown before": (of(OVER, CHANGED, post=POSTED), edit(Reason.UP_TO_DATE)),
    # Nobody follows it any more
    "closed": (of(CLOSED, REFRESH, post=POSTED), edit(Reason.UP_TO_DATE)),
    "closed, and something else waited": (of(CLOSED, WORSENED, REFRESH, post=POSTED), edit(Reason.UP_TO_DATE)),
    "closed, and never posted": (of(CLOSED, STARTED, REFRESH), Planned(Drop, Reason.UP_TO_DATE)),
    "closed, and perhaps posted": (
        of(CLOSED, STARTED, REFRESH, attempted_since=NOON),
        Planned(Find, Reason.CLOSED),
    ),
    # The alerts have moved to another channel
    "went on where alerts have left": (
        of(OPEN, CHANGED, post=POSTED_BEFORE_THE_MOVE),
        edit(Reason.NOT_POSTED, channel_id=OLD_CHANNEL),
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_every_case_has_its_action_and_reason(case: str) -> None:
    waiting, planned = CASES[case]

    assert summary(plan(waiting, NOW)) == planned


def planned_edit(waiting: DeliveryBatch) -> Edit:
    action = plan(waiting, NOW)
    assert isinstance(action, Edit)
    return action


def test_a_post_shows_the_current_incident_with_the_first_deliverys_nonce() -> None:
    action = plan(of(OPEN, STARTED, CHANGED), NOW)
    wanted = incident_message(OPEN, {}, (), of_role(ROLE), now=NOW)

    assert isinstance(action, Post)
    assert (action.server_id, action.nonce) == (SERVER, "nonce-1")
    assert (action.message.content, action.message.embed) == (wanted.content, wanted.embed)


def test_an_open_alert_is_matched_by_its_incident_and_a_line_by_its_text() -> None:
    opened, line = plan(of(OPEN, STARTED), NOW), plan(of(OVER, STARTED, RESOLVED), NOW)

    assert isinstance(opened, Post)
    assert isinstance(line, Post)
    assert opened.signature == AlertSignature(None, incident_id=1)
    assert line.signature == AlertSignature(summary_words([OVER]), incident_id=1)


@pytest.mark.parametrize(
    ("one", "kinds", "text", "nonce"),
    [
        (WORSE, (CHANGED, WORSENED), f"<@&{ROLE}> {worse_words(WORSE, {}, NOW)}", "nonce-2"),
        (OPEN, (CHANGED, REFRESH, REMINDER), f"<@&{ROLE}> {reminder_words(OPEN, NOW)}", "nonce-3"),
        (OVER, (RESOLVED,), back_words(OVER), "nonce-1"),
    ],
)
def test_a_reply_has_its_deliverys_nonce_and_is_matched_by_its_text(
    one: Incident, kinds: tuple[DeliveryKind, ...], text: str, nonce: str
) -> None:
    reply = planned_edit(of(one, *kinds, post=POSTED)).reply

    assert reply is not None
    assert (reply.text, reply.nonce, reply.is_silent) == (text, nonce, one is OVER)
    # A reminder includes the elapsed time, which is longer at the next attempt.
    assert reply.signature == ReplySignature(text, 70, ignores_numbers=REMINDER in kinds)


@pytest.mark.parametrize(("posted", "is_left_behind"), [(POSTED, False), (POSTED_BEFORE_THE_MOVE, True)])
def test_only_in_a_former_channel_a_refusal_is_no_problem(posted: PostedMessage, is_left_behind: bool) -> None:
    action = planned_edit(of(OPEN, WORSENED, post=posted))

    assert action.is_left_behind is is_left_behind
    assert not action.waits_if_refused
    assert isinstance(action.if_gone, Post)
    assert action.if_gone.channel_id == HERE


def test_a_notice_about_a_tokens_channel_gives_its_own_reason() -> None:
    of_token = replace(ROUTE, channel_id=OLD_CHANNEL, disabled_reason=DisabledReason.UNKNOWN_CHANNEL, token_id=111)
    action = plan(batch(deliveries=(refused_channel(OLD_CHANNEL),), routes=(BROKEN, of_token)), NOW)

    assert isinstance(action, NotifyModerators)
    assert (action.server_id, action.refused_channel_id, action.user_id) == (SERVER, OLD_CHANNEL, MOD)
    assert texts.discord_errors.DISABLED_REASONS[DisabledReason.UNKNOWN_CHANNEL] in action.text


@pytest.mark.parametrize("kind", [DeliveryKind.DIGEST, STARTED])
def test_a_batch_with_missing_data_raises_an_error(kind: DeliveryKind) -> None:
    with pytest.raises(ValueError, match="the batch lacks"):
        plan(batch(kind), NOW)


def test_a_restored_route_says_what_was_never_posted() -> None:
    payload = RestoredRoutePayload(HERE, NOON, dropped=240)
    restored = delivery(1, DeliveryKind.ROUTE_RESTORED, "one", 1, payload)
    action = plan(batch(deliveries=(restored,)), NOW)

    assert isinstance(action, Post)
    assert action.message.embed is not None
    assert action.message.embed.description is not None
    assert action.message.embed.description.splitlines()[1] == (
        "Alerts that were over for more than 30 days, and do not follow: 240."
    )


# --- Boards

NONCE = "of the board"
NOT_POSTED = Board(SERVER, 1, HERE, NONCE, MOD, posted_at=NOON)
SHOWN = replace(NOT_POSTED, posted_message_id=70, content_hash="as it is", edited_at=NOON)
BOARD_CASES: dict[str, tuple[Board, timedelta, timedelta | None, type[Action], Reason]] = {
    "not posted yet": (NOT_POSTED, MINUTE, None, Post, Reason.NOT_POSTED),
    "not posted yet, and refused": (replace(NOT_POSTED, last_error="made up"), MINUTE, None, Post, Reason.NOT_POSTED),
    "nothing has changed": (SHOWN, 14 * MINUTE, None, Drop, Reason.UP_TO_DATE),
    "nothing has changed for long": (SHOWN, 15 * MINUTE, None, Check, Reason.PERIODIC_CHECK),
    "nothing has changed for long, and it was there just now": (SHOWN, HOUR, 46 * MINUTE, Drop, Reason.UP_TO_DATE),
    "nothing has changed since it was there": (SHOWN, HOUR, 45 * MINUTE, Check, Reason.PERIODIC_CHECK),
    "something has changed": (replace(SHOWN, content_hash="as it was"), MINUTE, None, Edit, Reason.UPDATE),
    "an earlier attempt has posted it": (replace(SHOWN, content_hash=None), MINUTE, None, Edit, Reason.UPDATE),
    "the last edit failed": (replace(SHOWN, last_error="made up"), MINUTE, None, Edit, Reason.UPDATE),
}


@pytest.mark.parametrize("case", BOARD_CASES)
def test_every_board_case_has_its_action_and_reason(case: str) -> None:
    board, later, checked_later, kind, reason = BOARD_CASES[case]
    message = BoardMessage(discord.Embed(title="made up"), discord.ui.View(), fingerprint="as it is")
    checked_at = NOON + checked_later if checked_later is not None else None
    action = plan_board(board, message, NOON + later, checked_at)

    assert (type(action), action.reason) == (kind, reason)
    if isinstance(action, Post):
        assert (action.nonce, action.signature, action.is_pinned, action.is_silent, action.mentions) == (
            NONCE,
            BoardSignature(),
            True,
            True,
            NOBODY,
        )
    if isinstance(action, Edit | Check):
        assert action.target == POSTED
    if isinstance(action, Edit):
        assert (action.if_gone, action.reply) == (Drop(Reason.UP_TO_DATE), None)


OWNER, OTHER_OWNER = 31, 32
OWNERS = {111: OWNER, 222: OTHER_OWNER}
BANNED_ALREADY, NOW_BANNED = member(111, AlertType.BANNED), member(222, AlertType.BANNED, notified=None)


@pytest.mark.parametrize(
    ("one", "kinds", "posted", "expected"),
    [
        (incident(NOW_BANNED), (STARTED,), None, Mentions((ROLE,), (OTHER_OWNER,))),
        (incident(member(222)), (STARTED,), None, Mentions((ROLE,))),
        (incident(BANNED_ALREADY, NOW_BANNED), (WORSENED,), POSTED, Mentions((ROLE,), (OTHER_OWNER,))),
        (incident(BANNED_ALREADY, NOW_BANNED), (REMINDER,), POSTED, Mentions((ROLE,), (OWNER, OTHER_OWNER))),
        (over(incident(BANNED_ALREADY), HOUR), (RESOLVED,), POSTED, NOBODY),
    ],
)
def test_owners_are_pinged_for_what_only_they_can_do(
    one: Incident, kinds: tuple[DeliveryKind, ...], posted: PostedMessage | None, expected: Mentions
) -> None:
    action = plan(of(one, *kinds, post=posted, owners=OWNERS), NOW)
    sent = action if isinstance(action, Post) else getattr(action, "reply", None)

    assert isinstance(sent, Post | Reply)
    assert sent.mentions == expected


def test_a_mute_and_no_role_are_no_reason_to_ping_somebody_else() -> None:
    muted = plan(of(incident(NOW_BANNED), STARTED, owners=OWNERS, is_muted=True), NOW)
    roleless = plan(of(incident(NOW_BANNED), STARTED, owners=OWNERS, route=replace(ROUTE, role_id=None)), NOW)

    assert isinstance(muted, Post)
    assert isinstance(roleless, Post)
    assert (muted.mentions, roleless.mentions) == (NOBODY, Mentions((), (OTHER_OWNER,)))


@pytest.mark.parametrize(
    ("kinds", "posted", "roles"),
    [
        # Discord was away, so that everything comes at once.
        ((STARTED, ESCALATED), None, (ROLE, SECOND_ROLE)),
        ((WORSENED, ESCALATED), POSTED, (ROLE, SECOND_ROLE)),
        ((REMINDER, ESCALATED), POSTED, (SECOND_ROLE,)),
        # It was escalated before: once is enough.
        ((STARTED,), None, (ROLE,)),
        ((WORSENED,), POSTED, (ROLE,)),
        ((REMINDER,), POSTED, (ROLE,)),
    ],
)
def test_the_second_role_is_pinged_by_its_delivery_alone(
    kinds: tuple[DeliveryKind, ...], posted: PostedMessage | None, roles: tuple[int, ...]
) -> None:
    escalated = replace(WORSE, escalated_at=NOON)
    action = plan(of(escalated, *kinds, post=posted, escalate_role_id=SECOND_ROLE), NOW)
    sent = action if isinstance(action, Post) else getattr(action, "reply", None)

    assert isinstance(sent, Post | Reply)
    assert sent.mentions.roles == roles
    text = sent.message.content if isinstance(sent, Post) else sent.text
    assert all(f"<@&{role}>" in text for role in roles)


def test_an_escalation_of_a_deleted_alert_pings_both_roles() -> None:
    edited = planned_edit(of(replace(OPEN, escalated_at=NOON), ESCALATED, post=POSTED, escalate_role_id=SECOND_ROLE))
    instead = edited.if_gone

    assert isinstance(instead, Post)
    assert instead.mentions.roles == (ROLE, SECOND_ROLE)
    assert instead.message.content.startswith(f"<@&{ROLE}> <@&{SECOND_ROLE}> ")
    assert f"<@&{SECOND_ROLE}>" not in edited.message.content


FORUM = replace(ROUTE, is_forum=True)
IN_FORUM = PostedMessage(71, 71)


def test_an_incident_in_a_forum_is_a_post_with_a_title_that_stays_true() -> None:
    new = plan(of(OPEN, STARTED, route=FORUM, names={111: "Shop **front**"}), NOW)
    known = plan(of(ACKNOWLEDGED, REFRESH, post=IN_FORUM, route=FORUM), NOW)
    ended = plan(of(over(incident(BANNED_ALREADY), HOUR), RESOLVED, post=IN_FORUM, route=FORUM), NOW)

    assert isinstance(new, Post)
    assert new.forum_post is not None
    assert "Shop **front**" in new.forum_post.title
    assert replace(new.forum_post, title="") == ForumPost(HERE, "", ("Open", "Warning"))
    assert isinstance(known, Edit)
    assert known.forum_post == ForumPost(HERE, "Token 111 · status", ("Acknowledged", "Warning"))
    assert isinstance(ended, Edit)
    assert ended.forum_post == ForumPost(HERE, "Token 111 · status", ("Resolved", "Urgent"), is_over=True)


def test_a_message_without_an_incident_is_a_post_with_its_first_line_as_the_title() -> None:
    digest = plan(batch(DeliveryKind.DIGEST, route=FORUM, digest=OutgoingMessage("📊 **The digest**\nof today")), NOW)
    test = plan(batch(DeliveryKind.TEST, route=FORUM), NOW)
    summed_up = plan(of(OVER, SUMMARY, summarized=(OVER,), route=FORUM), NOW)

    assert isinstance(digest, Post)
    assert digest.forum_post == ForumPost(HERE, "📊 The digest")
    assert isinstance(test, Post)
    assert test.forum_post == ForumPost(HERE, "This is a test alert from Fastwatch. Nothing is wrong.")
    assert isinstance(summed_up, Post)
    assert summed_up.forum_post is not None
    assert summed_up.forum_post.is_over


@pytest.mark.parametrize("action", [plan(of(OPEN, STARTED), NOW), plan(of(OPEN, CHANGED, post=POSTED), NOW)])
def test_elsewhere_nothing_is_a_post(action: Action) -> None:
    assert isinstance(action, Post | Edit)
    assert action.forum_post is None


STALE = PostedMessage(OLD_CHANNEL, 60)


@pytest.mark.parametrize(
    ("one", "continued_in", "content"),
    [
        (OPEN, POSTED, texts.alerts.CONTINUED_AT.format(url=f"https://discord.com/channels/{SERVER}/{HERE}/70")),
        (OPEN, None, texts.alerts.CONTINUED.format(channel=HERE)),
        (OVER, None, incident_message(OVER, {}, (), NOBODY, now=NOW).content),
    ],
)
def test_a_former_message_says_where_the_alert_goes_on_or_how_it_ended(
    one: Incident, continued_in: PostedMessage | None, content: str
) -> None:
    action = plan(batch(DeliveryKind.STALE_MESSAGE, incident=one, post=STALE, continued_in=continued_in), NOW)

    assert isinstance(action, Edit)
    assert (action.target, action.message.content, action.reply) == (STALE, content, None)
    assert action.if_gone == Drop(Reason.UP_TO_DATE)
    assert not action.message.view or not action.message.view.children


def test_lines_for_a_thread_make_no_post_of_their_own_where_alerts_go_to_a_forum() -> None:
    action = plan(replace(in_thread("a line"), route=replace(ROUTE, is_forum=True)), NOW)

    assert isinstance(action, Post)
    assert (action.channel_id, action.forum_post) == (THREAD, None)


@pytest.mark.parametrize(("one", "waits"), [(OPEN, True), (CLOSED, False)])
def test_an_edit_of_an_open_alert_waits_for_a_former_channel_if_nothing_is_posted_instead(
    one: Incident, waits: bool
) -> None:
    assert planned_edit(of(one, REFRESH, post=POSTED_BEFORE_THE_MOVE)).waits_if_refused is waits
