"""What a mod reads of a route: whether the bot may post there and ping, and what became of a test."""

import discord

from bot.ui import texts, wording

_PERMISSIONS_NEEDED = ("view_channel", "send_messages", "embed_links", "read_message_history")
_PROBLEM_LENGTH = 150


def doubts(channel: discord.TextChannel, role: discord.Role | None) -> list[str]:
    """Say whether the bot may post in the channel and ping the role, and what to do if not."""
    allowed = channel.permissions_for(channel.guild.me)
    lacking = [texts.PERMISSIONS[name] for name in _PERMISSIONS_NEEDED if not getattr(allowed, name)]
    if lacking:
        lines = [texts.SETUP_LACKS.format(channel=channel.mention, permissions=", ".join(lacking))]
    else:
        lines = [texts.SETUP_MAY_POST]
    if role is not None and not role.mentionable and not allowed.mention_everyone:
        lines.append(texts.SETUP_ROLE_UNPINGABLE.format(role=role.mention, channel=channel.mention))
    return lines


def test_outcome(channel_id: int, broken_because: str | None, problem: str | None, *, arrived: bool) -> str:
    """Say what became of a test alert, and what to do if it did not arrive."""
    channel = f"<#{channel_id}>"
    if arrived:
        return texts.TEST_SENT.format(channel=channel)
    if broken_because is not None:
        return texts.TEST_BROKEN.format(channel=channel, problem=wording.harmless(broken_because, most=_PROBLEM_LENGTH))
    if problem is not None:
        return texts.TEST_WAITS.format(problem=wording.harmless(problem, most=_PROBLEM_LENGTH))
    return texts.TEST_WAITS_WITHOUT_PROBLEM.format(channel=channel)
