"""What an alert in Discord says, read as a person reads it."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from enum import Enum, auto

from bot.domain.alert_types import ALERT_POLICIES, AlertType, IncidentType
from bot.domain.modes import Mode
from bot.ui import custom_ids, texts
from tests.standins.discord_server import Message
from tests.titles import title_of

_SINGLE = re.compile(r"\*\*Token (\d+)\*\*")
_LINE = re.compile(r"^\S+ \*\*(\d+)\*\* (.*)$")
_ID = re.compile(r":(\d+)$")


class CardKind(Enum):
    """What an alert is about."""

    MODE = auto()
    FAST_TIME = auto()
    NO_DATA = auto()
    OTHER = auto()
    """Neither a token nor missing data, such as the team's capacity."""
    BARE = auto()
    """Discord accepts nothing but its number."""


@dataclass(frozen=True, slots=True)
class Card:
    """An alert as it is shown."""

    message_id: int
    kind: CardKind
    title: str
    is_open: bool
    is_flapping: bool
    is_acknowledged: bool
    incident_id: int | None
    tokens: dict[int, str] = field(default_factory=dict)
    """What it says of each token."""
    back: frozenset[int] = frozenset()
    """The tokens that it says are well again."""
    condition: tuple[IncidentType, AlertType] | None = None
    """What it says of the whole fleet or the account."""


def card_of(message: Message) -> Card | None:
    """Return the alert in a message of the bot; None if it is none."""
    if not message.embeds and (found := _PLAIN.search(message.content)):
        return _plain_card(message, found)
    if len(message.embeds) != 1 or message.interaction is not None:
        return None
    embed = message.embeds[0]
    title = title_of(message)
    incident_id = next(
        (
            int(values["incident_id"])
            for values in map(custom_ids.DETAILS.decode, message.custom_ids().values())
            if values
        ),
        None,
    )
    ids = message.custom_ids().values()
    is_open = any(one.startswith(("fastwatch:mute:", "fastwatch:unmute:")) for one in ids)
    # Whoever is on it stays so when it gets worse, and has to acknowledge it again.
    can_be_acknowledged = any(custom_ids.ACKNOWLEDGE.decode(one) for one in ids)
    tokens, back = _tokens(title, str(embed.get("description", "")), is_open=is_open)
    return Card(
        message.id,
        _kind(title, tokens),
        title,
        is_open,
        title.startswith(_FLAPPING_SIGN),
        not can_be_acknowledged and any(words in str(embed.get("description", "")) for words in _ACKNOWLEDGED),
        incident_id if incident_id is not None else _incident_id(message),
        tokens,
        back,
        _condition(title),
    )


def is_bare(content: str) -> bool:
    """Whether this is an alert that has its number only: Discord has rejected everything else."""
    found = _PLAIN.search(content)
    return found is not None and found["what"] is None


def _plain_card(message: Message, found: re.Match[str]) -> Card:
    """Return an alert in plain form: Discord has rejected the full one. It lists only what is still so."""
    what, modes = found["what"], found["modes"] or ""
    if what is None:
        return Card(message.id, CardKind.BARE, message.content, True, False, False, None)
    sign = next((sign for words, sign in _PLAIN_SIGNS.items() if words in what), "")
    condition = _condition(what)
    kind = CardKind.FAST_TIME if sign else CardKind.MODE if modes else CardKind.NO_DATA
    kind = CardKind.OTHER if condition is not None else kind
    # As the title of a full one has it.
    status = "".join(f" · {mode}" for mode in modes.split(", "))
    token_ids = map(int, re.findall(r"\d+", what)) if condition is None else ()
    tokens = dict.fromkeys(token_ids, status)
    title = f"{sign} {message.content}".strip()
    return Card(message.id, kind, title, True, False, False, None, tokens, condition=condition)


_PLAIN = re.compile(r"\bAlert \d+(?:: (?P<what>[^(.]+)(?:\((?P<modes>[^)]*)\))?)?\.")
_PLAIN_SIGNS = {"low on fast hours": "🪫", "run out": "📉"}
_FLAPPING_SIGN = texts.incidents.TITLE_FLAPPING[0]
_ACKNOWLEDGED = tuple(one.partition("{")[0] for one in (texts.incidents.ACKNOWLEDGED, texts.incidents.ASSIGNED))
_NO_DATA_SIGN = "🙈"
_FAST_TIME_SIGNS = ("🪫", "📉")


def _condition(title: str) -> tuple[IncidentType, AlertType] | None:
    said = (kind for kind, words in texts.conditions.WHAT.items() if words.partition("{")[0] in title)
    return next(((ALERT_POLICIES[kind].type, kind) for kind in said), None)


def _incident_id(message: Message) -> int | None:
    found = [_ID.search(one) for one in message.custom_ids().values()]
    return next((int(one[1]) for one in found if one), None)


def _kind(title: str, tokens: dict[int, str]) -> CardKind:
    if title.startswith(_FAST_TIME_SIGNS):
        return CardKind.FAST_TIME
    if tokens:
        return CardKind.MODE
    return CardKind.NO_DATA if _NO_DATA_SIGN in title else CardKind.OTHER


def _tokens(title: str, description: str, *, is_open: bool) -> tuple[dict[int, str], frozenset[int]]:
    if found := _SINGLE.search(title):
        token_id = int(found[1])
        is_back = not is_open or "in FAST right now" in title
        return {token_id: title}, frozenset({token_id} if is_back else ())
    lines = [found for line in description.splitlines() if (found := _LINE.match(line))]
    tokens = {int(line[1]): line[0] for line in lines}
    # An alert about hours also ends for a token that is no longer listed.
    over = ("🟢", "⚪") if title.startswith(_FAST_TIME_SIGNS) else ("🟢",)
    back = {int(line[1]) for line in lines if line[0].startswith(over)}
    return tokens, frozenset(back)


def shows(card: Card, token_id: int, mode: Mode) -> bool:
    """Whether a card says of a token that it is in this mode."""
    words = card.tokens.get(token_id, "").casefold()
    return any(word in words for word in _WORDS[mode])


_WORDS = {
    Mode.FAST: ("back", "in fast right now"),
    Mode.RELAX: ("relax",),
    Mode.VERIFYING: ("verif",),
    Mode.BANNED: ("banned",),
    Mode.OFF: ("switched off", "· off"),
    Mode.GONE: ("no longer listed", "· gone"),
    Mode.OTHER: ("upgrading", "· other"),
}
