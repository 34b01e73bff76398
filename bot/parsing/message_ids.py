"""Message ids in pasted text."""

import re
from uuid import UUID

_ID = r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
_WHOLE = re.compile(rf"[\s`'\"<(]*({_ID})[\s`'\">).,]*", re.IGNORECASE | re.ASCII)
_WITHIN = re.compile(rf"(?<![0-9a-z-]){_ID}(?![0-9a-z-])", re.IGNORECASE | re.ASCII)


def parse_message_id(text: str) -> UUID | None:
    """Parse a message id, with or without quotes and brackets around it; None if there is none."""
    found = _WHOLE.fullmatch(text)
    return UUID(found[1]) if found else None


def find_message_ids(text: str) -> list[UUID]:
    """Return the message ids in a text, each once, in order."""
    return list(dict.fromkeys(UUID(found) for found in _WITHIN.findall(text)))
