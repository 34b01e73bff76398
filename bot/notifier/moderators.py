"""Notices to moderators: about what does not work in the channel of the alerts, so they go elsewhere."""

import contextlib
from collections.abc import Iterator
from datetime import timedelta

import discord
import structlog

from bot.clock import Clock
from bot.notifier.actions import Attempt, NotifyModerators, RetryAt, Sent
from bot.notifier.discord_errors import FailureScope, is_refused, scope_of
from bot.ui import texts

log = structlog.get_logger(__name__)

_SECONDS_UNTIL_SOMEBODY_IS_REACHED = 3000


async def notify_moderators(
    client: discord.Client, clock: Clock, action: NotifyModerators, attempt: Attempt
) -> Sent | RetryAt:
    """Post a notice in the system channel, or send it to the member who set alerts up, if Discord accepts either."""
    guild = client.get_guild(action.server_id)
    if guild is None and not client.is_ready():
        # The gateway tells the channels of a server. Alerts need no gateway, so none of them waits.
        retry_at = clock.now() + timedelta(seconds=attempt.backoff.pause(attempt.number))
        return RetryAt(texts.discord_errors.SERVER_UNKNOWN, retry_at, FailureScope.BUCKET)
    mentions = discord.AllowedMentions.none()
    channel = guild.system_channel if guild is not None else None
    if channel is not None and channel.id != action.refused_channel_id:
        with _unless_refused():
            await channel.send(action.text, nonce=action.nonce, allowed_mentions=mentions)
            return Sent()
    with _unless_refused():
        user = await client.fetch_user(action.user_id)
        await user.send(action.text, nonce=action.nonce, allowed_mentions=mentions)
        return Sent()
    if attempt.number == 1:
        log.warning("No moderator could be notified. Retrying.", server=action.server_id, reason=action.reason)
    return RetryAt(
        texts.discord_errors.NOBODY_REACHED,
        clock.now() + timedelta(seconds=clock.jitter(_SECONDS_UNTIL_SOMEBODY_IS_REACHED)),
        FailureScope.BUCKET,
    )


@contextlib.contextmanager
def _unless_refused() -> Iterator[None]:
    """Suppress that Discord refuses a recipient or rejects the message there. Other errors may pass by themselves."""
    try:
        yield
    except discord.HTTPException as error:
        if not is_refused(error) and scope_of(error) is not FailureScope.MESSAGE:
            raise
