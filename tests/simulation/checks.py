"""What must be so at any time: what Discord shows is true, or says since when it may not be, and why."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field
from datetime import timedelta

from bot.ui import texts
from tests.monitor.world import Team
from tests.simulation.cards import Card, card_of
from tests.simulation.history import moment
from tests.simulation.token_truth import TokenTruth
from tests.simulation.world import World
from tests.standins.discord_server import Message, Pings

_STATUS_EVERY = 1800
_NO_DATA_AFTER = 300
ROUTE_RETRY = 3900
"""A broken route is tried again within the hour."""
_PLAIN_REMINDER = texts.plain_alerts.REMINDER.partition("}")[2].partition("{")[0]
_REMINDER = texts.conditions.PUSH_REMINDER[0]


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that must not be."""

    at: float
    check: str
    words: str

    def __str__(self) -> str:
        return f"{moment(self.at)}  {self.check}: {self.words}"


@dataclass
class Seen:
    """A message of the bot in an alert channel, from its first sight."""

    message: Message
    content: str
    title: str
    restores: int
    """How often a backup was restored before."""
    is_quiet: bool | None
    """Whether it was posted in quiet hours; None if that is not sure."""
    mutes_end: tuple[float, ...]
    """When the mutes of its server ended or will end. One of them may have held it back."""


@dataclass
class Checks:
    """Looks at the world now and then, and remembers what it saw."""

    world: World
    errors: list[tuple[float, str]]
    """The errors in the bot's log that nobody expected, with their times."""
    seen: dict[int, Seen] = field(default_factory=dict)
    new: set[int] = field(default_factory=set)
    """The Discord messages that this look is the first to see."""
    findings: list[Finding] = field(default_factory=list)
    figures: Counter[str] = field(default_factory=Counter)
    incident_of: dict[int, int] = field(default_factory=dict)
    """The incident of each alert, by its Discord message."""
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
        self.new.clear()
        for team in self.world.teams:
            self._look(team)
        if not self.world.is_set_up:
            return
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
            truth, at = self.world.truth, message.created
            is_quiet = None if truth.was_troubled(at, "clock") else truth.quiet_hours[team.id].is_quiet(at)
            mutes_end = tuple(truth.mutes_end(team))
            restores = truth.restores_before(at)
            self.seen[message.id] = Seen(message, message.content, title, restores, is_quiet, mutes_end)
            self.new.add(message.id)
            self._posted_once(team, message, restores)

    def _posted_once(self, team: Team, message: Message, restores: int) -> None:
        # A bot on a restored backup does not know what it sent since, and Discord has forgotten the nonce.
        nonce = (restores, str(message.nonce))
        is_gone = self._nonces.get(nonce) in self.world.truth.deleted
        if message.nonce is not None and nonce in self._nonces and not is_gone:
            self.found(
                "posted twice", nonce, f"one delivery is {self._nonces[nonce]} and {message.id}: {message.content}"
            )
        self._nonces[nonce] = message.id
        self.figures["messages"] += 1
        if message.pings == Pings():
            return
        self.figures["pings"] += 1
        second = self.world.second_roles[team.id]
        self.figures["escalations"] += second in message.pings.roles
        if message.pings != Pings(roles=message.pings.roles & {team.role, second}):
            self.found("a wrong ping", message.id, f"{message.pings}: {message.content}")
        if message.reference_id is None:
            return
        if second in message.pings.roles:
            # `escalation_checks` look at it.
            return
        words = re.sub(r"<[@#]&?\d+>\s*", "", message.content)
        # Two changes of a group may well be told in the same words.
        if is_reminder(words) or " tokens " in words or message.reference_id in self.world.truth.orphans:
            return
        # A bot on a restored backup does not know what it said since.
        reply = (restores, message.reference_id, words)
        self._replies[reply] += 1
        if self._replies[reply] > 1:
            self.found("pinged twice", message.id, f"under {message.reference_id}: {words}")

    def card(self, message: Message) -> Card | None:
        """Return the alert in a message as it is now; None if it is none."""
        key = (message.id, message.edits)
        if key not in self._cards:
            card = self._cards[key] = card_of(message)
            if card is not None and card.incident_id is not None:
                self.incident_of[message.id] = card.incident_id
            self.figures["cards"] += message.edits == 0 and self._cards[key] is not None
        return self._cards[key]

    def muted_until(self, card: Card) -> float:
        """Return when the mute of an alert by its button ends; 0 if there was none. It holds for a new message too."""
        return max(self.world.truth.alert_mutes.get(one, 0) for one in self.messages_of(card))

    def handled_at(self, card: Card) -> float:
        """Return when somebody last did anything with an alert, or with an earlier message of it; 0 if nobody did."""
        return max(self.world.truth.handled_at.get(one, 0) for one in self.messages_of(card))

    def messages_of(self, card: Card) -> set[int]:
        """Return the ids of an alert's message and of its earlier ones, which somebody may have deleted."""
        incident_id = self.incident_of.get(card.message_id)
        same = {one for one, its in self.incident_of.items() if incident_id is not None and its == incident_id}
        return same | {card.message_id}

    def open_cards(self, team: Team) -> list[Card]:
        """Return the open alerts in a team's channel that the bot can know."""
        cards = [self.card(message) for message in self.world.discord.messages(team.alerts)]
        orphans = self.world.truth.orphans
        return [card for card in cards if card is not None and card.is_open and card.message_id not in orphans]

    # What is shown

    def quiet(self, team: Team, since: float) -> float:
        """Return how long the way from ImaginePro to this server has been free, and nothing has changed."""
        ways = ("imaginepro", "discord", "disk", "clock", "process", f"alerts off of {team.id}")
        return self.quiet_route(team, *ways, since=since)

    def mild_for(self, token: TokenTruth) -> float:
        """Return for how long the bot could have read and recorded that a token is not urgent, or not any more."""
        return self.world.truth.quiet_for("imaginepro", "disk", "process", since=token.urgent_until)

    def quiet_route(self, team: Team, *ways: str, since: float = 0) -> float:
        """Return how long none of these has been wrong, nor the way to this server, and nothing has changed."""
        truth = self.world.truth
        of_route = truth.quiet_for(f"route of {team.id}", since=since) - self._route_extra(team)
        return min(truth.quiet_for(*ways, since=since), of_route)

    def _route_extra(self, team: Team) -> float:
        return ROUTE_RETRY if f"route of {team.id}" in self.world.truth.quiet_from else 0

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


def is_reminder(words: str) -> bool:
    """Whether a reply says that an alert is still open."""
    return _REMINDER in words or _PLAIN_REMINDER in words
