"""Alerts: what is sent to a channel for each step of an incident."""

from dataclasses import dataclass

import discord

from bot.health.incidents import Incident
from bot.health.modes import Mode
from bot.health.readings import Reading
from bot.ui import embeds, texts, wording


@dataclass(frozen=True, slots=True)
class Notice:
    """A Discord message to be: its words, which a phone shows in its notification, and its card."""

    content: str
    embed: discord.Embed


def incident_notice(incident: Incident, reading: Reading, role_id: int | None) -> Notice:
    """Make the living Discord message of an incident. It names the role only while something is wrong."""
    status = wording.status(incident.mode, reading.status)
    if incident.ended_at is not None:
        over = texts.PUSH_OVER if incident.mode_before is Mode.FAST else texts.PUSH_OVER_WORSE
        words, role_id = over.format(token=incident.token_id), None
    elif incident.is_a_switch:
        words, role_id = texts.PUSH_SWITCHED_OFF.format(token=incident.token_id), None
    elif incident.mode_before is Mode.FAST:
        words = texts.PUSH_LEFT_FAST.format(token=incident.token_id, status=status)
    else:
        words = texts.PUSH_GOT_WORSE.format(token=incident.token_id, before=incident.mode_before.value, status=status)
    return Notice(_naming(role_id, words), embeds.incident_embed(incident, reading))


def back_words(incident: Incident) -> str:
    """Say in one line that it is over, for the silent reply under the alert."""
    return texts.PUSH_BACK.format(token=incident.token_id, duration=wording.duration_of(incident))


def alert_test_notice(role_id: int | None) -> Notice:
    """Make a test alert, ping and all."""
    return Notice(_naming(role_id, texts.PUSH_TEST), embeds.alert_test_embed())


def _naming(role_id: int | None, words: str) -> str:
    return f"<@&{role_id}> {words}" if role_id is not None else words


def only_this_role(role_id: int | None) -> discord.AllowedMentions:
    """Allow the mention of this role and of nothing else."""
    roles = [discord.Object(role_id)] if role_id is not None else []
    return discord.AllowedMentions(everyone=False, users=False, replied_user=False, roles=roles)
