"""What moderators read about a channel: whether the bot can post and ping there, and the result of a test."""

from collections.abc import Iterable, Sequence
from typing import TypeAlias

import discord

from bot.domain.alert_routes import DisabledReason, PingProblem
from bot.storage.alert_routes import Route
from bot.storage.incidents import PostedMessage
from bot.ui import formatting, texts

NEEDED_FOR_ALERTS = ("view_channel", "send_messages", "embed_links", "read_message_history")
"""The permissions that every alert needs. A digest also attaches a file, and a board is pinned."""
_NEEDED_IN_THREADS = tuple("send_messages_in_threads" if one == "send_messages" else one for one in NEEDED_FOR_ALERTS)
_NEEDED_IN_FORUMS = (*NEEDED_FOR_ALERTS, "send_messages_in_threads")

AlertChannel: TypeAlias = discord.TextChannel | discord.Thread | discord.ForumChannel
"""Where alerts and the board can be posted."""


def missing_permissions(channel: discord.abc.GuildChannel | discord.Thread, allowed: discord.Permissions) -> list[str]:
    """Return which permissions are missing to post alerts in a channel, a thread or a forum.

    Those of a thread are those of the channel above it.
    """
    needed: tuple[str, ...] = NEEDED_FOR_ALERTS
    if isinstance(channel, discord.Thread):
        needed = (*_NEEDED_IN_THREADS, *(("manage_threads",) if channel.locked else ()))
    elif isinstance(channel, discord.ForumChannel):
        needed = _NEEDED_IN_FORUMS
    return [name for name in needed if not getattr(allowed, name)]


def permission_names(names: Iterable[str]) -> str:
    """Return permissions as Discord calls them."""
    return ", ".join(texts.common.PERMISSIONS[name] for name in names)


_PROBLEM_LENGTH = 150


def permission_warnings(channel: AlertChannel, role: discord.Role | None) -> list[str]:
    """Return whether the bot can post in the channel and ping the role, and what to do if not."""
    allowed = channel.permissions_for(channel.guild.me)
    lacking = missing_permissions(channel, allowed)
    if lacking:
        lines = [texts.alert_setup.SETUP_LACKS.format(channel=channel.mention, permissions=permission_names(lacking))]
    else:
        lines = [texts.alert_setup.SETUP_CAN_POST]
    if role is not None and not role.mentionable and not allowed.mention_everyone:
        lines.append(texts.alert_setup.SETUP_ROLE_UNPINGABLE.format(role=role.mention, channel=channel.mention))
    return lines


def lacking_for_alerts(guild: discord.Guild, channel_id: int) -> tuple[str, ...]:
    """Return the permissions that the bot lacks in a channel, in words; empty if none, or if that is not known."""
    channel = guild.get_channel_or_thread(channel_id)
    if channel is None or _is_orphan(channel) or guild.unavailable or guild.me is None:
        return ()
    lacking = missing_permissions(channel, channel.permissions_for(guild.me))
    # Without the first of these there are no others in a channel either, and without the second no Embed Links.
    if "view_channel" in lacking:
        lacking = ["view_channel"]
    elif {"send_messages", "send_messages_in_threads"} & {*lacking}:
        lacking = [name for name in lacking if name != "embed_links"]
    return tuple(texts.common.PERMISSIONS[name] for name in lacking)


def _is_orphan(channel: discord.abc.GuildChannel | discord.Thread) -> bool:
    """Whether it is a thread whose channel is not known, so that its permissions are not known either."""
    return isinstance(channel, discord.Thread) and channel.parent is None


def refusal_words(reason: DisabledReason, lacking: Sequence[str]) -> str:
    """Return why Discord refuses a channel: which permissions are missing, where that is known."""
    if not lacking:
        return texts.discord_errors.DISABLED_REASONS[reason]
    words = texts.discord_errors.LACKS_ONE if len(lacking) == 1 else texts.discord_errors.LACKS
    return words.format(permissions=", ".join(lacking))


def find_ping_problem(guild: discord.Guild, channel_id: int, role_id: int | None) -> PingProblem | None:
    """Return why the bot cannot ping a role in a channel; None if it can, or if that is not known."""
    if role_id is None or guild.unavailable or guild.me is None:
        return None
    role = guild.get_role(role_id)
    if role is None:
        return PingProblem.ROLE_DELETED
    channel = guild.get_channel_or_thread(channel_id)
    if role.mentionable or channel is None or _is_orphan(channel):
        return None
    allowed = channel.permissions_for(guild.me)
    # Who cannot send messages, for example during a time-out, has no other permission in a channel either.
    return PingProblem.ROLE_NOT_MENTIONABLE if allowed.send_messages and not allowed.mention_everyone else None


def ping_problem_words(channel_id: int, role_id: int | None, problem: PingProblem) -> str:
    """Return why alerts ping nobody, and what to do, in one line."""
    words, advice = ping_problem_and_advice(channel_id, role_id, problem)
    return texts.alert_setup.PING_WARNING.format(problem=words, advice=advice)


def ping_problem_and_advice(channel_id: int, role_id: int | None, problem: PingProblem) -> tuple[str, str]:
    """Return why alerts ping nobody, and what to do."""
    words = texts.alert_setup.PING_PROBLEMS[problem].format(channel=f"<#{channel_id}>", role=f"<@&{role_id}>")
    return words, texts.alert_setup.PING_ADVICE[problem]


def test_outcome(route: Route, problem: str | None, lacking: Sequence[str], *, arrived: bool) -> str:
    """Return the result of a test alert, and what to do if it did not arrive or pinged nobody."""
    channel, disabled_reason = f"<#{route.channel_id}>", route.disabled_reason
    if arrived:
        sent = texts.alert_setup.TEST_SENT.format(channel=channel)
        if route.ping_problem is None:
            return sent
        return f"{sent}\n{ping_problem_words(route.channel_id, route.role_id, route.ping_problem)}"
    if disabled_reason is not None:
        return texts.alert_setup.TEST_BROKEN.format(channel=channel, problem=refusal_words(disabled_reason, lacking))
    if problem is not None:
        return texts.alert_setup.TEST_WAITS.format(problem=formatting.escape_untrusted(problem, most=_PROBLEM_LENGTH))
    return texts.alert_setup.TEST_WAITS_WITHOUT_PROBLEM.format(channel=channel)


def lacking_for_board(channel: AlertChannel) -> list[str]:
    """Return the permissions that the bot lacks in a channel to post and pin a board."""
    allowed = channel.permissions_for(channel.guild.me)
    lacking, needed_to_pin = missing_permissions(channel, allowed), _to_pin(channel)
    return lacking if getattr(allowed, needed_to_pin) else [*lacking, needed_to_pin]


def _to_pin(channel: AlertChannel) -> str:
    return "manage_threads" if isinstance(channel, discord.ForumChannel) else "pin_messages"


def board_outcome(
    channel: AlertChannel,
    posted: PostedMessage | None,
    problem: str | None,
    lacking: Sequence[str],
    pin_error: str | None = None,
) -> list[str]:
    """Return the result of posting a board, and what to do where it is missing or not pinned."""
    needed_to_pin = _to_pin(channel)
    if posted is not None:
        url = formatting.message_url(channel.guild.id, posted.channel_id, posted.discord_message_id)
        lines = [texts.board.POSTED.format(channel=channel.mention, url=url)]
        if needed_to_pin in lacking:
            permission = permission_names([needed_to_pin])
            return [*lines, texts.board.NOT_PINNED.format(channel=channel.mention, permission=permission)]
        return lines if pin_error is None else [*lines, texts.board.NOT_PINNED_BECAUSE.format(problem=pin_error)]
    if needed := [name for name in lacking if name != needed_to_pin]:
        return [texts.board.LACKS.format(channel=channel.mention, permissions=permission_names(needed))]
    if problem is None:
        return [texts.board.PENDING.format(channel=channel.mention)]
    words = formatting.escape_untrusted(problem, most=_PROBLEM_LENGTH)
    return [texts.board.TROUBLE.format(channel=channel.mention, problem=words)]


def old_board_stays(channel_id: int, problem: str) -> str:
    """Return the sentence for an old board that could not be deleted."""
    words = formatting.escape_untrusted(problem, most=_PROBLEM_LENGTH)
    return texts.board.OLD_STAYS.format(channel=f"<#{channel_id}>", problem=words)
