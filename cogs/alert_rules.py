"""The part of the alerts' commands that decides what is told when: the rules of a server, and its mutes."""

import asyncio
from collections.abc import Collection
from datetime import timedelta
from typing import Any

import discord
from discord import app_commands
from discord.ext import commands
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.apologies import CannotBeDone
from bot.app import Fastwatch, may_manage
from bot.choosing_tokens import chosen_token, offer_tokens_to_mods, token_choices
from bot.doings import server_of, write_down
from bot.durations import parse_duration
from bot.health.digests import next_due
from bot.health.rules import DigestDay, Rules
from bot.storage import deliveries, digests, mutes, rules, servers
from bot.storage.audit import Action
from bot.storage.mutes import Mute
from bot.storage.names import names_of
from bot.time_zones import known_zones, matching_zones, zone_of
from bot.typed_rules import typed_rules
from bot.ui import buttons, texts, wording
from bot.ui.overview import MOST_REASON, muted_what
from bot.ui.rules import rule, rules_embed
from bot.ui.wording import Names
from bot.visible_text import visible

_MOST_CHOICES = 25  # Discord's limit
_SHORTEST_MUTE, _LONGEST_MUTE = timedelta(minutes=1), timedelta(days=30)


class AlertRules(commands.Cog):
    """Sets the rules and the mutes of a server. It is a part of the group of commands that has the alerts."""

    def __init__(self, bot: Fastwatch) -> None:
        self._bot = bot
        self._services = bot.services
        self._notifier = bot.notifier

    @app_commands.command(description=texts.ALERTS_RULES)
    @app_commands.describe(
        **texts.ALERTS_RULES_OPTIONS,
        moderators=texts.ALERTS_RULES_MODERATORS,
        no_moderators_role=texts.ALERTS_RULES_NO_MODERATORS,
    )
    @app_commands.choices(
        digest=[app_commands.Choice(name=name, value=day.value) for day, name in texts.DIGEST_DAYS.items()]
    )
    async def rules(
        self,
        interaction: discord.Interaction[Fastwatch],
        *,
        confirm: int | None = None,
        confirm_urgent: int | None = None,
        confirm_back: int | None = None,
        low: int | None = None,
        very_low: int | None = None,
        reminders: str | None = None,
        blind_after: str | None = None,
        flapping_after: int | None = None,
        flapping_within: str | None = None,
        group_from: int | None = None,
        will_not_last: bool | None = None,
        digest: str | None = None,
        digest_hour: int | None = None,
        time_zone: str | None = None,
        defaults: bool = False,
        moderators: discord.Role | None = None,
        no_moderators_role: bool = False,
    ) -> None:
        """Show the rules, after changing those that are given; who counts as a mod only for those who may manage."""
        await interaction.response.defer(ephemeral=True, thinking=True)
        options: dict[str, int | str | None] = {
            "confirm": confirm,
            "confirm_urgent": confirm_urgent,
            "confirm_back": confirm_back,
            "low": low,
            "very_low": very_low,
            "reminders": reminders,
            "blind_after": blind_after,
            "flapping_after": flapping_after,
            "flapping_within": flapping_within,
            "group_from": group_from,
            "will_not_last": will_not_last,
            "digest": digest,
            "digest_hour": digest_hour,
            "time_zone": time_zone,
        }
        typed = {option: value for option, value in options.items() if value is not None}
        if time_zone is not None:
            await asyncio.to_thread(known_zones)
        async with self._services.database.transaction() as connection:
            if moderators is not None or no_moderators_role:
                await self._name_moderators(connection, interaction, None if no_moderators_role else moderators)
            has_alerts = await servers.lock_server(connection, server_of(interaction))
            before = numbers = await rules.rules_of(connection, server_of(interaction))
            if typed or defaults:
                numbers = typed_rules(Rules() if defaults else numbers, typed)
                await rules.set_rules(connection, server_of(interaction), numbers)
                if has_alerts:
                    await self._begin_digests(connection, server_of(interaction), before, numbers)
                changed = [texts.RULES_DEFAULTS] if defaults else []
                changed += [f"{option} {rule(numbers, option)}" for option in typed]
                await self._write_down(connection, interaction, Action.RULES_SET, ", ".join(changed))
            role_id = await rules.moderators_role(connection, server_of(interaction))
        zone, now = zone_of(numbers.time_zone), self._services.clock.now()
        next_digest = next_due(numbers.digest, numbers.digest_hour, zone, now)
        embed = rules_embed(numbers, role_id, next_digest=next_digest, has_alerts=has_alerts)
        await interaction.edit_original_response(embed=embed)

    async def _begin_digests(self, connection: AsyncConnection, server_id: int, before: Rules, after: Rules) -> None:
        """Have the digest come from now on by other rules, and none for a time at which it would have come by them."""
        if after.digest is DigestDay.OFF:
            await digests.drop_digests(connection, server_id)
        elif _schedule(before) != _schedule(after):
            await digests.set_told_until(connection, server_id, self._services.clock.now())

    async def _name_moderators(
        self, connection: AsyncConnection, interaction: discord.Interaction[Any], role: discord.Role | None
    ) -> None:
        """Name the role. Not by mods whom such a role has made: they could make anyone one."""
        if not may_manage(interaction):
            raise CannotBeDone(texts.RULES_MANAGERS_ONLY)
        if role is not None and role.is_default():
            raise CannotBeDone(texts.RULES_NOT_EVERYONE)
        await rules.set_moderators_role(connection, server_of(interaction), role.id if role is not None else None)
        target = role.mention if role is not None else texts.SHOW_NONE
        await self._write_down(connection, interaction, Action.MODERATORS_SET, target)

    @app_commands.command(description=texts.ALERTS_MUTE)
    @app_commands.autocomplete(token=offer_tokens_to_mods)
    @app_commands.describe(
        duration=texts.ALERTS_MUTE_DURATION, token=texts.ALERTS_MUTE_TOKEN, reason=texts.ALERTS_MUTE_REASON
    )
    async def mute(
        self,
        interaction: discord.Interaction[Fastwatch],
        duration: str,
        token: str | None = None,
        reason: str = "",
    ) -> None:
        """Silence the alerts of a token, or all, for a while."""
        await interaction.response.defer(ephemeral=True, thinking=True)
        lasts, why = _mute_duration(duration), visible(reason).strip()
        if len(why) > MOST_REASON:
            raise CannotBeDone(texts.MUTE_REASON.format(most=MOST_REASON))
        answer = await self.mute_for(interaction, token, lasts, why)
        await interaction.edit_original_response(content=answer)

    async def mute_for(
        self, interaction: discord.Interaction[Any], token: str | None, lasts: timedelta, why: str
    ) -> str:
        """Silence the alerts of the token that was meant, or all; the answer to that."""
        server_id, now = server_of(interaction), self._services.clock.now()
        async with self._services.database.transaction() as connection:
            if not await servers.lock_server(connection, server_id):
                raise CannotBeDone(texts.NOT_SET_UP)
            names = await names_of(connection, server_id)
            token_id = await self._chosen(connection, token, names)
            await mutes.set_mute(
                connection, Mute(server_id, token_id, now + lasts, why, interaction.user.id, muted_at=now)
            )
            # What an earlier mute holds back until its end is held back until the end of this one from now on.
            await deliveries.make_due(connection, server_id, now)
            await self._write_down(connection, interaction, Action.MUTED, muted_what(token_id))
        self._notifier.wake()
        return texts.MUTE_DONE.format(
            what=muted_what(token_id, names), until=wording.at(now + lasts, "f"), ago=wording.at(now + lasts, "R")
        )

    async def ask_for_how_long(self, interaction: discord.Interaction[Any], token_id: int) -> None:
        """Ask for how long to mute a token, where there is anything to mute."""
        async with self._services.database.reading() as connection:
            if await servers.get_route(connection, server_of(interaction)) is None:
                raise CannotBeDone(texts.NOT_SET_UP)
            names = await names_of(connection, server_of(interaction))
            await self._chosen(connection, str(token_id), names)
        await interaction.edit_original_response(
            content=texts.MUTE_TOKEN_QUESTION.format(token=wording.token(token_id, names)),
            view=buttons.mute_token_view(token_id),
        )

    @app_commands.command(description=texts.ALERTS_UNMUTE)
    @app_commands.describe(token=texts.ALERTS_UNMUTE_TOKEN)
    async def unmute(self, interaction: discord.Interaction[Fastwatch], token: str | None = None) -> None:
        """End a mute, and tell what it held back."""
        await interaction.response.defer(ephemeral=True, thinking=True)
        server_id, now = server_of(interaction), self._services.clock.now()
        async with self._services.database.transaction() as connection:
            muted = [one.token_id for one in await mutes.mutes_of(connection, server_id, now)]
            names = await names_of(connection, server_id)
            token_id = await self._chosen(connection, token, names, also=[one for one in muted if one is not None])
            was_muted = token_id in muted
            if was_muted:
                await mutes.remove_mute(connection, server_id, token_id)
                await deliveries.make_due(connection, server_id, now)
                await self._write_down(connection, interaction, Action.UNMUTED, muted_what(token_id))
        self._notifier.wake()
        words = texts.UNMUTE_DONE if was_muted else texts.UNMUTE_UNKNOWN
        lines = [words.format(what=muted_what(token_id, names))]
        if still := [muted_what(one, names) for one in muted if one != token_id]:
            lines.append(texts.UNMUTE_STILL.format(what=", ".join(still)))
        await interaction.edit_original_response(content="\n".join(lines))

    async def _chosen(
        self, connection: AsyncConnection, typed: str | None, names: Names, also: Collection[int] = ()
    ) -> int | None:
        """Tell which token was meant; None for all."""
        if typed is None:
            return None
        return await chosen_token(connection, self._services.account_id, typed, also, names=names)

    async def _write_down(
        self, connection: AsyncConnection, interaction: discord.Interaction[Any], action: Action, target: str
    ) -> None:
        await write_down(connection, interaction, action, target, self._services.clock.now())

    @rules.autocomplete("time_zone")
    async def complete_time_zone(
        self, interaction: discord.Interaction[Fastwatch], typed: str
    ) -> list[app_commands.Choice[str]]:
        """Offer time zones, with the time there."""
        if not await self._bot.is_mod(interaction):
            return []
        await asyncio.to_thread(known_zones)
        now = self._services.clock.now()
        return [
            app_commands.Choice(
                name=texts.TIME_ZONE_CHOICE.format(zone=name, now=f"{now.astimezone(zone_of(name)):%H:%M}"), value=name
            )
            for name in matching_zones(typed, most=_MOST_CHOICES)
        ]

    @unmute.autocomplete("token")
    async def complete_muted(
        self, interaction: discord.Interaction[Fastwatch], typed: str
    ) -> list[app_commands.Choice[str]]:
        """Offer the tokens that are muted."""
        if not await self._bot.is_mod(interaction):
            return []
        async with self._services.database.reading() as connection:
            muted = await mutes.mutes_of(connection, server_of(interaction), self._services.clock.now())
            among = [mute.token_id for mute in muted if mute.token_id is not None]
            names = await names_of(connection, server_of(interaction))
            return await token_choices(connection, self._services.account_id, typed, among, names=names)


def _schedule(numbers: Rules) -> tuple[DigestDay, int, str]:
    """Tell by what it is decided when a digest comes."""
    return numbers.digest, numbers.digest_hour, numbers.time_zone


def _mute_duration(typed: str) -> timedelta:
    try:
        lasts = parse_duration(typed)
    except ValueError:
        raise CannotBeDone(texts.MUTE_DURATION) from None
    if not _SHORTEST_MUTE <= lasts <= _LONGEST_MUTE:
        raise CannotBeDone(texts.MUTE_DURATION)
    return lasts
