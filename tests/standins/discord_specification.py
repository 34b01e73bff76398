"""Checks request bodies against Discord's published OpenAPI specification, if its file exists."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import quote

from jsonschema import Draft202012Validator
from jsonschema.exceptions import best_match
from referencing import Registry
from referencing.jsonschema import DRAFT202012

from .discord_objects import Json

SPECIFICATION = Path(__file__).resolve().parents[3] / "shared" / "discord-openapi.json"
_URI = "urn:discord-openapi"
_LONGEST = 200


@cache
def _specification() -> Json | None:
    """The parsed file; None where there is none."""
    if not SPECIFICATION.is_file():
        return None
    parsed: Json = json.loads(SPECIFICATION.read_bytes())
    # The API takes ids as numbers too, and discord.py sends them so in message references and allowed mentions.
    parsed["components"]["schemas"]["SnowflakeType"]["type"] = ["string", "integer"]
    return parsed


@cache
def _registry() -> Registry[Any]:
    registry: Registry[Any] = Registry().with_resource(_URI, DRAFT202012.create_resource(_specification()))
    return registry


@cache
def _validator(method: str, route: str) -> Draft202012Validator | None:
    """The validator of a route's JSON body; None if the specification has none."""
    operation = ((_specification() or {}).get("paths", {}).get(route) or {}).get(method.lower()) or {}
    if "application/json" not in operation.get("requestBody", {}).get("content", {}):
        return None
    steps = ["paths", route, method.lower(), "requestBody", "content", "application/json", "schema"]
    pointer = "".join("/" + step.replace("~", "~0").replace("/", "~1") for step in steps)
    return Draft202012Validator({"$ref": f"{_URI}#{quote(pointer)}"}, registry=_registry())


def specification_violations(method: str, route: str, body: Any) -> list[str]:
    """Return the specification's violations in the body; nothing if the file is missing."""
    validator = _validator(method, route)
    if validator is None:
        return []
    error = best_match(validator.iter_errors(body))
    if error is None:
        return []
    return [f"specification: {error.json_path}: {error.message[:_LONGEST]}"]
