"""What must be so at any time: what Discord shows is true, or says since when it may not be, and why."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field
from datetime import timedelta

from bot.domain.alert_types import IncidentType
from bot.domain.modes import Mode
from bot.ui import texts
from tests.monitor.world import Team
from tests.simulation.cards import Card, CardKind, card_of
from tests.simulation.history import moment
from tests.simulation.truth import shows
from tests.simulation.world import World
from tests.standins.discord_server import Message, Pings

_STATUS_EVERY = 1800
_NO_DATA_AFTER = 300
_FLAP_CLEAR = 1800
ROUTE_RETRY = 3900
"""A broken route is tried again within the hour."""
_PLAIN_REMINDER = texts.plain_alerts.REMINDER.partition("}")[2].partition("{")[0]
_REMINDERS = tuple({words[0] for words in texts.alerts.PUSH_REMINDER.values()})
_CAPACITY_SIGN = texts.conditions.SIGNS[IncidentType.CAPACITY]


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that must not be."""

    at: float
    check: str
    words: str

    def __str__(self) -> str:
        return f"{moment(self.at)}  {self.check}: {self.words}"


@dataclass
class _Seen:
    """A message of the bot in an alert channel, from its first sight."""

    message: Message
    content: str
    title: str


@dataclass
class Checks:
    """Looks at the world now and then, and remembers what it saw."""

    world: World
    errors: list[tuple[float, str]]
    """The errors in the bot's log that nobody expected, with their times."""
    seen: dict[int, _Seen] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)
    figures: Counter[str] = field(default_factory=Counter)
    _cards: dict[tuple[int, int], Card | None] = field(default_factory=dict)
    _nonces: dict[tuple[int, str], int] = field(default_factory=dict)
    _replies: Counter[tuple[int, int, str]] = field(default_factory=Counter)
    _status_at: float = 0.0
    _found: set[tuple[str, object]] = field(default_factory=set)

    @property
    def now(self) -> float:
        return self.world.loop.time()

    @property
    def poll(self) -> float:
        """The seconds between two rounds."""
        return self.world.poll_interval.total_seconds()

    @property
    def settle(self) -> float:
        """How long it may take at most from the truth to Discord, once nothing is in the way.

        A round after failed ones, one more, and the readings that confirm; then the longest pause before a delivery is
        tried again, and the dispatcher's own.
        """
        reading = 1.1 * max(self.poll, 120) + 1.1 * self.poll + 40
        sending = 360 + self.poll + 60
        return reading + sending

    @property
    def no_data_after(self) -> float:
        """After how long without an answer of ImaginePro the bot must notice."""
        return max(_NO_DATA_AFTER, 2 * self.poll) + 1.1 * max(self.poll, 120)

    def found(self, check: str, about: object, words: str) -> None:
        """Report a finding, once for what it is about."""
        if (check, about) not in self._found:
            self._found.add((check, about))
            self.findings.append(Finding(self.now, check, words))

    async def step(self) -> None:
        """Look at everything."""
        for team in self.world.teams:
            self._look(team)
        if not self.world.is_set_up:
            return
        for team in self.world.teams:
            if team.id in self.world.discord._state.guilds and team.id not in self.world.truth.off:
                self._cards_are_true(team)
        self._nothing_is_wrong_in_the_bot()
        if self.now - self._status_at >= _STATUS_EVERY:
            self._status_at = self.now
            await self._status_is_true(self.world.teams[int(self.now / _STATUS_EVERY) % 2])

    def _nothing_is_wrong_in_the_bot(self) -> None:
        truth = self.world.truth
        for line in self.world.discord.violations:
            self.found("Discord refuses a request", line, line)
        # A database that cannot be used is one line of the log, and no error that nobody expected.
        for entries, excuses in ((self.errors, {"process"}), (self.world.crashes, {"process", "disk"})):
            for at, words in entries:
                if not any(truth.was_troubled(at, what) for what in excuses):
                    self.found("an unexpected error", words.splitlines()[0], words)
        self.errors.clear()
        self.world.crashes.clear()

    # What was posted

    def _look(self, team: Team) -> None:
        for message in self.world.discord.messages(team.alerts):
            if message.id in self.seen or message.author_id != self.world.discord.bot_id:
                continue
            title = str(message.embeds[0].get("title", "")) if message.embeds else ""
            self.seen[message.id] = _Seen(message, message.content, title)
            self._posted_once(team, message)

    def _posted_once(self, team: Team, message: Message) -> None:
        # A bot on a restored backup does not know what it sent since, and Discord has forgotten the nonce.
        nonce = (self.world.truth.restores, str(message.nonce))
        if message.nonce is not None and nonce in self._nonces:
            self.found(
                "posted twice", nonce, f"one delivery is {self._nonces[nonce]} and {message.id}: {message.content}"
            )
        self._nonces[nonce] = message.id
        self.figures["messages"] += 1
        if message.pings == Pings():
            return
        self.figures["pings"] += 1
        if message.pings != Pings(roles=frozenset({team.role})):
            self.found("a wrong ping", message.id, f"{message.pings}: {message.content}")
        if message.reference_id is None:
            return
        words = re.sub(r"<[@#]&?\d+>\s*", "", message.content)
        # Two changes of a group may well be told in the same words.
        if (
            words.startswith(_REMINDERS)
            or _PLAIN_REMINDER in words
            or " tokens " in words
            or message.reference_id in self.world.truth.orphans
        ):
            return
        # A bot on a restored backup does not know what it said since.
        reply = (self.world.truth.restores, message.reference_id, words)
        self._replies[reply] += 1
        if self._replies[reply] > 1:
            self.found("pinged twice", message.id, f"under {message.reference_id}: {words}")

    def _card(self, message: Message) -> Card | None:
        key = (message.id, message.edits)
        if key not in self._cards:
            self._cards[key] = card_of(message)
            self.figures["cards"] += message.edits == 0 and self._cards[key] is not None
        return self._cards[key]

    def open_cards(self, team: Team) -> list[Card]:
        """Return the open alerts in a team's channel that the bot can know."""
        cards = [self._card(message) for message in self.world.discord.messages(team.alerts)]
        orphans = self.world.truth.orphans
        return [card for card in cards if card is not None and card.is_open and card.message_id not in orphans]

    # What is shown

    def quiet(self, team: Team, since: float) -> float:
        """Return how long the way from ImaginePro to this server has been free, and nothing has changed."""
        ways = ("imaginepro", "discord", "disk", "clock", "process", f"alerts off of {team.id}")
        return self.quiet_route(team, *ways, since=since)

    def quiet_route(self, team: Team, *ways: str, since: float = 0) -> float:
        """Return how long none of these has been wrong, nor the way to this server, and nothing has changed."""
        truth = self.world.truth
        of_route = truth.quiet_for(f"route of {team.id}", since=since) - self._route_extra(team)
        return min(truth.quiet_for(*ways, since=since), of_route)

    def _route_extra(self, team: Team) -> float:
        return ROUTE_RETRY if f"route of {team.id}" in self.world.truth.quiet_from else 0

    def _cards_are_true(self, team: Team) -> None:
        truth, cards = self.world.truth, self.open_cards(team)
        mode_cards = [card for card in cards if card.kind is CardKind.MODE]
        is_bare = any(card.kind is CardKind.BARE for card in cards)
        for token_id, token in truth.tokens.items():
            of_token = [card for card in mode_cards if token_id in card.tokens and token_id not in card.back]
            # The edit that shows the end of the former one may still be held back.
            if len(of_token) > 1 and truth.quiet_for("discord", "disk", "process") > self.settle:
                self.found(
                    "two alerts",
                    (team.id, token_id),
                    f"token {token_id} has {[card.title for card in of_token]} in {team.alerts}",
                )
            quiet = min(self.quiet(team, token.since), truth.unmuted_for(team, token_id))
            if quiet <= self.settle:
                continue
            if token.mode is Mode.FAST:
                self._is_over(team, token_id, of_token, quiet)
            elif not truth.is_left_alone(team.alerts, token_id) and not is_bare:
                self._is_told(team, token_id, token.mode, of_token)
        self._belong_to_it(team, cards)

    def _is_over(self, team: Team, token_id: int, of_token: list[Card], quiet: float) -> None:
        for card in of_token:
            if not card.is_flapping or quiet > self.settle + _FLAP_CLEAR:
                words = f"token {token_id} is in FAST, and {card.title!r} is open"
                self.found("says it is out", (team.id, token_id), words)

    def _belong_to_it(self, team: Team, cards: list[Card]) -> None:
        truth = self.world.truth
        for card in cards:
            if card.kind in (CardKind.NO_DATA, CardKind.OTHER):
                continue
            if card.is_acknowledged and not any((team.alerts, one) in truth.acknowledged for one in card.tokens):
                self.found("acknowledged by nobody", card.message_id, card.title)
        for incident_id, number in Counter(card.incident_id for card in cards).items():
            if number > 1 and incident_id is not None:
                self.found(
                    "two alerts",
                    (team.id, incident_id),
                    f"incident {incident_id} has {number} open alerts in {team.alerts}",
                )

    def _is_told(self, team: Team, token_id: int, mode: Mode, of_token: list[Card]) -> None:
        if not of_token:
            self.found(
                "not alerted", (team.id, token_id), f"token {token_id} is {mode}, and no alert in {team.alerts} says so"
            )
            return
        card = of_token[0]
        if not shows(card, token_id, mode):
            self.found(
                "out of date",
                (team.id, token_id),
                f"token {token_id} is {mode}, and the alert says {card.tokens[token_id]!r}",
            )
        if card.is_flapping or len(card.tokens) > 1:
            return
        is_muted = self.world.truth.alert_mutes.get(card.message_id, 0) + self.settle > self.now
        pinging = [
            one
            for one in self.seen.values()
            if card.message_id in (one.message.id, one.message.reference_id) and one.message.pings.roles
        ]
        if not pinging and self._is_inhibited(team, card):
            return
        if not pinging and not is_muted:
            self.found("alerted without a ping", (team.id, token_id), f"token {token_id} is {mode}: {card.title!r}")
        elif mode in (Mode.BANNED, Mode.VERIFYING) and not any(_is_urgent(one.content) for one in pinging):
            self.found(
                "alerted without a ping",
                (team.id, token_id),
                f"token {token_id} is {mode}, pinged were {[x.content for x in pinging]}",
            )

    def _is_inhibited(self, team: Team, card: Card) -> bool:
        """Whether an alert about the team's capacity of the same time pinged instead of this one."""
        posted = self.seen[card.message_id].message if card.message_id in self.seen else None
        return posted is not None and any(
            _CAPACITY_SIGN in one.content
            and one.message.channel_id == team.alerts
            and abs(one.message.created - posted.created) < self.settle
            for one in self.seen.values()
            if one.message.pings.roles
        )

    async def _status_is_true(self, team: Team) -> None:
        world, truth = self.world, self.world.truth
        if truth.is_troubled(
            "discord", "clock", "process", "gateway", f"route of {team.id}", f"alerts off of {team.id}"
        ):
            return
        asked = await world.types(team, "status")
        answer = asked.message if asked is not None else None
        if answer is None or not answer.embeds:
            if self.quiet(team, 0) > self.settle and truth.quiet_for("gateway") > self.settle:
                self.found("no answer", team.id, "/status was not answered")
            return
        self.figures["/status"] += 1
        says_well = str(answer.embeds[0].get("description", "")).startswith(texts.status.HEALTHY[0])
        unread = self.now - world.fleet_answered_at
        if says_well and unread > 2.2 * self.poll + 60 and truth.quiet_for("clock") > self.settle:
            self.found("/status says all is well", team.id, f"nothing was read for {timedelta(seconds=int(unread))}")
        if not says_well and self.quiet(team, 0) > self.settle:
            self.found("/status says it is not well", team.id, str(answer.embeds[0].get("description")))


def _is_urgent(content: str) -> bool:
    return any(word in content.casefold() for word in ("banned", "verif", "tokens"))
