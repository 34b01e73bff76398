"""The environment: what it and `.env` set, and the files that hold secrets."""

import os
from collections.abc import Mapping
from pathlib import Path

from dotenv import dotenv_values
from pydantic import SecretStr
from pydantic.fields import FieldInfo

UNREADABLE = object()
"""The value of a setting whose file cannot be read."""

_FORMER_NAMES = {"POLL_EVERY": "POLL_INTERVAL"}
"""Former names of settings, which are still read."""


def variables() -> dict[str, str]:
    """Return what `.env` and the environment set, the environment last, by upper-case names. Empty means not set."""
    found: dict[str, str] = {}
    # Without interpolation, so that `${` in a password stays as it is. Windows' editors add a BOM.
    for source in (dotenv_values(".env", interpolate=False, encoding="utf-8-sig"), os.environ):
        # Lower-case names come last: of `https_proxy` and `HTTPS_PROXY`, curl and Python use the former.
        for name, value in sorted(source.items()):
            if text := _unquoted(value or ""):
                found[name.upper()] = text
    return found


def _unquoted(value: str) -> str:
    """Return a value without the quotes around it, which `docker --env-file` keeps."""
    text = value.strip()
    quoted = len(text) > 1 and text[0] == text[-1] and text[0] in "\"'"
    return text[1:-1] if quoted else value


def values_of(found: Mapping[str, str], fields: Mapping[str, FieldInfo]) -> dict[str, object]:
    """Return the values of settings by field: set by name, by a former name, or for a secret in a file."""
    former = {new: found[old] for old, new in _FORMER_NAMES.items() if old in found}
    files = {
        name.upper(): _content(found[f"{name.upper()}_FILE"])
        for name, field in fields.items()
        if field.annotation is SecretStr and f"{name.upper()}_FILE" in found
    }
    by_name = {**files, **former, **found}
    return {name: by_name[name.upper()] for name in fields if by_name.get(name.upper())}


def _content(path: str) -> object:
    """Return what a file holds, as container platforms provide secrets."""
    try:
        return _unquoted(Path(path).read_text(encoding="utf-8").strip())
    except (OSError, ValueError):
        # Left to the field's validator, so that it is reported together with all other errors.
        return UNREADABLE


def former_names() -> dict[str, str]:
    """Return the former names that are set now, each with the name to use instead."""
    found = variables()
    return {old: new for old, new in _FORMER_NAMES.items() if old in found}
