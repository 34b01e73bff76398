"""Notices to moderators: what one says, unless its problem is over. Pure."""

from bot.domain.alert_routes import PingProblem
from bot.notifier.actions import Drop, NotifyModerators, Reason
from bot.notifier.batch import DeliveryBatch
from bot.storage.alert_routes import Route
from bot.storage.payloads import BrokenRoutePayload, PingProblemPayload, RejectedMessagePayload
from bot.ui.alert_setup import ping_problem_words
from bot.ui.alerts import message_failed_words, message_rejected_words, route_broken_words


def plan_notice(batch: DeliveryBatch) -> NotifyModerators | Drop:
    """Notify moderators of a problem, unless it is over: they may not have been reached for hours."""
    refused: int | None
    match batch.first.payload:
        case BrokenRoutePayload(channel_id, user_id):
            reasons = [one.disabled_reason for one in batch.routes if one.channel_id == channel_id]
            broken = next(filter(None, reasons), None)
            if broken is None:
                return Drop(Reason.UP_TO_DATE)
            refused = channel_id
            reason, text = Reason.ROUTE_BROKEN, route_broken_words(channel_id, broken, batch.lacking)
        case PingProblemPayload(channel_id, role_id, user_id, ping_problem):
            if not any(_pings(one) == (channel_id, role_id, ping_problem) for one in batch.routes):
                return Drop(Reason.UP_TO_DATE)
            refused = None
            reason, text = Reason.PING_PROBLEM, ping_problem_words(channel_id, role_id, ping_problem)
        case RejectedMessagePayload(channel_id, user_id, problem, is_internal=is_internal):
            refused = channel_id
            words = message_failed_words if is_internal else message_rejected_words
            reason, text = Reason.MESSAGE_REJECTED, words(channel_id, problem)
        case _:
            raise TypeError("a notice to moderators lacks its payload")
    return NotifyModerators(
        reason,
        batch.route.server_id,
        refused_channel_id=refused,
        user_id=user_id,
        text=text,
        nonce=batch.first.nonce,
    )


def _pings(route: Route) -> tuple[int, int | None, PingProblem | None]:
    return route.channel_id, route.role_id, route.ping_problem
