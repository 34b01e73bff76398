"""The truth, which the bot can only guess: how the tokens are, since when, what was in the way, what people did."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from bot.demo.documented_api import LinkedToken
from bot.domain.modes import Mode, severity
from bot.parsing.durations import parse_duration
from bot.ui import texts
from tests.monitor.world import Team
from tests.simulation.cards import Card, CardKind, card_of
from tests.standins.discord_server import Message
from tests.standins.imaginepro_server import ImagineProServer

FOR_EVER = float("inf")
_SURELY_READ = 3 * 60 * 60
"""After how long in FAST the bot has surely noticed it, and no longer leaves the token alone."""
SURELY_SEEN = 6 * 60 * 60
"""After how long the bot has surely read how many hours are left, whatever fails."""
_REFILLED = 25
"""The percentage of fast time above which hours count as returned: five more than the highest threshold."""


@dataclass
class TokenTruth:
    """How a token is, and since when."""

    linked: LinkedToken
    is_listed: bool = True
    mode: Mode = Mode.FAST
    since: float = 0.0
    percent_left: float = 100.0
    """How much fast time it has left, and since when."""
    percent_since: float = 0.0
    hours_left: float = 15.0
    drops: list[tuple[float, float]] = field(default_factory=list)
    """When it used how many hours, of which the bot has surely seen those before."""

    def actual_mode(self) -> Mode:
        """Return the mode that the bot should have for it."""
        if not self.is_listed:
            return Mode.GONE
        if not self.linked.is_active:
            return Mode.OFF
        return Mode(self.linked.status) if self.linked.status in set(Mode) else Mode.OTHER


@dataclass
class Truth:
    """What the checks know about the world beside what Discord shows."""

    imaginepro: ImagineProServer
    time: Callable[[], float]
    tokens: dict[int, TokenTruth] = field(default_factory=dict)
    troubles: Counter[str] = field(default_factory=Counter)
    """What is wrong at the moment."""
    hits: Counter[str] = field(default_factory=Counter)
    """What was wrong so far."""
    quiet_from: dict[str, float] = field(default_factory=dict)
    mutes: dict[tuple[int, int], float] = field(default_factory=dict)
    """Until when alerts are muted, by server and token; token 0 stands for all."""
    alert_mutes: dict[int, float] = field(default_factory=dict)
    """Until when an alert is muted, by its Discord message."""
    acknowledged: set[tuple[int, int]] = field(default_factory=set)
    """Of which tokens somebody has acknowledged an alert, by channel."""
    closed: dict[tuple[int, int], Mode] = field(default_factory=dict)
    """Of which tokens somebody has closed the alert, by channel, and how they were then."""
    deleted_at: dict[tuple[int, int], float] = field(default_factory=dict)
    """Of which tokens somebody has deleted the alert, by channel, and when."""
    hours_left_alone: set[tuple[int, int]] = field(default_factory=set)
    """Of which tokens an alert about fast hours was closed or deleted, by channel, since they were full in FAST."""
    off: dict[int, float] = field(default_factory=dict)
    """In which servers alerts are switched off, and since when."""
    denied: dict[int, float] = field(default_factory=dict)
    """In which servers the bot may not post alerts, and since when."""
    deleted: set[int] = field(default_factory=set)
    orphans: set[int] = field(default_factory=set)
    """Discord messages from after a backup that was restored since: nobody knows them any more."""
    backup_at: float | None = None
    was_off_at_backup: bool = False
    restores: int = 0

    def __post_init__(self) -> None:
        self.tokens = {id_: TokenTruth(linked) for id_, linked in self.imaginepro.tokens.items()}

    # Tokens

    def change(
        self, token_id: int, *, status: str | None = None, is_active: bool | None = None, is_listed: bool | None = None
    ) -> None:
        """Change a token at ImaginePro."""
        token = self.tokens[token_id]
        if status is not None:
            token.linked.status = status
        if is_active is not None:
            token.linked.is_active = is_active
        if is_listed is not None:
            token.is_listed = is_listed
        self.imaginepro.tokens.pop(token_id, None)
        if token.is_listed:
            self.imaginepro.tokens[token_id] = token.linked
        mode = token.actual_mode()
        if mode is token.mode:
            return
        self._forget_closed_hours(token_id)
        if token.mode is Mode.FAST and self.time() - token.since > _SURELY_READ:
            self.closed = {key: was for key, was in self.closed.items() if key[1] != token_id}
        token.mode, token.since = mode, self.time()

    def fast_time(self, token_id: int, left: str) -> None:
        """Set a token's fast time, in ImaginePro's words."""
        token, percent = self.tokens[token_id], float(left.rpartition("(")[2].rstrip("%)"))
        self._forget_closed_hours(token_id)
        if percent != token.percent_left:
            hours = float(left.partition("/")[0])
            was_seen = not token.percent_since or self.time() - token.percent_since > SURELY_SEEN
            if hours < token.hours_left and was_seen:
                token.drops.append((self.time(), token.hours_left - hours))
            token.hours_left, token.percent_left, token.percent_since = hours, percent, self.time()
        token.linked.info["fastTimeRemaining"] = left

    def _forget_closed_hours(self, token_id: int) -> None:
        """Before a change: hours that were surely read as full may be alerted again. Out of FAST they do not count."""
        token = self.tokens[token_id]
        read_for = self.time() - max(token.since, token.percent_since)
        if token.mode is Mode.FAST and token.percent_left > _REFILLED and read_for > _SURELY_READ:
            self.hours_left_alone = {key for key in self.hours_left_alone if key[1] != token_id}

    # Troubles

    @asynccontextmanager
    async def troubled(self, what: str, *, after: float = 0, is_harmless: bool = False) -> AsyncIterator[None]:
        """Something is wrong inside, and its effects last for some seconds after."""
        self.hits[what.partition(" of ")[0]] += 1
        if is_harmless:
            yield
            return
        self.troubles[what] += 1
        try:
            yield
        finally:
            self.troubles[what] -= 1
            self.quiet_from[what] = max(self.quiet_from.get(what, 0), self.time() + after)

    def is_troubled(self, *what: str) -> bool:
        """Whether any of these is wrong at the moment."""
        return any(self.troubles[one] for one in what)

    def was_troubled(self, at: float, what: str) -> bool:
        """Whether this was wrong at a time since the last look."""
        return self.is_troubled(what) or self.quiet_from.get(what, -FOR_EVER) >= at

    def quiet_for(self, *what: str, since: float = 0) -> float:
        """Return for how many seconds none of these has been wrong, counted from a time at the earliest."""
        if self.is_troubled(*what):
            return 0
        return self.time() - max([since, *(self.quiet_from.get(one, 0) for one in what)])

    # People

    def pressed(self, message: Message, button: str) -> None:
        """Somebody presses a button of an alert."""
        if (card := card_of(message)) is None:
            return
        for token_id in card.tokens:
            if button in (texts.buttons.ACKNOWLEDGE, texts.buttons.ASSIGN, texts.buttons.TAKE_OVER):
                self.acknowledged.add((message.channel_id, token_id))
            if button == texts.buttons.CLOSE and card.kind is CardKind.FAST_TIME:
                self.hours_left_alone.add((message.channel_id, token_id))
            elif button == texts.buttons.CLOSE:
                self.closed[message.channel_id, token_id] = self.tokens[token_id].mode

    def muted_alert(self, message: Message, lasts: str) -> None:
        """Somebody has muted an alert."""
        is_limited = lasts != texts.buttons.MUTE_UNTIL_BACK
        self.alert_mutes[message.id] = self.time() + 3600 if is_limited else FOR_EVER

    def muted(self, team: Team, token_id: int, lasts: str) -> None:
        """Somebody has muted all alerts, or those of a token."""
        duration: Any = parse_duration(lasts)
        until = self.time() + duration.total_seconds()
        self.mutes[team.id, token_id] = max(until, self.mutes.get((team.id, token_id), 0))

    def unmuted_for(self, team: Team, token_id: int) -> float:
        """Return for how many seconds a server's mutes have not held back the alerts of a token; 0 while they do.

        They let urgent alerts through.
        """
        if token_id and self.tokens[token_id].mode in (Mode.BANNED, Mode.VERIFYING):
            return FOR_EVER
        ends = [self.mutes.get((team.id, one), 0) for one in (0, token_id)]
        return max(self.time() - max(ends), 0)

    def deleted_by_hand(self, message: Message) -> None:
        """Somebody deletes a message."""
        self.deleted.add(message.id)
        card = card_of(message)
        for token_id in card.tokens if card is not None else ():
            self.deleted_at[message.channel_id, token_id] = self.time()
            if card is not None and card.kind is CardKind.FAST_TIME:
                self.hours_left_alone.add((message.channel_id, token_id))

    def switched_off(self, team: Team) -> None:
        """Somebody has switched alerts off: the server's mutes are gone."""
        self.off[team.id] = self.time()
        self.mutes = {key: until for key, until in self.mutes.items() if key[0] != team.id}

    def restored(self, messages: list[Message]) -> None:
        """The database is as it was at the backup: what was posted or changed since is unknown to the bot."""
        self.restores += 1
        backup_at = self.backup_at or 0
        self.orphans |= {message.id for message in messages if message.created >= backup_at}

    def is_left_alone(self, channel_id: int, token_id: int) -> bool:
        """Whether the bot may say nothing of a token: a person closed its alert, and it has not got worse since, or
        deleted it, and nothing has changed.
        """
        token, key = self.tokens[token_id], (channel_id, token_id)
        if key in self.closed and severity(token.mode) <= severity(self.closed[key]):
            return True
        return self.deleted_at.get(key, -FOR_EVER) >= token.since


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
