"""What people see after a soak, what is wrong with it, and the statistics."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from bot.demo.imaginepro import MADE_UP_EMAIL, made_up_secret
from bot.domain.alert_types import IncidentType
from bot.ui import texts
from tests.standins.discord_server import DiscordServer, Message, Pings
from tests.standins.imaginepro_server import ImagineProServer

_MORE = re.compile(re.escape(texts.alerts.MISSED_MORE).replace(r"\{number\}", r"(\d+)"))
_OVER_REPLY = (texts.alerts.PUSH_BACK[0], texts.alerts.PUSH_UNLISTED[IncidentType.LOW_FAST_TIME][0])
"""The prefixes of replies to resolved alerts."""
_OVER = (texts.incidents.TITLE_BACK[0], texts.incidents.TITLE_CLOSED[0])
"""The prefixes of titles of resolved alerts."""


@dataclass(frozen=True)
class StoredIncident:
    """An incident in the database at the end."""

    is_over: bool
    discord_message_id: int | None


@dataclass(frozen=True)
class Outcome:
    """The final state: alert channels with their roles, and everything behind them."""

    discord: DiscordServer
    imaginepro: ImagineProServer
    channels: Mapping[int, int]
    incidents: Sequence[StoredIncident]
    waiting: int
    statuses: Sequence[int]
    log: Sequence[str]
    files: bytes

    @property
    def messages(self) -> list[Message]:
        """Return the visible messages of the alert channels."""
        return [message for channel in self.channels for message in self.discord.messages(channel)]

    @property
    def living(self) -> list[Message]:
        """Return the alerts, one per incident."""
        return [message for message in self.messages if message.embeds]

    @property
    def replies(self) -> list[Message]:
        """Return their replies."""
        return [message for message in self.messages if message.reference_id is not None]

    @property
    def ends(self) -> list[Message]:
        """Return the replies at their end."""
        return [message for message in self.replies if message.content.startswith(_OVER_REPLY)]

    @property
    def calls(self) -> list[Message]:
        """Return the replies that ping: worsening, or a reminder."""
        return [message for message in self.replies if not message.content.startswith(_OVER_REPLY)]

    @property
    def summaries(self) -> list[Message]:
        """Return the summaries of incidents that could not be posted in time."""
        return [message for message in self.messages if message.content.startswith(texts.alerts.MISSED)]

    @property
    def summarized(self) -> int:
        """Return how many incidents the summaries contain."""
        return sum(_lines_of(message) for message in self.summaries)


def _lines_of(summary: Message) -> int:
    _, *lines = summary.content.splitlines()
    more = [int(found[1]) for line in lines if (found := _MORE.fullmatch(line))]
    return len(lines) - len(more) + sum(more)


def findings(outcome: Outcome) -> list[str]:
    """Return everything that is wrong, in words; ideally nothing."""
    return [*_on_incidents(outcome), *_on_messages(outcome), *_on_the_rest(outcome)]


def _on_incidents(outcome: Outcome) -> Iterator[str]:
    posted = Counter(one.discord_message_id for one in outcome.incidents if one.discord_message_id is not None)
    living = {message.id for message in outcome.living}
    for message_id, times in posted.items():
        if times > 1:
            yield f"Discord message {message_id} is that of {times} incidents"
    yield from (f"the Discord message {each} of an incident is not there" for each in posted.keys() - living)
    yield from (f"Discord message {each} is a second one of an incident" for each in living - posted.keys())
    untold = sum(one.discord_message_id is None for one in outcome.incidents)
    if untold != outcome.summarized:
        yield f"{untold} incidents have no Discord message, and {outcome.summarized} were summed up"
    if ongoing := sum(not one.is_over for one in outcome.incidents):
        yield f"{ongoing} incidents are not over"
    if outcome.waiting:
        yield f"{outcome.waiting} deliveries wait"


def _on_messages(outcome: Outcome) -> Iterator[str]:
    nonces = Counter(message.nonce for message in outcome.messages)
    yield from (f"the nonce {nonce} is visible {times} times" for nonce, times in nonces.items() if times > 1)
    calls = {message.id for message in outcome.calls}
    ends = Counter(message.reference_id for message in outcome.ends)
    for message in outcome.living:
        if not message.embeds[0]["title"].startswith(_OVER) or message.components:
            yield f"an alert does not look over: {message.embeds[0]['title']}"
        if ends[message.id] != 1:
            yield f"the end of an alert was said {ends[message.id]} times: {message.embeds[0]['title']}"
    for message in outcome.messages:
        role = outcome.channels[message.channel_id]
        is_news = message.embeds or message.id in calls
        if message.pings not in ({Pings(), Pings(roles=frozenset({role}))} if is_news else {Pings()}):
            yield f"this must not have pinged {message.pings}: {message.content}"
        if not is_news and not message.silent:
            yield f"this must have been silent: {message.content}"


def _on_the_rest(outcome: Outcome) -> Iterator[str]:
    yield from outcome.discord.violations
    yield from (f"a process ended with status {status}" for status in outcome.statuses if status)
    yield from (line for line in outcome.log if _is_loud(line))
    sent = json.dumps([request.body for request in outcome.discord.requests]).replace("\\", "")
    everything = "\n".join([*outcome.log, sent, outcome.files.decode("latin-1")])
    secrets = [outcome.discord.token, outcome.imaginepro.key, MADE_UP_EMAIL]
    secrets += [made_up_secret(token_id) for token_id in outcome.imaginepro.tokens]
    yield from (f"a secret got out: {secret}" for secret in secrets if secret in everything)


def _is_loud(line: str) -> bool:
    return "Traceback" in line or "nobody expected" in line or "nexpected error" in line or '"level": "error"' in line
