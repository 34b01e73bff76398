"""A server in the simulated Discord, and how to read the bot's responses."""

from dataclasses import dataclass
from typing import Any, Self
from uuid import UUID

import discord
import simcord
from discord import AppCommandOptionType, app_commands

from bot.app.client import Fastwatch

HOME = 4_000_000_000_000_000
SECOND_HOME = 5_000_000_000_000_000
FOREIGN = 6_000_000_000_000_000
DASHBOARD = "https://dashboard.invalid/tokens"


@dataclass
class Server:
    """A server with a talk channel, an alert channel, a role to ping, a moderator and a member."""

    env: simcord.Env
    guild: simcord.GuildHandle
    talk: simcord.ChannelHandle
    alerts: simcord.ChannelHandle
    keepers: simcord.RoleHandle
    mod: simcord.MemberActor
    member: simcord.MemberActor

    @classmethod
    def create(cls, env: simcord.Env, server_id: int) -> Self:
        """Create a server that has the bot."""
        guild = env.create_guild("A team", id=server_id)
        mods = guild.create_role("Mods", permissions=discord.Permissions(manage_guild=True))
        return cls(
            env,
            guild,
            guild.create_text_channel("talk"),
            guild.create_text_channel("alerts"),
            guild.create_role("Keepers", mentionable=True),
            guild.add_member(env.create_user("mona"), roles=[mods]),
            guild.add_member(env.create_user("max")),
        )

    @property
    def bot(self) -> Fastwatch:
        """The running bot."""
        assert isinstance(self.env.bot, Fastwatch)
        return self.env.bot

    async def show_commands_to(self, member: simcord.MemberActor) -> None:
        """Let Discord show a member every command, as a server's owner may configure."""
        for synced in await self.bot.tree.fetch_commands():
            self.guild.set_command_permissions(synced, {member: True})

    async def set_up(self, role: simcord.RoleHandle | None = None) -> None:
        """Set up alerts in the alert channel."""
        options = {"role": role} if role is not None else {}
        await self.mod.slash(self.talk, "alerts setup", channel=self.alerts, **options)

    async def deliver(self) -> list[discord.Message]:
        """Deliver what is due. Return all messages in the alert channel."""
        await self.bot.notifier.deliver_due()
        return self.alerts.history()

    def pings(self, message: discord.Message) -> list[int]:
        """Return the roles that a Discord message pinged."""
        return list(self.env.backend.get_message(message.channel.id, message.id).ping_role_ids)

    def pinged_members(self, message: discord.Message) -> list[int]:
        """Return the members that a Discord message pinged."""
        return list(self.env.backend.get_message(message.channel.id, message.id).ping_user_ids)

    def sent(self, method: str = "POST") -> list[dict[str, object]]:
        """Return what the bot has sent or edited in the alert channel."""
        path = f"/channels/{self.alerts.id}/messages"
        requests = [one for one in self.env.http_requests if one.method == method and one.path.startswith(path)]
        return [one.json for one in requests if one.json is not None]


def said(result: simcord.InteractionResult) -> str:
    """Return the one sentence of a private response."""
    said_so_far = [message for message in (result.response, *result.followups) if message is not None]
    (only,) = said_so_far
    assert only.ephemeral
    assert not only.embeds
    assert not only.components
    return only.content


def refused(server: Server, result: simcord.InteractionResult) -> str:
    """Return the one sentence of a refusal, which leaves nothing public behind."""
    # simcord stores every error that reaches the command tree, and raises the unread ones at the end.
    assert server.env.errors
    assert server.talk.history() == []
    return said(result)


def card(result: simcord.InteractionResult) -> discord.Embed:
    """Return the one embed of a response."""
    assert result.response is not None
    (embed,) = result.response.embeds
    return embed


def fields(embed: discord.Embed) -> dict[str, str]:
    """Return an embed's fields by name."""
    assert len({field.name for field in embed.fields}) == len(embed.fields)
    return {field.name or "": field.value or "" for field in embed.fields}


Command = app_commands.Command[Any, ..., Any]


def commands_of(server: Server) -> list[Command]:
    """Yield all slash commands."""
    walked = server.bot.tree.walk_commands(type=discord.AppCommandType.chat_input)
    return [command for command in walked if isinstance(command, app_commands.Command)]


def filled(server: Server, command: Command, *, message_id: UUID) -> dict[str, object]:
    """Fill in every option of a command with a value of its type."""
    values = {
        AppCommandOptionType.string: str(message_id),
        AppCommandOptionType.boolean: True,
        AppCommandOptionType.integer: 1,
        AppCommandOptionType.number: 1.0,
        AppCommandOptionType.channel: server.alerts,
        AppCommandOptionType.role: server.keepers,
        AppCommandOptionType.user: server.member,
    }
    return {
        option.name: option.choices[0].value if option.choices else values[option.type] for option in command.parameters
    }
