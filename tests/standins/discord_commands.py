"""The synced commands, and the data an interaction carries for one of them (interactions/application-commands)."""

from __future__ import annotations

from collections.abc import Mapping
from enum import IntEnum
from typing import Any

from .discord_objects import Guild, Json
from .discord_state import State


class CommandType(IntEnum):
    """Where a command is available."""

    SLASH = 1
    USER = 2
    MESSAGE = 3


class OptionType(IntEnum):
    """The type of an option."""

    SUBCOMMAND = 1
    SUBCOMMAND_GROUP = 2
    STRING = 3
    INTEGER = 4
    BOOLEAN = 5
    USER = 6
    CHANNEL = 7
    ROLE = 8
    MENTIONABLE = 9
    NUMBER = 10


_PYTHON_TYPES: dict[int, type | tuple[type, ...]] = {
    OptionType.STRING: str,
    OptionType.INTEGER: int,
    OptionType.BOOLEAN: bool,
    OptionType.NUMBER: (int, float),
}
_RESOLVED = (OptionType.USER, OptionType.CHANNEL, OptionType.ROLE, OptionType.MENTIONABLE)


class Commands:
    """The commands the bot has synced, for everyone or for one guild."""

    def __init__(self, state: State) -> None:
        self._state = state
        self._by_scope: dict[int | None, list[Json]] = {}

    def synced(self, guild_id: int | None = None) -> list[Json]:
        """The commands of one scope."""
        return self._by_scope.get(guild_id, [])

    def replace(self, guild_id: int | None, bodies: list[Json]) -> list[Json]:
        """Overwrite a scope's commands; one with the same name and type keeps its id."""
        known = {(each["name"], each["type"]): each["id"] for each in self.synced(guild_id)}
        self._by_scope[guild_id] = [self._stored(body, guild_id, known) for body in bodies]
        return self._by_scope[guild_id]

    def _stored(self, body: Json, guild_id: int | None, known: dict[tuple[str, int], str]) -> Json:
        kind = body.get("type") or CommandType.SLASH
        permissions = body.get("default_member_permissions")
        stored = body | {
            "id": known.get((body["name"], kind)) or str(self._state.snowflakes.next()),
            "application_id": str(self._state.application_id),
            "version": str(self._state.snowflakes.next()),
            "type": int(kind),
            "description": body.get("description") or "",
            "default_member_permissions": None if permissions is None else str(permissions),
        }
        return stored if guild_id is None else stored | {"guild_id": str(guild_id)}

    def find(self, name: str, kind: CommandType, guild_id: int | None) -> Json:
        """Return the command as available in a guild, or in a DM."""
        offered = self.synced(guild_id) + self.synced() if guild_id is not None else self.synced()
        for command in offered:
            if command["name"] == name and command["type"] == kind:
                self._check_context(command, guild_id)
                return command
        raise LookupError(f"{name!r} is not among the synced commands: {sorted(each['name'] for each in offered)}")

    def _check_context(self, command: Json, guild_id: int | None) -> None:
        contexts = command.get("contexts")
        if contexts is None and command.get("dm_permission") is False:
            contexts = [0]
        if contexts is not None and (1 if guild_id is None else 0) not in contexts:
            raise LookupError(f"{command['name']!r} is not offered here: its contexts are {contexts}")


class SlashData:
    """Builds the `data` of a slash command or of an autocomplete, checked against the synced definition."""

    def __init__(self, state: State, guild: Guild | None, *, focused: str | None = None) -> None:
        self.resolver = Resolver(state, guild)
        self._focused = focused

    def build(self, command: Json, path: list[str], values: Mapping[str, Any]) -> Json:
        """The data for a path such as ["alerts", "setup"] with its options' values."""
        data: Json = {"id": command["id"], "name": command["name"], "type": int(CommandType.SLASH)}
        data["options"] = self._level(command, path[1:], values)
        if "guild_id" in command:
            data["guild_id"] = command["guild_id"]
        if self.resolver.resolved:
            data["resolved"] = self.resolver.resolved
        return data

    def _level(self, definition: Json, path: list[str], values: Mapping[str, Any]) -> list[Json]:
        options = {option["name"]: option for option in definition.get("options") or []}
        if path:
            below = options.get(path[0])
            if below is None or below["type"] > OptionType.SUBCOMMAND_GROUP:
                raise LookupError(f"{definition['name']!r} has no subcommand {path[0]!r}: {sorted(options)}")
            return [{"name": path[0], "type": below["type"], "options": self._level(below, path[1:], values)}]
        if any(option["type"] <= OptionType.SUBCOMMAND_GROUP for option in options.values()):
            raise LookupError(f"{definition['name']!r} needs a subcommand: {sorted(options)}")
        return self._filled(options, values)

    def _filled(self, options: dict[str, Json], values: Mapping[str, Any]) -> list[Json]:
        unknown = set(values) - set(options)
        missing = {name for name, option in options.items() if option.get("required")} - set(values)
        if unknown or (missing and self._focused is None):
            raise ValueError(f"unknown {sorted(unknown)}, missing {sorted(missing)}; the options are {sorted(options)}")
        return [self._option(options[name], value) for name, value in values.items()]

    def _option(self, option: Json, value: Any) -> Json:
        filled: Json = {"name": option["name"], "type": option["type"]}
        if option["name"] == self._focused:
            if not option.get("autocomplete"):
                raise ValueError(f"option {option['name']!r} has no autocomplete")
            return filled | {"value": str(value), "focused": True}
        if option["type"] in _RESOLVED:
            return filled | {"value": self.resolver.resolve(option["type"], int(value))}
        _check_value(option, value)
        return filled | {"value": value}


def _check_value(option: Json, value: Any) -> None:
    """Discord's client does not let anyone send anything else."""
    name = option["name"]
    if not isinstance(value, _PYTHON_TYPES[option["type"]]):
        raise TypeError(f"option {name!r} cannot be {value!r}")
    choices = [choice["value"] for choice in option.get("choices") or []]
    if choices and value not in choices:
        raise ValueError(f"option {name!r} has no choice {value!r}: {choices}")
    size = len(value) if isinstance(value, str) else value
    limits = ("min_length", "max_length") if isinstance(value, str) else ("min_value", "max_value")
    least, most = (option.get(limit) for limit in limits)
    if (least is not None and size < least) or (most is not None and size > most):
        raise ValueError(f"option {name!r} takes {least} to {most}, not {value!r}")


class Resolver:
    """Collects the `resolved` objects behind the ids an interaction carries (interactions/receiving-and-responding)."""

    def __init__(self, state: State, guild: Guild | None) -> None:
        self._state = state
        self._guild = guild
        self.resolved: Json = {}

    def resolve(self, kind: int, value: int) -> str:
        """Add the object with this id, and return the id as it is written."""
        if kind == OptionType.CHANNEL:
            self._channel(value)
        elif kind == OptionType.ROLE or (kind == OptionType.MENTIONABLE and value not in self._state.users):
            self._role(value)
        else:
            self._user(value)
        return str(value)

    def _add(self, group: str, key: int, value: Json) -> None:
        self.resolved.setdefault(group, {})[str(key)] = value

    def _channel(self, channel_id: int) -> None:
        channel = self._state.channels[channel_id]
        body = self._state.channel_json(channel)
        body["permissions"] = str(self._state.permissions(channel, self._state.bot.id))
        self._add("channels", channel_id, body)

    def _role(self, role_id: int) -> None:
        if self._guild is None:
            raise LookupError("there are no roles in a DM")
        self._add("roles", role_id, self._state.role_json(self._guild.roles[role_id]))

    def _user(self, user_id: int) -> None:
        self._add("users", user_id, self._state.user_json(user_id))
        if self._guild is not None and user_id in self._guild.members:
            member = self._state.member_json(self._guild, user_id)
            del member["user"]
            self._add("members", user_id, member | {"permissions": str(self._guild.base_permissions(user_id))})

    def message(self, channel_id: int, message_id: int) -> str:
        """Add the message with this id."""
        self._add("messages", message_id, self._state.message_json(self._state.messages[channel_id][message_id]))
        return str(message_id)
