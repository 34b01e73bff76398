"""Checks request bodies against Discord's limits, then against its specification.

Limits from https://discord.com/developers/docs: resources/message (embed limits), components/reference,
interactions/application-commands and interactions/receiving-and-responding.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

from .discord_objects import Json, MessageFlag, walk_components
from .discord_specification import specification_violations

_ROW, _BUTTON, _STRING_SELECT, _TEXT_DISPLAY = 1, 2, 3, 10
_SELECTS = (3, 5, 6, 7, 8)
_LINK_STYLE, _PREMIUM_STYLE = 5, 6
_SUBCOMMAND_GROUP = 2
_SLASH = 1
_COMMAND_NAME = re.compile(r"[-_'\w]{1,32}")

Found = Iterator[str]


def violations(method: str, route: str, body: Any) -> list[str]:
    """Return everything that is wrong with a body, one line each; the route is written as in the specification."""
    if body is None:
        return []
    check = _CHECKS.get((method, route))
    found = [] if check is None else _run(check, body)
    return found or specification_violations(method, route, body)


def _run(check: Callable[[Any], Found], body: Any) -> list[str]:
    """A body whose limits cannot be checked is left to the specification, or reported as such."""
    try:
        return list(check(body))
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        return [f"body: malformed, {type(error).__name__}: {error}"]


def _length(where: str, text: Any, most: int, least: int = 0) -> Found:
    if text is not None and not least <= len(text) <= most:
        yield f"{where}: {len(text)} long, {least} to {most} allowed"


# Messages


def _message(body: Json) -> Found:
    yield from _length("content", body.get("content"), 2000)
    yield from _length("nonce", None if body.get("nonce") is None else str(body["nonce"]), 25)
    embeds = body.get("embeds") or []
    yield from _length("embeds", embeds, 10)
    for index, embed in enumerate(embeds):
        yield from _embed(f"embeds[{index}]", embed)
    total = sum(map(_embed_size, embeds))
    if total > 6000:
        yield f"embeds: {total} characters in all, 6000 allowed"
    yield from _components(body)
    yield from _allowed_mentions(body.get("allowed_mentions") or {})


def _embed(where: str, embed: Json) -> Found:
    yield from _length(f"{where}.title", embed.get("title"), 256)
    yield from _length(f"{where}.description", embed.get("description"), 4096)
    yield from _length(f"{where}.footer.text", (embed.get("footer") or {}).get("text"), 2048)
    yield from _length(f"{where}.author.name", (embed.get("author") or {}).get("name"), 256)
    fields = embed.get("fields") or []
    yield from _length(f"{where}.fields", fields, 25)
    for index, field in enumerate(fields):
        yield from _length(f"{where}.fields[{index}].name", field["name"], 256, 1)
        yield from _length(f"{where}.fields[{index}].value", field["value"], 1024, 1)


def _embed_size(embed: Json) -> int:
    texts = [embed.get("title"), embed.get("description")]
    texts += [(embed.get("footer") or {}).get("text"), (embed.get("author") or {}).get("name")]
    texts += [field[key] for field in embed.get("fields") or [] for key in ("name", "value")]
    return sum(len(text) for text in texts if text)


def _allowed_mentions(rules: Json) -> Found:
    """`parse` and an explicit list of the same kind exclude each other."""
    for kind in ("users", "roles"):
        if kind in (rules.get("parse") or []) and rules.get(kind):
            yield f"allowed_mentions: {kind} both parsed and listed"


# Components


def _components(body: Json) -> Found:
    components = body.get("components") or []
    if (body.get("flags") or 0) & MessageFlag.COMPONENTS_V2:
        yield from _second_version(body, components)
    else:
        yield from _length("components", components, 5)
        for index, row in enumerate(components):
            if row["type"] != _ROW:
                yield f"components[{index}]: type {row['type']} needs the flag IS_COMPONENTS_V2"
    every = list(walk_components(components))
    for component in every:
        yield from _component(component)
    custom_ids = Counter(each["custom_id"] for each in every if each.get("custom_id"))
    yield from (f"components: custom_id {name!r} used {count} times" for name, count in custom_ids.items() if count > 1)


def _second_version(body: Json, components: list[Json]) -> Found:
    if body.get("content") or body.get("embeds"):
        yield "components: with the flag IS_COMPONENTS_V2 there are no content and no embeds"
    every = list(walk_components(components))
    yield from _length("components", every, 40)
    texts = "".join(each["content"] for each in every if each["type"] == _TEXT_DISPLAY)
    yield from _length("components, their texts", texts, 4000)


def _component(component: Json) -> Found:
    kind = component["type"]
    where = f"component {component.get('custom_id') or component.get('label') or kind!r}"
    yield from _length(f"{where}, custom_id", component.get("custom_id"), 100, 1)
    if kind == _ROW:
        yield from _row(component["components"])
    elif kind == _BUTTON:
        yield from _button(where, component)
    elif kind in _SELECTS:
        yield from _select(where, component)


def _row(inner: list[Json]) -> Found:
    yield from _length("action row", inner, 5, 1)
    if any(each["type"] in _SELECTS for each in inner) and len(inner) > 1:
        yield "action row: a select menu stands alone"


def _button(where: str, button: Json) -> Found:
    yield from _length(f"{where}, label", button.get("label"), 80)
    style = button["style"]
    if style == _LINK_STYLE:
        if not button.get("url") or button.get("custom_id"):
            yield f"{where}: a link button has a url and no custom_id"
    elif style != _PREMIUM_STYLE and (button.get("url") or not button.get("custom_id")):
        yield f"{where}: this button has a custom_id and no url"
    if style != _PREMIUM_STYLE and not (button.get("label") or button.get("emoji")):
        yield f"{where}: a button has a label or an emoji"


def _select(where: str, menu: Json) -> Found:
    yield from _length(f"{where}, placeholder", menu.get("placeholder"), 150)
    least, most = menu.get("min_values", 1), menu.get("max_values", 1)
    if not 0 <= least <= most <= 25:
        yield f"{where}: takes {least} to {most} values"
    if menu["type"] != _STRING_SELECT:
        return
    options = menu["options"]
    yield from _length(f"{where}, options", options, 25, 1)
    if len({option["value"] for option in options}) < len(options):
        yield f"{where}: two options have one value"
    for option in options:
        yield from _length(f"{where}, option label", option["label"], 100, 1)
        yield from _length(f"{where}, option value", option["value"], 100, 1)
        yield from _length(f"{where}, option description", option.get("description"), 100)


# Interactions


def _callback(body: Json) -> Found:
    data = body.get("data") or {}
    if "choices" in data:
        yield from _choices("choices", data["choices"])
    elif "title" in data:
        yield from _modal(data)
    else:
        yield from _message(data)


def _choices(where: str, choices: list[Json]) -> Found:
    yield from _length(where, choices, 25)
    for choice in choices:
        yield from _length(f"{where}, name", choice["name"], 100, 1)
        if isinstance(choice["value"], str):
            yield from _length(f"{where}, value", choice["value"], 100)


def _modal(data: Json) -> Found:
    yield from _length("modal title", data["title"], 45, 1)
    yield from _length("modal custom_id", data["custom_id"], 100, 1)
    yield from _length("modal components", data["components"], 5, 1)
    for component in walk_components(data["components"]):
        yield from _length("modal component custom_id", component.get("custom_id"), 100, 1)
        yield from _length("modal component label", component.get("label"), 45)
        yield from _length("modal component placeholder", component.get("placeholder"), 150)


# Commands


def _commands(body: list[Json]) -> Found:
    slash = [command for command in body if command.get("type", _SLASH) == _SLASH]
    yield from _length("slash commands", slash, 100)
    for kind in (2, 3):
        yield from _length("context menus", [command for command in body if command.get("type") == kind], 15)
    for command in slash:
        yield from _definition(command["name"], command)
        size = _command_size(command)
        if size > 8000:
            yield f"{command['name']}: {size} characters in all, 8000 allowed"
    for command in body:
        yield from _length(f"command {command['name']!r}", command["name"], 32, 1)
    names = Counter((command["name"], command.get("type", _SLASH)) for command in body)
    yield from (f"commands: {name!r} defined {count} times" for (name, _), count in names.items() if count > 1)


def _definition(where: str, definition: Json) -> Found:
    """A slash command, or an option of one: subcommands are options too."""
    name = definition["name"]
    if not _COMMAND_NAME.fullmatch(name) or name != name.lower():
        yield f"{where}: name {name!r} is not lower case, 1 to 32 letters, digits, - or _"
    yield from _length(f"{where}, description", definition.get("description") or "", 100, 1)
    yield from _choices(f"{where}, choices", definition.get("choices") or [])
    options = definition.get("options") or []
    yield from _length(f"{where}, options", options, 25)
    if len({option["name"] for option in options}) < len(options):
        yield f"{where}: two options have one name"
    required = [bool(option.get("required")) for option in options if option["type"] > _SUBCOMMAND_GROUP]
    if required != sorted(required, reverse=True):
        yield f"{where}: required options come first"
    for option in options:
        yield from _definition(f"{where} {option['name']}", option)


def _command_size(definition: Json) -> int:
    own = len(definition["name"]) + len(definition.get("description") or "")
    own += sum(len(choice["name"]) + len(str(choice["value"])) for choice in definition.get("choices") or [])
    return own + sum(map(_command_size, definition.get("options") or []))


_WEBHOOK = "/webhooks/{webhook_id}/{webhook_token}"
_CHECKS: dict[tuple[str, str], Callable[[Any], Found]] = {
    ("POST", "/channels/{channel_id}/messages"): _message,
    ("PATCH", "/channels/{channel_id}/messages/{message_id}"): _message,
    ("POST", _WEBHOOK): _message,
    ("PATCH", f"{_WEBHOOK}/messages/{{message_id}}"): _message,
    ("POST", "/interactions/{interaction_id}/{interaction_token}/callback"): _callback,
    ("PUT", "/applications/{application_id}/commands"): _commands,
    ("PUT", "/applications/{application_id}/guilds/{guild_id}/commands"): _commands,
}
