"""The sender: the only place that sends alerts and boards to Discord. It performs an action and returns its outcome."""

from collections.abc import Coroutine
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import discord
import structlog

from bot.clock import Clock, Pause
from bot.domain.alert_routes import pause_before_retry
from bot.notifier import messages
from bot.notifier.actions import (
    Action,
    Attempt,
    Check,
    Delete,
    Drop,
    Dropped,
    Edit,
    Expired,
    Find,
    ForumPost,
    NotifyModerators,
    Outcome,
    Post,
    Refused,
    Replied,
    Reply,
    RetryAt,
    Sent,
)
from bot.notifier.discord_errors import (
    DISCORD_FAILURES,
    FailureScope,
    describe_error,
    disabled_reason,
    discord_timeout,
    is_archived,
    is_channel_gone,
    is_message_gone,
    scope_of,
    seconds_before_retry,
)
from bot.notifier.forums import create_post, delete_post, find_post, pin_post, unarchive, update_post
from bot.notifier.moderators import notify_moderators
from bot.notifier.previous_attempts import find_previous_attempt, search, shows
from bot.notifier.rate_limits import Limits, is_limit_for_all, watch_responses
from bot.notifier.shared_limit import SharedLimit
from bot.storage.due_times import MAX_POSTPONEMENT
from bot.storage.incidents import PostedMessage
from bot.ui.alert_setup import lacking_for_alerts

log = structlog.get_logger(__name__)

# Shorter than a claim (45 s) and a lease (30 s), so that no other process starts the same action meanwhile.
_SEND_SECONDS = 20
# After these, a reply can still be sent although the edit failed.
_FAILURES_OF_THE_EDIT = (FailureScope.MESSAGE, FailureScope.BUCKET)


class ClaimExpired(Exception):
    """The claim of this process has expired, so another process may be sending the same."""


class Sender:
    """Sends at least once. The nonce of an action never changes, so Discord shows a repeated message once."""

    def __init__(self, client: discord.Client, clock: Clock) -> None:
        self._client = client
        self._clock = clock
        self.shared_limit = SharedLimit()
        self._limits = Limits(clock)
        self._pause = Pause(clock)

    @property
    def is_paused(self) -> bool:
        """Whether all sending is paused because alerts have hit a rate limit."""
        return self._pause.seconds_left > 0

    def pause(self, seconds: float) -> None:
        """Pause all sending, of alerts and boards, for so long or until the end of a longer pause.

        Each refused request counts towards 10,000 invalid requests in 10 minutes, after which Discord refuses all
        requests of this address ("Rate Limits", invalid request limit).
        """
        self._pause.extend(seconds)

    def timed_out_until(self, server_id: int) -> datetime | None:
        """Return when the time-out of the bot in a server ends; None if it has none."""
        guild = self._client.get_guild(server_id)
        until = guild.me.timed_out_until if guild is not None and guild.me is not None else None
        return until if until is not None and until > self._clock.now() else None

    def lacking_in(self, server_id: int, channel_id: int) -> tuple[str, ...]:
        """Return the permissions that the bot lacks in a channel, in words; empty if none, or if that is not known.

        A time-out of the bot takes nearly all of them, and none of them would help.
        """
        guild = self._client.get_guild(server_id)
        if guild is None or self.timed_out_until(server_id) is not None:
            return ()
        return lacking_for_alerts(guild, channel_id)

    async def wait_for_turn(self) -> None:
        """Wait until the pause is over and the number of requests per second allows another one."""
        while seconds := self._pause.seconds_left:
            await self._clock.sleep(seconds)
        await self.shared_limit.acquire()

    async def take_turn(self) -> bool:
        """Do what `wait_for_turn` does if there is nothing to wait for; False otherwise."""
        return not self.is_paused and await self.shared_limit.acquire_now()

    async def perform(self, action: Action, attempt: Attempt) -> Outcome:
        """Perform an action and return its outcome. Errors of Discord and of the network are outcomes."""
        log.debug("Sending to Discord.", action=type(action).__name__, reason=action.reason, attempt=attempt.number)
        if isinstance(action, Drop):
            return Dropped()
        with watch_responses(self._clock) as watch:
            try:
                async with discord_timeout(self._client, _SEND_SECONDS):
                    return await self._start_unarchived(action, attempt)
            except ClaimExpired:
                return Expired()
            except DISCORD_FAILURES as error:
                return self.outcome_of(watch.explain(error), attempt)

    def outcome_of(self, error: Exception, attempt: Attempt) -> Refused | RetryAt:
        """Return the outcome of a failure, with the time to retry: never sooner than Discord asks."""
        # 0 to 20 % longer, never shorter: Discord's `Retry-After` is a minimum.
        stretch = 1 + self._clock.jitter(0.1, spread=1)
        seconds = stretch * seconds_before_retry(error, attempt.number, attempt.backoff)
        retry_at = self._clock.now() + min(timedelta(seconds=seconds), MAX_POSTPONEMENT)
        if (reason := disabled_reason(error)) is not None:
            return Refused(describe_error(error), retry_at, reason)
        return RetryAt(
            describe_error(error),
            retry_at,
            FailureScope.EVERYTHING if is_limit_for_all() else scope_of(error),
            is_internal=not isinstance(error, DISCORD_FAILURES),
        )

    async def _start_unarchived(
        self, action: Post | Edit | Reply | NotifyModerators | Find | Check | Delete, attempt: Attempt
    ) -> Sent | Dropped | Replied | RetryAt:
        """Start an action, once more after unarchiving its thread: Discord archives threads without new messages."""
        try:
            return await self._start(action, attempt)
        except discord.HTTPException as error:
            channel_id = _channel_of(action)
            if channel_id is None or not is_archived(error) or not await unarchive(self._client, channel_id):
                raise
        return await self._start(action, attempt)

    def _start(
        self, action: Post | Edit | Reply | NotifyModerators | Find | Check | Delete, attempt: Attempt
    ) -> Coroutine[Any, Any, Sent | Dropped | Replied | RetryAt]:
        match action:
            case Post():
                return self._post(action, attempt)
            case Edit() | Reply():
                return self._edit(action, attempt) if isinstance(action, Edit) else self._reply(action, attempt)
            case NotifyModerators():
                return notify_moderators(self._client, self._clock, action, attempt)
            case Find():
                return self._find(action)
            case Check():
                return messages.check(self._message(action.target), action)
            case Delete():
                target = action.target
                is_post = action.is_forum_post
                return delete_post(self._client, target) if is_post else messages.delete(self._message(target))

    async def _post(self, action: Post, attempt: Attempt) -> Sent:
        self._check_claim(attempt)
        if action.forum_post is not None:
            return await self._post_in_forum(action, action.forum_post, attempt)
        channel = self._client.get_partial_messageable(action.channel_id, guild_id=action.server_id)
        me, now = self._client.user, self._clock.now()
        with self._limits.respected("post", action.channel_id):
            message = await find_previous_attempt(channel, action.signature, attempt.since, me, now)
            if message is None:
                message = await messages.send(channel, action)
        pin_error = await messages.pin(message) if action.is_pinned else None
        # If Discord knows the nonce (`enforce_nonce`), it returns the message that an earlier attempt had posted.
        is_current = attempt.since is None or shows(message, action.message)
        posted, roles = PostedMessage(action.channel_id, message.id), frozenset(message.raw_role_mentions)
        return Sent(posted, is_current=is_current, named_roles=roles, pin_error=pin_error)

    async def _post_in_forum(self, action: Post, forum_post: ForumPost, attempt: Attempt) -> Sent:
        server_id, forum_id, since = action.server_id, action.channel_id, attempt.since
        with self._limits.respected("post", forum_id):
            message = None
            if since is not None:
                message = await find_post(self._client, server_id, forum_id, action.signature, since, self._clock.now())
            if message is None:
                message = await create_post(self._client, action, forum_post)
        posted = PostedMessage(message.channel.id, message.id)
        if forum_post.is_over:
            await update_post(self._client, posted, forum_post)
        pin_error = await pin_post(self._client, posted) if action.is_pinned else None
        is_current, roles = since is None or shows(message, action.message), frozenset(message.raw_role_mentions)
        return Sent(posted, is_current=is_current, named_roles=roles, pin_error=pin_error)

    async def _find(self, action: Find) -> Sent | Dropped:
        if action.forum_of is not None:
            post = await find_post(
                self._client, action.forum_of, action.channel_id, action.signature, action.since, self._clock.now()
            )
            return Sent(PostedMessage(post.channel.id, post.id), is_current=False) if post else Dropped()
        channel = self._client.get_partial_messageable(action.channel_id)
        message = await search(channel, action.signature, action.since, self._client.user, self._clock.now())
        return Sent(PostedMessage(action.channel_id, message.id), is_current=False) if message else Dropped()

    async def _edit(self, action: Edit, attempt: Attempt) -> Sent | Dropped | Replied | RetryAt:
        """Edit a message and reply to it. The reply notifies people, so it does not wait for a failing edit."""
        self._check_claim(attempt)
        try:
            failed = await self._change(action, attempt)
            if action.reply is not None:
                await self.shared_limit.acquire()
                await self._reply(action.reply, attempt)
            if action.forum_post is not None and failed is None:
                await update_post(self._client, action.target, action.forum_post)
        except (discord.NotFound, discord.Forbidden) as error:
            # A refusal by Discord's edge says nothing about the channel, and may pass.
            is_refused = action.is_left_behind and disabled_reason(error) is not None
            if not is_message_gone(error) and not is_refused:
                raise
            if is_refused and action.waits_if_refused and not is_channel_gone(error):
                return self._retry_refused(error, attempt)
            stale = action.target if is_refused and not is_channel_gone(error) else None
            if isinstance(action.if_gone, Post):
                return replace(await self._post(action.if_gone, attempt), stale=stale)
            return Dropped(stale)
        if failed is None:
            return Sent(action.target)
        return Replied(failed) if action.reply is not None else failed

    def _retry_refused(self, error: discord.HTTPException, attempt: Attempt) -> RetryAt:
        """Return when to edit a message again in a channel that is no route: as often as a route is tried again."""
        now = self._clock.now()
        pause = self._clock.jitter(pause_before_retry(attempt.since or now, now).total_seconds())
        return RetryAt(describe_error(error), now + timedelta(seconds=pause), FailureScope.BUCKET)

    async def _change(self, action: Edit, attempt: Attempt) -> RetryAt | None:
        """Edit a message. Return a failure that is about edits in this channel or about this edit only."""
        try:
            with self._limits.respected("edit", action.target.channel_id):
                await self._message(action.target).edit(
                    content=action.message.content or None,
                    embed=action.message.embed,
                    view=action.message.view,
                    allowed_mentions=discord.AllowedMentions.none(),
                )
        except discord.DiscordException as error:
            failure = self.outcome_of(error, attempt)
            if isinstance(failure, RetryAt) and failure.scope in _FAILURES_OF_THE_EDIT:
                return failure
            raise
        return None

    async def _reply(self, reply: Reply, attempt: Attempt) -> Sent:
        self._check_claim(attempt)
        to = reply.to
        channel = self._client.get_partial_messageable(to.channel_id)
        me, now = self._client.user, self._clock.now()
        reference = discord.MessageReference(
            message_id=to.discord_message_id, channel_id=to.channel_id, fail_if_not_exists=False
        )
        with self._limits.respected("post", to.channel_id):
            if await find_previous_attempt(channel, reply.signature, attempt.since, me, now) is None:
                await channel.send(
                    reply.text,
                    reference=reference,
                    nonce=reply.nonce,
                    silent=reply.is_silent,
                    allowed_mentions=reply.mentions.allowed,
                )
        return Sent(to)

    def _check_claim(self, attempt: Attempt) -> None:
        """Raise ClaimExpired if another process may have claimed the same meanwhile."""
        if attempt.expires_at is not None and self._clock.now() >= attempt.expires_at:
            raise ClaimExpired

    def _message(self, posted: PostedMessage) -> discord.PartialMessage:
        return self._client.get_partial_messageable(posted.channel_id).get_partial_message(posted.discord_message_id)


def _channel_of(action: Post | Edit | Reply | NotifyModerators | Find | Check | Delete) -> int | None:
    match action:
        case Edit() | Check() | Delete():
            return action.target.channel_id
        case Reply():
            return action.to.channel_id
        case Post() | Find():
            return action.channel_id
    return None
