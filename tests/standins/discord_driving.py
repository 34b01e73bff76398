"""What people do in Discord, driven by a test: type a command, press a button, choose from a menu."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from .discord_commands import Commands, CommandType, OptionType, Resolver, SlashData
from .discord_gateway import Gateway
from .discord_interactions import Interaction, Interactions, InteractionType
from .discord_objects import Channel, Guild, Json, Message
from .discord_state import State

_ATTACHMENT_SIZE_LIMIT = 10 * 1024 * 1024
_SELECTS = {3: None, 5: OptionType.USER, 6: OptionType.ROLE, 7: OptionType.MENTIONABLE, 8: OptionType.CHANNEL}
"""Component types of select menus, and what their values stand for (components/reference)."""
_BUTTON = 2


class Driving:
    """Dispatches INTERACTION_CREATE as Discord does; refuses what Discord's own client would not let a person do."""

    def __init__(self, state: State, gateway: Gateway, commands: Commands, interactions: Interactions) -> None:
        self._state = state
        self._gateway = gateway
        self._commands = commands
        self._interactions = interactions

    async def command(
        self,
        name: str,
        options: Mapping[str, Any] | None = None,
        *,
        channel_id: int,
        user: int | None = None,
        permissions: int | None = None,
    ) -> Interaction:
        """Type a slash command such as "trace" or "alerts setup"; channels, roles and users are given as ids."""
        data = self._slash(name, options or {}, channel_id, focused=None)
        return self._dispatch(InteractionType.COMMAND, data, channel_id, user, permissions)

    async def autocomplete(
        self,
        name: str,
        option: str,
        typed: str = "",
        options: Mapping[str, Any] | None = None,
        *,
        channel_id: int,
        user: int | None = None,
        permissions: int | None = None,
    ) -> Interaction:
        """Type into an option with autocomplete; `options` are those filled in before."""
        data = self._slash(name, {**(options or {}), option: typed}, channel_id, focused=option)
        return self._dispatch(InteractionType.AUTOCOMPLETE, data, channel_id, user, permissions)

    async def message_command(
        self, name: str, message_id: int, *, channel_id: int, user: int | None = None, permissions: int | None = None
    ) -> Interaction:
        """Choose Apps → name on a message."""
        guild = self._guild_of(channel_id)
        command = self._commands.find(name, CommandType.MESSAGE, _id_of(guild))
        resolver = Resolver(self._state, guild)
        data: Json = {"id": command["id"], "name": name, "type": int(CommandType.MESSAGE)}
        data |= {"target_id": resolver.message(channel_id, message_id), "resolved": resolver.resolved}
        return self._dispatch(InteractionType.COMMAND, data, channel_id, user, permissions)

    async def press(
        self, message_id: int, custom_id: str, *, user: int | None = None, permissions: int | None = None
    ) -> Interaction:
        """Press a button."""
        message = self._message(message_id)
        button = self._enabled(message, custom_id)
        if button["type"] != _BUTTON:
            raise LookupError(f"{custom_id!r} is not a button")
        data: Json = {"custom_id": custom_id, "component_type": _BUTTON, "id": button.get("id", 0)}
        return self._dispatch(InteractionType.COMPONENT, data, message.channel_id, user, permissions, message)

    async def select(
        self,
        message_id: int,
        custom_id: str,
        values: Iterable[str | int],
        *,
        user: int | None = None,
        permissions: int | None = None,
    ) -> Interaction:
        """Choose from a select menu: its options' values, or ids of users, roles or channels."""
        message = self._message(message_id)
        menu = self._enabled(message, custom_id)
        chosen = [str(value) for value in values]
        _check_choice(menu, chosen)
        data: Json = {"custom_id": custom_id, "component_type": menu["type"], "id": menu.get("id", 0), "values": chosen}
        stands_for = _SELECTS[menu["type"]]
        if stands_for is not None:
            resolver = Resolver(self._state, self._guild_of(message.channel_id))
            for value in chosen:
                resolver.resolve(stands_for, int(value))
            data["resolved"] = resolver.resolved
        return self._dispatch(InteractionType.COMPONENT, data, message.channel_id, user, permissions, message)

    async def submit(self, shown: Interaction, text: str, *, permissions: int | None = None) -> Interaction:
        """Submit the modal with one text field that an interaction has opened."""
        if shown.modal is None:
            raise LookupError("no modal was opened")
        (label,) = shown.modal["components"]
        typed = {"type": label["component"]["type"], "custom_id": label["component"]["custom_id"], "value": text}
        data: Json = {
            "custom_id": shown.modal["custom_id"],
            "components": [{"type": label["type"], "component": typed}],
        }
        user = int(shown.user["id"])
        return self._dispatch(InteractionType.MODAL_SUBMIT, data, shown.channel_id, user, permissions, shown.source)

    def say(self, channel_id: int, content: str, *, user: int | None = None, embeds: list[Json] | None = None) -> int:
        """Post a message as a person, and return its id."""
        author = self._somebody(self._guild_of(channel_id), self._state.channels[channel_id]) if user is None else user
        message = Message(self._state.snowflakes.next(), channel_id, author, content, embeds or [])
        self._state.store(message)
        return message.id

    def _slash(self, name: str, values: Mapping[str, Any], channel_id: int, *, focused: str | None) -> Json:
        guild = self._guild_of(channel_id)
        path = name.split()
        command = self._commands.find(path[0], CommandType.SLASH, _id_of(guild))
        return SlashData(self._state, guild, focused=focused).build(command, path, values)

    def _guild_of(self, channel_id: int) -> Guild | None:
        guild_id = self._state.channels[channel_id].guild_id
        return None if guild_id is None else self._state.guilds[guild_id]

    def _message(self, message_id: int) -> Message:
        for messages in self._state.messages.values():
            if message_id in messages:
                return messages[message_id]
        raise LookupError(f"there is no message {message_id}")

    def _enabled(self, message: Message, custom_id: str) -> Json:
        component = message.component(custom_id)
        if component.get("disabled"):
            raise LookupError(f"component {custom_id!r} is disabled")
        return component

    def _somebody(self, guild: Guild | None, channel: Channel) -> int:
        """Return an arbitrary user: in a server one without any role."""
        if guild is None:
            return channel.recipient_id or 0
        for user_id, roles in guild.members.items():
            if not roles and user_id != guild.owner_id:
                return user_id
        return self._state.add_member(guild.id, "somebody")

    def _dispatch(
        self,
        kind: InteractionType,
        data: Json,
        channel_id: int,
        user: int | None,
        permissions: int | None,
        source: Message | None = None,
    ) -> Interaction:
        if not self._gateway.known:
            raise RuntimeError("no bot has connected to the gateway")
        channel, guild = self._state.channels[channel_id], self._guild_of(channel_id)
        user_id = self._somebody(guild, channel) if user is None else user
        interaction = self._interactions.open(kind, user_id, channel_id, source)
        payload = self._payload(interaction, data, channel) | self._place(channel, guild, user_id, permissions)
        if source is not None:
            payload["message"] = self._state.message_json(source)
        self._gateway.dispatch("INTERACTION_CREATE", payload)
        return interaction

    def _payload(self, interaction: Interaction, data: Json, channel: Channel) -> Json:
        return {
            "version": 1,
            "id": str(interaction.id),
            "application_id": str(self._state.application_id),
            "type": int(interaction.type),
            "token": interaction.token,
            "data": data,
            "channel_id": str(channel.id),
            "channel": self._state.channel_json(channel),
            "app_permissions": str(self._state.permissions(channel, self._state.bot.id)),
            "locale": "en-US",
            "entitlements": [],
            "attachment_size_limit": _ATTACHMENT_SIZE_LIMIT,
        }

    def _place(self, channel: Channel, guild: Guild | None, user_id: int, permissions: int | None) -> Json:
        """Where it happened and who did it; `context` and the owners as in interactions/receiving-and-responding."""
        if guild is None:
            owners = {"0": "0"}
            return {"user": self._state.user_json(user_id), "context": 1, "authorizing_integration_owners": owners}
        member = self._state.member_json(guild, user_id)
        granted = self._state.permissions(channel, user_id) if permissions is None else permissions
        return {
            "guild_id": str(guild.id),
            "guild": {"id": str(guild.id), "locale": "en-US", "features": []},
            "guild_locale": "en-US",
            "member": member | {"permissions": str(granted), "pending": False},
            "context": 0,
            "authorizing_integration_owners": {"0": str(guild.id)},
        }


def _id_of(guild: Guild | None) -> int | None:
    return None if guild is None else guild.id


def _check_choice(menu: Json, chosen: list[str]) -> None:
    if menu["type"] not in _SELECTS:
        raise LookupError(f"{menu.get('custom_id')!r} is not a select menu")
    least, most = menu.get("min_values", 1), menu.get("max_values", 1)
    if not least <= len(chosen) <= most:
        raise ValueError(f"the menu takes {least} to {most} values, not {len(chosen)}")
    offered = {option["value"] for option in menu.get("options") or []}
    if offered and not set(chosen) <= offered:
        raise ValueError(f"the menu offers {sorted(offered)}, not {chosen}")
