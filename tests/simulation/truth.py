"""The truth, which the bot can only guess: how the tokens are, since when, what was in the way, what people did."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Callable, Collection
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from bot.domain.alert_types import IncidentType
from bot.domain.modes import Mode, severity
from bot.parsing.durations import parse_duration
from bot.ui import texts
from tests.monitor.world import Team
from tests.simulation.account_truth import AccountTruth
from tests.simulation.cards import Card, CardKind, card_of
from tests.simulation.loop import true_time
from tests.simulation.quiet_truth import NONE, QuietHours
from tests.simulation.token_truth import FOR_EVER, SURELY_SEEN, URGENT_MODES, TokenTruth
from tests.standins.discord_server import Message
from tests.standins.imaginepro_server import ImagineProServer

_SURELY_READ = 3 * 60 * 60
"""After how long in FAST the bot has surely noticed it, and no longer leaves the token alone."""
_REFILLED = 25
"""The percentage of fast time above which hours count as returned: five more than the highest threshold."""
_ABOUT_HOURS = "fast hours"


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
    mutes_of_wrong_clock: dict[tuple[int, int], float] = field(default_factory=dict)
    """How many seconds the mutes were meant to last that were set since the clock has been wrong."""
    alert_mutes: dict[int, float] = field(default_factory=dict)
    """Until when an alert is muted, by its Discord message."""
    acknowledged: set[tuple[int, int]] = field(default_factory=set)
    """Of which tokens somebody has acknowledged an alert, by channel."""
    acknowledged_at: dict[int, float] = field(default_factory=dict)
    """When somebody last acknowledged an alert, by its Discord message, unless that was taken back."""
    handled_at: dict[int, float] = field(default_factory=dict)
    """When somebody last did anything with an alert, by its Discord message."""
    closed: dict[tuple[int, int], Mode] = field(default_factory=dict)
    """Of which tokens somebody has closed the alert, by channel, and how they were then."""
    deleted_at: dict[tuple[int, int], float] = field(default_factory=dict)
    """Of which tokens somebody has deleted the alert, by channel, and when."""
    account: AccountTruth = field(default_factory=AccountTruth)
    none_in_fast: bool = False
    are_several_listed: bool = True
    """Whether there is an alert about capacity at all: not for a single token."""
    capacity_since: float = 0.0
    """Since when no token is in FAST, or some are."""
    conditions_left_alone: set[tuple[int, IncidentType]] = field(default_factory=set)
    """What somebody has closed or deleted the alert about, by channel, since it was last surely well."""
    no_data_deleted_at: dict[int, float] = field(default_factory=dict)
    """When somebody deleted an alert that there is no data, by channel."""
    hours_left_alone: set[tuple[int, int]] = field(default_factory=set)
    """Of which tokens an alert about fast hours was closed or deleted, by channel, since they were full in FAST."""
    off: dict[int, float] = field(default_factory=dict)
    """In which servers alerts are switched off, and since when."""
    forgotten_at: dict[int, float] = field(default_factory=dict)
    """When alerts were last switched off, by server: what was alerted in the quiet hours before is no news any more."""
    quiet_hours: dict[int, QuietHours] = field(default_factory=lambda: defaultdict(QuietHours))
    denied: dict[int, float] = field(default_factory=dict)
    """In which servers the bot may not post alerts, and since when."""
    deleted: set[int] = field(default_factory=set)
    orphans: set[int] = field(default_factory=set)
    """Discord messages from after a backup that was restored since: the bot cannot know them any more."""
    backup_at: float | None = None
    was_unsure_at_backup: bool = False
    """Whether somebody was about to change a server's settings."""
    quiet_hours_at_backup: dict[int, str] = field(default_factory=dict)
    restored_at: list[float] = field(default_factory=list)

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
            token.out_since = self.time()
        if token.mode in URGENT_MODES:
            token.urgent_until = self.time()
        if mode in URGENT_MODES:
            token.urgent_until = FOR_EVER
        token.mode, token.since = mode, self.time()
        self._count_in_fast()

    def _count_in_fast(self) -> None:
        none_in_fast = all(one.mode is not Mode.FAST for one in self.tokens.values())
        if none_in_fast is not self.none_in_fast:
            if none_in_fast:
                self._forget_left_alone(IncidentType.CAPACITY, self.capacity_since)
            self.none_in_fast, self.capacity_since = none_in_fast, self.time()
        are_several = sum(one.mode is not Mode.GONE for one in self.tokens.values()) > 1
        if are_several is not self.are_several_listed:
            self.are_several_listed, self.capacity_since = are_several, self.time()

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

    # The account

    def change_credits(self, left: int) -> None:
        """Set how many credits the account has left."""
        if self.account.credits_problem is None and self.account.credits_are_clear:
            self._forget_left_alone(IncidentType.CREDITS, self.account.credits_since)
        self.imaginepro.credits, self.imaginepro.credits_extra = left, 0
        self.account.credits, self.account.credits_since = left, self.time()

    def change_plan(self, seconds_left: float) -> None:
        """Set how long the account's plan lasts from now on."""
        problem, since = self.account.plan_problem(self.time())
        if problem is None:
            self._forget_left_alone(IncidentType.PLAN_END, since)
        self.account.plan_ends_at, self.account.plan_since = self.time() + seconds_left, self.time()
        self.imaginepro.expires_at = true_time(self.account.plan_ends_at)

    def _forget_left_alone(self, type_: IncidentType, well_since: float) -> None:
        if self.time() - well_since > _SURELY_READ:
            self.conditions_left_alone = {key for key in self.conditions_left_alone if key[1] is not type_}

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
        self.handled(message)
        if button == texts.buttons.CLOSE:
            self._leave_alone(message.channel_id, card)
        acknowledges = button in (texts.buttons.ACKNOWLEDGE, texts.buttons.ASSIGN, texts.buttons.TAKE_OVER)
        if acknowledges:
            self.acknowledged_at[message.id] = self.time()
        for token_id in card.tokens:
            if acknowledges:
                self.acknowledged.add((message.channel_id, token_id))
            if button == texts.buttons.CLOSE and card.kind is CardKind.FAST_TIME:
                self.hours_left_alone.add((message.channel_id, token_id))
            elif button == texts.buttons.CLOSE:
                self.closed[message.channel_id, token_id] = self.tokens[token_id].mode

    def _leave_alone(self, channel_id: int, card: Card) -> None:
        if card.condition is not None:
            self.conditions_left_alone.add((channel_id, card.condition[0]))

    def handled(self, message: Message) -> None:
        """Somebody does anything with an alert."""
        self.handled_at[message.id] = self.time()

    def unacknowledged(self, message: Message) -> None:
        """Somebody takes back the acknowledgement of an alert."""
        self.handled(message)
        self.acknowledged_at.pop(message.id, None)

    def muted_alert(self, message: Message, lasts: str) -> None:
        """Somebody has muted an alert."""
        self.handled(message)
        is_limited = lasts != texts.buttons.MUTE_UNTIL_BACK
        self.alert_mutes[message.id] = self.time() + 3600 if is_limited else FOR_EVER

    def muted(self, team: Team, token_id: int, lasts: str) -> None:
        """Somebody has muted all alerts, or those of a token."""
        duration: Any = parse_duration(lasts)
        self._mute((team.id, token_id), duration.total_seconds())
        if self.is_troubled("clock"):
            self.mutes_of_wrong_clock[team.id, token_id] = duration.total_seconds()

    def _mute(self, key: tuple[int, int], seconds: float) -> None:
        self.mutes[key] = max(self.time() + seconds, self.mutes.get(key, 0))

    def clock_was_set(self) -> None:
        """A clock was set. Once it is right, what was muted meanwhile is muted for as long as it was meant to be."""
        if self.is_troubled("clock"):
            return
        for key, seconds in self.mutes_of_wrong_clock.items():
            self._mute(key, seconds)
        self.mutes_of_wrong_clock.clear()

    def muted_until(self, team: Team, token_id: int) -> float:
        """Return when a server's mutes end that hold back the routine alerts of a token; 0 if it never had any."""
        return max(self.mutes.get((team.id, one), 0) for one in (0, token_id))

    def mutes_end(self, team: Team) -> list[float]:
        """Return when each mute of a server ended or will end."""
        return [until for (team_id, _), until in self.mutes.items() if team_id == team.id]

    def unmuted_for(self, team: Team, token_id: int) -> float:
        """Return for how many seconds a server's mutes have not held back the alerts of a token; 0 while they do.

        They let urgent alerts through.
        """
        if token_id and self.tokens[token_id].mode in URGENT_MODES:
            return FOR_EVER
        return max(self.time() - self.muted_until(team, token_id), 0)

    def deleted_by_hand(self, message: Message) -> None:
        """Somebody deletes a message."""
        self.deleted.add(message.id)
        card = card_of(message)
        if card is not None:
            self._leave_alone(message.channel_id, card)
        if card is not None and card.kind is CardKind.NO_DATA:
            self.no_data_deleted_at[message.channel_id] = self.time()
        for token_id in card.tokens if card is not None else ():
            self.deleted_at[message.channel_id, token_id] = self.time()
            # Of a closed one, too: in a restored backup it may be open.
            if card is not None and (card.kind is CardKind.FAST_TIME or _ABOUT_HOURS in card.title):
                self.hours_left_alone.add((message.channel_id, token_id))

    def switched_off(self, team: Team) -> None:
        """Somebody has switched alerts off: the server's mutes are gone."""
        self.off[team.id] = self.forgotten_at[team.id] = self.time()
        for mutes in (self.mutes, self.mutes_of_wrong_clock):
            for key in [key for key in mutes if key[0] == team.id]:
                del mutes[key]

    @property
    def is_unsure(self) -> bool:
        """Whether somebody has switched alerts off, or is about to change a rule: nobody knows what a backup has."""
        return bool(self.off) or any(one.is_changing for one in self.quiet_hours.values())

    def backed_up(self) -> None:
        """The database was copied."""
        self.backup_at = self.time()
        self.was_unsure_at_backup = self.is_unsure
        self.quiet_hours_at_backup = {id_: one.value for id_, one in self.quiet_hours.items()}

    def restored(self, messages: list[Message], pending: Collection[str]) -> None:
        """The database is as it was at the backup: what was posted or changed since is unknown to the bot.

        It finds the messages of deliveries that were pending then, by these nonces, and goes on with them.
        """
        self.restored_at.append(self.time())
        backup_at = self.backup_at or 0
        for id_, one in self.quiet_hours.items():
            one.change(self.quiet_hours_at_backup.get(id_, NONE), self.time())
        self.orphans |= {one.id for one in messages if one.created >= backup_at and one.nonce not in pending}

    def restores_before(self, at: float) -> int:
        """Return how often a backup was restored before a time."""
        return sum(restored_at < at for restored_at in self.restored_at)

    def is_left_alone(self, channel_id: int, token_id: int) -> bool:
        """Whether the bot may say nothing of a token: a person closed its alert, and it has not got worse since, or
        deleted it, and nothing has changed.
        """
        token, key = self.tokens[token_id], (channel_id, token_id)
        if key in self.closed and severity(token.mode) <= severity(self.closed[key]):
            return True
        return self.deleted_at.get(key, -FOR_EVER) >= token.since
